/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handshakes between two ends of the engine: versions and keys, ALPN, SNI, client certificates,
 * verdicts, choice of a key, and transports that come and go in small pieces.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "support.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};
static const uint32_t versions[] = {0x0303, 0x0304};

static tls_u64 client_credentials(uint32_t set)
{
    return credentials_new(TLS_CLIENT, NULL, 0, set, 0, 0, NULL);
}

static tls_u64 server_credentials(enum identity_kind kind, uint32_t set)
{
    return credentials_new(TLS_SERVER, &kind, 1, set, 0, 0, NULL);
}

static void release(struct pair *pair)
{
    credentials_delete(pair->client.credentials);
    credentials_delete(pair->server.credentials);
    pair_free(pair);
}

static void startup(void)
{
    struct tls_startup params = {.contract_version = TLS_CONTRACT_VERSION};

    engine_call(TLS_CALL_STARTUP, &params);
    check_equal(params.status, SEC_E_OK);
    check(params.gnutls_version[0] == '3', "version %s", params.gnutls_version);
    params.contract_version++;
    engine_call(TLS_CALL_STARTUP, &params);
    check_equal(params.status, SEC_E_SECPKG_NOT_FOUND);
}

static void versions_and_keys(void)
{
    static const uint32_t signatures[2][IDENTITY_COUNT] = {
        {0x0401, 0x0403, 0, 0, 0x0807, 0x0808, 0x0401},
        {0x0804, 0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804}};
    enum identity_kind kind;
    struct tls_info info;
    int i;

    for (i = 0; i < 2; i++) {
        for (kind = 0; kind < IDENTITY_COUNT; kind++) {
            struct pair pair = {0};

            pair.client.credentials = client_credentials(protocols[i]);
            pair.server.credentials = server_credentials(kind, BOTH);
            check(pair_run(&pair), "version %x key %d: client %x server %x", versions[i], kind,
                  pair.client.status, pair.server.status);
            info_get(pair.client.session, &info);
            check_equal(info.status, SEC_E_OK);
            check_equal(info.version, versions[i]);
            check(info.flags & TLS_INFO_HANDSHAKE_DONE, "flags %x", info.flags);
            check(info.cipher_suite == (i ? 0x1302u
                                        : kind == IDENTITY_RSA || kind == IDENTITY_OTHER_RSA
                                            ? 0xc030u
                                            : 0xc02cu),
                  "suite %x", info.cipher_suite);
            if (signatures[i][kind])
                check_equal(info.signature, signatures[i][kind]);
            check(info.group == 23 || info.group == 29, "group %u", info.group);
            check(info.exchange_bits == 256 || info.exchange_bits == 255, "bits %u",
                  info.exchange_bits);
            check_equal(info.key_index, -1);
            info_get(pair.server.session, &info);
            check_equal(info.key_index, 0);
            check(transfer(&pair.client, &pair.server, 1000), "to server");
            check(transfer(&pair.server, &pair.client, 16384), "to client");
            release(&pair);
        }
    }
}

/* Whether the buffer holds the identity's chain as TLS_CALL_PEER_CHAIN gives it. */
static bool chain_is(tls_u64 session, enum identity_kind kind)
{
    const struct identity *identity = identity_get(kind);
    struct tls_get_blob params = {.session = session};
    uint32_t size = identity->chain[0].size;
    uint8_t *buffer;
    bool result;

    engine_call(TLS_CALL_PEER_CHAIN, &params);
    if (params.status != SEC_E_BUFFER_TOO_SMALL ||
        params.size != 8 + size + identity->chain[1].size)
        return false;
    buffer = malloc(params.size);
    params.buffer = (tls_u64)(uintptr_t)buffer;
    params.buffer_size = params.size;
    engine_call(TLS_CALL_PEER_CHAIN, &params);
    result = params.status == SEC_E_OK && params.count == 2 && !memcmp(buffer, &size, 4) &&
             !memcmp(buffer + 4, identity->chain[0].data, size) &&
             !memcmp(buffer + 8 + size, identity->chain[1].data, identity->chain[1].size);
    free(buffer);
    return result;
}

