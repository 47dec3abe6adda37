/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Chains that were found good a short time ago, so that crypt32 need not work the same out again.
 */
#ifndef ASYNCSSPI_VERDICTS_H
#define ASYNCSSPI_VERDICTS_H

#include "schannel/base/schanneltypes.h"
#include "schannel/credentials/systemstore.h"
#include "schannel/peer/peer.h"
#include "winegnutls/unixlib.h"

/* All that a verdict on a chain depends on, names, revocation and time excepted. */
struct verdict_subject {
    const struct peer_chain *sent;
    enum tls_role role; /* our own */
    DWORD flags;        /* SCH_, those that matter */
    DWORD chain_flags;  /* CERT_CHAIN_ */
    bool omit_usage;
    tls_u64 roots; /* the credential's own, by number; 0: the system's */
};

/* The chain that was built for the same subject and accepted, at the same moment and not long ago;
 * the caller's reference. NULL: it has to be judged. */
const CERT_CHAIN_CONTEXT *verdict_find(const struct verdict_subject *subject, stores_moment moment);

/* Keeps a chain that has been accepted. */
void verdict_keep(const struct verdict_subject *subject, stores_moment moment,
                  const CERT_CHAIN_CONTEXT *chain);

/* When the DLL is unloaded. */
void verdicts_release(void);

#endif
