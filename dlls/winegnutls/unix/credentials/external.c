/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys that stay with the caller, as GnuTLS sees them.
 *
 * GnuTLS knows such a key by what it can do, and asks for signatures and decryptions through
 * callbacks, which wait for the caller's answer (credentials/helper.c). Every signature is checked
 * with the certificate's key before it goes out: a provider that makes wrong ones, or has another
 * key than the certificate, is better found here than by the peer.
 */
#include <stdlib.h>

#include "unix/base/status.h"
#include "unix/credentials/external.h"
#include "unix/credentials/helper.h"

struct external_key {
    uint32_t index;
    uint32_t abilities;
    gnutls_pubkey_t public_key;
    int algorithm;
    unsigned int bits;
};

#define MD5_SHA1_SIZE 36

struct scheme {
    gnutls_sign_algorithm_t algorithm;
    uint32_t operation;
    uint32_t ability;
    uint32_t hash;
};

#define RSA_SCHEME(name)   TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_PKCS1, TLS_KEY_CAN_##name
#define PSS_SCHEME(name)   TLS_KEY_SIGN_PSS, TLS_KEY_CAN_PSS, TLS_KEY_CAN_##name
#define ECDSA_SCHEME(name) TLS_KEY_SIGN_ECDSA, TLS_KEY_CAN_ECDSA, TLS_KEY_CAN_##name

static const struct scheme schemes[] = {
    {GNUTLS_SIGN_RSA_RAW, RSA_SCHEME(MD5_SHA1)},
    {GNUTLS_SIGN_RSA_SHA1, RSA_SCHEME(SHA1)},
    {GNUTLS_SIGN_RSA_SHA256, RSA_SCHEME(SHA256)},
    {GNUTLS_SIGN_RSA_SHA384, RSA_SCHEME(SHA384)},
    {GNUTLS_SIGN_RSA_SHA512, RSA_SCHEME(SHA512)},
    {GNUTLS_SIGN_RSA_PSS_SHA256, PSS_SCHEME(SHA256)},
    {GNUTLS_SIGN_RSA_PSS_SHA384, PSS_SCHEME(SHA384)},
    {GNUTLS_SIGN_RSA_PSS_SHA512, PSS_SCHEME(SHA512)},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA256, PSS_SCHEME(SHA256)},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA384, PSS_SCHEME(SHA384)},
    {GNUTLS_SIGN_RSA_PSS_RSAE_SHA512, PSS_SCHEME(SHA512)},
    {GNUTLS_SIGN_ECDSA_SHA1, ECDSA_SCHEME(SHA1)},
    {GNUTLS_SIGN_ECDSA_SHA256, ECDSA_SCHEME(SHA256)},
    {GNUTLS_SIGN_ECDSA_SHA384, ECDSA_SCHEME(SHA384)},
    {GNUTLS_SIGN_ECDSA_SHA512, ECDSA_SCHEME(SHA512)},
    {GNUTLS_SIGN_ECDSA_SECP256R1_SHA256, ECDSA_SCHEME(SHA256)},
    {GNUTLS_SIGN_ECDSA_SECP384R1_SHA384, ECDSA_SCHEME(SHA384)},
    {GNUTLS_SIGN_ECDSA_SECP521R1_SHA512, ECDSA_SCHEME(SHA512)},
};

static const struct scheme *find_scheme(gnutls_sign_algorithm_t algorithm)
{
    size_t i;

    for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (schemes[i].algorithm == algorithm)
            return &schemes[i];
    return NULL;
}

static bool can(const struct external_key *key, const struct scheme *scheme)
{
    return (key->abilities & scheme->ability) && (key->abilities & scheme->hash);
}

bool external_can_sign(const struct external_key *key, gnutls_sign_algorithm_t algorithm)
{
    const struct scheme *scheme = find_scheme(algorithm);

    return scheme && can(key, scheme);
}

