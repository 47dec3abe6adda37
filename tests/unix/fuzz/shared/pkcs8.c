/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See fuzz/shared/pkcs8.h.
 */
#include "fuzz/shared/pkcs8.h"

#include <string.h>

#include <gnutls/x509.h>

#include "fuzz/shared/require.h"

static gnutls_x509_privkey_t made[2]; /* elliptic curve, RSA */

static gnutls_x509_privkey_t generate(gnutls_pk_algorithm_t algorithm, unsigned int bits)
{
    gnutls_x509_privkey_t key;

    require(gnutls_x509_privkey_init(&key) >= 0 &&
                gnutls_x509_privkey_generate(key, algorithm, bits, 0) >= 0,
            "a key");
    return key;
}

/* Without the zero that keeps a number positive. */
static void take(struct key_number *number, gnutls_datum_t *bytes)
{
    const uint8_t *data = bytes->data;
    size_t size = bytes->size;

    while (size > 1 && !*data) {
        data++;
        size--;
    }
    require(size <= sizeof(number->bytes), "a number that fits");
    memcpy(number->bytes, data, size);
    number->size = size;
    gnutls_free(bytes->data);
}

void keys_make(struct key_number rsa[RSA_NUMBERS], struct key_number ec[EC_NUMBERS])
{
    gnutls_datum_t numbers[RSA_NUMBERS];
    gnutls_ecc_curve_t curve;

    made[1] = generate(GNUTLS_PK_RSA, 1024);
    made[0] = generate(GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
    require(gnutls_x509_privkey_export_rsa_raw2(
                made[1], &numbers[KEY_N], &numbers[KEY_E], &numbers[KEY_D], &numbers[KEY_P],
                &numbers[KEY_Q], &numbers[KEY_QI], &numbers[KEY_DP], &numbers[KEY_DQ]) >= 0,
            "its numbers");
    for (int i = 0; i < RSA_NUMBERS; i++)
        take(&rsa[i], &numbers[i]);
    require(gnutls_x509_privkey_export_ecc_raw(made[0], &curve, &numbers[KEY_X], &numbers[KEY_Y],
                                               &numbers[KEY_K]) >= 0,
            "its numbers");
    for (int i = 0; i < EC_NUMBERS; i++)
        take(&ec[i], &numbers[i]);
}

bool key_is_genuine(const uint8_t *der, size_t size, bool rsa)
{
    const gnutls_datum_t data = {(unsigned char *)der, (unsigned int)size};
    uint8_t ids[2][64];
    size_t sizes[2] = {sizeof(ids[0]), sizeof(ids[1])};
    gnutls_x509_privkey_t key;
    bool genuine;

    require(gnutls_x509_privkey_init(&key) >= 0, "memory");
    genuine = gnutls_x509_privkey_import_pkcs8(key, &data, GNUTLS_X509_FMT_DER, NULL,
                                               GNUTLS_PKCS_PLAIN) >= 0 &&
              gnutls_x509_privkey_get_key_id(key, 0, ids[0], &sizes[0]) >= 0 &&
              gnutls_x509_privkey_get_key_id(made[rsa], 0, ids[1], &sizes[1]) >= 0 &&
              sizes[0] == sizes[1] && !memcmp(ids[0], ids[1], sizes[0]) &&
              gnutls_x509_privkey_verify_params(key) >= 0;
    gnutls_x509_privkey_deinit(key);
    return genuine;
}
