/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a peer's certificate is refused, in words.
 */
#ifndef ASYNCSSPI_EXPLAIN_H
#define ASYNCSSPI_EXPLAIN_H

#include "schannel/base/context.h"

struct refusal {
    SECURITY_STATUS status;
    const char *reason; /* of the one certificate, or of the chain */
    DWORD trust; /* CERT_TRUST_: what the certificate has that is the reason; 0: the first's */
};

/* A client's user is told once of each host and status, whatever is traced: nothing else says it.
 * The chain as it was built. */
void explain_refusal(const struct schannel_context *context, const CERT_CHAIN_CONTEXT *chain,
                     const struct refusal *refusal);

#endif
