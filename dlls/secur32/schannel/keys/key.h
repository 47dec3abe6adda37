/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The private key of a certificate context.
 */
#ifndef ASYNCSSPI_KEY_H
#define ASYNCSSPI_KEY_H

#include "schannel/base/schanneltypes.h"
#include "schannel/keys/provider.h"

/*
 * SEC_E_OK; SEC_E_NO_CREDENTIALS: the certificate has no private key, or one that can neither be
 * had nor used; SEC_E_UNKNOWN_CREDENTIALS: of a kind we do not know.
 */
SECURITY_STATUS schannel_open_key(const CERT_CONTEXT *certificate,
                                  struct schannel_private_key *key);

#endif
