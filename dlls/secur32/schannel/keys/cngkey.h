/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys of CNG key storage providers.
 *
 * SEC_E_OK with the key; SEC_E_NO_CREDENTIALS: there is none, it is not the certificate's, or it
 * can do nothing for TLS; SEC_E_UNKNOWN_CREDENTIALS, SEC_E_INSUFFICIENT_MEMORY.
 */
#ifndef ASYNCSSPI_CNGKEY_H
#define ASYNCSSPI_CNGKEY_H

#include "schannel/base/schanneltypes.h"
#include "schannel/keys/provider.h"

/* An open key, which has to stay open. */
SECURITY_STATUS cng_key_from_handle(const CERT_CONTEXT *certificate, ULONG_PTR handle,
                                    struct schannel_private_key *key);
/* By its provider and name; one that is not there is SEC_E_UNKNOWN_CREDENTIALS. */
SECURITY_STATUS cng_key_from_name(const CERT_CONTEXT *certificate, const CRYPT_KEY_PROV_INFO *info,
                                  struct schannel_private_key *key);

#endif
