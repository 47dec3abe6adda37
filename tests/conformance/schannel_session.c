/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sessions that are resumed: by whom, for whom, and how that is switched off.
 */
#include "pair.h"
#include "tally.h"
#include "testcert.h"
#include "wine/test.h"

static const DWORD versions[] = {SIDE_TLS1_2, SIDE_TLS1_3};

static const char *version_name(DWORD version)
{
    return version == SIDE_TLS1_3 ? "TLS 1.3" : "TLS 1.2";
}

/* The flags of SESSION_INFO, which both sides must agree on. */
static BOOL is_resumed(struct pair *pair)
{
    SecPkgContext_SessionInfo client = {0}, server = {0};
    SECURITY_STATUS status;

    status = QueryContextAttributesW(&pair->client.context, SECPKG_ATTR_SESSION_INFO, &client);
    ok(status == SEC_E_OK, "client's SESSION_INFO: %s\n", status_name(status));
    status = QueryContextAttributesW(&pair->server.context, SECPKG_ATTR_SESSION_INFO, &server);
    ok(status == SEC_E_OK, "server's SESSION_INFO: %s\n", status_name(status));
    ok(client.cbSessionId <= sizeof(client.rgbSessionId), "session id of %lu bytes\n",
       client.cbSessionId);
    ok(client.dwFlags == server.dwFlags, "client %#lx, server %#lx\n", client.dwFlags,
       server.dwFlags);
    return (client.dwFlags & SSL_SESSION_RECONNECT) != 0;
}

/* Connects, passes data both ways, closes; the credentials stay. */
static BOOL connect_again(struct pair *pair)
{
    struct side *const sides[] = {&pair->client, &pair->server};
    BOOL resumed = FALSE, connected;
    unsigned int i;

    connected = pair_handshake(pair);
    ok(connected, "client %s, server %s\n", status_name(pair->client.status),
       status_name(pair->server.status));
    if (connected) {
        pair_exchange(&pair->client, &pair->server, 100);
        pair_exchange(&pair->server, &pair->client, 100);
        resumed = is_resumed(pair);
        side_shutdown(&pair->client);
    }
    for (i = 0; i < ARRAY_SIZE(sides); i++) {
        if (sides[i]->have_context)
            DeleteSecurityContext(&sides[i]->context);
        sides[i]->have_context = FALSE;
        sides[i]->status = SEC_I_CONTINUE_NEEDED;
        sides[i]->inbox_size = 0;
    }
    return resumed;
}

static BOOL create_pair(struct pair *pair, DWORD version, DWORD cred_version)
{
    struct side_options client = {.protocols = version, .version = cred_version};
    struct side_options server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};

    return pair_create(pair, &client, &server);
}

/* Rule 8: by credential and target name. */
static void test_rule8_resumption(DWORD version)
{
    struct pair pair, other;

    if (create_pair(&pair, version, 0) && create_pair(&other, version, 0)) {
        ok(!connect_again(&pair), "the first connection is resumed\n");
        ok(connect_again(&pair) || broken(version == SIDE_TLS1_3),
           "the second connection is not resumed\n");
        ok(connect_again(&pair) || broken(version == SIDE_TLS1_3),
           "the third connection is not resumed\n");

        pair.client.options.target = L"other.example";
        ok(!connect_again(&pair), "resumed for another target\n");
        ok(connect_again(&pair) || broken(version == SIDE_TLS1_3), "not resumed for that target\n");

        /* Another client credential, the same server credential. */
        FreeCredentialsHandle(&other.server.credentials);
        other.server.credentials = pair.server.credentials;
        ok(!connect_again(&other), "resumed with another credential\n");
        other.server.have_credentials = FALSE;
    }
    pair_destroy(&pair);
    pair_destroy(&other);
}

