/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel handshakes: versions, keys, ALPN, client certificates.
 */
#include "kit/pair.h"
#include "kit/tally.h"
#include "kit/testcert.h"
#include "wine/test.h"

static void check_protocol(struct pair *pair, DWORD version)
{
    const DWORD client = version == SIDE_TLS1_3 ? SP_PROT_TLS1_3_CLIENT : SP_PROT_TLS1_2_CLIENT;
    const DWORD server = version == SIDE_TLS1_3 ? SP_PROT_TLS1_3_SERVER : SP_PROT_TLS1_2_SERVER;
    SecPkgContext_ConnectionInfo info = {0};
    SECURITY_STATUS status;

    status = QueryContextAttributesW(&pair->client.context, SECPKG_ATTR_CONNECTION_INFO, &info);
    ok(status == SEC_E_OK && info.dwProtocol == client, "client: %s, protocol %#lx\n",
       status_name(status), info.dwProtocol);
    status = QueryContextAttributesW(&pair->server.context, SECPKG_ATTR_CONNECTION_INFO, &info);
    ok(status == SEC_E_OK && info.dwProtocol == server, "server: %s, protocol %#lx\n",
       status_name(status), info.dwProtocol);
}

static void check_exchange(struct pair *pair)
{
    static const DWORD sizes[] = {1, 1000, 50000};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(sizes); i++) {
        winetest_push_context("%lu bytes to the server", sizes[i]);
        pair_exchange(&pair->client, &pair->server, sizes[i]);
        winetest_pop_context();
        winetest_push_context("%lu bytes to the client", sizes[i]);
        pair_exchange(&pair->server, &pair->client, sizes[i]);
        winetest_pop_context();
    }
}

static void check_connection(DWORD client_version, DWORD client_protocols, DWORD server_version,
                             DWORD server_protocols, DWORD expected,
                             const CERT_CONTEXT *certificate)
{
    struct side_options client = {.version = client_version, .protocols = client_protocols};
    struct side_options server = {.version = server_version, .protocols = server_protocols};
    struct pair pair;

    server.certificates[0] = certificate;
    if (pair_connect(&pair, &client, &server)) {
        check_protocol(&pair, expected);
        check_exchange(&pair);
    }
    pair_destroy(&pair);
}

static void test_versions_and_keys(void)
{
    enum test_key_type type;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++)
        for (type = TEST_KEY_RSA; type <= TEST_KEY_ECDSA; type++) {
            if (!pair_supports(versions[i])) {
                win_skip("no %s\n", version_name(versions[i]));
                break;
            }
            winetest_push_context("%s, %s", version_name(versions[i]),
                                  type == TEST_KEY_RSA ? "RSA" : "ECDSA");
            check_connection(0, versions[i], 0, versions[i], versions[i],
                             test_cert_localhost(type));
            winetest_pop_context();
        }
}

static void test_version_choice(void)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_ECDSA);

    if (!pair_supports(SIDE_TLS1_3)) {
        win_skip("no TLS 1.3\n");
        return;
    }
    winetest_push_context("both have both");
    check_connection(0, 0, 0, 0, SIDE_TLS1_3, certificate);
    winetest_pop_context();
    winetest_push_context("the client has 1.2");
    check_connection(0, SIDE_TLS1_2, 0, 0, SIDE_TLS1_2, certificate);
    winetest_pop_context();
    winetest_push_context("the server has 1.2");
    check_connection(0, 0, 0, SIDE_TLS1_2, SIDE_TLS1_2, certificate);
    winetest_pop_context();
}

