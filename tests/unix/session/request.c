/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server's request for a client certificate when the client has none: the handshake stops, tells
 * whom the server trusts, and goes on with other credentials or without. In the first handshake, in
 * a renegotiation, and after the handshake in TLS 1.3; with the engine and GnuTLS as servers.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)
#define ASK  (TLS_SESSION_ASK_CREDENTIALS | TLS_SESSION_LATER_REQUEST)

static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};

struct setup {
    struct pair pair;
    tls_u64 found; /* what the client finds when it is asked */
};

static void begin(struct setup *setup, uint32_t protocol, uint32_t client_flags,
                  uint32_t server_flags)
{
    const enum identity_kind server = IDENTITY_RSA, client = IDENTITY_P256;
    const struct identity *root = identity_get(IDENTITY_P256),
                          *other = identity_get(IDENTITY_OTHER_RSA);
    struct tls_blob issuers[2] = {
        {(tls_u64)(uintptr_t)root->chain[1].data, root->chain[1].size, 0},
        {(tls_u64)(uintptr_t)other->chain[1].data, other->chain[1].size, 0}};
    struct tls_set_issuers set = {.issuers = (tls_u64)(uintptr_t)issuers, .count = 2};

    memset(setup, 0, sizeof(*setup));
    setup->pair.client.credentials = credentials_new(TLS_CLIENT, NULL, 0, protocol, 0, 0, NULL);
    setup->pair.server.credentials = credentials_new(TLS_SERVER, &server, 1, BOTH, 0, 0, NULL);
    setup->found = credentials_new(TLS_CLIENT, &client, 1, BOTH, 0, 0, NULL);
    set.credentials = setup->pair.server.credentials;
    engine_call(TLS_CALL_SET_ISSUERS, &set);
    check_equal(set.status, SEC_E_OK);
    setup->pair.client.flags = client_flags | TLS_SESSION_VERIFY_PEER;
    setup->pair.server.flags = server_flags | TLS_SESSION_VERIFY_PEER;
}

static void end(struct setup *setup)
{
    credentials_delete(setup->found);
    pair_release(&setup->pair);
}

/* The two names the server was given, in its order. */
static void check_issuers(tls_u64 session)
{
    static const enum identity_kind kinds[] = {IDENTITY_P256, IDENTITY_OTHER_RSA};
    struct tls_get_blob params = {.session = session};
    uint8_t buffer[4096];
    size_t offset = 0;
    uint32_t i, size;

    engine_call(TLS_CALL_ISSUERS, &params);
    check_equal(params.status, SEC_E_BUFFER_TOO_SMALL);
    params.buffer = (tls_u64)(uintptr_t)buffer;
    params.buffer_size = sizeof(buffer);
    engine_call(TLS_CALL_ISSUERS, &params);
    check_equal(params.status, SEC_E_OK);
    check_equal(params.count, 2);
    for (i = 0; i < 2 && i < params.count; i++) {
        const struct identity *identity = identity_get(kinds[i]);
        gnutls_datum_t name;
        gnutls_x509_crt_t root;

        gnutls_x509_crt_init(&root);
        gnutls_x509_crt_import(root, &identity->chain[1], GNUTLS_X509_FMT_DER);
        gnutls_x509_crt_get_raw_dn(root, &name);
        memcpy(&size, buffer + offset, sizeof(size));
        check(size == name.size && !memcmp(buffer + offset + 4, name.data, size), "name %u", i);
        offset += 4 + size;
        gnutls_free(name.data);
        gnutls_x509_crt_deinit(root);
    }
}

/* The client's leg that stops, and the one that goes on. */
static void answer(struct setup *setup, bool with_certificate)
{
    struct peer *client = &setup->pair.client;
    tls_u64 before = client->credentials;

    check_equal(client->status, SEC_I_INCOMPLETE_CREDENTIALS);
    check_issuers(client->session);
    check_equal(setup->pair.to_server.size, 0);
    if (with_certificate)
        client->credentials = setup->found;
    peer_leg(client);
    /* The verdict may have come in between. */
    check(client->last.credentials_taken == with_certificate || client->last.action, "not taken");
    client->credentials = before;
}

