/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Who gets TLS 1.3 with SCHANNEL_CRED: callers whose code stands in a module of the name
 * winhttp.dll or wininet.dll and who ask for what Wine's ask for. Nobody else, and none of them
 * twice.
 *
 * On Windows nobody does.
 */
#include "kit/namesake.h"
#include "kit/testcert.h"
#include "kit/wire.h"
#include "wine/test.h"

#define EXTENSION_VERSIONS 43

/* Of the context; 0: there is none. */
static DWORD protocol_of(struct side *side)
{
    SecPkgContext_ConnectionInfo info = {0};

    QueryContextAttributesW(&side->context, SECPKG_ATTR_CONNECTION_INFO, &info);
    return info.dwProtocol;
}

/* Until the client is done: what it holds back, the server waits for. */
static void handshake(struct pair *pair)
{
    unsigned int rounds;

    side_leg(&pair->client);
    for (rounds = 0; pair->client.status == SEC_I_CONTINUE_NEEDED && rounds < 20; rounds++) {
        side_leg(&pair->server);
        side_leg(&pair->client);
    }
    ok(pair->client.status == SEC_E_OK, "client %s, server %s\n", status_name(pair->client.status),
       status_name(pair->server.status));
}

static void check_version(struct pair *pair, DWORD expected)
{
    DWORD protocol;

    handshake(pair);
    protocol = protocol_of(&pair->client);
    ok(protocol == expected || broken(protocol == SP_PROT_TLS1_2_CLIENT), "protocol %#lx\n",
       protocol);
}

/* Whether the ClientHello names versions, as one with TLS 1.3 does. */
static BOOL offers_versions(struct side *client, struct side *server)
{
    DWORD size;

    side_leg(client);
    return wire_hello_extension(server->inbox, server->inbox_size, EXTENSION_VERSIONS, &size) !=
           NULL;
}

static const struct side_options usual = {.flags = WINENET_FLAGS};

/* A name of a module, and what its code gets when it calls as Wine's do. */
static void test_names(void)
{
    static const struct {
        const WCHAR *name;
        DWORD protocol;
    } names[] = {
        {L"winhttp.dll", SP_PROT_TLS1_3_CLIENT},   {L"wininet.dll", SP_PROT_TLS1_3_CLIENT},
        {L"WinHTTP.DLL", SP_PROT_TLS1_3_CLIENT},   {L"winhttp2.dll", SP_PROT_TLS1_2_CLIENT},
        {L"mywininet.dll", SP_PROT_TLS1_2_CLIENT}, {L"winhttp.dll.exe", SP_PROT_TLS1_2_CLIENT},
        {L"winhttp.drv", SP_PROT_TLS1_2_CLIENT},   {L"library.dll", SP_PROT_TLS1_2_CLIENT},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++) {
        SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION};
        struct namesake namesake;
        struct pair pair = {0};

        winetest_push_context("%s", wine_dbgstr_w(names[i].name));
        if (namesake_load(&namesake, names[i].name) &&
            namesake_create_pair(&namesake, &pair, &data, &usual, NULL))
            check_version(&pair, names[i].protocol);
        pair_destroy(&pair);
        namesake_unload(&namesake);
        winetest_pop_context();
    }
}

/* The program itself, while a module of the name is loaded. */
static void test_program(const struct namesake *namesake)
{
    struct side_options client = {.flags = WINENET_FLAGS,
                                  .version = SCHANNEL_CRED_VERSION,
                                  .protocols = SIDE_TLS1_2 | SIDE_TLS1_3};
    struct pair pair;

    ok(namesake->module == GetModuleHandleW(L"winhttp.dll"), "another winhttp.dll\n");
    if (pair_create(&pair, &client, NULL)) {
        ok(!offers_versions(&pair.client, &pair.server), "TLS 1.3 is offered\n");
        side_disconnect(&pair.client);
        side_disconnect(&pair.server);
        check_version(&pair, SP_PROT_TLS1_2_CLIENT);
    }
    pair_destroy(&pair);
}

