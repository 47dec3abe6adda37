/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handshakes between two ends of the engine: versions and keys, the chain and the verdict on it,
 * client certificates, and the choice among several keys.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/check.h"
#include "kit/support.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};
static const uint32_t versions[] = {0x0303, 0x0304};

static void startup(void)
{
    struct tls_startup params = {.contract_version = TLS_CONTRACT_VERSION};

    engine_call(TLS_CALL_STARTUP, &params);
    check_equal(params.status, SEC_E_OK);
    check(params.gnutls_version[0] == '3', "version %s", params.gnutls_version);
    check(!access(params.library, R_OK), "library %s", params.library);
    params.contract_version++;
    params.library[0] = 0;
    engine_call(TLS_CALL_STARTUP, &params);
    check_equal(params.status, SEC_E_SECPKG_NOT_FOUND);
    check(!params.library[0], "another contract may have no room for a name");
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
            pair_release(&pair);
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
        pair_release(&pair);
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
        pair_release(&pair);
    }
}

/* A verdict that nobody has asked for is none, and does not count later. */
static void verdict_unasked(void)
{
    for (int i = 0; i < 2; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair.client.flags = TLS_SESSION_VERIFY_PEER;
        pair_join(&pair);
        peer_leg(&pair.client);
        check_equal(peer_action(&pair.client, TLS_ACTION_VERDICT, 0, 0), SEC_E_INVALID_PARAMETER);
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        check_equal(pair.client.verdicts, 1);
        pair_release(&pair);
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
        pair_join(&pair);
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
        pair_release(&pair);
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
            pair_release(&pair);
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
            pair_release(&pair);
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
        pair_release(&pair);
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
        pair_release(&pair);
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
            pair_release(&pair);
        }
    }
}

/* A signature algorithm of ECDSA names the curve as well in TLS 1.3; before that a suite names the
 * kind of signature. */
