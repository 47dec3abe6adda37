/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sessions that are resumed: by whom, for whom, and how that is switched off.
 */
#include "kit/other.h"
#include "kit/pair.h"
#include "kit/secrets.h"
#include "kit/tally.h"
#include "kit/testcert.h"
#include "kit/wire.h"
#include "wine/test.h"

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

/* APP_DATA belongs to the context: each begins without, resumed or not, and leaves some behind. */
static void check_app_data(struct side *side)
{
    BYTE bytes[] = "left by another context";
    SecPkgContext_SessionAppData data = {0, sizeof(bytes), bytes}, found = {0};
    SECURITY_STATUS status;

    status = QueryContextAttributesW(&side->context, SECPKG_ATTR_APP_DATA, &found);
    ok((status == SEC_E_OK && !found.cbAppData) || broken(!winetest_platform_is_wine),
       "%s, %lu bytes\n", status_name(status), found.cbAppData);
    status = SetContextAttributesW(&side->context, SECPKG_ATTR_APP_DATA, &data, sizeof(data));
    ok(status == SEC_E_OK, "set: %s\n", status_name(status));
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
        for (i = 0; i < ARRAY_SIZE(sides); i++)
            check_app_data(sides[i]);
        side_shutdown(&pair->client);
    }
    for (i = 0; i < ARRAY_SIZE(sides); i++)
        side_disconnect(sides[i]);
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