static void first_handshake(void)
{
    struct setup setup;
    struct pair *pair = &setup.pair;
    int version, found, pieces;

    for (version = 0; version < 2; version++) {
        for (found = 0; found < 2; found++) {
            for (pieces = 0; pieces < 2; pieces++) {
                begin(&setup, protocols[version], ASK, TLS_SESSION_REQUEST_CERT);
                pair->client.input_limit = pieces ? 211 : 0;
                check(!pair_run(pair), "not asked");
                pair->client.input_limit = 0;
                answer(&setup, found);
                check(pair_run(pair), "client %x server %x", pair->client.status,
                      pair->server.status);
                check_equal(chain_length(pair->server.session), found ? 2 : 0);
                check_equal(pair->client.verdicts, 1);
                check(transfer(&pair->client, &pair->server, 100) &&
                          transfer(&pair->server, &pair->client, 100),
                      "data");
                end(&setup);
            }
        }
    }
}

/* Where a message of this type begins in records that are not protected, behind its header. */
static uint8_t *find_message(struct queue *queue, uint8_t type)
{
    for (size_t at = 0; at + 9 < queue->size;) {
        const size_t end = at + 5 + (size_t)(queue->data[at + 3] << 8 | queue->data[at + 4]);

        for (at += 5; at + 4 <= end && queue->data[at] != type;)
            at += 4 + (size_t)(queue->data[at + 2] << 8 | queue->data[at + 3]);
        if (at + 4 <= end)
            return queue->data + at + 4;
        at = end;
    }
    return NULL;
}

/* The first name goes on behind the end of the request, which GnuTLS has not seen yet. */
static void name_behind_the_end(void)
{
    struct setup setup;
    struct pair *pair = &setup.pair;
    struct queue names = {0};
    uint8_t *request;

    begin(&setup, TLS_PROTOCOL_TLS1_2, ASK, TLS_SESSION_REQUEST_CERT);
    pair_join(pair);
    peer_leg(&pair->client);
    peer_leg(&pair->server);
    request = find_message(&pair->to_client, 13);
    if (check(request != NULL, "no request")) {
        request += 1 + request[0];                             /* types */
        request += 2 + (size_t)(request[0] << 8 | request[1]); /* algorithms */
        memset(request + 2, 0xff, 2);
    }
    peer_leg(&pair->client);
    check_equal(pair->client.status, SEC_I_INCOMPLETE_CREDENTIALS);
    check_equal(blob_get(TLS_CALL_ISSUERS, pair->client.session, 0, &names), SEC_E_OK);
    check_equal(names.size, 0);
    queue_free(&names);
    end(&setup);
}

/* A record of a renegotiation that is looked into is shorter than what protects it. */
static void short_record(void)
{
    static const uint8_t record[] = {22, 3, 3, 0, 3, 1, 2, 3};
    struct tls_decrypt params;
    struct setup setup;
    struct pair *pair = &setup.pair;

    begin(&setup, TLS_PROTOCOL_TLS1_2, ASK, 0);
    check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
    check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
    check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params),
                SEC_I_RENEGOTIATE);
    peer_leg(&pair->client);
    check_equal(pair->client.status, SEC_I_CONTINUE_NEEDED);
    queue_drop(&pair->to_client, pair->to_client.size);
    queue_add(&pair->to_client, record, sizeof(record));
    peer_leg(&pair->client);
    check(pair->client.status < 0, "status %x", pair->client.status);
    end(&setup);
}

/* Clients that do not want to be asked, that have a certificate, and servers that do not ask. */
static void not_stopped(void)
{
    struct setup setup;
    struct pair *pair = &setup.pair;
    struct tls_get_blob issuers;
    int version, way;

    for (version = 0; version < 2; version++) {
        for (way = 0; way < 3; way++) {
            begin(&setup, protocols[version], way == 0 ? 0 : ASK,
                  way == 2 ? 0 : TLS_SESSION_REQUEST_CERT);
            if (way == 1) {
                credentials_delete(pair->client.credentials);
                pair->client.credentials = setup.found;
                setup.found = credentials_new(TLS_CLIENT, NULL, 0, BOTH, 0, 0, NULL);
            }
            check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
            check_equal(chain_length(pair->server.session), way == 1 ? 2 : 0);
            if (way == 2) {
                issuers = (struct tls_get_blob){.session = pair->client.session};
                engine_call(TLS_CALL_ISSUERS, &issuers);
                check_equal(issuers.status, SEC_E_UNSUPPORTED_FUNCTION);
            } else {
                check_issuers(pair->client.session);
            }
            end(&setup);
        }
    }
}

