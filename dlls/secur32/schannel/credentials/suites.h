/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Cipher suites by IANA number, in the words of CONNECTION_INFO and CIPHER_INFO.
 */
#ifndef ASYNCSSPI_SUITES_H
#define ASYNCSSPI_SUITES_H

#include "schannel/base/schanneltypes.h"
#include "winegnutls/unixlib.h"

#include <stdint.h>

/* A cipher, hash or exchange in all the ways Windows names it. */
struct suite_algorithm {
    const WCHAR *name; /* CNG's */
    ALG_ID id;
    DWORD bits; /* strength of a cipher, length of a hash */
};

struct suite {
    uint32_t number;   /* 0: none we know; all names are empty then */
    const WCHAR *name; /* IANA's */
    const struct suite_algorithm *cipher;
    DWORD block_size; /* bytes */
    bool aead;        /* the hash is the suite's own (key derivation), not a MAC's */
    const struct suite_algorithm *hash;
    const struct suite_algorithm *exchange;
    DWORD exchange_minimum, exchange_maximum; /* bits */
    const WCHAR *certificate;                 /* "RSA", "ECDSA", "" */
};

/* Describes the suite and the connection's signature scheme, which TLS 1.3 suites leave open. */
void suite_describe(uint32_t number, uint32_t signature_scheme, struct suite *suite);

/* What suites are made of, as TLS_DISABLE_. */
#define SUITE_PARTS                                                                                \
    (TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_256_GCM | TLS_DISABLE_CHACHA20_POLY1305 |           \
     TLS_DISABLE_AES_128_CBC | TLS_DISABLE_AES_256_CBC | TLS_DISABLE_AES_CCM |                     \
     TLS_DISABLE_3DES_CBC | TLS_DISABLE_NULL | TLS_DISABLE_MAC_SHA1 | TLS_DISABLE_MAC_SHA256 |     \
     TLS_DISABLE_MAC_SHA384 | TLS_DISABLE_KX_RSA | TLS_DISABLE_KX_DHE | TLS_DISABLE_KX_ECDHE)

/* The number of the suite of that name, `length` characters, and its SUITE_PARTS; 0: none we know.
 * A curve behind it, as older versions of Windows have it ("..._P256"), is passed over. */
uint16_t suite_by_name(const WCHAR *name, int length, tls_u64 *parts);

/* The elliptic curve, if any, of an IANA group; 0 otherwise. */
DWORD suite_key_type(uint32_t group);

#endif
