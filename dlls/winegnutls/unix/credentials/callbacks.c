/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A private key that GnuTLS uses through callbacks, wherever it is.
 *
 * GnuTLS knows such a key by what it can do. It asks for a signature of data or of a hash, which
 * become one question here.
 */
#include "unix/credentials/callbacks.h"

#define MD5_SHA1_SIZE 36

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

static bool can(const struct callback_key *key, const struct scheme *scheme)
{
    return (key->abilities & scheme->ability) && (key->abilities & scheme->hash);
}

bool callback_can_sign(const struct callback_key *key, gnutls_sign_algorithm_t algorithm)
{
    const struct scheme *scheme = find_scheme(algorithm);

    return scheme && can(key, scheme);
}

static int sign(struct callback_key *key, gnutls_sign_algorithm_t algorithm,
                const gnutls_datum_t *hash, gnutls_datum_t *signature)
{
    const struct scheme *scheme = find_scheme(algorithm);

    *signature = (gnutls_datum_t){NULL, 0};
    return key->operations->sign(key, scheme && can(key, scheme) ? scheme : NULL, hash, signature);
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

static int decrypt(gnutls_privkey_t handle, void *userdata, const gnutls_datum_t *ciphertext,
                   gnutls_datum_t *plaintext)
{
    struct callback_key *key = userdata;

    (void)handle;
    *plaintext = (gnutls_datum_t){NULL, 0};
    return key->operations->decrypt(key, ciphertext, plaintext);
}

static int info(gnutls_privkey_t handle, unsigned int flags, void *userdata)
{
    const struct callback_key *key = userdata;

    (void)handle;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO)
        return key->algorithm;
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS)
        return (int)key->bits;
    if (flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO)
        return callback_can_sign(key, GNUTLS_FLAGS_TO_SIGN_ALGO(flags));
    return -1;
}

static void release(gnutls_privkey_t handle, void *userdata)
{
    struct callback_key *key = userdata;

    (void)handle;
    key->operations->release(key);
}

int callback_import(gnutls_privkey_t handle, struct callback_key *key)
{
    return gnutls_privkey_import_ext4(handle, key, sign_data, sign_hash, decrypt, release, info,
                                      GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
}
