/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the peer's certificate is good.
 */
#ifndef ASYNCSSPI_VALIDATE_H
#define ASYNCSSPI_VALIDATE_H

#include "schannel/base/context.h"

/*
 * The peer's chain and name against the policy of the context: SEC_E_OK with *alert 0, or the
 * SEC_E_ / CRYPT_E_ code of the failure with the number of the alert to send.
 */
SECURITY_STATUS schannel_validate_peer(struct schannel_context *context, uint32_t *alert);

/*
 * What crypt32 says of the peer's certificate `leaf`, whether or not the context has the program
 * decide: the chain's CERT_TRUST_ errors, and the SSL policy's error with the name compared.
 * SEC_E_CERT_UNKNOWN when no chain can be built.
 */
SECURITY_STATUS schannel_check_certificate(struct schannel_context *context,
                                           const CERT_CONTEXT *leaf, DWORD *trust, HRESULT *policy);

#endif
