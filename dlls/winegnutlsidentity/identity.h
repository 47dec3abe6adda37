/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The contract of winegnutlsidentity: what sspitls asks its unix side for. GnuTLS reads files with
 * certificates and private keys there, and makes certificates. Layout rules as in
 * winegnutls/unixlib.h; nothing is kept beyond a call.
 */
#ifndef ASYNCSSPI_IDENTITY_H
#define ASYNCSSPI_IDENTITY_H

#include <stdint.h>

typedef uint64_t identity_u64 __attribute__((aligned(8)));

/* Changed with every incompatible change of this file; both sides refuse a different one. */
#define IDENTITY_CONTRACT_VERSION 2

enum identity_call {
    IDENTITY_CALL_STARTUP, /* struct identity_startup */
    IDENTITY_CALL_READ,    /* struct identity_read */
    IDENTITY_CALL_MAKE,    /* struct identity_make */
    IDENTITY_CALL_COUNT
};

struct identity_startup {
    uint32_t contract_version; /* in: IDENTITY_CONTRACT_VERSION of the caller */
    int32_t status;            /* 0, or -1 for another contract */
    char gnutls_version[32];   /* out, NUL-terminated */
};

enum identity_status {
    IDENTITY_OK,
    IDENTITY_FAILED,          /* for want of memory or room; a key that GnuTLS cannot make */
    IDENTITY_DAMAGED,         /* not of that format, or broken off */
    IDENTITY_UNSUPPORTED,     /* an algorithm that this GnuTLS does not know */
    IDENTITY_WRONG_PASSWORD,  /* or none, where one is needed and the file does not tell */
    IDENTITY_PASSWORD_NEEDED, /* PEM: the key is encrypted, and no password was given */
    IDENTITY_WRONG_MAC,       /* PFX: the password opens it, but it is not what was sealed */
    IDENTITY_NO_CERTIFICATE,
    IDENTITY_NO_KEY,
    IDENTITY_NO_MATCH, /* no certificate belongs to the key */
};

#define IDENTITY_MAX_CHAIN 16

/*
 * A private key, the certificate that belongs to it, and those of the file that vouch for that, in
 * order. The buffers are the caller's: certificates take no more room than the file they come from,
 * a key less than IDENTITY_KEY_SIZE.
 */
struct identity_result {
    identity_u64 certificates;  /* buffer: DER, one behind the other, the leaf first */
    identity_u64 key;           /* buffer: PKCS#8, not encrypted, DER */
    uint32_t certificates_size; /* in: capacity; out: used */
    uint32_t key_size;          /* likewise */
    uint32_t count;             /* out: certificates */
    int32_t status;             /* out: enum identity_status */
    int32_t error;              /* out: what GnuTLS said, 0 for nothing */
    uint32_t reserved;
    uint32_t sizes[IDENTITY_MAX_CHAIN]; /* out: of each certificate */
};

#define IDENTITY_KEY_SIZE 32768

enum identity_format {
    IDENTITY_PFX, /* the key that comes first in the file is taken */
    IDENTITY_PEM, /* keys: PKCS#8, PKCS#1, SEC1, each may be encrypted */
};

struct identity_read {
    identity_u64 file;     /* its bytes */
    identity_u64 key_file; /* PEM: those of the key's file; 0: the same file */
    identity_u64 password; /* UTF-8, NUL-terminated; 0: none */
    uint32_t file_size;
    uint32_t key_file_size;
    uint32_t format; /* enum identity_format */
    uint32_t reserved;
    struct identity_result result;
};

enum identity_kind { IDENTITY_RSA_2048, IDENTITY_P256 };

/*
 * A fresh key with a certificate for localhost, 127.0.0.1 and ::1, valid from yesterday for 31
 * days: self-signed, or the first of a chain whose other keys nobody has. IDENTITY_MADE_SIZE is
 * room enough for the certificates.
 */
struct identity_make {
    uint32_t kind;   /* enum identity_kind, of all keys */
    uint32_t length; /* certificates, 1 to 3 */
    struct identity_result result;
};

#define IDENTITY_MAX_MADE  3
#define IDENTITY_MADE_SIZE 4096

#endif