static void settle(struct pair *pair)
{
    int turns;

    for (turns = 0; turns < 20 && !(pair->client.status == SEC_I_INCOMPLETE_CREDENTIALS); turns++) {
        if (pair->to_client.size)
            peer_leg(&pair->client);
        if (pair->to_server.size)
            peer_leg(&pair->server);
        if (!pair->to_client.size && !pair->to_server.size)
            break;
    }
}

/* Asked for in a renegotiation, or after the handshake of TLS 1.3. */
static void later(void)
{
    struct tls_decrypt params;
    struct setup setup;
    struct pair *pair = &setup.pair;
    int version, found, flow;

    for (version = 0; version < 2; version++) {
        for (found = 0; found < 2; found++) {
            begin(&setup, protocols[version], ASK, 0);
            check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
            check(transfer(&pair->server, &pair->client, 10), "data before");
            pair->server.flags |= TLS_SESSION_REQUEST_CERT;
            check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
            for (flow = 0; flow < 2; flow++)
                check(transfer(&pair->client, &pair->server, 50), "data meanwhile");
            check_equal(seal_record(pair->server.session, "more", 4, &pair->to_client, 0),
                        SEC_E_OK);
            check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params),
                        SEC_I_RENEGOTIATE);
            peer_leg(&pair->client);
            if (version == 0) {
                check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params),
                            SEC_E_OK);
                settle(pair);
            }
            answer(&setup, found);
            if (version == 1)
                check_equal(pair->client.status, SEC_E_OK);
            settle(pair);
            check_equal(pair->client.status, SEC_E_OK);
            check_equal(pair->server.status, SEC_E_OK);
            check_equal(pair->server.last.renewed, 1);
            check_equal(chain_length(pair->server.session), found ? 2 : 0);
            check_equal(pair->server.verdicts, found);
            if (version == 1)
                check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params),
                            SEC_E_OK);
            check(transfer(&pair->client, &pair->server, 100) &&
                      transfer(&pair->server, &pair->client, 100),
                  "data");
            end(&setup);
        }
    }
}

/* What the client finds is a certificate whose key stays with the caller. */
static void key_that_stays(void)
{
    const enum identity_kind kind = IDENTITY_P256;
    struct setup setup;
    struct pair *pair = &setup.pair;
    int way;

    for (way = 0; way < 3; way++) {
        const bool later = way == 2;

        begin(&setup, later ? TLS_PROTOCOL_TLS1_3 : protocols[way], ASK,
              later ? 0 : TLS_SESSION_REQUEST_CERT);
        credentials_delete(setup.found);
        setup.found = external_credentials(TLS_CLIENT, &kind, 1, BOTH, 0,
                                           TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA256, NULL);
        pair->client.key = kind;
        pair_run(pair);
        if (later) {
            pair->server.flags |= TLS_SESSION_REQUEST_CERT;
            check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
            peer_leg(&pair->client);
        }
        answer(&setup, true);
        settle(pair);
        check_equal(pair->client.keys_used, 1);
        check_equal(chain_length(pair->server.session), 2);
        check(transfer(&pair->client, &pair->server, 100), "data");
        end(&setup);
    }
}

/*
 * A later request for a certificate whose key stays with the caller, which takes its time. What
 * came behind the request is taken in the same leg as with any other key: what is no data, whole
 * records only.
 */
