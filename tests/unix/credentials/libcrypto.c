/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys that are used with OpenSSL's libcrypto: their signatures are good ones and, where there is
 * but one right answer, GnuTLS's own; what fails, fails as it does there.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/check.h"
#include "kit/support.h"
#include "unix/credentials/libcrypto.h"

struct key {
    gnutls_privkey_t own, other;
    gnutls_pubkey_t public_key;
};

static void key_release(struct key *key)
{
    if (key->other)
        gnutls_privkey_deinit(key->other);
    if (key->own)
        gnutls_privkey_deinit(key->own);
    gnutls_pubkey_deinit(key->public_key);
}

static void key_complete(struct key *key)
{
    gnutls_pubkey_init(&key->public_key);
    check_equal(gnutls_pubkey_import_privkey(key->public_key, key->own, 0, 0), 0);
    key->other = libcrypto_import(key->own);
}

static void key_of(struct key *key, enum identity_kind kind)
{
    gnutls_privkey_init(&key->own);
    check_equal(gnutls_privkey_import_x509_raw(key->own, &identity_get(kind)->key,
                                               GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN),
                0);
    key_complete(key);
}

static const gnutls_sign_algorithm_t rsa[] = {GNUTLS_SIGN_RSA_SHA1,
                                              GNUTLS_SIGN_RSA_SHA256,
                                              GNUTLS_SIGN_RSA_SHA384,
                                              GNUTLS_SIGN_RSA_SHA512,
                                              GNUTLS_SIGN_RSA_PSS_RSAE_SHA256,
                                              GNUTLS_SIGN_RSA_PSS_RSAE_SHA384,
                                              GNUTLS_SIGN_RSA_PSS_RSAE_SHA512};
static const gnutls_sign_algorithm_t ecdsa[] = {GNUTLS_SIGN_ECDSA_SHA1, GNUTLS_SIGN_ECDSA_SHA256,
                                                GNUTLS_SIGN_ECDSA_SHA384, GNUTLS_SIGN_ECDSA_SHA512};

static const struct row {
    enum identity_kind kind;
    const gnutls_sign_algorithm_t *algorithms;
    size_t count;
} rows[] = {
    {IDENTITY_RSA, rsa, sizeof(rsa) / sizeof(rsa[0])},
    {IDENTITY_P256, ecdsa, sizeof(ecdsa) / sizeof(ecdsa[0])},
};

static bool same(const gnutls_datum_t *a, const gnutls_datum_t *b)
{
    return a->size == b->size && memcmp(a->data, b->data, a->size) == 0;
}

/* The same question to both. */
static void compare(const struct key *key, gnutls_sign_algorithm_t algorithm, bool of_hash)
{
    static uint8_t bytes[200] = "What is to be signed";
    uint8_t digest[64];
    const gnutls_digest_algorithm_t hash = gnutls_sign_get_hash_algorithm(algorithm);
    gnutls_datum_t data = {bytes, sizeof(bytes)}, ours = {NULL, 0}, theirs = {NULL, 0};
    int error, other;

    gnutls_hash_fast(hash, bytes, sizeof(bytes), digest);
    if (of_hash) {
        data.data = digest;
        data.size = gnutls_hash_get_len(hash);
        error = gnutls_privkey_sign_hash2(key->own, algorithm, 0, &data, &theirs);
        other = gnutls_privkey_sign_hash2(key->other, algorithm, 0, &data, &ours);
    } else {
        error = gnutls_privkey_sign_data2(key->own, algorithm, 0, &data, &theirs);
        other = gnutls_privkey_sign_data2(key->other, algorithm, 0, &data, &ours);
    }
    check(other == error, "%s: %d, GnuTLS %d", gnutls_sign_get_name(algorithm), other, error);
    if (error >= 0 && other >= 0) {
        data = (gnutls_datum_t){bytes, sizeof(bytes)};
        error = gnutls_pubkey_verify_data2(key->public_key, algorithm,
                                           GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1, &data, &ours);
        check(error >= 0, "%s: the signature is not good: %d", gnutls_sign_get_name(algorithm),
              error);
        if (algorithm == GNUTLS_SIGN_RSA_SHA1 || algorithm == GNUTLS_SIGN_RSA_SHA256 ||
            algorithm == GNUTLS_SIGN_RSA_SHA384 || algorithm == GNUTLS_SIGN_RSA_SHA512)
            check(same(&ours, &theirs), "%s: another signature", gnutls_sign_get_name(algorithm));
    }
    gnutls_free(ours.data);
    gnutls_free(theirs.data);
}

static void signatures(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct key key = {0};

        key_of(&key, rows[i].kind);
        check(key.other, "no key of kind %d", rows[i].kind);
        for (size_t j = 0; key.other && j < 2 * rows[i].count; j++)
            compare(&key, rows[i].algorithms[j / 2], j % 2);
        key_release(&key);
    }
}