static void peer_chain(void)
{
    int i;

    for (i = 0; i < 2; i++) {
        struct pair pair = {0};
        struct tls_get_blob params = {0};

        pair.client.credentials = client_credentials(protocols[i]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        check(pair_run(&pair), "handshake");
        check(chain_is(pair.client.session, IDENTITY_P256), "the server's chain");
        params.session = pair.server.session;
        engine_call(TLS_CALL_PEER_CHAIN, &params);
        check_equal(params.status, SEC_E_OK);
        check_equal(params.count, 0);
        check_equal(params.size, 0);
        release(&pair);
    }
}

static void verdict_accepted(void)
{
    int i;

    for (i = 0; i < 2; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i]);
        pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
        pair.client.flags = pair.server.flags = TLS_SESSION_VERIFY_PEER;
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        check_equal(pair.client.verdicts, 1);
        check_equal(pair.server.verdicts, 0);
        /* Nothing of ours but TLS 1.3's dummy ChangeCipherSpec may have left by then. */
        check_equal(pair.client.sent_at_verdict, i ? 6 : 0);
        check(transfer(&pair.client, &pair.server, 10), "data");
        release(&pair);
    }
}

/* The peer whose verdict is awaited says so again when it is called without one. */
static void verdict_pending(void)
{
    int i;

    for (i = 0; i < 2; i++) {
        struct pair pair = {0};
        struct tls_handshake params;

        pair.client.credentials = client_credentials(protocols[i]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair.client.flags = TLS_SESSION_VERIFY_PEER;
        pair.client.input = pair.server.output = &pair.to_client;
        pair.server.input = pair.client.output = &pair.to_server;
        peer_leg(&pair.client);
        peer_leg(&pair.server);
        memset(&params, 0, sizeof(params));
        params.session = pair.client.session;
        params.input = (tls_u64)(uintptr_t)pair.to_client.data;
        params.input_size = (uint32_t)pair.to_client.size;
        engine_call(TLS_CALL_HANDSHAKE, &params);
        check_equal(params.status, TLS_VERIFY_PEER);
        check(chain_is(pair.client.session, IDENTITY_P256), "the chain while waiting");
        queue_drop(&pair.to_client, params.consumed);

        params.input = (tls_u64)(uintptr_t)pair.to_client.data;
        params.input_size = (uint32_t)pair.to_client.size;
        engine_call(TLS_CALL_HANDSHAKE, &params);
        check_equal(params.status, TLS_VERIFY_PEER);
        queue_drop(&pair.to_client, params.consumed);
        release(&pair);
    }
}

static void verdict_rejected(void)
{
    static const struct {
        uint32_t alert;
        int32_t status;
    } rows[] = {{48, SEC_E_UNTRUSTED_ROOT},
                {45, SEC_E_CERT_EXPIRED},
                {42, SEC_E_CERT_UNKNOWN},
                {44, CRYPT_E_REVOKED},
                {46, SEC_E_CERT_UNKNOWN}};
    size_t j;
    int i;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            struct pair pair = {0};

            pair.client.credentials = client_credentials(protocols[i]);
            pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
            pair.client.flags = TLS_SESSION_VERIFY_PEER;
            pair.client.reject = rows[j].alert;
            check(!pair_run(&pair), "a rejected peer");
            check_equal(pair.client.status, SEC_E_CERT_UNKNOWN);
            check_equal(pair.client.last.alert, rows[j].alert);
            check_equal(pair.client.last.alert_level, 2);
            check_equal(pair.client.last.alert_received, 0);
            check_equal(pair.server.status, rows[j].status);
            check_equal(pair.server.last.alert, rows[j].alert);
            check_equal(pair.server.last.alert_received, 1);
            /* It stays failed. */
            peer_leg(&pair.client);
            check_equal(pair.client.status, SEC_E_CERT_UNKNOWN);
            release(&pair);
        }
    }
}

static void client_certificate(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P256, IDENTITY_P384,
                                               IDENTITY_ED25519};
    struct tls_info info;
    size_t j;
    int i;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < sizeof(kinds) / sizeof(kinds[0]); j++) {
            struct pair pair = {0};

            pair.client.credentials =
                credentials_new(TLS_CLIENT, &kinds[j], 1, protocols[i], 0, 0, NULL);
            pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
            pair.client.flags = TLS_SESSION_VERIFY_PEER;
            pair.server.flags = TLS_SESSION_VERIFY_PEER | TLS_SESSION_REQUEST_CERT;
            check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
            check_equal(pair.server.verdicts, 1);
            check_equal(pair.server.sent_at_verdict, 0);
            check(chain_is(pair.server.session, kinds[j]), "the client's chain");
            info_get(pair.client.session, &info);
            check_equal(info.key_index, 0);
            check(info.flags & TLS_INFO_CERT_REQUESTED, "flags %x", info.flags);
            check(transfer(&pair.server, &pair.client, 100), "data");
            release(&pair);
        }
    }
}

