/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clients that are asked for a certificate: SEC_I_INCOMPLETE_CREDENTIALS and the ways on from it,
 * the list of issuers, default credentials, and the same after the handshake.
 *
 * Source: the reference pages of InitializeSecurityContext (Schannel), AcceptSecurityContext
 * (Schannel), SCHANNEL_CRED, SCH_CREDENTIALS, QueryContextAttributes (Schannel).
 */
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

static void check_result(struct pair *pair, BOOL with_certificate)
{
    const CERT_CONTEXT *certificate = NULL;
    SECURITY_STATUS status;

    ok(side_has_peer_certificate(&pair->server) == with_certificate,
       "the server %s a certificate\n", with_certificate ? "has not" : "has");
    ok(!(pair->server.attributes & ASC_RET_MUTUAL_AUTH) == !with_certificate, "attributes %#lx\n",
       pair->server.attributes);
    status = QueryContextAttributesW(&pair->client.context, SECPKG_ATTR_LOCAL_CERT_CONTEXT,
                                     &certificate);
    ok(status == (with_certificate ? SEC_E_OK : SEC_E_NO_CREDENTIALS), "LOCAL_CERT_CONTEXT: %s\n",
       status_name(status));
    if (certificate)
        CertFreeCertificateContext(certificate);
    pair_exchange(&pair->client, &pair->server, 1000);
    pair_exchange(&pair->server, &pair->client, 1000);
}

/* Credentials the client has at hand when it is asked. */
static BOOL find_credentials(struct pair *pair, CredHandle *former)
{
    struct side other;
    struct side_options options = pair->client.options;
    SECURITY_STATUS status;

    options.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
    status = side_acquire(&other, SIDE_CLIENT, &options);
    ok(status == SEC_E_OK, "more credentials: %s\n", status_name(status));
    if (status)
        return FALSE;
    *former = pair->client.credentials;
    pair->client.credentials = other.credentials;
    other.have_credentials = FALSE;
    side_free(&other);
    return TRUE;
}

enum answer {
    OTHER_CREDENTIALS,
    SAME_CREDENTIALS,
    SUPPLIED_CREDS, /* the flag, as curl does */
    NO_INPUT,       /* a program that takes its input for consumed */
    OTHER_INPUT     /* one that has read as much again meanwhile */
};

static const char *const answers[] = {"other credentials", "the same credentials",
                                      "ISC_REQ_USE_SUPPLIED_CREDS", "no input", "other input"};

static void test_asked(DWORD version, enum answer answer)
{
    struct side_options client = {.protocols = version};
    struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                  .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    SecPkgContext_IssuerListInfoEx issuers = {(CERT_NAME_BLOB *)1, 77};
    CredHandle former = {0, 0};
    SECURITY_STATUS status;
    struct pair pair;
    struct leg leg;
    DWORD before;

    winetest_push_context("%s, %s", version_name(version), answers[answer]);
    if (!pair_create(&pair, &client, &server))
        goto done;
    side_leg(&pair.client);
    side_leg(&pair.server);
    leg_begin(&pair.client, &leg);
    status = leg_call(&pair.client, &leg);
    ok(!leg.out[0].cbBuffer && !leg.out[0].pvBuffer, "%lu bytes of output\n", leg.out[0].cbBuffer);
    leg_end(&pair.client, &leg, status);
    ok(pair.client.status == SEC_I_INCOMPLETE_CREDENTIALS, "client %s\n",
       status_name(pair.client.status));
    ok(pair.server.status == SEC_I_CONTINUE_NEEDED, "server %s\n", status_name(pair.server.status));
    before = pair.client.inbox_size;
    ok(before > 0, "the input is gone\n");
    status = QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_ISSUER_LIST_EX, &issuers);
    ok(status == SEC_E_OK, "ISSUER_LIST_EX: %s\n", status_name(status));
    ok(issuers.cIssuers == 0 && !issuers.aIssuers, "%lu issuers\n", issuers.cIssuers);

    if (answer == OTHER_CREDENTIALS && !find_credentials(&pair, &former))
        goto done;
    if (answer == SUPPLIED_CREDS)
        pair.client.options.flags |= ISC_REQ_USE_SUPPLIED_CREDS;
    if (answer == NO_INPUT)
        pair.client.inbox_size = 0;
    if (answer == OTHER_INPUT)
        pair.client.inbox[0] = WIRE_DATA;
    status = side_leg(&pair.client);
    if (answer == OTHER_INPUT) {
        ok(pair.client.inbox_size == before, "%lu of %lu bytes are left\n", pair.client.inbox_size,
           before);
        pair.client.inbox_size = 0;
    }
    ok(status == (version == SIDE_TLS1_3 ? SEC_E_OK : SEC_I_CONTINUE_NEEDED), "going on: %s\n",
       status_name(status));
    ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
       status_name(pair.server.status));
    check_result(&pair, answer == OTHER_CREDENTIALS);
    if (former.dwLower || former.dwUpper)
        FreeCredentialsHandle(&former);

