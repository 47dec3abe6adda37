/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A private key once it is found, wherever it is.
 *
 * A key that its provider lets out becomes PKCS#8 for the TLS engine. One that stays inside becomes
 * a struct provider_key, which signs and decrypts where it is.
 */
#ifndef ASYNCSSPI_PROVIDER_H
#define ASYNCSSPI_PROVIDER_H

#include "core/sspitypes.h"
#include "winegnutls/unixlib.h"

struct provider_key;

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

/* A private key: on the process heap, or inside its provider. */
struct schannel_private_key {
    BYTE *data; /* PKCS#8 DER, or NULL */
    DWORD size; /* used */
    DWORD capacity;
    struct provider_key *provider;
    bool kept; /* neither: what the engine keeps of former credentials is asked for */
};

/* Wipes and frees bytes of a key; NULL is accepted. */
void key_free_secret(BYTE *data, DWORD size);
/* Wipes, closes and frees. */
void schannel_free_key(struct schannel_private_key *key);

/* enum tls_key_abilities. */
uint32_t schannel_provider_key_abilities(const struct provider_key *key);
/*
 * What the engine wants of the key, into `answer` of TLS_MAX_KEY_DATA bytes. SEC_E_OK, or
 * SEC_E_NO_CREDENTIALS: the key cannot be used (any more). Any number of threads may come.
 */
SECURITY_STATUS schannel_use_provider_key(struct provider_key *key,
                                          const struct tls_key_request *request, BYTE *answer,
                                          DWORD *size);
/* NULL is accepted. */
void schannel_close_provider_key(struct provider_key *key);

#endif
