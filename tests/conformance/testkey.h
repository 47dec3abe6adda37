/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private keys for test certificates, generated at run time.
 */
#ifndef TESTKEY_H
#define TESTKEY_H

#include <windows.h>
#include <wincrypt.h>
#include <bcrypt.h>
#include "testder.h"

enum test_key_type { TEST_KEY_RSA, TEST_KEY_ECDSA };

struct test_key {
    LONG references;
    enum test_key_type type;
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
void test_key_release(struct test_key *key);

/* Writes the AlgorithmIdentifier of the key's signatures (with SHA-256). */
void test_key_signature_algorithm(const struct test_key *key, struct der *der);
/* Writes the signature of data as certificates hold it, without the BIT STRING around it. */
BOOL test_key_sign(const struct test_key *key, const BYTE *data, DWORD size, struct der *der);

/* Makes the key reachable from the certificate through CERT_KEY_PROV_INFO (RSA; ECDSA on Windows)
 * or through the property ASYNCSSPI_CERT_PKCS8_PROP_ID. */
BOOL test_key_attach_provider(struct test_key *key, const CERT_CONTEXT *certificate);
BOOL test_key_attach_property(struct test_key *key, const CERT_CONTEXT *certificate);

#endif
