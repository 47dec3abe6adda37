/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether the certificates of the peer's chain were revoked. */
#ifndef ASYNCSSPI_REVOCATION_H
#define ASYNCSSPI_REVOCATION_H

#include "schannel/base/context.h"

/*
 * What the credential's SCH_CRED_REVOCATION_CHECK_ flags ask for, for a chain that is good in every
 * other way: SEC_E_OK, CRYPT_E_REVOKED, CRYPT_E_REVOCATION_OFFLINE: somebody is named but nobody
 * gives an answer that counts, or CRYPT_E_NO_REVOCATION_CHECK: nobody is named. The flags that
 * ignore the latter two are heeded.
 */
SECURITY_STATUS revocation_check(const struct schannel_context *context,
                                 const CERT_CHAIN_CONTEXT *chain);

#endif
