/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The same certificate again: whatever its acceptance rested on, and is not so any more, counts in
 * the next handshake; and so does what stood against it and is gone.
 */
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"

static struct test_cert ca, other_ca, leaf;

static const struct side_options automatic = {.cred_flags = SCH_CRED_AUTO_CRED_VALIDATION};

static BOOL create(struct test_cert *cert, const struct test_cert *issuer, const char *name,
                   unsigned int uses, unsigned int seconds)
{
    return test_cert_create(&(struct test_cert_options){.type = TEST_KEY_ECDSA,
                                                        .name = name,
                                                        .uses = uses,
                                                        .seconds = seconds,
                                                        .issuer = issuer},
                            cert);
}

/* A client's status at the end of a handshake with a server that has this certificate. */
static SECURITY_STATUS client_status(const struct side_options *options,
                                     const CERT_CONTEXT *certificate)
{
    struct side_options server = {.certificates = {certificate}};
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
    struct pair pair;

    if (pair_create(&pair, options, &server)) {
        pair_handshake(&pair);
        status = pair.client.status;
    }
    pair_destroy(&pair);
    return status;
}

#define check(options, certificate, expected) check_client(__LINE__, options, certificate, expected)
static void check_client(int line, const struct side_options *options,
                         const CERT_CONTEXT *certificate, SECURITY_STATUS expected)
{
    const SECURITY_STATUS status = client_status(options, certificate);

    ok_(__FILE__, line)(status == expected, "%s, expected %s\n", status_name(status),
                        status_name(expected));
}

static void test_root(void)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        check(&automatic, leaf.context, SEC_E_UNTRUSTED_ROOT);
        if (!test_cert_trust(&ca))
            return;
        check(&automatic, leaf.context, SEC_E_OK);
        check(&automatic, leaf.context, SEC_E_OK);
        test_cert_distrust(&ca);
    }
    check(&automatic, leaf.context, SEC_E_UNTRUSTED_ROOT);
}

static HCERTSTORE open_disallowed(void)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_REGISTRY_W, 0, 0,
                                     CERT_SYSTEM_STORE_CURRENT_USER, L"Disallowed");

    ok(store != NULL, "there is no store\n");
    return store;
}

/* The server's certificate among those that nobody is to trust. */
static void test_disallowed(void)
{
    HCERTSTORE store = open_disallowed();
    const CERT_CONTEXT *found;
    SECURITY_STATUS status;

    check(&automatic, leaf.context, SEC_E_OK);
    ok(CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, leaf.context->pbCertEncoded,
                                        leaf.context->cbCertEncoded, CERT_STORE_ADD_ALWAYS, NULL),
       "not added: %#lx\n", GetLastError());
    CertCloseStore(store, 0);
    status = client_status(&automatic, leaf.context);
    ok(status == SEC_E_CERT_UNKNOWN || status == SEC_E_UNTRUSTED_ROOT, "%s\n", status_name(status));

    store = open_disallowed();
    found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING,
                                       leaf.context, NULL);
    ok(found && CertDeleteCertificateFromStore(found), "not deleted: %#lx\n", GetLastError());
    CertCloseStore(store, 0);
    check(&automatic, leaf.context, SEC_E_OK);
}

static void test_name(void)
{
    struct side_options other = automatic, unnamed = automatic;

    other.target = L"other.example";
    unnamed.target = L"other.example";
    unnamed.cred_flags |= SCH_CRED_NO_SERVERNAME_CHECK;
    check(&automatic, leaf.context, SEC_E_OK);
    check(&other, leaf.context, SEC_E_WRONG_PRINCIPAL);
    check(&unnamed, leaf.context, SEC_E_OK);
    check(&other, leaf.context, SEC_E_WRONG_PRINCIPAL);
    check(&automatic, leaf.context, SEC_E_OK);
}

/* Nobody can be asked about that certificate. */
static void test_revocation(void)
{
    struct side_options strict = automatic;
    SECURITY_STATUS status;

    strict.cred_flags |= SCH_CRED_REVOCATION_CHECK_END_CERT;
    check(&automatic, leaf.context, SEC_E_OK);
    status = client_status(&strict, leaf.context);
    ok(status == CRYPT_E_NO_REVOCATION_CHECK || status == CRYPT_E_REVOCATION_OFFLINE, "%s\n",
       status_name(status));
    check(&automatic, leaf.context, SEC_E_OK);
}

/* It was good as a server's. */
static void test_usage(void)
{
    struct side_options client = {.certificates = {leaf.context}};
    struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                  .cred_flags = SCH_CRED_AUTO_CRED_VALIDATION};
    struct pair pair;

    check(&automatic, leaf.context, SEC_E_OK);
    if (pair_create(&pair, &client, &server)) {
        pair_handshake(&pair);
        ok(pair.server.status == SEC_E_CERT_WRONG_USAGE || pair.server.status == SEC_E_CERT_UNKNOWN,
           "server %s\n", status_name(pair.server.status));
    }
    pair_destroy(&pair);
}