done:
    pair_destroy(&pair);
    winetest_pop_context();
}

/* In small pieces, and with more input than there was. */
static void test_pieces(DWORD version)
{
    struct side_options client = {.protocols = version};
    struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                  .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    unsigned int asked = 0, legs;
    struct pair pair;

    winetest_push_context("%s", version_name(version));
    if (pair_create(&pair, &client, &server)) {
        side_leg(&pair.client);
        side_leg(&pair.server);
        for (legs = 0; legs < 5000 && pair.client.status != SEC_E_OK; legs++) {
            if (!pair.client.inbox_size)
                break;
            if (pair.client.status == SEC_E_INCOMPLETE_MESSAGE)
                pair.client.feed += 7;
            else if (pair.client.status == SEC_I_INCOMPLETE_CREDENTIALS)
                pair.client.feed += 100;
            else
                pair.client.feed = 7;
            side_leg(&pair.client);
            asked += pair.client.status == SEC_I_INCOMPLETE_CREDENTIALS;
        }
        ok(asked == 1, "asked %u times\n", asked);
        pair.client.feed = 0;
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        check_result(&pair, FALSE);
    }
    pair_destroy(&pair);
    winetest_pop_context();
}

/* Programs that said beforehand what they want are not asked. */
static void test_not_asked(DWORD version)
{
    const struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                        .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    struct side_options client = {.protocols = version,
                                  .flags = SIDE_CLIENT_FLAGS | ISC_REQ_USE_SUPPLIED_CREDS};
    struct pair pair;

    winetest_push_context("%s", version_name(version));
    if (pair_connect(&pair, &client, &server))
        check_result(&pair, FALSE);
    pair_destroy(&pair);
    client.flags = 0;
    client.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
    if (pair_connect(&pair, &client, &server))
        check_result(&pair, TRUE);
    pair_destroy(&pair);
    winetest_pop_context();
}

/* What Wine's wininet and winhttp ask for; they do not know the status. */
static void test_wine(void)
{
    const struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                        .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    const struct side_options client = {
        .version = SCHANNEL_CRED_VERSION,
        .flags = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_USE_SESSION_KEY | ISC_REQ_CONFIDENTIALITY |
                 ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_MANUAL_CRED_VALIDATION};
    struct pair pair;

    if (pair_connect(&pair, &client, &server))
        check_result(&pair, FALSE);
    pair_destroy(&pair);
}