/* A server that does not know the session makes a whole handshake of it. */
static void test_other_server(DWORD version)
{
    struct pair pair, other;

    if (create_pair(&pair, version, 0) && create_pair(&other, version, 0)) {
        const CredHandle server = pair.server.credentials;

        ok(!connect_again(&pair), "the first connection is resumed\n");
        pair.server.credentials = other.server.credentials;
        ok(!connect_again(&pair), "resumed by another server\n");
        pair.server.credentials = server;
    }
    pair_destroy(&pair);
    pair_destroy(&other);
}

static void test_disabled_reconnects(DWORD version)
{
    struct side_options client = {.protocols = version, .cred_flags = SCH_CRED_DISABLE_RECONNECTS};
    struct side_options server = {.cred_flags = SCH_CRED_DISABLE_RECONNECTS};
    struct pair pair;

    winetest_push_context("by the client");
    if (pair_create(&pair, &client, NULL)) {
        connect_again(&pair);
        ok(!connect_again(&pair), "resumed\n");
    }
    pair_destroy(&pair);
    winetest_pop_context();

    winetest_push_context("by the server");
    client.cred_flags = 0;
    if (pair_create(&pair, &client, &server)) {
        connect_again(&pair);
        ok(!connect_again(&pair), "resumed\n");
    }
    pair_destroy(&pair);
    winetest_pop_context();
}

/*
 * Rule 7: programs with these flags lose the client's last flight when the server had the word
 * before it, so their sessions are not resumed.
 */
static void test_rule7_no_resumption(void)
{
    struct pair pair;

    if (!winetest_platform_is_wine)
        return;
    if (create_pair(&pair, SIDE_TLS1_2, SCHANNEL_CRED_VERSION)) {
        pair.client.options.flags = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_USE_SESSION_KEY |
                                    ISC_REQ_CONFIDENTIALITY | ISC_REQ_SEQUENCE_DETECT |
                                    ISC_REQ_REPLAY_DETECT | ISC_REQ_MANUAL_CRED_VALIDATION;
        connect_again(&pair);
        ok(!connect_again(&pair), "resumed\n");
    }
    pair_destroy(&pair);
}

static SECURITY_STATUS apply_session_token(struct side *side, DWORD flags)
{
    SCHANNEL_SESSION_TOKEN session = {SCHANNEL_SESSION, flags};
    SecBuffer buffer = {sizeof(session), SECBUFFER_TOKEN, &session};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};

    return ApplyControlToken(&side->context, &token);
}

/* Rule 11: a session that is taken out of the cache by a control token. */
static void test_rule11_session_token(DWORD version)
{
    SECURITY_STATUS status;
    struct pair pair;

    if (create_pair(&pair, version, 0)) {
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        status = apply_session_token(&pair.client, SSL_SESSION_ENABLE_RECONNECTS);
        ok(status == SEC_E_OK, "enable: %s\n", status_name(status));
        status = apply_session_token(&pair.client, SSL_SESSION_DISABLE_RECONNECTS);
        ok(status == SEC_E_OK, "disable: %s\n", status_name(status));
        status = apply_session_token(&pair.server, SSL_SESSION_DISABLE_RECONNECTS);
        ok(status == SEC_E_OK, "server: %s\n", status_name(status));
        /* This finishes the handshake's connection. */
        connect_again(&pair);
        ok(!connect_again(&pair), "resumed\n");
        ok(connect_again(&pair) || broken(version == SIDE_TLS1_3), "not resumed any more\n");
    }
    pair_destroy(&pair);
}

START_TEST(schannel_session)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        if (!pair_supports(versions[i])) {
            win_skip("no %s\n", version_name(versions[i]));
            continue;
        }
        winetest_push_context("%s", version_name(versions[i]));
        tally("rule 8");
        test_rule8_resumption(versions[i]);
        tally(NULL);
        test_other_server(versions[i]);
        test_disabled_reconnects(versions[i]);
        tally("rule 11");
        test_rule11_session_token(versions[i]);
        winetest_pop_context();
    }
    tally("rule 7");
    test_rule7_no_resumption();
    tally_report();
}