/* A session whose server nobody has checked is not resumed by who checks, with one credential. */
static void test_checked(DWORD version)
{
    struct side_options client = {.protocols = version,
                                  .cred_flags = SCH_CRED_AUTO_CRED_VALIDATION,
                                  .flags = SIDE_CLIENT_FLAGS | ISC_REQ_MANUAL_CRED_VALIDATION};
    struct pair pair;

    if (pair_create(&pair, &client, NULL)) {
        connect_again(&pair);
        ok(connect_again(&pair) || broken(!winetest_platform_is_wine), "not resumed\n");
        pair.client.options.flags = SIDE_CLIENT_FLAGS;
        ok(!pair_handshake(&pair), "connected without a look at the certificate\n");
        ok(pair.client.status == SEC_E_UNTRUSTED_ROOT, "%s\n", status_name(pair.client.status));
    }
    pair_destroy(&pair);
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

#ifndef SECPKG_ATTR_SESSION_TICKET_KEYS
#define SECPKG_ATTR_SESSION_TICKET_KEYS 0x73
typedef struct {
    DWORD TicketInfoVersion;
    BYTE KeyId[16];
    BYTE KeyingMaterial[64];
    BYTE KeyingMaterialSize;
} SecPkgCred_SessionTicketKey;

typedef struct {
    DWORD cSessionTicketKeys;
    SecPkgCred_SessionTicketKey *pSessionTicketKeys;
} SecPkgCred_SessionTicketKeys;
#endif

static SECURITY_STATUS set_keys(CredHandle *credentials, SecPkgCred_SessionTicketKey *keys,
                                DWORD count, ULONG size)
{
    SecPkgCred_SessionTicketKeys data = {count, keys};

    return call_sized("SetCredentialsAttributesW", credentials, SECPKG_ATTR_SESSION_TICKET_KEYS,
                      &data, size);
}

static void random_key(SecPkgCred_SessionTicketKey *key)
{
    memset(key, 0, sizeof(*key));
    BCryptGenRandom(NULL, key->KeyId, sizeof(key->KeyId), BCRYPT_USE_SYSTEM_PREFERRED_RNG);
    BCryptGenRandom(NULL, key->KeyingMaterial, sizeof(key->KeyingMaterial),
                    BCRYPT_USE_SYSTEM_PREFERRED_RNG);
    key->KeyingMaterialSize = 32;
}

/* Programs that name no server do not get each other's sessions. */
static void test_no_name(DWORD version)
{
    struct pair pair;

    if (create_pair(&pair, version, 0)) {
        pair.client.options.target = L"";
        ok(!connect_again(&pair), "the first connection is resumed\n");
        ok(!connect_again(&pair), "resumed without a name\n");
        pair.client.options.target = L"localhost";
        ok(!connect_again(&pair), "resumed with a name, of one that had none\n");
        ok(connect_again(&pair) || broken(version == SIDE_TLS1_3), "not resumed with a name\n");
    }
    pair_destroy(&pair);
}

/* Two servers that share a key resume each other's sessions, also when it has become an old one. */
static void test_ticket_keys(DWORD version)
{
    const ULONG size = sizeof(SecPkgCred_SessionTicketKeys);
    SecPkgCred_SessionTicketKey keys[17];
    SECURITY_STATUS status;
    struct pair pair, other;

    if (!winetest_platform_is_wine)
        return;
    random_key(&keys[0]);
    random_key(&keys[1]);
    if (create_pair(&pair, version, 0) && create_pair(&other, version, 0)) {
        const CredHandle server = pair.server.credentials;

        status = set_keys(&pair.server.credentials, keys, 1, size);
        ok(status == SEC_E_OK, "first server: %s\n", status_name(status));
        /* What stands behind the material does not count. */
        keys[0].KeyingMaterial[40] ^= 1;
        status = set_keys(&other.server.credentials, keys, 1, size);
        ok(status == SEC_E_OK, "second server: %s\n", status_name(status));
        ok(!connect_again(&pair), "the first connection is resumed\n");
        pair.server.credentials = other.server.credentials;
        ok(connect_again(&pair), "not resumed by the server with the same key\n");

        /* A newer key in front. */
        keys[2] = keys[0];
        status = set_keys(&other.server.credentials, keys + 1, 2, size);
        ok(status == SEC_E_OK, "two keys: %s\n", status_name(status));
        ok(connect_again(&pair), "not resumed with the old key\n");
        status = set_keys(&other.server.credentials, keys + 1, 1, size);
        ok(status == SEC_E_OK, "the new key alone: %s\n", status_name(status));
        ok(!connect_again(&pair), "resumed although the old key is gone\n");
        pair.server.credentials = server;
    }
    pair_destroy(&pair);
    pair_destroy(&other);
}

/* A copy of a ticket key that the program gave is gone when the call returns. */
static void test_ticket_keys_wiped(void)
{
    SecPkgCred_SessionTicketKey keys[17];
    unsigned int before, after;
    SECURITY_STATUS status;
    struct secret secret;
    struct pair pair;

    if (!winetest_platform_is_wine || !create_pair(&pair, SIDE_TLS1_2, 0))
        return;
    random_key(&keys[0]);
    for (unsigned int i = 1; i < ARRAY_SIZE(keys); i++)
        keys[i] = keys[0];
    secret = secret_of(keys[0].KeyingMaterial, keys[0].KeyingMaterialSize);
    secret_clear_stack();
    before = secret_places(&secret);
    /* Of one more than there may be no copy is made at all. */
    status = set_keys(&pair.server.credentials, keys, ARRAY_SIZE(keys),
                      sizeof(SecPkgCred_SessionTicketKeys));
    after = secret_places(&secret);
    ok(status == SEC_E_INVALID_PARAMETER, "17 keys: %s\n", status_name(status));
    ok(after == before, "17 keys: one stands in %u places, before in %u\n", after, before);
    status = set_keys(&pair.server.credentials, keys, ARRAY_SIZE(keys) - 1,
                      sizeof(SecPkgCred_SessionTicketKeys));
    after = secret_places(&secret);
    ok(status == SEC_E_OK, "%s\n", status_name(status));
    /* GnuTLS's hash leaves one. */
    ok(after <= before + 1, "a ticket key stands in %u places, before in %u\n", after, before);
    SecureZeroMemory(keys, sizeof(keys));
    pair_destroy(&pair);
}

/* Of TLS 1.2: the ticket that the server's last flight begins with; NULL: none is there. */
static const BYTE *ticket_in(const BYTE *flight, DWORD size)
{
    const DWORD header = WIRE_HEADER_SIZE + 4 + 6; /* of record and message, lifetime and size */

    if (size < header + SECRET_MAX || flight[0] != WIRE_HANDSHAKE || flight[WIRE_HEADER_SIZE] != 4)
        return NULL;
    return flight + header;
}

/* What a session is resumed with is in the cache alone, and wiped when it leaves. The ticket tells
 * where it stands: it is a part of it. */
static void test_sessions_wiped(void)
{
    unsigned int cached, left;
    const BYTE *ticket = NULL;
    struct secret secret;
    struct pair pair;

    if (!winetest_platform_is_wine || !create_pair(&pair, SIDE_TLS1_2, 0))
        return;
    while (!ticket && side_leg(&pair.client) == SEC_I_CONTINUE_NEEDED) {
        side_leg(&pair.server);
        ticket = ticket_in(pair.client.inbox, pair.client.inbox_size);
    }
    ok(ticket != NULL, "no ticket: client %s, server %s\n", status_name(pair.client.status),
       status_name(pair.server.status));
    if (ticket) {
        secret = secret_of(ticket, SECRET_MAX);
        secret_clear_stack();
        ok(side_leg(&pair.client) == SEC_E_OK, "client %s\n", status_name(pair.client.status));
        cached = secret_places(&secret);
        secret_clear_stack();
        ok(secret_places(&secret) == cached, "the ticket is left on the stack\n");
        ok(cached > 0, "the ticket was not found\n");
        side_disconnect(&pair.client);
        cached = secret_places(&secret);
        FreeCredentialsHandle(&pair.client.credentials);
        pair.client.have_credentials = FALSE;
        left = secret_places(&secret);
        ok(left + 1 == cached, "the ticket stands in %u places, behind its credential in %u\n",
           cached, left);
    }
    pair_destroy(&pair);
}

/* The server's status in a connection of the client with this server, and whether it is resumed. */
static SECURITY_STATUS connect_with(struct pair *pair, const CredHandle *server, BOOL *resumed)
{
    const CredHandle own = pair->server.credentials;
    SECURITY_STATUS status;

    *resumed = FALSE;
    pair->server.credentials = *server;
    if (pair_handshake(pair)) {
        pair_exchange(&pair->client, &pair->server, 100);
        pair_exchange(&pair->server, &pair->client, 100);
        *resumed = is_resumed(pair);
    }
    status = pair->server.status;
    side_disconnect(&pair->client);
    side_disconnect(&pair->server);
    pair->server.credentials = own;
    return status;
}

/* Servers that share a key, and judge the client's certificate in one way or another: a ticket does
 * not get around the verdict. */
static void test_ticket_judgement(DWORD version)
{
    const DWORD judged = SCH_CRED_AUTO_CRED_VALIDATION;
    struct test_cert trusted, other, cert;
    struct test_cert_options options = {
        .type = TEST_KEY_ECDSA, .name = "Trusted by one", .uses = TEST_CERT_CA};
    const struct {
        const char *what;
        DWORD first_flags, flags;
        HCERTSTORE *first_roots, *roots;
        BOOL resumed;
        SECURITY_STATUS status;
    } cases[] = {
        {"alike", judged, judged, &trusted.store, &trusted.store, TRUE, SEC_E_OK},
        {"other roots", judged, judged, &trusted.store, &other.store, FALSE, SEC_E_UNTRUSTED_ROOT},
        {"with revocation", judged,
         judged | SCH_CRED_REVOCATION_CHECK_END_CERT | SCH_CRED_IGNORE_NO_REVOCATION_CHECK,
         &trusted.store, &trusted.store, FALSE, SEC_E_OK},
        {"neither judges", 0, 0, &trusted.store, &other.store, TRUE, SEC_E_OK},
        {"the second judges", 0, judged, &other.store, &other.store, FALSE, SEC_E_UNTRUSTED_ROOT},
        {"the first judges", judged, 0, &trusted.store, &trusted.store, FALSE, SEC_E_OK},
    };
    SecPkgCred_SessionTicketKey key;
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    random_key(&key);
    if (!test_cert_create(&options, &trusted))
        return;
    options.name = "Trusted by the other";
    if (!test_cert_create(&options, &other))
        return;
    options = (struct test_cert_options){.type = TEST_KEY_ECDSA,
                                         .name = "client.example",
                                         .uses = TEST_CERT_CLIENT,
                                         .issuer = &trusted};
    if (!test_cert_create(&options, &cert))
        return;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct side_options client = {.protocols = version, .certificates = {cert.context}};
        struct side_options server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)},
                                      .flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                      .cred_flags = cases[i].first_flags,
                                      .root_store = *cases[i].first_roots};
        SECURITY_STATUS status;
        struct pair pair;
        struct side second;
        BOOL resumed;

        winetest_push_context("%s", cases[i].what);
        if (pair_create(&pair, &client, &server)) {
            server.cred_flags = cases[i].flags;
            server.root_store = *cases[i].roots;
            status = side_acquire(&second, SIDE_SERVER, &server);
            ok(status == SEC_E_OK, "the second server: %s\n", status_name(status));
            set_keys(&pair.server.credentials, &key, 1, sizeof(SecPkgCred_SessionTicketKeys));
            set_keys(&second.credentials, &key, 1, sizeof(SecPkgCred_SessionTicketKeys));
            status = connect_with(&pair, &pair.server.credentials, &resumed);
            ok(status == SEC_E_OK && !resumed, "the first connection: %s, %d\n",
               status_name(status), resumed);
            status = connect_with(&pair, &second.credentials, &resumed);
            ok(status == cases[i].status, "%s, expected %s\n", status_name(status),
               status_name(cases[i].status));
            ok(resumed == cases[i].resumed, "resumed: %d\n", resumed);
            side_free(&second);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
    test_cert_free(&cert);
    test_cert_free(&other);
    test_cert_free(&trusted);
}

