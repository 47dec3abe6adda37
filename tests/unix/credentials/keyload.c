/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys whose numbers do not belong together: refused when the credentials are made, before GnuTLS
 * computes with them.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

static int32_t acquire(const struct identity *identity, const uint8_t *key)
{
    struct tls_blob chain = {.data = address(identity->chain[0].data),
                             .size = identity->chain[0].size};
    struct tls_key source = {.chain = address(&chain), .chain_count = 1};
    struct tls_credentials_create params = {.role = TLS_SERVER,
                                            .protocols = TLS_PROTOCOL_TLS1_2,
                                            .keys = address(&source),
                                            .key_count = 1};

    source.key.data = address(key);
    source.key.size = identity->key.size;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    if (params.credentials)
        credentials_delete(params.credentials);
    return params.status;
}

/* The same with a bit of a number flipped, wherever it stands; n, which the certificate has too, is
 * compared with that. */
static void numbers(void)
{
    const struct identity *identity = identity_get(IDENTITY_RSA);
    gnutls_datum_t numbers[8];
    gnutls_x509_privkey_t parsed;
    uint8_t *key = malloc(identity->key.size), *place;

    check_equal(acquire(identity, identity->key.data), SEC_E_OK);
    gnutls_x509_privkey_init(&parsed);
    gnutls_x509_privkey_import_pkcs8(parsed, &identity->key, GNUTLS_X509_FMT_DER, NULL,
                                     GNUTLS_PKCS_PLAIN);
    gnutls_x509_privkey_export_rsa_raw2(parsed, &numbers[0], &numbers[1], &numbers[2], &numbers[3],
                                        &numbers[4], &numbers[5], &numbers[6], &numbers[7]);
    for (int i = 0; i < 8; i++) {
        memcpy(key, identity->key.data, identity->key.size);
        /* The exponent has three bytes, which may stand elsewhere as well. */
        place = i == 1 ? NULL : memmem(key, identity->key.size, numbers[i].data, numbers[i].size);
        if (place) {
            place[numbers[i].size - 1] ^= 1;
            /* GnuTLS works the last three out anew. */
            check(acquire(identity, key) == (i < 5 ? SEC_E_UNKNOWN_CREDENTIALS : SEC_E_OK),
                  "number %d made even", i);
        }
        gnutls_free(numbers[i].data);
    }
    gnutls_x509_privkey_deinit(parsed);
    free(key);
}

int main(void)
{
    RUN(numbers);
    identities_free();
    return check_summary();
}
