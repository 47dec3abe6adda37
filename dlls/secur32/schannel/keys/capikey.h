/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys of CryptoAPI providers.
 *
 * SEC_E_OK with the key; SEC_E_NO_CREDENTIALS: there is none, it is not the certificate's, or it
 * can do nothing for TLS; SEC_E_UNKNOWN_CREDENTIALS, SEC_E_INSUFFICIENT_MEMORY.
 */
#ifndef ASYNCSSPI_CAPIKEY_H
#define ASYNCSSPI_CAPIKEY_H

#include "schannel/base/schanneltypes.h"
#include "schannel/keys/provider.h"

/* In an open provider. */
SECURITY_STATUS capi_key_from_handle(const CERT_CONTEXT *certificate, HCRYPTPROV provider,
                                     DWORD key_spec, struct schannel_private_key *key);
/* In a container by name; one that is not there is SEC_E_UNKNOWN_CREDENTIALS. */
SECURITY_STATUS capi_key_from_name(const CERT_CONTEXT *certificate, const CRYPT_KEY_PROV_INFO *info,
                                   struct schannel_private_key *key);

#endif