static void test_ticket_key_errors(void)
{
    const ULONG size = sizeof(SecPkgCred_SessionTicketKeys);
    SecPkgCred_SessionTicketKey keys[17];
    SecPkgCred_ClientCertPolicy policy = {0};
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    for (i = 0; i < ARRAY_SIZE(keys); i++)
        random_key(&keys[i]);
    if (create_pair(&pair, SIDE_TLS1_3, 0)) {
        CredHandle *server = &pair.server.credentials, *client = &pair.client.credentials;

        ok(set_keys(server, keys, 16, size) == SEC_E_OK, "16 keys\n");
        ok(set_keys(server, keys, 17, size) == SEC_E_INVALID_PARAMETER, "17 keys\n");
        ok(set_keys(server, keys, 0, size) == SEC_E_INVALID_PARAMETER, "no keys\n");
        ok(set_keys(server, NULL, 1, size) == SEC_E_INVALID_PARAMETER, "no array\n");
        ok(set_keys(server, keys, 1, size - 1) == SEC_E_BUFFER_TOO_SMALL, "too small\n");
        ok(set_keys(client, keys, 1, size) == SEC_E_UNSUPPORTED_FUNCTION, "a client\n");
        keys[0].KeyingMaterialSize = 31;
        ok(set_keys(server, keys, 1, size) == SEC_E_INVALID_PARAMETER, "31 bytes\n");
        keys[0].KeyingMaterialSize = 65;
        ok(set_keys(server, keys, 1, size) == SEC_E_INVALID_PARAMETER, "65 bytes\n");
        keys[0].KeyingMaterialSize = 64;
        keys[0].TicketInfoVersion = 1;
        ok(set_keys(server, keys, 1, size) == SEC_E_INVALID_PARAMETER, "version 1\n");

        status = call_sized("SetCredentialsAttributesA", client, SECPKG_ATTR_CLIENT_CERT_POLICY,
                            &policy, sizeof(policy));
        ok(status == SEC_E_UNSUPPORTED_FUNCTION, "a client's policy: %s\n", status_name(status));
        policy.pwszSslCtlStoreName = (WCHAR *)L"no such store";
        status = call_sized("SetCredentialsAttributesW", server, SECPKG_ATTR_CLIENT_CERT_POLICY,
                            &policy, sizeof(policy));
        ok(status == SEC_E_INVALID_PARAMETER, "no such store: %s\n", status_name(status));
        policy.pwszSslCtlStoreName = NULL;
        policy.pwszSslCtlIdentifier = (WCHAR *)L"list";
        status = call_sized("SetCredentialsAttributesW", server, SECPKG_ATTR_CLIENT_CERT_POLICY,
                            &policy, sizeof(policy));
        ok(status == SEC_E_UNSUPPORTED_FUNCTION, "a list: %s\n", status_name(status));
        policy.pwszSslCtlIdentifier = NULL;
        status = call_sized("SetCredentialsAttributesW", server, SECPKG_ATTR_CLIENT_CERT_POLICY,
                            &policy, sizeof(policy) - 1);
        ok(status == SEC_E_BUFFER_TOO_SMALL, "too small: %s\n", status_name(status));
        status = call_sized("SetCredentialsAttributesA", server, SECPKG_ATTR_CLIENT_CERT_POLICY,
                            &policy, sizeof(policy));
        ok(status == SEC_E_OK, "a policy: %s\n", status_name(status));
        status = call_sized("SetCredentialsAttributesW", server, SECPKG_ATTR_CLIENT_CERT_POLICY,
                            &policy, sizeof(policy));
        ok(status == SEC_E_UNSUPPORTED_FUNCTION, "another policy: %s\n", status_name(status));
        status = call_sized("SetCredentialsAttributesW", server, 0x7fff, &policy, sizeof(policy));
        ok(status == SEC_E_UNSUPPORTED_FUNCTION, "unknown: %s\n", status_name(status));
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

static void test_version(DWORD version)
{
    tally("rule 8");
    test_rule8_resumption(version);
    tally(NULL);
    test_other_server(version);
    test_no_name(version);
    test_ticket_keys(version);
    test_ticket_judgement(version);
    test_checked(version);
    test_disabled_reconnects(version);
    tally("rule 11");
    test_rule11_session_token(version);
}

START_TEST(schannel_credentials_cache)
{
    for_each_version(test_version);
    tally("rule 7");
    test_rule7_no_resumption();
    tally(NULL);
    test_ticket_key_errors();
    test_ticket_keys_wiped();
    test_sessions_wiped();
    tally_report();
}