static void client_certificate_rejected(void)
{
    enum identity_kind kind = IDENTITY_P256;
    struct tls_decrypt params;
    int i;

    for (i = 0; i < 2; i++) {
        struct pair pair = {0};

        pair.client.credentials = credentials_new(TLS_CLIENT, &kind, 1, protocols[i], 0, 0, NULL);
        pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
        pair.server.flags = TLS_SESSION_VERIFY_PEER | TLS_SESSION_REQUEST_CERT;
        pair.server.reject = 48;
        check(!pair_run(&pair), "a rejected client");
        check_equal(pair.server.status, SEC_E_CERT_UNKNOWN);
        if (i) { /* in TLS 1.3 the client was done before */
            check_equal(pair.client.status, SEC_E_OK);
            check_equal(open_record(pair.client.session, &pair.to_client, NULL, &params),
                        SEC_E_UNTRUSTED_ROOT);
            check_equal(params.alert, 48);
        } else {
            check_equal(pair.client.status, SEC_E_UNTRUSTED_ROOT);
        }
        release(&pair);
    }
}

static void no_client_certificate(void)
{
    struct tls_get_blob chain = {0};
    struct tls_info info;
    int i;

    for (i = 0; i < 2; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i]);
        pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
        pair.server.flags = TLS_SESSION_VERIFY_PEER | TLS_SESSION_REQUEST_CERT;
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        check_equal(pair.server.verdicts, 0);
        info_get(pair.client.session, &info);
        check_equal(info.key_index, -1);
        check(info.flags & TLS_INFO_CERT_REQUESTED, "flags %x", info.flags);
        chain.session = pair.server.session;
        engine_call(TLS_CALL_PEER_CHAIN, &chain);
        check_equal(chain.status, SEC_E_OK);
        check_equal(chain.count, 0);
        release(&pair);
    }
}

/* A server with RSA and ECDSA side by side presents what the client can verify. */
static void server_key_choice(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P256, IDENTITY_ED25519};
    static const uint64_t disabled[] = {TLS_DISABLE_SIGN_ECDSA | TLS_DISABLE_SIGN_EDDSA,
                                        TLS_DISABLE_SIGN_RSA | TLS_DISABLE_SIGN_EDDSA,
                                        TLS_DISABLE_SIGN_RSA | TLS_DISABLE_SIGN_ECDSA};
    struct tls_info info;
    int i, j;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < 3; j++) {
            struct pair pair = {0};

            pair.client.credentials =
                credentials_new(TLS_CLIENT, NULL, 0, protocols[i], disabled[j], 0, NULL);
            pair.server.credentials = credentials_new(TLS_SERVER, kinds, 3, BOTH, 0, 0, NULL);
            check(pair_run(&pair), "%d/%d client %x server %x", i, j, pair.client.status,
                  pair.server.status);
            info_get(pair.server.session, &info);
            check_equal(info.key_index, j);
            check(chain_is(pair.client.session, kinds[j]), "chain");
            release(&pair);
        }
    }
}

static void client_key_choice(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_P256, IDENTITY_RSA};
    struct tls_info info;
    int i, j;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < 2; j++) {
            struct pair pair = {0};
            enum identity_kind server = j ? IDENTITY_OTHER_RSA : IDENTITY_P256;

            pair.client.credentials =
                credentials_new(TLS_CLIENT, kinds, 2, protocols[i], 0, 0, NULL);
            pair.server.credentials =
                credentials_new(TLS_SERVER, &server, 1, BOTH,
                                j ? TLS_DISABLE_SIGN_ECDSA : TLS_DISABLE_SIGN_RSA, 0, NULL);
            pair.server.flags = TLS_SESSION_REQUEST_CERT;
            check(pair_run(&pair), "%d/%d client %x server %x", i, j, pair.client.status,
                  pair.server.status);
            info_get(pair.client.session, &info);
            check_equal(info.key_index, j);
            check(chain_is(pair.server.session, kinds[j]), "chain");
            release(&pair);
        }
    }
}

/* Among equals the key below a CA that the server names is chosen; without any, the first will do.
 */