/* SCHANNEL_CRED means TLS 1.2 at most, even to a peer that would do 1.3. */
static void test_rule7_schannel_cred_is_tls12(void)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_ECDSA);
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS};
    SECURITY_STATUS status;
    struct pair pair;

    check_connection(SCHANNEL_CRED_VERSION, 0, 0, 0, SIDE_TLS1_2, certificate);
    check_connection(0, 0, SCHANNEL_CRED_VERSION, 0, SIDE_TLS1_2, certificate);
    check_connection(SCHANNEL_CRED_VERSION, 0, SCHANNEL_CRED_VERSION, 0, SIDE_TLS1_2, certificate);

    /* Neither with the default protocols, nor when 1.3 is asked for. */
    if (pair_create(&pair, NULL, NULL)) {
        FreeCredentialsHandle(&pair.client.credentials);
        status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND,
                                           NULL, &data, NULL, NULL, &pair.client.credentials, NULL);
        ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        check_protocol(&pair, SIDE_TLS1_2);
    }
    pair_destroy(&pair);
}

/*
 * Rule 13: programs look at the version of Windows before they ask for TLS 1.3. The DLL does not:
 * whoever asks gets it, whatever version the prefix says it is.
 */
static void test_rule13_any_windows(void)
{
    NTSTATUS(WINAPI * get_version)(OSVERSIONINFOW *);
    OSVERSIONINFOW version = {.dwOSVersionInfoSize = sizeof(version)};
    struct pair pair;

    get_version = (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlGetVersion");
    ok(get_version && !get_version(&version), "no version\n");
    trace("Windows %lu.%lu, build %lu\n", version.dwMajorVersion, version.dwMinorVersion,
          version.dwBuildNumber);
    if (!winetest_platform_is_wine && version.dwBuildNumber < 20348)
        return;
    if (pair_connect(&pair, NULL, NULL)) {
        SecPkgContext_ConnectionInfo info;
        const SECURITY_STATUS status =
            QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CONNECTION_INFO, &info);

        ok(status == SEC_E_OK && info.dwProtocol == SP_PROT_TLS1_3_CLIENT, "%s, protocol %#lx\n",
           status_name(status), info.dwProtocol);
    }
    pair_destroy(&pair);
}

static void test_no_common_version(void)
{
    struct side_options client = {.protocols = SIDE_TLS1_3}, server = {.protocols = SIDE_TLS1_2};
    struct pair pair;

    if (!pair_supports(SIDE_TLS1_3)) {
        win_skip("no TLS 1.3\n");
        return;
    }
    if (pair_create(&pair, &client, &server)) {
        ok(!pair_handshake(&pair), "they found a version\n");
        ok(pair.server.status == SEC_E_ALGORITHM_MISMATCH ||
               pair.server.status == SEC_E_UNSUPPORTED_FUNCTION,
           "server: %s\n", status_name(pair.server.status));
        ok(pair.client.status == SEC_E_UNSUPPORTED_FUNCTION ||
               pair.client.status == SEC_E_ALGORITHM_MISMATCH ||
               pair.client.status == SEC_E_ILLEGAL_MESSAGE,
           "client: %s\n", status_name(pair.client.status));
    }
    pair_destroy(&pair);
}

