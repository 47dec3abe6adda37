/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Target names: what of them is sent to the server, and what its certificate is compared with.
 */
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

static void check_sni(const WCHAR *target, const char *expected)
{
    struct side_options options = {.target = target};
    struct side client, sink = {0};
    const BYTE *extension;
    SECURITY_STATUS status;
    DWORD size;

    winetest_push_context("target %s", wine_dbgstr_w(target));
    status = side_acquire(&client, SIDE_CLIENT, &options);
    ok(status == SEC_E_OK, "no credentials: %s\n", status_name(status));
    sink.inbox = malloc(SIDE_INBOX_SIZE);
    client.peer = &sink;
    status = side_leg(&client);
    ok(status == SEC_I_CONTINUE_NEEDED, "first leg: %s\n", status_name(status));
    extension = wire_hello_extension(sink.inbox, sink.inbox_size, 0, &size);
    if (!expected)
        ok(!extension, "server name %s\n", wine_dbgstr_an((const char *)extension, size));
    else
        /* list size, type host_name, name size, name */
        ok(extension && size == strlen(expected) + 5 && !extension[2] &&
               !memcmp(extension + 5, expected, size - 5),
           "server name %s\n", wine_dbgstr_an((const char *)extension, size));
    free(sink.inbox);
    side_free(&client);
    winetest_pop_context();
}

static void test_sni(void)
{
    check_sni(L"localhost", "localhost");
    check_sni(L"www.Example.org", "www.Example.org");
    check_sni(L"under_score.example", "under_score.example");
    check_sni(L"127.0.0.1", NULL);
    check_sni(L"::1", NULL);
    check_sni(L"fe80::1", NULL);
    check_sni(L"", NULL);
}

/* Where Windows' own behaviour is not documented. */
static void test_sni_forms(void)
{
    static const struct {
        const WCHAR *target;
        const char *expected;
    } cases[] = {
        {L"localhost.", "localhost"},
        {L"localhost:443", "localhost"},
        {L"localhost:", "localhost"},
        {L"localhost.:443", "localhost"},
        {L"HTTP/localhost", "localhost"},
        {L"HTTP/localhost:443", "localhost"},
        {L"ldap/localhost/EXAMPLE.ORG", "localhost"},
        {L"ldap/localhost:636/EXAMPLE.ORG", "localhost"},
        {L"HTTP/", NULL},
        {L"/", NULL},
        {L".", NULL},
        {L":443", NULL},
        {L"localhost:http", NULL},
        {L"localhost:123456", NULL},
        {L"not a host", NULL},
        {L"127.0.0.1:443", NULL},
        {L"[::1]", NULL},
        {L"[::1]:443", NULL},
        {L"HTTP/[fe80::1%2]:443", NULL},
        {L"[", NULL},
        {L"b\x00fc"
         L"cher.example",
         "xn--bcher-kva.example"},
        {L"b\x00fc"
         L"cher.example:443",
         "xn--bcher-kva.example"},
        {L"\xd800.example", NULL},
    };
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    for (i = 0; i < ARRAY_SIZE(cases); i++)
        check_sni(cases[i].target, cases[i].expected);
}

/* 255 characters still go out, more do not. */
static void test_long_names(void)
{
    WCHAR target[2000];
    char expected[256];
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    for (i = 0; i < ARRAY_SIZE(target) - 1; i++)
        target[i] = i % 50 == 49 ? '.' : 'a';
    target[i] = 0;
    check_sni(target, NULL);
    target[256] = 0;
    check_sni(target, NULL);
    target[255] = 0;
    for (i = 0; i < 256; i++)
        expected[i] = (char)target[i];
    check_sni(target, expected);
}

/* A client that trusts this certificate only, and checks whom it is for. */
static SECURITY_STATUS connect_to(const CERT_CONTEXT *certificate, const WCHAR *target)
{
    HCERTSTORE roots =
        CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    struct side_options client = {
        .cred_flags = SCH_CRED_AUTO_CRED_VALIDATION, .root_store = roots, .target = target};
    struct side_options server = {.certificates = {certificate}};
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
    struct pair pair;

    CertAddCertificateContextToStore(roots, certificate, CERT_STORE_ADD_ALWAYS, NULL);
    if (pair_create(&pair, &client, &server)) {
        pair_handshake(&pair);
        status = pair.client.status;
    }
    pair_destroy(&pair);
    CertCloseStore(roots, 0);
    return status;
}

static void test_name_check(void)
{
    static const struct {
        const WCHAR *target;
        SECURITY_STATUS expected;
    } cases[] = {
        {L"localhost", SEC_E_OK},
        {L"localhost.", SEC_E_OK},
        {L"localhost:443", SEC_E_OK},
        {L"HTTP/localhost", SEC_E_OK},
        {L"ldap/localhost:636/EXAMPLE.ORG", SEC_E_OK},
        {L"other.example:443", SEC_E_WRONG_PRINCIPAL},
        {L"HTTP/other.example", SEC_E_WRONG_PRINCIPAL},
        {L"localhost/other.example", SEC_E_WRONG_PRINCIPAL},
        {L"localhost:http", SEC_E_WRONG_PRINCIPAL},
        {L"localhost localhost", SEC_E_WRONG_PRINCIPAL},
        {L"127.0.0.1:443", SEC_E_WRONG_PRINCIPAL},
        {L"", SEC_E_WRONG_PRINCIPAL},
    };
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SECURITY_STATUS status;
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        status = connect_to(certificate, cases[i].target);
        ok(status == cases[i].expected, "%s: %s\n", wine_dbgstr_w(cases[i].target),
           status_name(status));
    }
}

START_TEST(schannel_peer_target)
{
    test_sni();
    test_sni_forms();
    test_long_names();
    test_name_check();
}
