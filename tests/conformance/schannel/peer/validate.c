/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's checks of the peer's certificate: chain, time, name, usage, and who switches them off.
 *
 * The test CA is made a trusted root for the time of the test. A client that refuses does so before
 * its last flight leaves: the server must never see the handshake finish.
 */
#include "kit/attributes.h"
#include "kit/pair.h"
#include "kit/testcert.h"
#include "kit/wire.h"
#include "wine/test.h"

static struct test_cert trusted_ca, other_ca;

static BOOL create_leaf(struct test_cert *cert, const struct test_cert *issuer, const char *name,
                        unsigned int uses, int first_day, int last_day)
{
    return test_cert_create(&(struct test_cert_options){.type = TEST_KEY_ECDSA,
                                                        .name = name,
                                                        .uses = uses,
                                                        .first_day = first_day,
                                                        .last_day = last_day,
                                                        .issuer = issuer},
                            cert);
}

/* One handshake; expected is the client's status, or one of two. */
static void check_client(const struct side_options *client_options, const CERT_CONTEXT *certificate,
                         SECURITY_STATUS expected, SECURITY_STATUS alternative)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        struct side_options client = *client_options;
        struct side_options server = {.certificates = {certificate}};
        struct pair pair;

        winetest_push_context("%s", version_name(versions[i]));
        client.protocols = versions[i];
        if (pair_create(&pair, &client, &server)) {
            const BOOL connected = pair_handshake(&pair);

            ok(pair.client.status == expected || pair.client.status == alternative,
               "client %s, expected %s\n", status_name(pair.client.status), status_name(expected));
            ok(connected == (expected == SEC_E_OK), "%s\n",
               connected ? "they are connected" : "they are not connected");
            if (expected != SEC_E_OK)
                ok(FAILED(pair.server.status), "the server is content: %s\n",
                   status_name(pair.server.status));
            else if (connected)
                pair_exchange(&pair.client, &pair.server, 100);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

static const struct side_options automatic = {.cred_flags = SCH_CRED_AUTO_CRED_VALIDATION};

static void test_good(void)
{
    struct test_cert cert;

    if (create_leaf(&cert, &trusted_ca, "localhost", TEST_CERT_SERVER, 0, 0)) {
        check_client(&automatic, cert.context, SEC_E_OK, SEC_E_OK);
        test_cert_free(&cert);
    }
}

/* An ECDSA signature is two INTEGERs; one in some hundred lacks leading bytes in one of them. */
static BOOL has_short_integer(const CERT_CONTEXT *certificate)
{
    /* The signature ends the certificate: INTEGER r, INTEGER s, each with its own header. */
    const BYTE *end = certificate->pbCertEncoded + certificate->cbCertEncoded, *at;

    for (at = end - 66; at >= end - 74; at--) {
        const BYTE *r = at + 2, *s = r + 2 + r[1];

        if (at[0] != 0x30 || at + 2 + at[1] != end || r[0] != 2 || s >= end || s[0] != 2 ||
            s + 2 + s[1] != end)
            continue;
        return r[1] - !r[2] < 32 || s[1] - !s[2] < 32;
    }
    return FALSE;
}

/* Wine's own verification takes such a signature for a wrong one. */
static void test_short_signature(void)
{
    struct test_cert cert;
    unsigned int tries;
    BOOL found = FALSE;

    for (tries = 0; tries < 5000 && !found; tries++) {
        if (!create_leaf(&cert, &trusted_ca, "localhost", TEST_CERT_SERVER, 0, 0))
            return;
        found = has_short_integer(cert.context);
        if (found)
            check_client(&automatic, cert.context, SEC_E_OK, SEC_E_OK);
        test_cert_free(&cert);
    }
    ok(found, "no such signature among %u\n", tries);
}

static void test_intermediate(void)
{
    struct test_cert intermediate, cert;

    if (!create_leaf(&intermediate, &trusted_ca, "Test Intermediate", TEST_CERT_CA, 0, 0))
        return;
    if (create_leaf(&cert, &intermediate, "localhost", TEST_CERT_SERVER, 0, 0)) {
        check_client(&automatic, cert.context, SEC_E_OK, SEC_E_OK);
        test_cert_free(&cert);
    }
    test_cert_free(&intermediate);
}

static void test_untrusted(void)
{
    struct test_cert cert;

    if (create_leaf(&cert, &other_ca, "localhost", TEST_CERT_SERVER, 0, 0)) {
        winetest_push_context("unknown CA");
        check_client(&automatic, cert.context, SEC_E_UNTRUSTED_ROOT, SEC_E_UNTRUSTED_ROOT);
        winetest_pop_context();
        test_cert_free(&cert);
    }
    winetest_push_context("self-signed");
    check_client(&automatic, test_cert_localhost(TEST_KEY_ECDSA), SEC_E_UNTRUSTED_ROOT,
                 SEC_E_UNTRUSTED_ROOT);
    winetest_pop_context();
}

static void test_time(void)
{
    struct test_cert cert;

    if (create_leaf(&cert, &trusted_ca, "localhost", TEST_CERT_SERVER, -30, -2)) {
        winetest_push_context("expired");
        check_client(&automatic, cert.context, SEC_E_CERT_EXPIRED, SEC_E_CERT_EXPIRED);
        winetest_pop_context();
        test_cert_free(&cert);
    }
    if (create_leaf(&cert, &trusted_ca, "localhost", TEST_CERT_SERVER, 2, 30)) {
        winetest_push_context("not yet valid");
        check_client(&automatic, cert.context, SEC_E_CERT_EXPIRED, SEC_E_CERT_EXPIRED);
        winetest_pop_context();
        test_cert_free(&cert);
    }
}

/* The first byte of a flight behind so many of its records. */
static DWORD end_of_records(const BYTE *flight, DWORD size, unsigned int count)
{
    DWORD at = 0;

    while (count-- && at < size)
        at += wire_record_size(flight + at, size - at);
    return at;
}

/*
 * The verdict falls in the middle of the server's flight: what arrives behind the certificate may
 * be there only in part, and the rest must not be lost. Each pair's flight is another one, so the
 * cut is counted in records: one byte behind the last whole one.
 */
static void check_cut(const CERT_CONTEXT *certificate, DWORD version, BOOL good)
{
    struct side_options client = automatic;
    struct side_options server = {.certificates = {certificate}};
    unsigned int records = 0;
    BOOL more = TRUE;

    client.protocols = version;
    while (more && records < 50) {
        struct pair pair;

        winetest_push_context("%s, cut behind %u records", version_name(version), records);
        more = FALSE;
        if (pair_create(&pair, &client, &server)) {
            side_leg(&pair.client);
            side_leg(&pair.server);
            pair.client.feed =
                end_of_records(pair.client.inbox, pair.client.inbox_size, records++) + 1;
            more = pair.client.feed < pair.client.inbox_size;
            side_leg(&pair.client);
            pair.client.feed = 0;
            ok(pair_handshake(&pair) == good, "client %s, server %s\n",
               status_name(pair.client.status), status_name(pair.server.status));
            if (!good)
                ok(pair.client.status == SEC_E_UNTRUSTED_ROOT, "client %s\n",
                   status_name(pair.client.status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
    ok(records > 2 && records < 50, "%u cuts\n", records);
}

static void test_cut_flight(void)
{
    struct test_cert cert;
    unsigned int i;

    if (!create_leaf(&cert, &trusted_ca, "localhost", TEST_CERT_SERVER, 0, 0))
        return;
    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        check_cut(cert.context, versions[i], TRUE);
        check_cut(test_cert_localhost(TEST_KEY_ECDSA), versions[i], FALSE);
    }
    test_cert_free(&cert);
}

static void check_name(const char *name, const WCHAR *target, SECURITY_STATUS expected)
{
    struct side_options client = automatic;
    struct test_cert cert;

    winetest_push_context("%s for %s", name, wine_dbgstr_w(target));
    client.target = target;
    if (create_leaf(&cert, &trusted_ca, name, TEST_CERT_SERVER, 0, 0)) {
        check_client(&client, cert.context, expected, expected);
        test_cert_free(&cert);
    }
    winetest_pop_context();
}

static void test_names(void)
{
    check_name("localhost", L"LocalHost", SEC_E_OK);
    check_name("other.example", L"localhost", SEC_E_WRONG_PRINCIPAL);
    check_name("www.example.org", L"example.org", SEC_E_WRONG_PRINCIPAL);
    check_name("example.org", L"www.example.org", SEC_E_WRONG_PRINCIPAL);
    check_name("*.example.org", L"www.example.org", SEC_E_OK);
    check_name("*.example.org", L"a.b.example.org", SEC_E_WRONG_PRINCIPAL);
    check_name("*.example.org", L"example.org", SEC_E_WRONG_PRINCIPAL);
}

static void test_no_name_check(void)
{
    struct side_options client = automatic;
    struct test_cert cert;

    client.cred_flags |= SCH_CRED_NO_SERVERNAME_CHECK;
    if (create_leaf(&cert, &trusted_ca, "other.example", TEST_CERT_SERVER, 0, 0)) {
        check_client(&client, cert.context, SEC_E_OK, SEC_E_OK);
        test_cert_free(&cert);
    }
    /* Only the name: the chain counts as before. */
    if (create_leaf(&cert, &other_ca, "other.example", TEST_CERT_SERVER, 0, 0)) {
        check_client(&client, cert.context, SEC_E_UNTRUSTED_ROOT, SEC_E_UNTRUSTED_ROOT);
        test_cert_free(&cert);
    }
}

static void test_wrong_usage(void)
{
    struct test_cert cert;

    if (create_leaf(&cert, &trusted_ca, "localhost", TEST_CERT_CLIENT, 0, 0)) {
        check_client(&automatic, cert.context, SEC_E_CERT_WRONG_USAGE, SEC_E_CERT_UNKNOWN);
        test_cert_free(&cert);
    }
}

/* A leaf that signs another one. */
static void test_leaf_as_issuer(void)
{
    struct test_cert leaf, cert;

    if (!create_leaf(&leaf, &trusted_ca, "leaf.example", TEST_CERT_SERVER, 0, 0))
        return;
    if (create_leaf(&cert, &leaf, "localhost", TEST_CERT_SERVER, 0, 0)) {
        struct side_options server = {.certificates = {cert.context}};
        struct pair pair;

        if (pair_create(&pair, &automatic, &server))
            ok(!pair_handshake(&pair), "the client is content\n");
        ok(FAILED(pair.client.status), "client %s\n", status_name(pair.client.status));
        pair_destroy(&pair);
        test_cert_free(&cert);
    }
    test_cert_free(&leaf);
}

/* The program checks by itself: by a flag of the credential, or of the context. */
static void test_manual(void)
{
    const struct side_options manual = {.cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    struct side_options context = automatic;
    struct test_cert cert;

    context.flags = SIDE_CLIENT_FLAGS | ISC_REQ_MANUAL_CRED_VALIDATION;
    if (create_leaf(&cert, &other_ca, "other.example", TEST_CERT_CLIENT, -30, -2)) {
        winetest_push_context("credential");
        check_client(&manual, cert.context, SEC_E_OK, SEC_E_OK);
        winetest_pop_context();
        winetest_push_context("context");
        check_client(&context, cert.context, SEC_E_OK, SEC_E_OK);
        winetest_pop_context();
        test_cert_free(&cert);
    }
}

/* A credential that says nothing validates, whichever structure it was. */
static void test_default(void)
{
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION};
    void *const data[] = {NULL, &old, &new};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(data); i++) {
        SECURITY_STATUS status;
        struct pair pair;

        winetest_push_context("structure %u", i);
        if (pair_create(&pair, NULL, NULL)) {
            FreeCredentialsHandle(&pair.client.credentials);
            status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND,
                                               NULL, data[i], NULL, NULL, &pair.client.credentials,
                                               NULL);
            ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
            pair.client.have_credentials = status == SEC_E_OK;
            ok(!pair_handshake(&pair), "the client is content\n");
            ok(pair.client.status == SEC_E_UNTRUSTED_ROOT, "client %s\n",
               status_name(pair.client.status));
            ok(FAILED(pair.server.status), "server %s\n", status_name(pair.server.status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* The CA in the credential's own store instead of the system's. On Windows that store is for
 * servers only. */
static void test_root_store(void)
{
    struct side_options client = automatic;
    struct test_cert cert;

    if (!winetest_platform_is_wine)
        return;
    client.root_store = other_ca.store;
    if (create_leaf(&cert, &other_ca, "localhost", TEST_CERT_SERVER, 0, 0)) {
        check_client(&client, cert.context, SEC_E_OK, SEC_E_OK);
        test_cert_free(&cert);
    }
    if (create_leaf(&cert, &other_ca, "other.example", TEST_CERT_SERVER, 0, 0)) {
        check_client(&client, cert.context, SEC_E_WRONG_PRINCIPAL, SEC_E_WRONG_PRINCIPAL);
        test_cert_free(&cert);
    }
}

/* What the system trusts does not count beside it. */
static void test_root_store_alone(void)
{
    struct side_options client = automatic;
    struct test_cert cert;

    if (!winetest_platform_is_wine)
        return;
    client.root_store = other_ca.store;
    if (create_leaf(&cert, &trusted_ca, "localhost", TEST_CERT_SERVER, 0, 0)) {
        check_client(&automatic, cert.context, SEC_E_OK, SEC_E_OK);
        check_client(&client, cert.context, SEC_E_UNTRUSTED_ROOT, SEC_E_UNTRUSTED_ROOT);
        test_cert_free(&cert);
    }
}

/* What a server's program is told of the certificate, whoever has looked at it. */
static void check_result(struct side *server, BOOL good)
{
    DWORD result[2] = {0}; /* SecPkgContext_CertificateValidationResult: the chain, the policy */
    SECURITY_STATUS status;

    if (!winetest_platform_is_wine)
        return;
    status =
        QueryContextAttributesW(&server->context, SECPKG_ATTR_CERT_CHECK_RESULT_INPROC, result);
    ok(status == SEC_E_OK, "CERT_CHECK_RESULT_INPROC: %s\n", status_name(status));
    ok(good == (!result[0] && !result[1]), "chain %#lx, policy %#lx\n", result[0], result[1]);
}

/* The server checks the client's certificate likewise, when it is told to. */
static void check_server(const struct test_cert *issuer, unsigned int uses, DWORD cred_flags,
                         SECURITY_STATUS expected, SECURITY_STATUS alternative)
{
    struct test_cert cert;
    unsigned int i;

    if (!create_leaf(&cert, issuer, "client.example", uses, 0, 0))
        return;
    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        struct side_options client = {.protocols = versions[i], .certificates = {cert.context}};
        struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                      .cred_flags = cred_flags};
        struct pair pair;

        winetest_push_context("%s", version_name(versions[i]));
        if (pair_create(&pair, &client, &server)) {
            pair_handshake(&pair);
            ok(pair.server.status == expected || pair.server.status == alternative,
               "server %s, expected %s\n", status_name(pair.server.status), status_name(expected));
            if (expected == SEC_E_OK)
                check_result(&pair.server, issuer == &trusted_ca && uses & TEST_CERT_CLIENT);
            /* A TLS 1.2 client still waits for the server's last flight; there is an alert. */
            if (expected != SEC_E_OK && versions[i] == SIDE_TLS1_2)
                ok(FAILED(pair.client.status), "client %s\n", status_name(pair.client.status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
    test_cert_free(&cert);
}

static void test_client_certificates(void)
{
    const DWORD manual = SCH_CRED_MANUAL_CRED_VALIDATION, asked = SCH_CRED_AUTO_CRED_VALIDATION;
    const DWORD strict = asked | SCH_CRED_REVOCATION_CHECK_CHAIN;

    winetest_push_context("good");
    check_server(&trusted_ca, TEST_CERT_CLIENT, asked, SEC_E_OK, SEC_E_OK);
    winetest_pop_context();
    winetest_push_context("untrusted");
    check_server(&other_ca, TEST_CERT_CLIENT, asked, SEC_E_UNTRUSTED_ROOT, SEC_E_UNTRUSTED_ROOT);
    winetest_pop_context();
    winetest_push_context("wrong usage");
    check_server(&trusted_ca, TEST_CERT_SERVER, asked, SEC_E_CERT_WRONG_USAGE, SEC_E_CERT_UNKNOWN);
    winetest_pop_context();
    winetest_push_context("nobody to ask");
    check_server(&trusted_ca, TEST_CERT_CLIENT, strict, CRYPT_E_NO_REVOCATION_CHECK,
                 CRYPT_E_REVOCATION_OFFLINE);
    winetest_pop_context();

    /* A server that does not say that it shall be judged there. */
    winetest_push_context("not asked");
    check_server(&other_ca, TEST_CERT_CLIENT, 0, SEC_E_OK, SEC_E_OK);
    check_server(&other_ca, TEST_CERT_CLIENT, SCH_CRED_REVOCATION_CHECK_CHAIN, SEC_E_OK, SEC_E_OK);
    check_server(&trusted_ca, TEST_CERT_SERVER, 0, SEC_E_OK, SEC_E_OK);
    winetest_pop_context();
    winetest_push_context("manual");
    check_server(&other_ca, TEST_CERT_CLIENT, manual, SEC_E_OK, SEC_E_OK);
    check_server(&other_ca, TEST_CERT_CLIENT, manual | asked, SEC_E_OK, SEC_E_OK);
    winetest_pop_context();
}

static BOOL is_in_roots(const struct test_cert *ca)
{
    HCERTSTORE roots = CertOpenSystemStoreA(0, "Root");
    const CERT_CONTEXT *found = CertFindCertificateInStore(roots, X509_ASN_ENCODING, 0,
                                                           CERT_FIND_EXISTING, ca->context, NULL);

    if (found)
        CertFreeCertificateContext(found);
    CertCloseStore(roots, 0);
    return found != NULL;
}

/* The tests leave nothing behind. */
static void test_distrusted(void)
{
    ok(!is_in_roots(&trusted_ca), "the test's root is still trusted\n");
}

/* Names of their own: a test that was killed may have left a root behind. */
static BOOL create_authorities(void)
{
    char trusted[64], other[64];

    snprintf(trusted, sizeof(trusted), "Test Trusted Root %lu %lu", GetCurrentProcessId(),
             GetTickCount());
    snprintf(other, sizeof(other), "Test Other Root %lu %lu", GetCurrentProcessId(),
             GetTickCount());
    return create_leaf(&trusted_ca, NULL, trusted, TEST_CERT_CA, 0, 0) &&
           create_leaf(&other_ca, NULL, other, TEST_CERT_CA, 0, 0);
}

START_TEST(schannel_peer_validate)
{
    if (!create_authorities())
        return;
    if (test_cert_trust(&trusted_ca)) {
        test_good();
        test_short_signature();
        test_intermediate();
        test_cut_flight();
        test_time();
        test_names();
        test_no_name_check();
        test_wrong_usage();
        test_leaf_as_issuer();
        test_client_certificates();
        test_root_store_alone();
        test_cert_distrust(&trusted_ca);
        test_distrusted();
    }
    test_untrusted();
    test_manual();
    test_default();
    test_root_store();
    test_cert_free(&trusted_ca);
    test_cert_free(&other_ca);
}