/* RSA and ECDSA side by side in one credential. */
static void test_two_certificates(void)
{
    const CERT_CONTEXT *rsa = test_cert_localhost(TEST_KEY_RSA);
    const CERT_CONTEXT *ecdsa = test_cert_localhost(TEST_KEY_ECDSA);
    struct side_options server = {.certificates = {rsa, ecdsa}};
    struct side_options client = {0};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        const CERT_CONTEXT *seen = NULL;
        SECURITY_STATUS status;
        struct pair pair;

        client.protocols = versions[i];
        winetest_push_context("%s", version_name(versions[i]));
        if (pair_connect(&pair, &client, &server)) {
            status = QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT,
                                             &seen);
            ok(status == SEC_E_OK, "no certificate: %s\n", status_name(status));
            if (status == SEC_E_OK) {
                ok(CertCompareCertificate(X509_ASN_ENCODING, seen->pCertInfo, rsa->pCertInfo) ||
                       CertCompareCertificate(X509_ASN_ENCODING, seen->pCertInfo, ecdsa->pCertInfo),
                   "it is none of the server's\n");
                CertFreeCertificateContext(seen);
            }
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

static void check_alpn(struct side *side, const char *expected)
{
    SecPkgContext_ApplicationProtocol protocol;
    SECURITY_STATUS status;

    memset(&protocol, 0xcc, sizeof(protocol));
    status = QueryContextAttributesW(&side->context, SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol);
    ok(status == SEC_E_OK, "APPLICATION_PROTOCOL: %s\n", status_name(status));
    if (status != SEC_E_OK)
        return;
    if (!expected) {
        ok(protocol.ProtoNegoStatus == SecApplicationProtocolNegotiationStatus_None, "status %d\n",
           protocol.ProtoNegoStatus);
        return;
    }
    ok(protocol.ProtoNegoStatus == SecApplicationProtocolNegotiationStatus_Success, "status %d\n",
       protocol.ProtoNegoStatus);
    ok(protocol.ProtoNegoExt == SecApplicationProtocolNegotiationExt_ALPN, "extension %d\n",
       protocol.ProtoNegoExt);
    ok(protocol.ProtocolIdSize == strlen(expected) &&
           !memcmp(protocol.ProtocolId, expected, protocol.ProtocolIdSize),
       "protocol %s\n", wine_dbgstr_an((char *)protocol.ProtocolId, protocol.ProtocolIdSize));
}

static void test_alpn(void)
{
    static const struct {
        const char *client, *server, *expected;
    } cases[] = {
        {"h2 http/1.1", "h2 http/1.1", "h2"},
        {"h2 http/1.1", "http/1.1", "http/1.1"},
        {"http/1.1", "h2 http/1.1", "http/1.1"},
        {"h2", NULL, NULL},
        {NULL, "h2", NULL},
        {NULL, NULL, NULL},
    };
    unsigned int i, version;

    for (version = 0; version < ARRAY_SIZE(versions); version++)
        for (i = 0; i < ARRAY_SIZE(cases); i++) {
            struct side_options client = {.alpn = cases[i].client, .protocols = versions[version]};
            struct side_options server = {.alpn = cases[i].server};
            struct pair pair;

            server.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
            winetest_push_context("%s, ALPN %s and %s", version_name(versions[version]),
                                  cases[i].client, cases[i].server);
            if (pair_connect(&pair, &client, &server)) {
                check_alpn(&pair.client, cases[i].expected);
                check_alpn(&pair.server, cases[i].expected);
            }
            pair_destroy(&pair);
            winetest_pop_context();
        }
}

static void test_alpn_mismatch(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        struct side_options client = {.alpn = "h2", .protocols = versions[i]};
        struct side_options server = {.alpn = "http/1.1 imap"};
        struct pair pair;

        winetest_push_context("%s", version_name(versions[i]));
        if (pair_create(&pair, &client, &server)) {
            ok(!pair_handshake(&pair), "they found a protocol\n");
            ok(pair.server.status == SEC_E_APPLICATION_PROTOCOL_MISMATCH, "server: %s\n",
               status_name(pair.server.status));
            ok(pair.client.status == SEC_E_APPLICATION_PROTOCOL_MISMATCH, "client: %s\n",
               status_name(pair.client.status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* A list that lies about its sizes is refused and never read beyond its end. */
static void test_alpn_malformed(void)
{
    static const BYTE lists[][16] = {
        {0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 3, 0, 2, 'h', '2'}, /* all lists too long */
        {9, 0, 0, 0, 2, 0, 0, 0, 0xff, 0xff, 2, 'h', '2'},       /* one list too long */
        {9, 0, 0, 0, 2, 0, 0, 0, 3, 0, 200, 'h', '2'},           /* a name too long */
        {9, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 'h', '2'},             /* a name without length */
        {3, 0, 0, 0, 2, 0, 0, 0, 3, 0, 2, 'h', '2'},             /* half a list */
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(lists); i++) {
        struct side_options options = {.alpn = "h2"};
        SECURITY_STATUS status;
        struct side client;
        struct leg leg;

        status = side_acquire(&client, SIDE_CLIENT, &options);
        ok(status == SEC_E_OK, "no credentials: %s\n", status_name(status));
        leg_begin(&client, &leg);
        memcpy(leg.alpn, lists[i], 13);
        leg.in[0].cbBuffer = 13;
        status = leg_call(&client, &leg);
        ok(status == SEC_E_INVALID_PARAMETER || status == SEC_E_INVALID_TOKEN, "list %u: %s\n", i,
           status_name(status));
        leg_end(&client, &leg, status);
        side_free(&client);
    }
}

static void test_no_target(void)
{
    SECURITY_STATUS status;
    struct side client;
    struct leg leg;

    status = side_acquire(&client, SIDE_CLIENT, NULL);
    ok(status == SEC_E_OK, "no credentials: %s\n", status_name(status));
    leg_begin(&client, &leg);
    status =
        InitializeSecurityContextW(&client.credentials, NULL, NULL, SIDE_CLIENT_FLAGS, 0, 0, NULL,
                                   0, &leg.new_context, &leg.output, &leg.attributes, &leg.expiry);
    ok(status == SEC_I_CONTINUE_NEEDED, "first leg: %s\n", status_name(status));
    leg_end(&client, &leg, status);
    side_free(&client);
}

static void check_remote_certificate(struct side *side, const CERT_CONTEXT *expected)
{
    const CERT_CONTEXT *seen = NULL;
    SECURITY_STATUS status;

    status = QueryContextAttributesW(&side->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &seen);
    if (!expected) {
        ok(FAILED(status), "there is a certificate: %s\n", status_name(status));
        return;
    }
    ok(status == SEC_E_OK, "no certificate: %s\n", status_name(status));
    if (status != SEC_E_OK)
        return;
    ok(seen->cbCertEncoded == expected->cbCertEncoded &&
           !memcmp(seen->pbCertEncoded, expected->pbCertEncoded, seen->cbCertEncoded),
       "it is another certificate\n");
    CertFreeCertificateContext(seen);
}

static void test_mutual_authentication(void)
{
    enum test_key_type type;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++)
        for (type = TEST_KEY_RSA; type <= TEST_KEY_ECDSA; type++) {
            const CERT_CONTEXT *certificate = test_cert_localhost(type);
            struct side_options client = {.certificates = {certificate}, .protocols = versions[i]};
            struct side_options server = {.certificates = {certificate},
                                          .flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                          .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
            struct pair pair;

            winetest_push_context("%s, %s", version_name(versions[i]),
                                  type == TEST_KEY_RSA ? "RSA" : "ECDSA");
            if (pair_connect(&pair, &client, &server)) {
                check_remote_certificate(&pair.server, certificate);
                check_remote_certificate(&pair.client, certificate);
                ok(pair.server.attributes & ASC_RET_MUTUAL_AUTH, "attributes %#lx\n",
                   pair.server.attributes);
                check_exchange(&pair);
            }
            pair_destroy(&pair);
            winetest_pop_context();
        }
}

/* The client has none and says that it will not get one. */
static void test_no_client_certificate(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        struct side_options client = {.protocols = versions[i],
                                      .flags = SIDE_CLIENT_FLAGS | ISC_REQ_USE_SUPPLIED_CREDS};
        struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                      .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
        struct pair pair;

        winetest_push_context("%s", version_name(versions[i]));
        if (pair_connect(&pair, &client, &server)) {
            check_remote_certificate(&pair.server, NULL);
            check_exchange(&pair);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* A server that does not ask gets none. */
static void test_unwanted_client_certificate(void)
{
    struct side_options client = {.certificates = {test_cert_localhost(TEST_KEY_RSA)}};
    struct pair pair;

    if (pair_connect(&pair, &client, NULL))
        check_remote_certificate(&pair.server, NULL);
    pair_destroy(&pair);
}

START_TEST(schannel_legs_handshake)
{
    test_versions_and_keys();
    test_version_choice();
    tally("rule 7");
    test_rule7_schannel_cred_is_tls12();
    tally("rule 13");
    test_rule13_any_windows();
    tally(NULL);
    test_no_common_version();
    test_two_certificates();
    test_alpn();
    test_alpn_mismatch();
    test_alpn_malformed();
    test_no_target();
    test_mutual_authentication();
    test_no_client_certificate();
    test_unwanted_client_certificate();
    tally_report();
}