static void later_key_that_stays(void)
{
    const enum identity_kind kind = IDENTITY_P256;
    struct tls_decrypt params;
    struct setup setup;
    struct pair *pair = &setup.pair;
    struct queue rest = {0};
    int stays, behind, round;

    for (stays = 0; stays < 2; stays++) {
        for (behind = 0; behind < 4; behind++) {
            begin(&setup, TLS_PROTOCOL_TLS1_3, TLS_SESSION_LATER_REQUEST, 0);
            credentials_delete(pair->client.credentials);
            pair->client.credentials =
                stays ? external_credentials(TLS_CLIENT, &kind, 1, BOTH, 0,
                                             TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA256, NULL)
                      : credentials_new(TLS_CLIENT, &kind, 1, BOTH, 0, 0, NULL);
            pair->client.key = kind;
            check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
            for (round = 0; round < 3; round++) {
                pair->server.flags |= TLS_SESSION_REQUEST_CERT;
                check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
                pair->server.flags &= ~(uint32_t)TLS_SESSION_REQUEST_CERT;
                if (behind & 1)
                    check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
                if (behind & 2) {
                    check_equal(seal_record(pair->server.session, "data", 4, &pair->to_client, 0),
                                SEC_E_OK);
                    /* Only its beginning is there. */
                    queue_add(&rest, pair->to_client.data + pair->to_client.size - 7, 7);
                    pair->to_client.size -= 7;
                }
                pair->client.key_waits = stays;
                peer_leg(&pair->client);
                if (stays) {
                    check_equal(pair->client.status, TLS_KEY_WANTED);
                    check(use_key(pair->client.session, kind, 0, &pair->client.request), "no key");
                    pair->client.key_waits = false;
                    peer_key_used(&pair->client);
                }
                check_equal(pair->client.status, SEC_E_OK);
                check_equal(pair->client.last.renewed, 1);
                queue_add(&pair->to_client, rest.data, rest.size);
                queue_drop(&rest, rest.size);
                if (behind & 2)
                    check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params),
                                SEC_E_OK);
                check_equal(pair->to_client.size, 0);
                /* The server has the whole answer, and the beginning of data behind it. */
                check_equal(seal_record(pair->client.session, "behind", 6, &pair->to_server, 0),
                            SEC_E_OK);
                queue_add(&rest, pair->to_server.data + pair->to_server.size - 7, 7);
                pair->to_server.size -= 7;
                peer_leg(&pair->server);
                check_equal(pair->server.status, SEC_E_OK);
                check_equal(pair->server.last.renewed, 1);
                queue_add(&pair->to_server, rest.data, rest.size);
                queue_drop(&rest, rest.size);
                check_equal(open_record(pair->server.session, &pair->to_server, NULL, &params),
                            SEC_E_OK);
                check_equal(chain_length(pair->server.session), 2);
                check(transfer(&pair->client, &pair->server, 100) &&
                          transfer(&pair->server, &pair->client, 100),
                      "data");
            }
            end(&setup);
        }
    }
    queue_free(&rest);
}

/* The key is gone by the time it is asked for. */
static void later_key_fails(void)
{
    const enum identity_kind kind = IDENTITY_P256;
    struct setup setup;
    struct pair *pair = &setup.pair;

    begin(&setup, TLS_PROTOCOL_TLS1_3, TLS_SESSION_LATER_REQUEST, 0);
    credentials_delete(pair->client.credentials);
    pair->client.credentials = external_credentials(TLS_CLIENT, &kind, 1, BOTH, 0,
                                                    TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA256, NULL);
    pair->client.key_failure = SEC_E_NO_CREDENTIALS;
    check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
    pair->server.flags |= TLS_SESSION_REQUEST_CERT;
    check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
    peer_leg(&pair->client);
    check_equal(pair->client.status, SEC_E_NO_CREDENTIALS);
    check_equal(pair->client.last.alert, 80);
    /* Its Certificate has gone out before; an alert behind other messages waits for its own leg. */
    peer_leg(&pair->server);
    check_equal(pair->server.status, SEC_I_CONTINUE_NEEDED);
    peer_leg(&pair->server);
    check(pair->server.last.alert_received && pair->server.last.alert == 80, "alert %u",
          pair->server.last.alert);
    end(&setup);
}

/* TLS 1.3: a client that has not offered it is not asked; one that gets refused hears why. */
static void later_not(void)
{
    struct setup setup;
    struct pair *pair = &setup.pair;

    begin(&setup, TLS_PROTOCOL_TLS1_3, TLS_SESSION_ASK_CREDENTIALS, 0);
    check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
    pair->server.flags |= TLS_SESSION_REQUEST_CERT;
    check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_I_NO_RENEGOTIATION);
    check(transfer(&pair->server, &pair->client, 100), "data");
    end(&setup);

    begin(&setup, TLS_PROTOCOL_TLS1_3, ASK, 0);
    check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
    pair->server.flags |= TLS_SESSION_REQUEST_CERT;
    pair->server.reject = 44;
    check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
    peer_leg(&pair->client);
    answer(&setup, true);
    settle(pair);
    check_equal(pair->server.status, SEC_E_CERT_UNKNOWN);
    peer_leg(&pair->client);
    check_equal(pair->client.status, CRYPT_E_REVOKED);
    end(&setup);
}