static void client_key_by_issuer(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P256, IDENTITY_OTHER_RSA};
    static const char *const priorities[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                             "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
    struct tls_info info;
    gnutls_x509_crt_t root;
    int i, j;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < 3; j++) {
            const struct identity *named = identity_get(j == 2 ? IDENTITY_OTHER_RSA : IDENTITY_RSA);
            struct queue up = {0}, down = {0};
            struct native native = {.input = &up, .output = &down};
            struct peer peer = {.input = &down, .output = &up};

            native_init(&native, GNUTLS_SERVER, priorities[i], identity_get(IDENTITY_P384));
            gnutls_certificate_server_set_request(native.tls, GNUTLS_CERT_REQUEST);
            gnutls_x509_crt_init(&root);
            gnutls_x509_crt_import(root, &named->chain[1], GNUTLS_X509_FMT_DER);
            gnutls_certificate_set_x509_trust(native.credentials, &root, 1);
            gnutls_x509_crt_deinit(root);
            /* j == 1: what it names belongs to none of ours. */
            peer.credentials =
                j == 1 ? credentials_new(TLS_CLIENT, kinds + 1, 1, protocols[i], 0, 0, NULL)
                       : credentials_new(TLS_CLIENT, kinds, 3, protocols[i], 0, 0, NULL);
            check(native_run(&native, &peer), "%x", peer.status);
            info_get(peer.session, &info);
            check_equal(info.key_index, j == 2 ? 2 : 0);
            peer_free(&peer);
            credentials_delete(peer.credentials);
            native_free(&native);
            queue_free(&up);
            queue_free(&down);
        }
    }
}

/* Nonsense and warnings between the messages of a handshake. */
static void interrupted(void)
{
    static const uint8_t warning[] = {21, 3, 3, 0, 2, 1, 112}, data[] = {23, 3, 3, 0, 1, 'x'};
    static const struct {
        const void *bytes;
        size_t size;
        int32_t status;
        uint32_t alert;
        bool received;
    } rows[] = {{"HTTP/1.1 400 Bad Request", 24, SEC_E_ILLEGAL_MESSAGE, 10, false},
                {"\x16\x03\x03\xff\xff", 5, SEC_E_ILLEGAL_MESSAGE, 22, false},
                {"\x16\x03", 2, SEC_E_INCOMPLETE_MESSAGE, TLS_NO_ALERT, false},
                {data, sizeof(data), SEC_E_ILLEGAL_MESSAGE, 10, false},
                {warning, sizeof(warning), SEC_I_CONTINUE_NEEDED, 112, true}};
    size_t j;
    int i;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            struct pair pair = {0};

            pair.client.credentials = client_credentials(protocols[i]);
            pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
            pair.client.input = pair.server.output = &pair.to_client;
            pair.server.input = pair.client.output = &pair.to_server;
            peer_leg(&pair.client);
            queue_drop(&pair.to_server, pair.to_server.size);
            queue_add(&pair.to_client, rows[j].bytes, rows[j].size);
            peer_leg(&pair.client);
            check(pair.client.status == rows[j].status, "row %zu: %x", j, pair.client.status);
            check(pair.client.last.alert == rows[j].alert, "row %zu: alert %u", j,
                  pair.client.last.alert);
            check_equal(pair.client.last.alert_received, rows[j].received);
            check_equal(pair.to_server.size,
                        rows[j].alert != TLS_NO_ALERT && !rows[j].received ? 7 : 0);
            release(&pair);
        }
    }
}

static void alpn(void)
{
    static const char client[] = "\2h2\10http/1.1", server[] = "\3foo\10http/1.1";
    struct tls_info info;
    int i;

    for (i = 0; i < 2; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair.client.alpn = client;
        pair.client.alpn_size = sizeof(client) - 1;
        pair.server.alpn = server;
        pair.server.alpn_size = sizeof(server) - 1;
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        info_get(pair.client.session, &info);
        check(info.alpn_size == 8 && !memcmp(info.alpn, "http/1.1", 8), "size %u", info.alpn_size);
        info_get(pair.server.session, &info);
        check(info.alpn_size == 8 && !memcmp(info.alpn, "http/1.1", 8), "size %u", info.alpn_size);
        release(&pair);
    }
}

