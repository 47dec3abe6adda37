/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the peer sent of certificates. Callers see to it that no other call uses the session: they
 * hold both of the context's locks, or are the leg that does.
 */
#ifndef ASYNCSSPI_PEER_H
#define ASYNCSSPI_PEER_H

#include "schannel/base/context.h"

struct peer_chain {
    BYTE *data;     /* on the process heap: (u32 length in host order, DER)... the leaf first */
    uint32_t size;  /* bytes */
    uint32_t count; /* certificates */
};

/* SEC_E_NO_CREDENTIALS when there are none (yet). */
SECURITY_STATUS peer_chain_get(struct schannel_context *context, struct peer_chain *chain);

/* The leaf, whose hCertStore holds the whole chain and lives as long as the leaf. NULL: failed. */
const CERT_CONTEXT *peer_chain_open(const struct peer_chain *chain);

/* The OCSP response (DER) that a server sent with that certificate of its chain, on the process
 * heap; NULL: none. */
BYTE *peer_stapled_response(const struct schannel_context *context, unsigned int index,
                            DWORD *size);

/* Both in one, with the response of the first, if any, as its CERT_OCSP_RESPONSE_PROP_ID; the
 * caller frees it. NULL: none sent. */
const CERT_CONTEXT *schannel_peer_certificate(struct schannel_context *context);

/* The names in a server's request for a certificate, in the engine's format: (uint32_t length,
 * DER)... */
struct issuer_names {
    BYTE *data; /* on the process heap */
    DWORD size, count;
};

/* SEC_E_UNSUPPORTED_FUNCTION: there was no request. The caller frees list->data. */
SECURITY_STATUS schannel_requested_issuers(const struct schannel_context *context,
                                           struct issuer_names *list);

#endif
