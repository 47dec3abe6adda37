/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates for tests, made at run time: self-signed ones, test CAs, and what these issue.
 */
#ifndef TESTCERT_H
#define TESTCERT_H

#include "kit/testkey.h"

/* Where a certificate's context leads to its private key. */
enum test_key_place {
    TEST_KEY_USUAL,       /* where Wine and Windows have keys of that type */
    TEST_KEY_IN_PROVIDER, /* CAPI or CNG */
    TEST_KEY_IN_PROPERTY, /* ASYNCSSPI_CERT_PKCS8_PROP_ID; TEST_KEY_IN_PROVIDER on Windows */
    TEST_KEY_NOWHERE,
};

enum test_cert_uses {
    TEST_CERT_CA = 1,
    TEST_CERT_SERVER = 2, /* extended key usage; neither: no such extension */
    TEST_CERT_CLIENT = 4,
};

struct test_cert {
    const CERT_CONTEXT *context;
    HCERTSTORE store; /* what context belongs to: itself and its issuers */
    struct test_key *key;
};

/* One GeneralName. */
struct test_name {
    enum {
        TEST_NAME_MAIL = 0x81,
        TEST_NAME_DNS = 0x82,
        TEST_NAME_DIRECTORY = 0xa4, /* its bytes are a Name in DER */
        TEST_NAME_URI = 0x86,
        TEST_NAME_IP = 0x87
    } tag;
    const char *bytes;
    DWORD size;
};

#define TEST_DNS(text)                                                                             \
    {                                                                                              \
        TEST_NAME_DNS, text, sizeof(text) - 1                                                      \
    }
#define TEST_IP(bytes)                                                                             \
    {                                                                                              \
        TEST_NAME_IP, bytes, sizeof(bytes) - 1                                                     \
    }

/* All members have usable zeroes; those below `issuer` are for what is unusual. */
struct test_cert_options {
    enum test_key_type type;
    enum test_key_place place;
    const char *name; /* of the subject, and DNS name (no DNS name for a CA) */
    unsigned int uses;
    int first_day, last_day; /* of the validity, from today; both 0: yesterday to in 30 days */
    unsigned int seconds;    /* valid so long from now, instead of up to last_day; 0: not so */
    const struct test_cert *issuer; /* NULL: self-signed */
    /* NULL: one of `type` is made. Else a reference to it is taken; one that holds the public half
     * alone needs an issuer and TEST_KEY_NOWHERE. */
    struct test_key *key;

    const struct test_name *names; /* alternative names, up to one of no size */
    BOOL no_names;                 /* no alternative names at all */
    DWORD name_size;               /* of `name` with its NULs */
    const char *usage;             /* OID of another extended key usage, instead of those of uses */
    BYTE key_usage;                /* KeyUsage's first eight bits */
    BYTE path_length;              /* a CA's, plus one */
    const char *permitted;         /* a CA's only permitted DNS names */
    /* A CA's constraints in their order, up to one of no size; an IP is an address and a mask. */
    const struct test_name *permitted_names, *excluded_names;
    const char *critical; /* OID of a critical extension without meaning */
    const char *crl_url, *ocsp_url;
    enum test_hash hash;
    BOOL damaged; /* the signature is wrong */
};

/* UTCTime (0x17) or GeneralizedTime (0x18), so many seconds from now. */
void test_cert_write_time(struct der *der, BYTE tag, LONGLONG seconds);

/* FALSE after a failed ok(); then there is nothing to free. */
BOOL test_cert_create(const struct test_cert_options *options, struct test_cert *cert);
void test_cert_free(struct test_cert *cert);

/*
 * A self-signed server and client certificate for "localhost" with its key, one per type and
 * process; not to be freed. NULL after a failed ok().
 */
const CERT_CONTEXT *test_cert_localhost(enum test_key_type type);

/* Makes a CA's certificate a root that the user (or machine) trusts, and takes it away again. FALSE
 * where that is not allowed, which counts as skipped. */
BOOL test_cert_trust(const struct test_cert *ca);
void test_cert_distrust(const struct test_cert *ca);

#endif