static void alpn_mismatch(void)
{
    int i;

    for (i = 0; i < 2; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair.client.alpn = "\2h2";
        pair.client.alpn_size = 3;
        pair.server.alpn = "\3foo";
        pair.server.alpn_size = 4;
        check(!pair_run(&pair), "no common protocol");
        check_equal(pair.server.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
        check_equal(pair.server.last.alert, 120);
        check_equal(pair.server.session, 0);
        check_equal(pair.client.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
        check_equal(pair.client.last.alert_received, 1);
        release(&pair);
    }
}

/* One side that knows nothing of ALPN is no mismatch. */
static void alpn_one_sided(void)
{
    struct tls_info info;
    int i;

    for (i = 0; i < 4; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i & 1]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        if (i & 2) {
            pair.client.alpn = "\2h2";
            pair.client.alpn_size = 3;
        } else {
            pair.server.alpn = "\3foo";
            pair.server.alpn_size = 4;
        }
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        info_get(pair.client.session, &info);
        check_equal(info.alpn_size, 0);
        release(&pair);
    }
}

/* GnuTLS's limits: 31 bytes a name, of which the first 8 count. */
static void alpn_limits(void)
{
    tls_u64 credentials = client_credentials(BOTH);
    struct tls_handshake params;
    struct tls_free session = {0};
    uint8_t list[256];
    uint32_t length;

    for (length = 1; length < 64; length++) {
        list[0] = (uint8_t)length;
        memset(list + 1, 'x', length);
        memset(&params, 0, sizeof(params));
        params.credentials = credentials;
        params.alpn = (tls_u64)(uintptr_t)list;
        params.alpn_size = length + 1;
        engine_call(TLS_CALL_HANDSHAKE, &params);
        check(params.status == (length < 32 ? SEC_I_CONTINUE_NEEDED : SEC_E_INVALID_PARAMETER),
              "length %u: %x", length, params.status);
        session.object = params.session;
        engine_call(TLS_CALL_SESSION_FREE, &session);
    }
    memset(list, 1, 40); /* 20 names */
    memset(&params, 0, sizeof(params));
    params.credentials = credentials;
    params.alpn = (tls_u64)(uintptr_t)list;
    params.alpn_size = 40;
    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_I_CONTINUE_NEEDED);
    session.object = params.session;
    engine_call(TLS_CALL_SESSION_FREE, &session);
    credentials_delete(credentials);
}

static void server_name(void)
{
    static const char name[] = "xn--bcher-kva.example";
    struct tls_info info;
    int i;

    for (i = 0; i < 4; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i & 1]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair.client.server_name = i & 2 ? NULL : name;
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        info_get(pair.server.session, &info);
        if (i & 2)
            check_equal(info.server_name_size, 0);
        else
            check(info.server_name_size == strlen(name) &&
                      !memcmp(info.server_name, name, strlen(name)),
                  "server saw %.*s", (int)info.server_name_size, info.server_name);
        info_get(pair.client.session, &info);
        check_equal(info.server_name_size, i & 2 ? 0 : strlen(name));
        release(&pair);
    }
}

/* Output that does not fit is kept and fetched, whatever the capacity. */
static void small_outputs(void)
{
    static const size_t capacities[] = {1, 7, 100, 1000, SIZE_MAX};
    enum identity_kind kind = IDENTITY_P256;
    size_t j;
    int i;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < sizeof(capacities) / sizeof(capacities[0]); j++) {
            struct pair pair = {0};

            pair.client.credentials =
                credentials_new(TLS_CLIENT, &kind, 1, protocols[i], 0, 0, NULL);
            pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
            pair.server.flags = TLS_SESSION_REQUEST_CERT | TLS_SESSION_VERIFY_PEER;
            pair.client.flags = TLS_SESSION_VERIFY_PEER;
            pair.client.output_size = pair.server.output_size = capacities[j];
            check(pair_run(&pair), "capacity %zu: client %x server %x", capacities[j],
                  pair.client.status, pair.server.status);
            check(transfer(&pair.server, &pair.client, 1), "data");
            release(&pair);
        }
    }
}

/* Input that arrives in pieces of any size. */
static void small_inputs(void)
{
    static const size_t limits[] = {1, 2, 3, 5, 64, 333, 1000};
    size_t j;
    int i;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < sizeof(limits) / sizeof(limits[0]); j++) {
            struct pair pair = {0};

            pair.client.credentials = client_credentials(protocols[i]);
            pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
            pair.client.flags = TLS_SESSION_VERIFY_PEER;
            pair.client.input_limit = pair.server.input_limit = limits[j];
            check(pair_run(&pair), "limit %zu: client %x server %x", limits[j], pair.client.status,
                  pair.server.status);
            pair.client.input_limit = 0;
            check(transfer(&pair.server, &pair.client, 5000), "data");
            release(&pair);
        }
    }
}

/* A ClientHello cut at every offset makes no session and says how much is missing. */
static void incomplete_client_hello(void)
{
    struct pair pair = {0};
    struct tls_handshake params;
    size_t cut;

    pair.client.credentials = client_credentials(BOTH);
    pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
    pair.client.input = &pair.to_client;
    pair.client.output = &pair.to_server;
    peer_leg(&pair.client);
    for (cut = 0; cut < pair.to_server.size; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1), output[16];

        memcpy(copy, pair.to_server.data, cut);
        memset(&params, 0, sizeof(params));
        params.credentials = pair.server.credentials;
        params.input = (tls_u64)(uintptr_t)copy;
        params.input_size = (uint32_t)cut;
        params.output = (tls_u64)(uintptr_t)output;
        params.output_size = sizeof(output);
        engine_call(TLS_CALL_HANDSHAKE, &params);
        check(params.status == SEC_E_INCOMPLETE_MESSAGE && !params.session && !params.consumed &&
                  !params.written &&
                  params.missing == (cut < 5 ? 5 - cut : pair.to_server.size - cut),
              "cut %zu: status %x missing %u", cut, params.status, params.missing);
        free(copy);
    }
    release(&pair);
}