/* With bounds for the server's RSA key that 2048 bits are outside of: the client's status. */
static SECURITY_STATUS connect_bounded(DWORD version)
{
    const struct side_options client = {.protocols = version,
                                        .cred_flags = SCH_CRED_USE_DEFAULT_CREDS};
    const struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                        .certificates = {test_cert_localhost(TEST_KEY_RSA)}};
    CRYPTO_SETTINGS bounds = {.eAlgorithmUsage = TlsParametersCngAlgUsageCertSig,
                              .strCngAlgId = {6, 6, (WCHAR *)L"RSA"},
                              .dwMinBitLength = 3072};
    TLS_PARAMETERS parameters = {
        .grbitDisabledProtocols =
            ~(DWORD)(version == SIDE_TLS1_3 ? SP_PROT_TLS1_3_CLIENT : SP_PROT_TLS1_2_CLIENT),
        .cDisabledCrypto = 1,
        .pDisabledCrypto = &bounds};
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                            .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_USE_DEFAULT_CREDS,
                            .cTlsParameters = 1,
                            .pTlsParameters = &parameters};
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
    struct pair pair;

    if (pair_create(&pair, &client, &server)) {
        FreeCredentialsHandle(&pair.client.credentials);
        status = AcquireCredentialsHandleW(NULL, (WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND, NULL,
                                           &data, NULL, NULL, &pair.client.credentials, NULL);
        ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
        pair.client.have_credentials = status == SEC_E_OK;
        if (status == SEC_E_OK) {
            pair_handshake(&pair);
            status = pair.client.status;
        }
    }
    pair_destroy(&pair);
    return status;
}

/* With roots of its own, which the server's authority is among: the client's status. On Windows
 * they are for servers only. */
static SECURITY_STATUS connect_rooted(DWORD version)
{
    struct test_cert authority, leaf;
    const struct test_cert_options authority_options = {
        .type = TEST_KEY_ECDSA, .name = "asyncsspi-test-roots", .uses = TEST_CERT_CA};
    const struct test_cert_options leaf_options = {.type = TEST_KEY_ECDSA,
                                                   .name = "localhost",
                                                   .uses = TEST_CERT_SERVER,
                                                   .issuer = &authority};
    struct side_options client = {.protocols = version,
                                  .cred_flags =
                                      SCH_CRED_AUTO_CRED_VALIDATION | SCH_CRED_USE_DEFAULT_CREDS};
    struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH};
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
    struct pair pair;

    if (!test_cert_create(&authority_options, &authority))
        return status;
    if (test_cert_create(&leaf_options, &leaf)) {
        client.root_store = authority.store;
        server.certificates[0] = leaf.context;
        if (pair_create(&pair, &client, &server)) {
            pair_handshake(&pair);
            status = pair.client.status;
            check_result(&pair, TRUE);
        }
        pair_destroy(&pair);
        test_cert_free(&leaf);
    }
    test_cert_free(&authority);
    return status;
}

/* A certificate of the user's is presented, unless that is forbidden or the usage is wrong. */
static void test_default_credentials(DWORD version)
{
    static const struct {
        const char *name;
        DWORD cred_flags, flags;
        BOOL presented;
    } cases[] = {
        {"SCH_CRED_USE_DEFAULT_CREDS", SCH_CRED_USE_DEFAULT_CREDS, 0, TRUE},
        {"SCH_CRED_NO_DEFAULT_CREDS", 0, 0, FALSE},
        {"ISC_REQ_USE_SUPPLIED_CREDS", SCH_CRED_USE_DEFAULT_CREDS, ISC_REQ_USE_SUPPLIED_CREDS,
         FALSE},
    };
    const struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                        .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    const struct test_cert_options options = {.type = TEST_KEY_RSA,
                                              .place = TEST_KEY_IN_PROVIDER,
                                              .name = "a user",
                                              .uses = TEST_CERT_CLIENT};
    const CERT_CONTEXT *stored = NULL;
    struct test_cert cert;
    HCERTSTORE my;
    unsigned int i;

    my = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, L"MY");
    ok(my != NULL, "MY: error %lu\n", GetLastError());
    if (!my || !test_cert_create(&options, &cert))
        return;
    if (!CertAddCertificateContextToStore(my, cert.context, CERT_STORE_ADD_ALWAYS, &stored)) {
        win_skip("MY cannot be written: error %lu\n", GetLastError());
        goto done;
    }
    /* Wine writes when the store is closed or told to. */
    CertControlStore(my, 0, CERT_STORE_CTRL_COMMIT, NULL);
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct side_options client = {.protocols = version, .cred_flags = cases[i].cred_flags};
        struct pair pair;

        client.flags = SIDE_CLIENT_FLAGS | cases[i].flags;
        winetest_push_context("%s: %s", version_name(version), cases[i].name);
        if (pair_create(&pair, &client, &server)) {
            BOOL asked = !pair_handshake(&pair);

            ok(asked == (!cases[i].presented && !cases[i].flags), "client %s\n",
               status_name(pair.client.status));
            if (asked) {
                side_leg(&pair.client);
                ok(pair_handshake(&pair), "client %s\n", status_name(pair.client.status));
            }
            check_result(&pair, cases[i].presented);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
    /* It changes nothing about what is expected of the server. */
    ok(connect_bounded(version) == SEC_E_ALGORITHM_MISMATCH || broken(!winetest_platform_is_wine),
       "%s: an RSA key out of bounds: %s\n", version_name(version),
       status_name(connect_bounded(version)));
    if (winetest_platform_is_wine) {
        SECURITY_STATUS status = connect_rooted(version);

        ok(status == SEC_E_OK, "%s: roots of its own: %s\n", version_name(version),
           status_name(status));
    }
    CertDeleteCertificateFromStore(stored);
    CertControlStore(my, 0, CERT_STORE_CTRL_COMMIT, NULL);

done:
    test_cert_free(&cert);
    CertCloseStore(my, 0);
}

