/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys that stay with the caller, as GnuTLS sees them.
 *
 * The callbacks wait for the caller's answer (credentials/helper.c). Every signature is checked
 * with the certificate's key before it goes out: a provider that makes wrong ones, or has another
 * key than the certificate, is better found here than by the peer.
 */
#include <stdlib.h>

#include "unix/base/status.h"
#include "unix/credentials/callbacks.h"
#include "unix/credentials/external.h"
#include "unix/credentials/helper.h"

struct external_key {
    struct callback_key key;
    uint32_t index;
    gnutls_pubkey_t public_key;
};

bool external_can_sign(const struct external_key *key, gnutls_sign_algorithm_t algorithm)
{
    return callback_can_sign(&key->key, algorithm);
}

uint32_t external_protocols(const struct external_key *key, uint32_t protocols)
{
    const uint32_t abilities = key->key.abilities;
    const uint32_t hashes =
        abilities & (TLS_KEY_CAN_SHA256 | TLS_KEY_CAN_SHA384 | TLS_KEY_CAN_SHA512);
    const uint32_t old = TLS_PROTOCOL_TLS1_0 | TLS_PROTOCOL_TLS1_1 | TLS_PROTOCOL_DTLS1_0;

    if (!hashes || !(abilities & (TLS_KEY_CAN_PSS | TLS_KEY_CAN_ECDSA)))
        protocols &= ~(uint32_t)TLS_PROTOCOL_TLS1_3;
    if (!(abilities & TLS_KEY_CAN_PKCS1 && abilities & TLS_KEY_CAN_MD5_SHA1) &&
        !(abilities & TLS_KEY_CAN_ECDSA && abilities & TLS_KEY_CAN_SHA1))
        protocols &= ~old;
    return protocols;
}

bool external_can_decrypt(const struct external_key *key)
{
    return key->key.algorithm != GNUTLS_PK_RSA || key->key.abilities & TLS_KEY_CAN_DECRYPT;
}

/* The DER form of r and s, in place of these. */
static int encode_ecdsa(gnutls_datum_t *answer)
{
    gnutls_datum_t r = {answer->data, answer->size / 2}, der = {NULL, 0};
    gnutls_datum_t s = {answer->data + answer->size / 2, answer->size / 2};
    int error;

    if (answer->size % 2)
        return GNUTLS_E_PK_SIGN_FAILED;
    error = gnutls_encode_rs_value(&der, &r, &s);
    if (error < 0)
        return error;
    gnutls_free(answer->data);
    *answer = der;
    return 0;
}

static int check_signature(const struct external_key *key, const struct scheme *scheme,
                           const gnutls_datum_t *hash, const gnutls_datum_t *signature)
{
    unsigned int flags = GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1 | GNUTLS_VERIFY_ALLOW_BROKEN;
    gnutls_sign_algorithm_t algorithm = scheme->algorithm;

    if (algorithm == GNUTLS_SIGN_RSA_RAW) {
        algorithm = GNUTLS_SIGN_UNKNOWN;
        flags |= GNUTLS_VERIFY_USE_TLS1_RSA;
    }
    return gnutls_pubkey_verify_hash2(key->public_key, algorithm, flags, hash, signature);
}

static int sign(struct callback_key *callback, const struct scheme *scheme,
                const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    const struct external_key *key = (struct external_key *)callback;
    struct key_use use = {.key_index = key->index, .data = hash->data, .size = hash->size};
    gnutls_datum_t answer = {NULL, 0};
    int error;

    if (!scheme || hash->size > TLS_MAX_KEY_DATA) {
        helper_key_failed(SEC_E_ALGORITHM_MISMATCH);
        return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    }
    use.operation = scheme->operation;
    use.hash = scheme->hash;
    error = helper_use_key(&use, &answer);
    if (error < 0)
        return error;
    if (scheme->operation == TLS_KEY_SIGN_ECDSA)
        error = encode_ecdsa(&answer);
    if (error >= 0)
        error = check_signature(key, scheme, hash, &answer);
    if (error < 0) {
        helper_key_failed(SEC_E_INTERNAL_ERROR);
        gnutls_free(answer.data);
        return GNUTLS_E_PK_SIGN_FAILED;
    }
    *signature = answer;
    return 0;
}

/*
 * A ciphertext that does not decrypt is no failure of the session here: GnuTLS goes on with a
 * random secret, so that the peer learns nothing of what it sent.
 */
static int decrypt(struct callback_key *callback, const gnutls_datum_t *ciphertext,
                   gnutls_datum_t *plaintext)
{
    const struct external_key *key = (struct external_key *)callback;
    struct key_use use = {.key_index = key->index,
                          .operation = TLS_KEY_DECRYPT,
                          .data = ciphertext->data,
                          .size = ciphertext->size};
    int error;

    if (!(key->key.abilities & TLS_KEY_CAN_DECRYPT) || use.size > TLS_MAX_KEY_DATA)
        return GNUTLS_E_PK_DECRYPTION_FAILED;
    error = helper_use_key(&use, plaintext);
    helper_key_failed(SEC_E_OK);
    return error < 0 ? GNUTLS_E_PK_DECRYPTION_FAILED : 0;
}

static void release(struct callback_key *callback)
{
    struct external_key *key = (struct external_key *)callback;

    gnutls_pubkey_deinit(key->public_key);
    free(key);
}

static const struct callback_operations operations = {sign, decrypt, release};

int external_import(gnutls_privkey_t handle, uint32_t index, uint32_t abilities,
                    gnutls_x509_crt_t leaf, struct external_key **result)
{
    struct external_key *key = calloc(1, sizeof(*key));
    int error;

    if (!key)
        return GNUTLS_E_MEMORY_ERROR;
    key->key.operations = &operations;
    key->key.abilities = abilities;
    key->index = index;
    error = gnutls_pubkey_init(&key->public_key);
    if (error >= 0)
        error = gnutls_pubkey_import_x509(key->public_key, leaf, 0);
    if (error >= 0)
        key->key.algorithm = error =
            gnutls_pubkey_get_pk_algorithm(key->public_key, &key->key.bits);
    if (error >= 0)
        error = callback_import(handle, &key->key);
    if (error < 0) {
        if (key->public_key)
            gnutls_pubkey_deinit(key->public_key);
        free(key);
        return error;
    }
    *result = key;
    return 0;
}