/* The same ClientHello with each byte or few in a record of its own. */
static void fragmented_client_hello(void)
{
    static const size_t sizes[] = {1, 2, 3, 4, 5, 50};
    size_t j, offset, part;

    for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
        struct pair pair = {0};
        struct queue whole = {0};

        pair.client.credentials = client_credentials(BOTH);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair.client.input = pair.server.output = &pair.to_client;
        pair.server.input = pair.client.output = &pair.to_server;
        peer_leg(&pair.client);
        queue_add(&whole, pair.to_server.data, pair.to_server.size);
        queue_drop(&pair.to_server, pair.to_server.size);
        for (offset = 5; offset < whole.size; offset += part) {
            uint8_t header[] = {22, 3, 1, 0, 0};

            part = whole.size - offset < sizes[j] ? whole.size - offset : sizes[j];
            header[4] = (uint8_t)part;
            queue_add(&pair.to_server, header, sizeof(header));
            queue_add(&pair.to_server, whole.data + offset, part);
            if (offset + part < whole.size) {
                peer_leg(&pair.server);
                if (pair.server.status != SEC_E_INCOMPLETE_MESSAGE || pair.server.session)
                    check(false, "after %zu: status %x", offset, pair.server.status);
            }
        }
        peer_leg(&pair.server);
        check_equal(pair.server.status, SEC_I_CONTINUE_NEEDED);
        queue_free(&whole);
        release(&pair);
    }
}

static void garbage(void)
{
    static const struct {
        const char *text;
        size_t size;
        uint32_t alert;
    } rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18, 10},
        {"G", 1, 10},
        {"\x80\x2e\x01\x03\x01", 5, 10},       /* SSLv2 */
        {"\x16\x02\x00\x00\x05hello", 10, 70}, /* no TLS version */
        {"\x16\x03\x01\xff\xff", 5, 22},       /* far too long */
        {"\x16\x03\x01\x40\x01", 5, 22},       /* one too long */
        {"\x16\x03\x01\x00\x00", 5, 10},       /* an empty fragment */
        {"\x16\x03\x01\x00\x04\x01\xff\xff\xff", 9, 50},
    };
    tls_u64 server = server_credentials(IDENTITY_P256, BOTH);
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tls_handshake params = {.credentials = server};
        uint8_t output[64];

        params.input = (tls_u64)(uintptr_t)rows[i].text;
        params.input_size = (uint32_t)rows[i].size;
        params.output = (tls_u64)(uintptr_t)output;
        params.output_size = sizeof(output);
        engine_call(TLS_CALL_HANDSHAKE, &params);
        check(params.status == SEC_E_ILLEGAL_MESSAGE, "row %zu: status %x", i, params.status);
        check(params.alert == rows[i].alert, "row %zu: alert %u", i, params.alert);
        check(params.written == 7 && output[0] == 21 && output[5] == 2 &&
                  output[6] == rows[i].alert,
              "row %zu: %u bytes", i, params.written);
        check_equal(params.session, 0);
    }
    credentials_delete(server);
}

/* With no room for the alert, the failed session stays until it was fetched. */
static void failure_without_room(void)
{
    tls_u64 server = server_credentials(IDENTITY_P256, BOTH);
    struct tls_handshake params = {.credentials = server};
    struct tls_take_output take = {0};
    struct tls_free release_params = {0};
    uint8_t output[16];

    params.input = (tls_u64)(uintptr_t) "nonsense";
    params.input_size = 8;
    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_E_ILLEGAL_MESSAGE);
    check_equal(params.pending, 7);
    check(params.session != 0, "the session holds the alert");
    take.session = params.session;
    take.output = (tls_u64)(uintptr_t)output;
    take.output_size = sizeof(output);
    engine_call(TLS_CALL_TAKE_OUTPUT, &take);
    check_equal(take.written, 7);
    check_equal(take.pending, 0);
    check_equal(output[0], 21);
    release_params.object = params.session;
    engine_call(TLS_CALL_SESSION_FREE, &release_params);
    credentials_delete(server);
}