/* A client's status whose store had one root when its credentials were acquired, and has the
 * other's too when the server shows its certificate. */
static SECURITY_STATUS status_when_grown(const CERT_CONTEXT *certificate)
{
    HCERTSTORE store =
        CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    struct side_options client = automatic, server = {.certificates = {certificate}};
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
    struct pair pair;

    CertAddCertificateContextToStore(store, ca.context, CERT_STORE_ADD_ALWAYS, NULL);
    client.root_store = store;
    if (pair_create(&pair, &client, &server)) {
        CertAddCertificateContextToStore(store, other_ca.context, CERT_STORE_ADD_ALWAYS, NULL);
        pair_handshake(&pair);
        status = pair.client.status;
    }
    pair_destroy(&pair);
    CertCloseStore(store, 0);
    return status;
}

/* A credential's own roots, which only Wine's clients have. */
static void test_root_store(void)
{
    struct side_options own = automatic, others = automatic, grown = automatic;
    struct test_cert below_other;
    SECURITY_STATUS status;
    HCERTSTORE store;

    if (!winetest_platform_is_wine ||
        !create(&below_other, &other_ca, "localhost", TEST_CERT_SERVER, 0))
        return;
    own.root_store = ca.store;
    others.root_store = other_ca.store;
    check(&own, leaf.context, SEC_E_OK);
    check(&others, leaf.context, SEC_E_UNTRUSTED_ROOT);
    check(&automatic, leaf.context, SEC_E_OK);
    check(&others, below_other.context, SEC_E_OK);
    check(&own, below_other.context, SEC_E_UNTRUSTED_ROOT);
    check(&automatic, below_other.context, SEC_E_UNTRUSTED_ROOT);

    /* A store that gets another root: what was accepted for that counts for none that has not. */
    store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    CertAddCertificateContextToStore(store, ca.context, CERT_STORE_ADD_ALWAYS, NULL);
    grown.root_store = store;
    check(&grown, below_other.context, SEC_E_UNTRUSTED_ROOT);
    CertAddCertificateContextToStore(store, other_ca.context, CERT_STORE_ADD_ALWAYS, NULL);
    check(&grown, below_other.context, SEC_E_OK);
    check(&own, below_other.context, SEC_E_UNTRUSTED_ROOT);
    CertCloseStore(store, 0);

    /* One that has got it between the acquisition and the handshake. */
    status = status_when_grown(below_other.context);
    ok(status == SEC_E_OK || status == SEC_E_UNTRUSTED_ROOT, "%s\n", status_name(status));
    check(&own, below_other.context, SEC_E_UNTRUSTED_ROOT);
    test_cert_free(&below_other);
}

/* It ends while it is known. */
static void test_end(void)
{
    unsigned int seconds = 4;
    struct test_cert cert;

    for (; seconds < 100; seconds *= 2) {
        SECURITY_STATUS status;

        if (!create(&cert, &ca, "localhost", TEST_CERT_SERVER, seconds))
            return;
        status = client_status(&automatic, cert.context);
        if (status == SEC_E_OK) {
            Sleep((seconds + 1) * 1000);
            check(&automatic, cert.context, SEC_E_CERT_EXPIRED);
        } else {
            ok(status == SEC_E_CERT_EXPIRED, "%s\n", status_name(status));
        }
        test_cert_free(&cert);
        if (status == SEC_E_OK)
            return;
    }
    ok(0, "no handshake in %u seconds\n", seconds / 2);
}

/* More certificates than anybody remembers. */
static void test_many(void)
{
    unsigned int i;

    for (i = 0; i < 40; i++) {
        struct test_cert cert;

        if (!create(&cert, &ca, "localhost", TEST_CERT_SERVER, 0))
            return;
        check(&automatic, cert.context, SEC_E_OK);
        test_cert_free(&cert);
    }
    check(&automatic, leaf.context, SEC_E_OK);
}

START_TEST(schannel_peer_verdicts)
{
    char name[64], other[64];

    snprintf(name, sizeof(name), "Test Root %lu %lu", GetCurrentProcessId(), GetTickCount());
    snprintf(other, sizeof(other), "Test Other Root %lu %lu", GetCurrentProcessId(),
             GetTickCount());
    if (!create(&ca, NULL, name, TEST_CERT_CA, 0) ||
        !create(&other_ca, NULL, other, TEST_CERT_CA, 0) ||
        !create(&leaf, &ca, "localhost", TEST_CERT_SERVER, 0))
        return;
    test_root();
    if (test_cert_trust(&ca)) {
        test_disallowed();
        test_name();
        test_revocation();
        test_usage();
        test_root_store();
        test_end();
        test_many();
        test_cert_distrust(&ca);
        check(&automatic, leaf.context, SEC_E_UNTRUSTED_ROOT);
    }
    test_cert_free(&leaf);
    test_cert_free(&other_ca);
    test_cert_free(&ca);
}