/* What it asks for when it makes the credential. */
static void test_versions(const struct namesake *namesake)
{
    static const struct {
        DWORD version, enabled, protocol;
    } asked[] = {
        {SCHANNEL_CRED_VERSION, 0, SP_PROT_TLS1_3_CLIENT},
        {SCHANNEL_CRED_VERSION, SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT,
         SP_PROT_TLS1_3_CLIENT},
        {SCHANNEL_CRED_VERSION, SP_PROT_TLS1_2_CLIENT, SP_PROT_TLS1_2_CLIENT},
        {SCH_CRED_V3, 0, SP_PROT_TLS1_2_CLIENT},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(asked); i++) {
        SCHANNEL_CRED data = {.dwVersion = asked[i].version,
                              .grbitEnabledProtocols = asked[i].enabled};
        struct pair pair;

        winetest_push_context("version %lu, protocols %#lx", asked[i].version, asked[i].enabled);
        if (namesake_create_pair(namesake, &pair, &data, &usual, NULL))
            check_version(&pair, asked[i].protocol);
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* The module is right, the calls are another program's. */
static void test_fingerprints(const struct namesake *namesake)
{
    static const DWORD flags[] = {
        WINENET_FLAGS & ~ISC_REQ_USE_SESSION_KEY,
        WINENET_FLAGS | ISC_REQ_STREAM,
        SIDE_CLIENT_FLAGS,
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(flags); i++) {
        SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                              .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION};
        struct side_options client = {.flags = flags[i]};
        struct pair pair;

        winetest_push_context("flags %#lx", flags[i]);
        if (namesake_create_pair(namesake, &pair, &data, &client, NULL)) {
            ok(!offers_versions(&pair.client, &pair.server), "TLS 1.3 is offered\n");
            side_disconnect(&pair.client);
            side_disconnect(&pair.server);
            check_version(&pair, SP_PROT_TLS1_2_CLIENT);
            ok(pair_handshake(&pair), "server %s\n", status_name(pair.server.status));
            pair_exchange(&pair.client, &pair.server, 100);
            pair_exchange(&pair.server, &pair.client, 100);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* With SCH_CREDENTIALS they are like all others: the last flight comes out. */
static void test_sch_credentials(const struct namesake *namesake)
{
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION};
    struct pair pair;

    if (namesake_create_pair(namesake, &pair, &data, &usual, NULL)) {
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        pair_exchange(&pair.client, &pair.server, 100);
    }
    pair_destroy(&pair);
}

/* No structure at all means what SCHANNEL_CRED means. */
static void test_no_data(const struct namesake *namesake)
{
    struct pair pair;

    if (namesake_create_pair(namesake, &pair, NULL, &usual, NULL))
        check_version(&pair, SP_PROT_TLS1_2_CLIENT);
    pair_destroy(&pair);
}

static void test_ansi(const struct namesake *namesake)
{
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION};
    SECURITY_STATUS status;
    struct pair pair;

    if (pair_create(&pair, &usual, NULL)) {
        FreeCredentialsHandle(&pair.client.credentials);
        status =
            namesake_acquire(namesake, TRUE, SECPKG_CRED_OUTBOUND, &data, &pair.client.credentials);
        ok(status == SEC_E_OK, "AcquireCredentialsHandleA: %s\n", status_name(status));
        pair.client.have_credentials = status == SEC_E_OK;
        if (pair.client.have_credentials)
            check_version(&pair, SP_PROT_TLS1_3_CLIENT);
    }
    pair_destroy(&pair);
}

/* A server's SCHANNEL_CRED ends at TLS 1.2, whoever makes it. */
static void test_server(const struct namesake *namesake)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = &certificate};
    SECURITY_STATUS status;
    struct pair pair;

    if (pair_create(&pair, NULL, NULL)) {
        FreeCredentialsHandle(&pair.server.credentials);
        status =
            namesake_acquire(namesake, FALSE, SECPKG_CRED_INBOUND, &data, &pair.server.credentials);
        ok(status == SEC_E_OK, "AcquireCredentialsHandle: %s\n", status_name(status));
        pair.server.have_credentials = status == SEC_E_OK;
        if (pair.server.have_credentials) {
            SecPkgCred_SupportedProtocols supported = {0};

            QueryCredentialsAttributesW(&pair.server.credentials, SECPKG_ATTR_SUPPORTED_PROTOCOLS,
                                        &supported);
            ok(!(supported.grbitProtocol & SP_PROT_TLS1_3_SERVER), "protocols %#lx\n",
               supported.grbitProtocol);
            check_version(&pair, SP_PROT_TLS1_2_CLIENT);
        }
    }
    pair_destroy(&pair);
}

START_TEST(schannel_credentials_winenet)
{
    struct namesake namesake;

    if (!pair_supports(SIDE_TLS1_3)) {
        win_skip("no TLS 1.3\n");
        return;
    }
    test_names();
    if (namesake_load(&namesake, L"winhttp.dll")) {
        test_program(&namesake);
        test_versions(&namesake);
        test_fingerprints(&namesake);
        test_sch_credentials(&namesake);
        test_no_data(&namesake);
        test_ansi(&namesake);
        test_server(&namesake);
    }
    namesake_unload(&namesake);
}
