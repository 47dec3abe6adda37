/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private keys for test certificates, generated at run time.
 */
#ifndef TESTKEY_H
#define TESTKEY_H

#include <windows.h>
#include <wincrypt.h>
#include <bcrypt.h>
#include "kit/testder.h"

enum test_key_type { TEST_KEY_RSA, TEST_KEY_ECDSA };

/* What is signed: SHA-256 unless a test wants less. */
enum test_hash { TEST_HASH_SHA256, TEST_HASH_SHA1, TEST_HASH_MD5 };

struct test_key {
    LONG references;
    enum test_key_type type;
    DWORD bits;           /* RSA */
    WCHAR container[64];  /* RSA: key container of PROV_RSA_AES */
    HCRYPTPROV provider;  /* RSA */
    HCRYPTKEY rsa;        /* RSA: the container's AT_KEYEXCHANGE key, exportable */
    BCRYPT_KEY_HANDLE ec; /* ECDSA */
    struct der pkcs8;     /* PrivateKeyInfo */
    struct der spki;      /* SubjectPublicKeyInfo */
};

/*
 * Returns a key with a reference for the caller; NULL after a failed ok(). There is one RSA key per
 * process, since making one takes a while; every ECDSA key is new.
 */
struct test_key *test_key_create(enum test_key_type type);
/* The public half alone of an RSA key that is elsewhere; big-endian numbers. */
struct test_key *test_key_of_rsa(const BYTE *modulus, DWORD modulus_size, const BYTE *exponent,
                                 DWORD exponent_size);
/* A new RSA key of that size, at most 2048 bits. */
struct test_key *test_key_create_rsa(DWORD bits);
void test_key_release(struct test_key *key);

/* Writes the AlgorithmIdentifier of the key's signatures. */
void test_key_signature_algorithm(const struct test_key *key, enum test_hash hash, struct der *der);
/* Writes the signature of data as certificates hold it, without the BIT STRING around it. */
BOOL test_key_sign(const struct test_key *key, enum test_hash hash, const BYTE *data, DWORD size,
                   struct der *der);
/* data's digest, at most 32 bytes; its size, 0 after a failed ok(). */
DWORD test_digest(enum test_hash hash, const BYTE *data, DWORD size, BYTE digest[32]);

/* Makes the key reachable from the certificate through CERT_KEY_PROV_INFO (RSA; ECDSA on Windows)
 * or through the property ASYNCSSPI_CERT_PKCS8_PROP_ID. */
BOOL test_key_attach_provider(struct test_key *key, const CERT_CONTEXT *certificate);
BOOL test_key_attach_property(struct test_key *key, const CERT_CONTEXT *certificate);

#endif
