/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The certificates the peer sent. Callers see to it that no other call uses the session: they hold
 * both of the context's locks, or are the leg that does.
 */
#ifndef ASYNCSSPI_PEER_H
#define ASYNCSSPI_PEER_H

#include "schannel/base/schannel.h"

struct peer_chain {
    BYTE *data;     /* on the process heap: (u32 length in host order, DER)... the leaf first */
    uint32_t size;  /* bytes */
    uint32_t count; /* certificates */
};

/* SEC_E_NO_CREDENTIALS when there are none (yet). */
SECURITY_STATUS peer_chain_get(struct schannel_context *context, struct peer_chain *chain);

/* The leaf, whose hCertStore holds the whole chain and lives as long as the leaf. NULL: failed. */
const CERT_CONTEXT *peer_chain_open(const struct peer_chain *chain);

#endif