/* Between the request and its answer: new keys, tickets, data, and a request that comes twice. */
static void later_mixed(void)
{
    struct tls_decrypt params;
    struct setup setup;
    struct pair *pair = &setup.pair;
    int round;

    begin(&setup, TLS_PROTOCOL_TLS1_3, ASK, 0);
    check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
    pair->server.flags |= TLS_SESSION_REQUEST_CERT;
    for (round = 0; round < 3; round++) {
        check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
        check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0),
                    SEC_I_CONTINUE_NEEDED);
        /* The client changes its keys before it answers. */
        check_equal(peer_action(&pair->client, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
        check_equal(seal_record(pair->client.session, "data", 4, &pair->to_server, 0), SEC_E_OK);
        peer_leg(&pair->server);
        check_equal(pair->server.status, SEC_E_OK);
        check_equal(open_record(pair->server.session, &pair->to_server, NULL, &params), SEC_E_OK);
        check_equal(pair->to_server.size, 0);
        peer_leg(&pair->client);
        if (round == 0)
            answer(&setup, true);
        settle(pair);
        check_equal(pair->client.status, SEC_E_OK);
        check_equal(pair->server.status, SEC_E_OK);
        check_equal(pair->server.verdicts, round + 1);
        check_equal(chain_length(pair->server.session), 2);
        check(transfer(&pair->client, &pair->server, 100) &&
                  transfer(&pair->server, &pair->client, 100),
              "data");
    }
    end(&setup);
}

/* GnuTLS as the server. */
static void native_server(void)
{
    static const char *const priorities[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                             "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
    const enum identity_kind kind = IDENTITY_P256;
    const gnutls_datum_t *chain;
    struct queue up, down;
    struct native native;
    struct peer peer;
    unsigned int count;
    int version, is_later;
    char seen[8];

    for (version = 0; version < 2; version++) {
        for (is_later = 0; is_later < 2; is_later++) {
            memset(&up, 0, sizeof(up));
            memset(&down, 0, sizeof(down));
            memset(&peer, 0, sizeof(peer));
            native.input = peer.output = &up;
            native.output = peer.input = &down;
            native_init(&native, GNUTLS_SERVER | GNUTLS_POST_HANDSHAKE_AUTH, priorities[version],
                        identity_get(IDENTITY_RSA));
            gnutls_certificate_server_set_request(native.tls, is_later ? GNUTLS_CERT_IGNORE
                                                                       : GNUTLS_CERT_REQUIRE);
            peer.credentials = client_credentials(protocols[version]);
            peer.flags = ASK;
            check_equal(native_run(&native, &peer), is_later);
            if (is_later) {
                gnutls_certificate_server_set_request(native.tls, GNUTLS_CERT_REQUIRE);
                if (version) {
                    check_equal(gnutls_reauth(native.tls, 0), GNUTLS_E_AGAIN);
                } else {
                    check_equal(gnutls_rehandshake(native.tls), 0);
                    peer_leg(&peer);
                    check_equal(gnutls_record_recv(native.tls, seen, sizeof(seen)),
                                GNUTLS_E_REHANDSHAKE);
                    check_equal(gnutls_handshake(native.tls), GNUTLS_E_AGAIN);
                }
                peer_leg(&peer);
            }
            check_equal(peer.status, SEC_I_INCOMPLETE_CREDENTIALS);
            credentials_delete(peer.credentials);
            peer.credentials = credentials_new(TLS_CLIENT, &kind, 1, BOTH, 0, 0, NULL);
            peer_leg(&peer);
            if (version)
                check_equal(is_later ? gnutls_reauth(native.tls, 0) : gnutls_handshake(native.tls),
                            0);
            else
                check(native_run(&native, &peer), "%x", peer.status);
            chain = gnutls_certificate_get_peers(native.tls, &count);
            check(chain && count == 2, "no certificate");
            check_equal(gnutls_record_send(native.tls, "x", 1), 1);
            check_equal(open_data(&peer, NULL, &(struct tls_decrypt){0}), SEC_E_OK);
            peer_free(&peer);
            credentials_delete(peer.credentials);
            native_free(&native);
            queue_free(&up);
            queue_free(&down);
        }
    }
}

int main(void)
{
    RUN(first_handshake);
    RUN(name_behind_the_end);
    RUN(short_record);
    RUN(not_stopped);
    RUN(later);
    RUN(key_that_stays);
    RUN(later_key_that_stays);
    RUN(later_key_fails);
    RUN(later_not);
    RUN(later_mixed);
    RUN(native_server);
    identities_free();
    return check_summary();
}