/* Puts a new certificate into a store of the user's. */
static const CERT_CONTEXT *add_to(HCERTSTORE store, const struct test_cert_options *options)
{
    const CERT_CONTEXT *added = NULL;
    struct test_cert cert;

    if (test_cert_create(options, &cert)) {
        CertAddCertificateContextToStore(store, cert.context, CERT_STORE_ADD_ALWAYS, &added);
        CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL);
        test_cert_free(&cert);
    }
    return added;
}

static void remove_from(HCERTSTORE store, const CERT_CONTEXT *added)
{
    if (added)
        CertDeleteCertificateFromStore(added);
    CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL);
}

/* Certificates of the user's that are none for this server: it is as if there were none. */
static void test_unsuitable_defaults(DWORD version)
{
    static const WCHAR name[] = L"asyncsspi-test-named";
    static const struct {
        const char *what;
        unsigned int uses;
        int first_day, last_day;
        const WCHAR *authorities;
    } rows[] = {
        {"for servers", TEST_CERT_SERVER, 0, 0, NULL},
        {"expired", TEST_CERT_CLIENT, -10, -5, NULL},
        {"of another authority", TEST_CERT_CLIENT, 0, 0, name},
    };
    const struct test_cert_options authority = {.type = TEST_KEY_RSA,
                                                .place = TEST_KEY_NOWHERE,
                                                .name = "Authority that is named",
                                                .uses = TEST_CERT_CA};
    const struct side_options client = {.protocols = version,
                                        .cred_flags = SCH_CRED_USE_DEFAULT_CREDS};
    const struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                        .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    const DWORD user = CERT_SYSTEM_STORE_CURRENT_USER;
    HCERTSTORE my = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, user, L"MY");
    HCERTSTORE named = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, user, name);
    const CERT_CONTEXT *named_authority = add_to(named, &authority);
    struct pair pair;

    for (unsigned int i = 0; i < ARRAY_SIZE(rows) && winetest_platform_is_wine; i++) {
        const struct test_cert_options options = {.type = TEST_KEY_RSA,
                                                  .place = TEST_KEY_IN_PROVIDER,
                                                  .name = "a user",
                                                  .uses = rows[i].uses,
                                                  .first_day = rows[i].first_day,
                                                  .last_day = rows[i].last_day};
        SecPkgCred_ClientCertPolicy policy = {.pwszSslCtlStoreName = (WCHAR *)rows[i].authorities};
        const CERT_CONTEXT *added = add_to(my, &options);

        winetest_push_context("%s, %s", version_name(version), rows[i].what);
        if (pair_create(&pair, &client, &server)) {
            if (rows[i].authorities)
                SetCredentialsAttributesW(&pair.server.credentials, SECPKG_ATTR_CLIENT_CERT_POLICY,
                                          &policy, sizeof(policy));
            ok(!pair_handshake(&pair) && pair.client.status == SEC_I_INCOMPLETE_CREDENTIALS,
               "client %s\n", status_name(pair.client.status));
            side_leg(&pair.client);
            ok(pair_handshake(&pair), "client %s\n", status_name(pair.client.status));
            check_result(&pair, FALSE);
        }
        pair_destroy(&pair);
        winetest_pop_context();
        remove_from(my, added);
    }
    remove_from(named, named_authority);
    CertCloseStore(named, 0);
    CertCloseStore(my, 0);
    RegDeleteTreeW(HKEY_CURRENT_USER,
                   L"Software\\Microsoft\\SystemCertificates\\asyncsspi-test-named");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE,
                   L"Software\\Microsoft\\SystemCertificates\\asyncsspi-test-named");
}