/* TLS 1.0 and 1.1: the bare MD5 and SHA-1. */
static void old_signatures(void)
{
    uint8_t bytes[36] = "sixteen and twenty";
    gnutls_datum_t hash = {bytes, sizeof(bytes)}, ours = {NULL, 0}, theirs = {NULL, 0};
    const unsigned int flags = GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA;
    struct key key = {0};

    key_of(&key, IDENTITY_RSA);
    check_equal(gnutls_privkey_sign_hash(key.own, 0, flags, &hash, &theirs), 0);
    check_equal(gnutls_privkey_sign_hash(key.other, 0, flags, &hash, &ours), 0);
    check(same(&ours, &theirs), "another signature");
    gnutls_free(ours.data);
    gnutls_free(theirs.data);
    key_release(&key);
}

/* GnuTLS's key is gone, which nobody notices: it is libcrypto that signs. */
static void who_signs(void)
{
    const unsigned int old = GNUTLS_PRIVKEY_SIGN_FLAG_TLS1_RSA;
    uint8_t bytes[36] = "a hash";
    gnutls_datum_t hash = {bytes, 32}, both = {bytes, sizeof(bytes)}, signature;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const gnutls_sign_algorithm_t algorithm =
            rows[i].algorithms == rsa ? GNUTLS_SIGN_RSA_PSS_RSAE_SHA256 : GNUTLS_SIGN_ECDSA_SHA256;
        struct key key = {0};

        key_of(&key, rows[i].kind);
        gnutls_privkey_deinit(key.own);
        key.own = NULL;
        signature = (gnutls_datum_t){NULL, 0};
        check_equal(gnutls_privkey_sign_hash2(key.other, algorithm, 0, &hash, &signature), 0);
        check_equal(gnutls_pubkey_verify_hash2(key.public_key, algorithm, 0, &hash, &signature), 0);
        gnutls_free(signature.data);
        if (rows[i].algorithms == rsa) { /* TLS 1.0 and 1.1: MD5 and SHA-1 */
            signature = (gnutls_datum_t){NULL, 0};
            check_equal(gnutls_privkey_sign_hash(key.other, 0, old, &both, &signature), 0);
            gnutls_free(signature.data);
        }
        key_release(&key);
    }
}

/* A key that is too small for some of it. */
static void too_small(void)
{
    struct key key = {0};

    gnutls_privkey_init(&key.own);
    check_equal(gnutls_privkey_generate(key.own, GNUTLS_PK_RSA, 1024, 0), 0);
    key_complete(&key);
    for (size_t i = 0; key.other && i < sizeof(rsa) / sizeof(rsa[0]); i++)
        compare(&key, rsa[i], true);
    key_release(&key);
}

static void decryption(void)
{
    uint8_t secret[48] = {3, 3, 'a', ' ', 's', 'e', 'c', 'r', 'e', 't'}, plain[2][48];
    gnutls_datum_t data = {secret, sizeof(secret)}, ciphertext = {NULL, 0};
    struct key key = {0};

    key_of(&key, IDENTITY_RSA);
    check_equal(gnutls_pubkey_encrypt_data(key.public_key, 0, &data, &ciphertext), 0);
    check_equal(gnutls_privkey_decrypt_data2(key.other, 0, &ciphertext, plain[0], 48), 0);
    check(memcmp(plain[0], secret, sizeof(secret)) == 0, "another secret");
    ciphertext.data[20] ^= 1;
    for (int i = 0; i < 2; i++)
        check_equal(gnutls_privkey_decrypt_data2(key.other, 0, &ciphertext, plain[i], 48), 0);
    check(memcmp(plain[0], plain[1], 48) != 0, "what does not decrypt has a secret");
    gnutls_free(ciphertext.data);
    key_release(&key);
}

/* What stays with GnuTLS, which is as fast or faster there. */
static void others(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_P384, IDENTITY_P521, IDENTITY_ED25519,
                                               IDENTITY_ED448};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct key key = {0};

        key_of(&key, kinds[i]);
        check(!key.other, "a key of kind %d", kinds[i]);
        key_release(&key);
    }
}

/* In a process of its own: the library is looked for once. */
static void switched_off(void)
{
    int status = -1;
    pid_t child = fork();

    if (!child) {
        gnutls_privkey_t own;

        setenv("ASYNCSSPI_LIBCRYPTO", "0", 1);
        gnutls_privkey_init(&own);
        gnutls_privkey_import_x509_raw(own, &identity_get(IDENTITY_RSA)->key, GNUTLS_X509_FMT_DER,
                                       NULL, GNUTLS_PKCS_PLAIN);
        _exit(libcrypto_import(own) ? 1 : 0);
    }
    waitpid(child, &status, 0);
    check_equal(status, 0);
}

int main(void)
{
    void *library;

    unsetenv("ASYNCSSPI_LIBCRYPTO");
    identity_get(IDENTITY_RSA);
    RUN(switched_off);
    library = dlopen("libcrypto.so.3", RTLD_LAZY | RTLD_LOCAL);
    if (!library || gnutls_fips140_mode_enabled()) {
        check_skip("%s", library ? "GnuTLS is in FIPS mode" : "there is no libcrypto.so.3");
    } else {
        RUN(signatures);
        RUN(old_signatures);
        RUN(who_signs);
        RUN(too_small);
        RUN(decryption);
        RUN(others);
    }
    identities_free();
    return check_summary();
}