static void server_key_for_client(void)
{
    static const struct {
        enum identity_kind kinds[2];
        const char *priority;
        int32_t key;
    } rows[] = {
        {{IDENTITY_P384, IDENTITY_P256},
         "NORMAL:-VERS-ALL:+VERS-TLS1.3:-SIGN-ALL:+SIGN-ECDSA-SECP384R1-SHA384",
         0},
        {{IDENTITY_P384, IDENTITY_P256},
         "NORMAL:-VERS-ALL:+VERS-TLS1.3:-SIGN-ALL:+SIGN-ECDSA-SECP256R1-SHA256",
         1},
        {{IDENTITY_P256, IDENTITY_RSA},
         "NORMAL:-VERS-ALL:+VERS-TLS1.2:-ECDHE-RSA:-DHE-RSA:-RSA",
         0},
        {{IDENTITY_P256, IDENTITY_RSA}, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-ECDHE-ECDSA", 1},
    };
    struct tls_info info;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct queue up = {0}, down = {0};
        struct native native = {.input = &down, .output = &up};
        struct peer peer = {.credentials =
                                credentials_new(TLS_SERVER, rows[i].kinds, 2, BOTH, 0, 0, NULL),
                            .input = &up,
                            .output = &down};

        native_init(&native, GNUTLS_CLIENT, rows[i].priority, NULL);
        check(native_run(&native, &peer), "row %zu: %x", i, peer.status);
        info_get(peer.session, &info);
        check_equal(info.key_index, rows[i].key);
        peer_free(&peer);
        native_free(&native);
        queue_free(&up);
        queue_free(&down);
        credentials_delete(peer.credentials);
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
            pair_release(&pair);
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

/* Credentials go while a session still uses them. */
static void credentials_outlived(void)
{
    struct pair pair = {0};

    pair.client.credentials = client_credentials(BOTH);
    pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
    pair_join(&pair);
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

/* Puts the handshake records of a queue into records of at most `most` bytes. */
static void fragment(struct queue *queue, size_t most)
{
    struct queue result = {0};
    size_t at = 0;

    while (at + 5 <= queue->size) {
        const size_t size = (size_t)queue->data[at + 3] << 8 | queue->data[at + 4];

        for (size_t done = 0; done < size;) {
            const size_t part = size - done < most ? size - done : most;
            const uint8_t length[2] = {(uint8_t)(part >> 8), (uint8_t)part};

            queue_add(&result, queue->data + at, 3);
            queue_add(&result, length, 2);
            queue_add(&result, queue->data + at + 5 + done, part);
            done += part;
        }
        at += 5 + size;
    }
    queue_free(queue);
    *queue = result;
}

/* A leg goes on as far as whole records reach, wherever messages begin and end in them. */
static void many_small_records(void)
{
    static const size_t sizes[] = {1, 7, 100, 512};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
        pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
        pair_join(&pair);
        peer_leg(&pair.client);
        peer_leg(&pair.server);
        fragment(&pair.to_client, sizes[i]);
        peer_leg(&pair.client);
        check_equal(pair.client.status, SEC_I_CONTINUE_NEEDED);
        check_equal(pair.client.legs, 2);
        check_equal(pair.to_client.size, 0);
        check(pair.to_server.size > 0, "records of %zu bytes: the client answers", sizes[i]);
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        pair_release(&pair);
    }
}

/* A TLS 1.3 client that refuses us has no key to say so with. */
static void refused_in_the_clear(void)
{
    static const uint8_t change[] = {20, 3, 3, 0, 1, 1}, unknown_ca[] = {21, 3, 3, 0, 2, 2, 48};

    for (int with_change = 0; with_change < 2; with_change++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_3);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair_join(&pair);
        peer_leg(&pair.client);
        peer_leg(&pair.server);
        check_equal(pair.server.status, SEC_I_CONTINUE_NEEDED);
        queue_drop(&pair.to_client, pair.to_client.size);
        if (with_change)
            queue_add(&pair.to_server, change, sizeof(change));
        queue_add(&pair.to_server, unknown_ca, sizeof(unknown_ca));
        peer_leg(&pair.server);
        check_equal(pair.server.status, SEC_E_UNTRUSTED_ROOT);
        check_equal(pair.server.last.alert, 48);
        check_equal(pair.server.last.alert_received, 1);
        check_equal(pair.to_client.size, 0);
        pair_release(&pair);
    }
}

/* The same on the way to a client, which is nobody's right: whoever sent it has no key. */
static void not_refused_in_the_clear(void)
{
    static const uint8_t unknown_ca[] = {21, 3, 3, 0, 2, 2, 48};
    struct pair pair = {0};

    pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_3);
    pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
    pair_join(&pair);
    peer_leg(&pair.client);
    peer_leg(&pair.server);
    /* The ServerHello alone. */
    pair.to_client.size = 5u + (size_t)(pair.to_client.data[3] << 8 | pair.to_client.data[4]);
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_I_CONTINUE_NEEDED);
    check_equal(pair.to_client.size, 0);
    queue_add(&pair.to_client, unknown_ca, sizeof(unknown_ca));
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_MESSAGE_ALTERED);
    check_equal(pair.client.last.alert, 20);
    check_equal(pair.client.last.alert_received, 0);
    pair_release(&pair);
}

/* Some warnings between messages are none of a handshake's business, a stream of them is. */
static void warnings_without_end(void)
{
    static const uint8_t warning[] = {21, 3, 3, 0, 2, 1, 112};

    for (int many = 0; many < 2; many++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
        pair.client.input = &pair.to_client;
        pair.client.output = &pair.to_server;
        peer_leg(&pair.client);
        for (int i = 0; i < (many ? 16 : 15); i++)
            queue_add(&pair.to_client, warning, sizeof(warning));
        peer_leg(&pair.client);
        check(many ? pair.client.status < 0 : pair.client.status == SEC_I_CONTINUE_NEEDED,
              "status %x", pair.client.status);
        pair_release(&pair);
    }
}

int main(void)
{
    RUN(startup);
    RUN(versions_and_keys);
    RUN(peer_chain);
    RUN(verdict_accepted);
    RUN(verdict_unasked);
    RUN(verdict_pending);
    RUN(verdict_rejected);
    RUN(client_certificate);
    RUN(client_certificate_rejected);
    RUN(no_client_certificate);
    RUN(server_key_choice);
    RUN(server_key_for_client);
    RUN(client_key_choice);
    RUN(client_key_by_issuer);
    RUN(credentials_outlived);
    RUN(many_small_records);
    RUN(refused_in_the_clear);
    RUN(not_refused_in_the_clear);
    RUN(warnings_without_end);
    identities_free();
    return check_summary();
}