/* TLS 1.3: asked for after the handshake. */
static void test_later(BOOL found)
{
    struct side_options client = {.protocols = SIDE_TLS1_3};
    struct side_options server = {.cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    CredHandle former = {0, 0};
    SECURITY_STATUS status;
    BYTE bytes[16];
    struct pair pair;
    DWORD size;

    winetest_push_context(found ? "with a certificate" : "without");
    if (!pair_connect(&pair, &client, &server))
        goto done;
    pair_exchange(&pair.server, &pair.client, 10);
    pair.server.options.flags |= ASC_REQ_MUTUAL_AUTH;
    status = side_leg(&pair.server);
    ok(status == SEC_E_OK, "asking: %s\n", status_name(status));
    status = side_receive(&pair.client, bytes, sizeof(bytes), &size);
    ok(status == SEC_I_INCOMPLETE_CREDENTIALS, "asked: %s\n", status_name(status));
    if (found && !find_credentials(&pair, &former))
        goto done;
    status = side_leg(&pair.client);
    ok(status == SEC_E_OK, "answering: %s\n", status_name(status));
    ok(pair.server.inbox_size > 0, "no answer\n");
    status = side_receive(&pair.server, bytes, sizeof(bytes), &size);
    ok(status == SEC_E_INCOMPLETE_MESSAGE, "the server: %s\n", status_name(status));
    check_result(&pair, found);
    if (found)
        FreeCredentialsHandle(&former);

done:
    pair_destroy(&pair);
    winetest_pop_context();
}

/* A client that supplies what it has, and has nothing, has not offered it. */
static void test_not_later(void)
{
    const struct side_options client = {.protocols = SIDE_TLS1_3,
                                        .flags = SIDE_CLIENT_FLAGS | ISC_REQ_USE_SUPPLIED_CREDS};
    SECURITY_STATUS status;
    struct pair pair;

    if (pair_connect(&pair, &client, NULL)) {
        pair.server.options.flags |= ASC_REQ_MUTUAL_AUTH;
        status = side_leg(&pair.server);
        ok(status == SEC_I_NO_RENEGOTIATION, "asking: %s\n", status_name(status));
        pair_exchange(&pair.client, &pair.server, 10);
        pair_exchange(&pair.server, &pair.client, 10);
    }
    pair_destroy(&pair);
}

START_TEST(schannel_legs_clientauth)
{
    unsigned int i, answer;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        if (!pair_supports(versions[i])) {
            win_skip("no %s\n", version_name(versions[i]));
            continue;
        }
        for (answer = 0; answer < OTHER_INPUT; answer++)
            test_asked(versions[i], answer);
        /* In TLS 1.2 nothing comes before the answer. */
        if (versions[i] == SIDE_TLS1_3)
            test_asked(versions[i], OTHER_INPUT);
        test_pieces(versions[i]);
        test_not_asked(versions[i]);
        test_default_credentials(versions[i]);
        test_unsuitable_defaults(versions[i]);
    }
    test_wine();
    if (pair_supports(SIDE_TLS1_3)) {
        test_later(TRUE);
        test_later(FALSE);
        test_not_later();
    }
}