static void no_common_ground(void)
{
    struct pair version = {0}, suite = {0};
    enum identity_kind kind = IDENTITY_P256;

    version.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
    version.server.credentials = server_credentials(IDENTITY_P256, TLS_PROTOCOL_TLS1_3);
    check(!pair_run(&version), "versions");
    check_equal(version.server.status, SEC_E_UNSUPPORTED_FUNCTION);
    check_equal(version.client.status, SEC_E_UNSUPPORTED_FUNCTION);
    check_equal(version.client.last.alert, 70);
    release(&version);

    memset(&version, 0, sizeof(version));
    version.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_3);
    version.server.credentials = server_credentials(IDENTITY_P256, TLS_PROTOCOL_TLS1_2);
    check(!pair_run(&version), "versions");
    check_equal(version.server.status, SEC_E_UNSUPPORTED_FUNCTION);
    check_equal(version.client.status, SEC_E_UNSUPPORTED_FUNCTION);
    release(&version);

    suite.client.credentials = credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_3,
                                               ~(uint64_t)TLS_DISABLE_AES_128_GCM & 0x3f, 0, NULL);
    suite.server.credentials = credentials_new(TLS_SERVER, &kind, 1, TLS_PROTOCOL_TLS1_3,
                                               TLS_DISABLE_AES_128_GCM, 0, NULL);
    check(!pair_run(&suite), "suites");
    check_equal(suite.server.status, SEC_E_ALGORITHM_MISMATCH);
    check(suite.client.status == SEC_E_ILLEGAL_MESSAGE ||
              suite.client.status == SEC_E_ALGORITHM_MISMATCH,
          "client %x", suite.client.status);
    release(&suite);
}

/* Every disabled algorithm is really gone, and what is left still works. */
static void disabled_algorithms(void)
{
    static const struct {
        uint64_t disabled;
        uint32_t protocols, suite, group;
    } rows[] = {
        {TLS_DISABLE_AES_256_GCM, TLS_PROTOCOL_TLS1_3, 0x1301, 0},
        {TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_128_GCM, TLS_PROTOCOL_TLS1_3, 0x1303, 0},
        {TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_128_GCM | TLS_DISABLE_CHACHA20_POLY1305,
         TLS_PROTOCOL_TLS1_3, 0x1304, 0},
        {TLS_DISABLE_AES_256_GCM, TLS_PROTOCOL_TLS1_2, 0xc02f, 0},
        {TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_128_GCM, TLS_PROTOCOL_TLS1_2, 0xcca8, 0},
        {0x7, TLS_PROTOCOL_TLS1_2, 0xc014, 0},
        {0x7 | TLS_DISABLE_AES_256_CBC, TLS_PROTOCOL_TLS1_2, 0xc013, 0},
        {TLS_DISABLE_KX_ECDHE, TLS_PROTOCOL_TLS1_2, 0x9d, 0},
        {TLS_DISABLE_KX_ECDHE | TLS_DISABLE_KX_RSA, TLS_PROTOCOL_TLS1_2, 0x9f, 256},
        {TLS_DISABLE_GROUP_SECP256R1, TLS_PROTOCOL_TLS1_3, 0x1302, 29},
        {TLS_DISABLE_GROUP_X25519, TLS_PROTOCOL_TLS1_3, 0x1302, 23},
        {TLS_DISABLE_GROUP_X25519 | TLS_DISABLE_GROUP_SECP256R1, TLS_PROTOCOL_TLS1_3, 0x1302, 24},
        {TLS_DISABLE_MAC_SHA1 | TLS_DISABLE_MAC_SHA256 | TLS_DISABLE_MAC_SHA384,
         TLS_PROTOCOL_TLS1_2, 0xc030, 0},
        {TLS_DISABLE_HASH_SHA256, TLS_PROTOCOL_TLS1_3, 0x1302, 0},
    };
    struct tls_info info;
    int32_t status;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pair pair = {0};

        pair.client.credentials =
            credentials_new(TLS_CLIENT, NULL, 0, rows[i].protocols, rows[i].disabled, 0, &status);
        check_equal(status, SEC_E_OK);
        pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
        check(pair_run(&pair), "row %zu: client %x server %x", i, pair.client.status,
              pair.server.status);
        info_get(pair.client.session, &info);
        check(info.cipher_suite == rows[i].suite, "row %zu: suite %x", i, info.cipher_suite);
        if (rows[i].group)
            check(info.group == rows[i].group, "row %zu: group %u", i, info.group);
        check(info.exchange_bits >= (rows[i].suite == 0x9d ? 2048 : 250), "row %zu: bits %u", i,
              info.exchange_bits);
        check(transfer(&pair.client, &pair.server, 777), "row %zu: to server", i);
        check(transfer(&pair.server, &pair.client, 1), "row %zu: to client", i);
        release(&pair);
    }
}

