/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Between the files that reach private keys: key.c and what it leads to, capikey.c and cngkey.c.
 *
 * A key that its provider lets out becomes PKCS#8 for the TLS engine. One that stays inside becomes
 * a struct provider_key, which signs and decrypts where it is.
 */
#ifndef ASYNCSSPI_KEY_H
#define ASYNCSSPI_KEY_H

#include "schannel/credentials/credentials.h"

struct provider_key_operations {
    /*
     * Does what the engine wants into `answer`, of TLS_MAX_KEY_DATA bytes, big-endian. SEC_E_OK, or
     * SEC_E_NO_CREDENTIALS: the key cannot be used (any more).
     */
    SECURITY_STATUS(*use)
    (struct provider_key *key, const struct tls_key_request *request, BYTE *answer, DWORD *size);
    void (*destroy)(struct provider_key *key);
};

struct provider_key {
    const struct provider_key_operations *operations;
    uint32_t abilities; /* enum tls_key_abilities */
    SRWLOCK lock;       /* providers are not made for one key in several threads */
};

/*
 * All give SEC_E_OK with the key; SEC_E_NO_CREDENTIALS: there is none, it is not the certificate's,
 * or it can do nothing for TLS; SEC_E_UNKNOWN_CREDENTIALS, SEC_E_INSUFFICIENT_MEMORY.
 */

/* capikey.c: an open provider, or a container by name. */
SECURITY_STATUS capi_key_from_handle(const CERT_CONTEXT *certificate, HCRYPTPROV provider,
                                     DWORD key_spec, struct schannel_private_key *key);
SECURITY_STATUS capi_key_from_name(const CERT_CONTEXT *certificate, const CRYPT_KEY_PROV_INFO *info,
                                   struct schannel_private_key *key);

/* cngkey.c: an open key, which has to stay open, or one by its provider and name. */
SECURITY_STATUS cng_key_from_handle(const CERT_CONTEXT *certificate, ULONG_PTR handle,
                                    struct schannel_private_key *key);
SECURITY_STATUS cng_key_from_name(const CERT_CONTEXT *certificate, const CRYPT_KEY_PROV_INFO *info,
                                  struct schannel_private_key *key);

/* key.c: wipes and frees; NULL is accepted. */
void key_free_secret(BYTE *data, DWORD size);

#endif