uint32_t external_protocols(const struct external_key *key, uint32_t protocols)
{
    const uint32_t abilities = key->abilities;
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
    return key->algorithm != GNUTLS_PK_RSA || key->abilities & TLS_KEY_CAN_DECRYPT;
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

static int sign(const struct external_key *key, gnutls_sign_algorithm_t algorithm,
                const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    const struct scheme *scheme = find_scheme(algorithm);
    struct key_use use = {.key_index = key->index, .data = hash->data, .size = hash->size};
    gnutls_datum_t answer = {NULL, 0};
    int error;

    if (!scheme || !can(key, scheme) || hash->size > TLS_MAX_KEY_DATA) {
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
 * GnuTLS gives a hash that is to be signed with PKCS#1 as RSA_RAW: in TLS 1.2 wrapped in the
 * DigestInfo that names the algorithm, before as the bare 36 bytes of MD5 and SHA-1.
 */
static int sign_hash(gnutls_privkey_t handle, gnutls_sign_algorithm_t algorithm, void *userdata,
                     unsigned int flags, const gnutls_datum_t *data, gnutls_datum_t *signature)
{
    gnutls_digest_algorithm_t digest;
    uint8_t bytes[64];
    unsigned int size = sizeof(bytes);
    gnutls_datum_t hash = *data;

    (void)handle;
    (void)flags;
    if (algorithm == GNUTLS_SIGN_RSA_RAW && data->size != MD5_SHA1_SIZE) {
        if (gnutls_decode_ber_digest_info(data, &digest, bytes, &size) < 0)
            return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
        algorithm = gnutls_pk_to_sign(GNUTLS_PK_RSA, digest);
        hash.data = bytes;
        hash.size = size;
    }
    return sign(userdata, algorithm, &hash, signature);
}

static int sign_data(gnutls_privkey_t handle, gnutls_sign_algorithm_t algorithm, void *userdata,
                     unsigned int flags, const gnutls_datum_t *data, gnutls_datum_t *signature)
{
    gnutls_digest_algorithm_t digest = gnutls_sign_get_hash_algorithm(algorithm);
    uint8_t bytes[64];
    gnutls_datum_t hash = {bytes, gnutls_hash_get_len(digest)};
    int error;

    (void)handle;
    (void)flags;
    if (!hash.size || hash.size > sizeof(bytes))
        return GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM;
    error = gnutls_hash_fast(digest, data->data, data->size, bytes);
    return error < 0 ? error : sign(userdata, algorithm, &hash, signature);
}

/*
 * A ciphertext that does not decrypt is no failure of the session here: GnuTLS goes on with a
 * random secret, so that the peer learns nothing of what it sent.
 */
static int decrypt(gnutls_privkey_t handle, void *userdata, const gnutls_datum_t *ciphertext,
                   gnutls_datum_t *plaintext)
{
    const struct external_key *key = userdata;
    struct key_use use = {.key_index = key->index,
                          .operation = TLS_KEY_DECRYPT,
                          .data = ciphertext->data,
                          .size = ciphertext->size};
    int error;

    (void)handle;
    *plaintext = (gnutls_datum_t){NULL, 0};
    if (!(key->abilities & TLS_KEY_CAN_DECRYPT) || use.size > TLS_MAX_KEY_DATA)
        return GNUTLS_E_PK_DECRYPTION_FAILED;
    error = helper_use_key(&use, plaintext);
    helper_key_failed(SEC_E_OK);
    return error < 0 ? GNUTLS_E_PK_DECRYPTION_FAILED : 0;
}

static int info(gnutls_privkey_t handle, unsigned int flags, void *userdata)
{
    const struct external_key *key = userdata;

    (void)handle;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
        return key->algorithm;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
        return (int)key->bits;
    if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
        return external_can_sign(key, GNUTLS_FLAGS_TO_SIGN_ALGO(flags));
    return -1;
}

static void release(gnutls_privkey_t handle, void *userdata)
{
    struct external_key *key = userdata;

    (void)handle;
    gnutls_pubkey_deinit(key->public_key);
    free(key);
}

int external_import(gnutls_privkey_t handle, uint32_t index, uint32_t abilities,
                    gnutls_x509_crt_t leaf, struct external_key **result)
{
    struct external_key *key = calloc(1, sizeof(*key));
    int error;

    if (!key)
        return GNUTLS_E_MEMORY_ERROR;
    key->index = index;
    key->abilities = abilities;
    error = gnutls_pubkey_init(&key->public_key);
    if (error >= 0)
        error = gnutls_pubkey_import_x509(key->public_key, leaf, 0);
    if (error >= 0)
        key->algorithm = error = gnutls_pubkey_get_pk_algorithm(key->public_key, &key->bits);
    if (error >= 0)
        error = gnutls_privkey_import_ext4(handle, key, sign_data, sign_hash, decrypt, release,
                                           info, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
    if (error < 0) {
        if (key->public_key)
            gnutls_pubkey_deinit(key->public_key);
        free(key);
        return error;
    }
    *result = key;
    return 0;
}