static void bad_credentials(void)
{
    const struct identity *rsa = identity_get(IDENTITY_RSA),
                          *other = identity_get(IDENTITY_OTHER_RSA);
    struct tls_blob chain = {(tls_u64)(uintptr_t)rsa->chain[0].data, rsa->chain[0].size, 0};
    struct tls_key keys[2] = {{.chain = (tls_u64)(uintptr_t)&chain, .chain_count = 1}};
    struct tls_credentials_create params = {
        .keys = (tls_u64)(uintptr_t)keys, .key_count = 2, .role = TLS_SERVER, .protocols = BOTH};
    int32_t status;

    keys[0].key.data = (tls_u64)(uintptr_t)rsa->key.data;
    keys[0].key.size = rsa->key.size;
    keys[1] = keys[0];
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_OK);
    credentials_delete(params.credentials);

    keys[1].key.data = (tls_u64)(uintptr_t)other->key.data;
    keys[1].key.size = other->key.size;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);
    check_equal(params.failed_key, 1);
    check_equal(params.credentials, 0);

    keys[1] = keys[0];
    keys[1].key.size--;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);
    chain.size = 10;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);
    check_equal(params.failed_key, 0);
    keys[0].chain_count = 17;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);
    params.key_count = 0;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);

    credentials_new(TLS_CLIENT, NULL, 0, 0, 0, 0, &status);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    credentials_new(TLS_CLIENT, NULL, 0, BOTH, 0x7f, 0, &status);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    /* CBC without a MAC is nothing. */
    credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_2,
                    0x7 | TLS_DISABLE_AES_CCM | TLS_DISABLE_MAC_SHA1 | TLS_DISABLE_MAC_SHA256 |
                        TLS_DISABLE_MAC_SHA384,
                    0, &status);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    credentials_new((enum tls_role)2, NULL, 0, BOTH, 0, 0, &status);
    check_equal(status, SEC_E_INVALID_PARAMETER);
}

static void bad_parameters(void)
{
    tls_u64 client = client_credentials(BOTH);
    struct tls_handshake params = {0};

    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_E_INVALID_HANDLE);

    params.credentials = client;
    params.action = TLS_ACTION_VERDICT;
    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_E_INVALID_HANDLE);

    params.action = TLS_ACTION_HANDSHAKE;
    params.alpn = (tls_u64)(uintptr_t) "\5h2";
    params.alpn_size = 3;
    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_E_INVALID_PARAMETER);
    check_equal(params.session, 0);

    params.alpn = 0;
    params.server_name = (tls_u64)(uintptr_t) "a\0b";
    params.server_name_size = 3;
    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_E_INVALID_PARAMETER);
    check_equal(params.session, 0);
    credentials_delete(client);
}

/* Credentials go while a session still uses them. */
static void credentials_outlived(void)
{
    struct pair pair = {0};

    pair.client.credentials = client_credentials(BOTH);
    pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
    pair.client.input = pair.server.output = &pair.to_client;
    pair.server.input = pair.client.output = &pair.to_server;
    peer_leg(&pair.client);
    peer_leg(&pair.server);
    credentials_delete(pair.client.credentials);
    credentials_delete(pair.server.credentials);
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_OK);
    peer_leg(&pair.server);
    check_equal(pair.server.status, SEC_E_OK);
    check(transfer(&pair.client, &pair.server, 10), "data");
    pair_free(&pair);
}

int main(void)
{
    RUN(startup);
    RUN(versions_and_keys);
    RUN(peer_chain);
    RUN(verdict_accepted);
    RUN(verdict_pending);
    RUN(verdict_rejected);
    RUN(client_certificate);
    RUN(client_certificate_rejected);
    RUN(no_client_certificate);
    RUN(server_key_choice);
    RUN(client_key_choice);
    RUN(client_key_by_issuer);
    RUN(interrupted);
    RUN(alpn);
    RUN(alpn_mismatch);
    RUN(alpn_one_sided);
    RUN(alpn_limits);
    RUN(server_name);
    RUN(small_outputs);
    RUN(small_inputs);
    RUN(incomplete_client_hello);
    RUN(fragmented_client_hello);
    RUN(garbage);
    RUN(failure_without_room);
    RUN(no_common_ground);
    RUN(disabled_algorithms);
    RUN(bad_credentials);
    RUN(bad_parameters);
    RUN(credentials_outlived);
    identities_free();
    return check_summary();
}
