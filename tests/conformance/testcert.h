/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates for tests, made at run time: self-signed ones, test CAs, and what these issue.
 */
#ifndef TESTCERT_H
#define TESTCERT_H

#include "testkey.h"

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

struct test_cert_options {
    enum test_key_type type;
    enum test_key_place place;
    const char *name; /* of the subject, and DNS name (no DNS name for a CA) */
    unsigned int uses;
    int first_day, last_day; /* of the validity, from today; both 0: yesterday to in 30 days */
    const struct test_cert *issuer; /* NULL: self-signed */
    /* NULL: one of `type` is made. Else a reference to it is taken; one that holds the public half
     * alone needs an issuer and TEST_KEY_NOWHERE. */
    struct test_key *key;
};

/* FALSE after a failed ok(); then there is nothing to free. */
BOOL test_cert_create(const struct test_cert_options *options, struct test_cert *cert);
void test_cert_free(struct test_cert *cert);

/*
 * A self-signed server and client certificate for "localhost" with its key, one per type and
 * process; not to be freed. NULL after a failed ok().
 */
const CERT_CONTEXT *test_cert_localhost(enum test_key_type type);

/* Makes a CA's certificate a root that the user (or machine) trusts, and takes it away again. FALSE
 * where that is not allowed. */
BOOL test_cert_trust(const struct test_cert *ca);
void test_cert_distrust(const struct test_cert *ca);

#endif
