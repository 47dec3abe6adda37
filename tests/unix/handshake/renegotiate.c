/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A second handshake inside a connection of TLS 1.2: asked for by either end, between two ends of
 * the engine and with GnuTLS at the other, with data on its way, refused, and given up.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

#define GCM_OFF  (TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_CCM)
#define CBC_OFF  (TLS_DISABLE_AES_128_CBC | TLS_DISABLE_AES_256_CBC)
#define CHACHA   (GCM_OFF | CBC_OFF)
#define CBC      (GCM_OFF | TLS_DISABLE_CHACHA20_POLY1305)
#define INSECURE "NORMAL:-VERS-ALL:+VERS-TLS1.2:%DISABLE_SAFE_RENEGOTIATION"
#define SECURE   "NORMAL:-VERS-ALL:+VERS-TLS1.2"

/* Each way of the record path. */
static const uint64_t suites[] = {0, CHACHA, CBC};
#define SUITES 3

struct link {
    struct pair pair;
    tls_u64 other; /* more credentials, freed with the link */
};

static bool connect(struct link *link, uint64_t disabled, uint32_t client_flags)
{
    const enum identity_kind server = IDENTITY_RSA, client = IDENTITY_P256;
    struct pair *pair = &link->pair;

    memset(link, 0, sizeof(*link));
    pair->client.credentials =
        credentials_new(TLS_CLIENT, &client, 1, TLS_PROTOCOL_TLS1_2, disabled, 0, NULL);
    pair->server.credentials =
        credentials_new(TLS_SERVER, &server, 1, TLS_PROTOCOL_TLS1_2, 0, 0, NULL);
    pair->client.flags = client_flags | TLS_SESSION_VERIFY_PEER;
    pair->server.flags = TLS_SESSION_VERIFY_PEER;
    return check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
}

static void disconnect(struct link *link)
{
    if (link->other)
        credentials_delete(link->other);
    pair_release(&link->pair);
}

/* Legs until both ends have finished the handshake anew. */
static bool settle(struct pair *pair)
{
    bool client = false, server = false;
    int turns;

    for (turns = 0; turns < 20 && (!client || !server); turns++) {
        if (pair->to_client.size) {
            peer_leg(&pair->client);
            client |= pair->client.last.renewed;
        }
        if (pair->to_server.size) {
            peer_leg(&pair->server);
            server |= pair->server.last.renewed;
        }
    }
    return check(
        client && server && pair->client.status == SEC_E_OK && pair->server.status == SEC_E_OK,
        "client %d %x server %d %x", client, pair->client.status, server, pair->server.status);
}

static bool talk(struct pair *pair)
{
    return check(transfer(&pair->client, &pair->server, 1000) &&
                     transfer(&pair->server, &pair->client, 3000) &&
                     transfer(&pair->client, &pair->server, 1),
                 "data");
}

/* What was negotiated stays as it is until the next handshake has ended. */
static void still_says(tls_u64 session, const struct tls_info *before)
{
    struct tls_info now;

    info_get(session, &now);
    check(!memcmp(&now, before, sizeof(now)), "suite %x flags %x, before %x %x", now.cipher_suite,
          now.flags, before->cipher_suite, before->flags);
}

/* A server asks, now for a certificate too; data keeps flowing until the client answers. */
static void server_asks(void)
{
    struct tls_info client, server;
    struct tls_decrypt params;
    struct link link;
    struct pair *pair = &link.pair;
    int i, round;

    for (i = 0; i < SUITES; i++) {
        if (!connect(&link, suites[i], 0))
            continue;
        talk(pair);
        check_equal(chain_length(pair->server.session), 0);
        pair->server.flags |= TLS_SESSION_REQUEST_CERT;
        for (round = 0; round < 2; round++) {
            info_get(pair->client.session, &client);
            info_get(pair->server.session, &server);
            check_equal(peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
            check(transfer(&pair->client, &pair->server, 500), "data after the request");
            check_equal(seal_record(pair->server.session, "more", 4, &pair->to_client, 0),
                        SEC_E_OK);
            check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params),
                        SEC_I_RENEGOTIATE);
            check(params.consumed && params.header_size + params.trailer_size == params.consumed,
                  "the request is not taken");
            peer_leg(&pair->client);
            check_equal(pair->client.status, SEC_I_CONTINUE_NEEDED);
            /* The data behind the request is still there, and for DecryptMessage. */
            peer_leg(&pair->client);
            check_equal(pair->client.status, SEC_I_CONTINUE_NEEDED);
            check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params),
                        SEC_E_OK);
            check_equal(params.data_size, 4);
            check_equal(pair->to_client.size, 0);
            check_equal(seal_record(pair->client.session, "no", 2, &pair->to_server, 0),
                        SEC_E_OUT_OF_SEQUENCE);
            check_equal(open_record(pair->server.session, &pair->to_server, NULL, &params),
                        SEC_I_RENEGOTIATE);
            still_says(pair->client.session, &client);
            peer_leg(&pair->server);
            check_equal(pair->server.status, SEC_I_CONTINUE_NEEDED);
            still_says(pair->server.session, &server);
            settle(pair);
            check_equal(pair->server.last.peer_certificate, 1);
            check_equal(chain_length(pair->server.session), 2);
            info_get(pair->server.session, &server);
            check_equal(server.key_index, 0);
            talk(pair);
        }
        check_equal(pair->client.verdicts, 3);
        check_equal(pair->server.verdicts, 2);
        disconnect(&link);
    }
}

/* With keys that stay with the caller, at either end and at both; either end asks. */
static void keys_that_stay(void)
{
    const enum identity_kind kind = IDENTITY_P256;
    const uint32_t abilities = TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA256;
    struct link link;
    struct pair *pair = &link.pair;
    int i, who, round;

    for (i = 0; i < SUITES * 3; i++) {
        who = i / SUITES + 1;
        memset(&link, 0, sizeof(link));
        pair->client.credentials =
            who & 1 ? external_credentials(TLS_CLIENT, &kind, 1, TLS_PROTOCOL_TLS1_2,
                                           suites[i % SUITES], abilities, NULL)
                    : credentials_new(TLS_CLIENT, &kind, 1, TLS_PROTOCOL_TLS1_2, suites[i % SUITES],
                                      0, NULL);
        pair->server.credentials =
            who & 2 ? external_credentials(TLS_SERVER, &kind, 1, TLS_PROTOCOL_TLS1_2, 0, abilities,
                                           NULL)
                    : credentials_new(TLS_SERVER, &kind, 1, TLS_PROTOCOL_TLS1_2, 0, 0, NULL);
        pair->client.key = pair->server.key = kind;
        pair->client.flags = pair->server.flags = TLS_SESSION_VERIFY_PEER;
        check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
        talk(pair);
        pair->server.flags |= TLS_SESSION_REQUEST_CERT;
        for (round = 0; round < 4; round++) {
            pair->client.keys_used = pair->server.keys_used = 0;
            peer_action(round % 2 ? &pair->server : &pair->client, TLS_ACTION_RENEGOTIATE, 0, 0);
            settle(pair);
            check_equal(pair->client.keys_used, who & 1);
            check_equal(pair->server.keys_used, who >> 1);
            check_equal(chain_length(pair->server.session), 2);
            talk(pair);
        }
        if (who != 3) {
            struct peer *owner = who == 1 ? &pair->client : &pair->server;
            struct peer *other = who == 1 ? &pair->server : &pair->client;

            owner->key_failure = SEC_E_NO_CREDENTIALS;
            peer_action(&pair->client, TLS_ACTION_RENEGOTIATE, 0, 0);
            for (round = 0; round < 4; round++) {
                if (pair->to_server.size)
                    peer_leg(&pair->server);
                if (pair->to_client.size)
                    peer_leg(&pair->client);
            }
            check_equal(owner->status, SEC_E_NO_CREDENTIALS);
            check(other->last.alert_received && other->last.alert == 80, "alert %u",
                  other->last.alert);
        }
        disconnect(&link);
    }
}

/* A certificate stays known when the next handshake does not ask for it: it is the same peer. */
static void asked_once(void)
{
    struct link link;
    struct pair *pair = &link.pair;
    int round;

    if (!connect(&link, 0, 0))
        return;
    for (round = 0; round < 3; round++) {
        pair->server.flags &= ~(uint32_t)TLS_SESSION_REQUEST_CERT;
        if (round == 0)
            pair->server.flags |= TLS_SESSION_REQUEST_CERT;
        peer_action(&pair->client, TLS_ACTION_RENEGOTIATE, 0, 0);
        settle(pair);
        check_equal(chain_length(pair->server.session), 2);
        check_equal(pair->server.verdicts, 1);
        talk(pair);
    }
    disconnect(&link);
}

/* A client asks while the server is sending. */
static void client_asks(void)
{
    struct tls_decrypt params;
    struct link link;
    struct pair *pair = &link.pair;
    int i;

    for (i = 0; i < SUITES; i++) {
        if (!connect(&link, suites[i], 0))
            continue;
        talk(pair);
        check_equal(seal_record(pair->server.session, "under way", 9, &pair->to_client, 0),
                    SEC_E_OK);
        check_equal(peer_action(&pair->client, TLS_ACTION_RENEGOTIATE, 0, 0),
                    SEC_I_CONTINUE_NEEDED);
        check_equal(peer_action(&pair->client, TLS_ACTION_RENEGOTIATE, 0, 0),
                    SEC_I_CONTINUE_NEEDED);
        check_equal(open_record(pair->server.session, &pair->to_server, NULL, &params),
                    SEC_I_RENEGOTIATE);
        peer_leg(&pair->server);
        check_equal(pair->server.status, SEC_I_CONTINUE_NEEDED);
        check_equal(seal_record(pair->server.session, "no", 2, &pair->to_client, 0),
                    SEC_E_OUT_OF_SEQUENCE);
        check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params), SEC_E_OK);
        check_equal(params.data_size, 9);
        check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params),
                    SEC_I_RENEGOTIATE);
        settle(pair);
        talk(pair);
        disconnect(&link);
    }
}

/* One byte more per leg, and outputs that fit nothing. */
static void in_pieces(void)
{
    struct link link;
    struct pair *pair = &link.pair;
    int turns;

    if (!connect(&link, 0, 0))
        return;
    check_equal(peer_action(&pair->client, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_I_CONTINUE_NEEDED);
    pair->client.input_limit = pair->server.input_limit = 97;
    pair->client.output_size = pair->server.output_size = 50;
    for (turns = 0; turns < 400; turns++) {
        if (pair->to_client.size)
            peer_leg(&pair->client);
        if (pair->to_server.size)
            peer_leg(&pair->server);
        if (!pair->to_client.size && !pair->to_server.size)
            break;
    }
    check_equal(pair->client.status, SEC_E_OK);
    check_equal(pair->server.status, SEC_E_OK);
    pair->client.input_limit = pair->server.input_limit = 0;
    pair->client.output_size = pair->server.output_size = 0;
    talk(pair);
    disconnect(&link);
}

/* Either end may say no, again and again, and the connection is as it was. */
static void refused(void)
{
    struct tls_decrypt params;
    struct link link;
    struct pair *pair = &link.pair;
    int i, round;

    for (i = 0; i < SUITES; i++) {
        for (round = 0; round < 2; round++) {
            if (!connect(&link, suites[i], round ? TLS_SESSION_NO_RENEGOTIATION : 0))
                continue;
            /* The client refuses what the server asks. */
            if (round) {
                check_equal(peer_action(&pair->client, TLS_ACTION_RENEGOTIATE, 0, 0),
                            SEC_I_NO_RENEGOTIATION);
                peer_action(&pair->server, TLS_ACTION_RENEGOTIATE, 0, 0);
                peer_leg(&pair->client);
                check_equal(pair->client.status, SEC_E_OK);
                check_equal(open_record(pair->server.session, &pair->to_server, NULL, &params),
                            SEC_I_RENEGOTIATE);
                peer_leg(&pair->server);
                check_equal(pair->server.status, SEC_I_NO_RENEGOTIATION);
                check_equal(pair->to_server.size, 0);
                talk(pair);
            } else {
                talk(pair);
                check_equal(peer_action(&pair->client, TLS_ACTION_ALERT, 1, 100), SEC_E_OK);
                check_equal(open_record(pair->server.session, &pair->to_server, NULL, &params),
                            SEC_E_OK);
                talk(pair);
            }
            disconnect(&link);
        }
    }
}

/* A server that refuses: GnuTLS's memory of the hello must not spoil what follows. */
static void refused_by_server(void)
{
    struct tls_decrypt params;
    struct link link;
    struct pair *pair = &link.pair;
    int i, round;

    for (i = 0; i < SUITES; i++) {
        memset(&link, 0, sizeof(link));
        pair->client.credentials =
            credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_2, suites[i], 0, NULL);
        pair->server.credentials = server_credentials(IDENTITY_RSA, TLS_PROTOCOL_TLS1_2);
        pair->server.flags = TLS_SESSION_NO_RENEGOTIATION;
        check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
        for (round = 0; round < 3; round++) {
            check_equal(peer_action(&pair->client, TLS_ACTION_RENEGOTIATE, 0, 0),
                        SEC_I_CONTINUE_NEEDED);
            check_equal(open_record(pair->server.session, &pair->to_server, NULL, &params),
                        SEC_I_RENEGOTIATE);
            peer_leg(&pair->server);
            check_equal(pair->server.status, SEC_E_OK);
            check_equal(open_record(pair->client.session, &pair->to_client, NULL, &params),
                        SEC_I_RENEGOTIATE);
            peer_leg(&pair->client);
            check_equal(pair->client.status, SEC_I_NO_RENEGOTIATION);
            check_equal(pair->to_client.size, 0);
            talk(pair);
        }
        disconnect(&link);
    }
}

/* GnuTLS at the other end. */

struct foreign {
    struct queue up, down;
    struct native native;
    struct peer peer;
};

static void prepare_native(struct foreign *f, bool engine_is_server, const char *priority,
                           uint64_t disabled)
{
    const enum identity_kind kind = IDENTITY_P256;

    memset(f, 0, sizeof(*f));
    f->native.input = f->peer.output = &f->up;
    f->native.output = f->peer.input = &f->down;
    native_init(&f->native, engine_is_server ? GNUTLS_CLIENT : GNUTLS_SERVER, priority,
                engine_is_server ? NULL : identity_get(kind));
    f->peer.credentials = credentials_new(engine_is_server ? TLS_SERVER : TLS_CLIENT, &kind, 1,
                                          TLS_PROTOCOL_TLS1_2, disabled, 0, NULL);
}

static bool connect_native(struct foreign *f, bool engine_is_server, const char *priority,
                           uint64_t disabled)
{
    prepare_native(f, engine_is_server, priority, disabled);
    return check(native_run(&f->native, &f->peer), "%x", f->peer.status);
}

static void disconnect_native(struct foreign *f)
{
    peer_free(&f->peer);
    credentials_delete(f->peer.credentials);
    native_free(&f->native);
    queue_free(&f->up);
    queue_free(&f->down);
}

static void talk_native(struct foreign *f)
{
    struct queue received = {0};
    struct tls_decrypt params;
    char seen[32];

    check_equal(gnutls_record_send(f->native.tls, "from native", 11), 11);
    check_equal(open_data(&f->peer, &received, &params), SEC_E_OK);
    check_equal(received.size, 11);
    check_equal(seal_record(f->peer.session, "from peer", 9, &f->up, 0), SEC_E_OK);
    check_equal(gnutls_record_recv(f->native.tls, seen, sizeof(seen)), 9);
    queue_free(&received);
}

static void with_gnutls(void)
{
    struct tls_decrypt params;
    struct foreign f;
    char seen[32];
    int i, server;

    for (i = 0; i < 2 * SUITES; i++) {
        server = i % 2;
        if (!connect_native(&f, server, SECURE, server ? 0 : suites[i / 2]))
            continue;
        talk_native(&f);
        if (server) {
            check_equal(gnutls_handshake(f.native.tls), GNUTLS_E_AGAIN);
        } else {
            check_equal(gnutls_rehandshake(f.native.tls), 0);
        }
        check_equal(open_record(f.peer.session, &f.down, NULL, &params), SEC_I_RENEGOTIATE);
        peer_leg(&f.peer);
        check_equal(f.peer.status, SEC_I_CONTINUE_NEEDED);
        if (!server)
            check_equal(gnutls_record_recv(f.native.tls, seen, sizeof(seen)), GNUTLS_E_REHANDSHAKE);
        check(native_run(&f.native, &f.peer), "%x", f.peer.status);
        talk_native(&f);

        /* And asked for by us. */
        peer_action(&f.peer, TLS_ACTION_RENEGOTIATE, 0, 0);
        check_equal(f.peer.status, server ? SEC_E_OK : SEC_I_CONTINUE_NEEDED);
        check_equal(gnutls_record_recv(f.native.tls, seen, sizeof(seen)), GNUTLS_E_REHANDSHAKE);
        check(native_run(&f.native, &f.peer), "%x", f.peer.status);
        talk_native(&f);
        disconnect_native(&f);
    }
}

/* The first handshake brought a ticket, the second one does not: what the one end does not speak of
 * any more the other neither waits for nor sends. */
static void ticket_of_the_first(void)
{
    gnutls_datum_t key = {NULL, 0};
    struct tls_decrypt params;
    struct foreign f;
    char seen[32];

    check(gnutls_session_ticket_key_generate(&key) >= 0, "a key");
    for (int server = 0; server < 2; server++) {
        prepare_native(&f, server, SECURE, 0);
        if (!server)
            check(gnutls_session_ticket_enable_server(f.native.tls, &key) >= 0, "tickets");
        check(native_run(&f.native, &f.peer), "%x", f.peer.status);
        check(gnutls_session_get_flags(f.native.tls) & GNUTLS_SFLAGS_SESSION_TICKET || !server,
              "a ticket came");
        talk_native(&f);
        check(gnutls_set_default_priority_append(f.native.tls, "-VERS-ALL:+VERS-TLS1.2:%NO_TICKETS",
                                                 NULL, 0) >= 0,
              "no tickets");
        if (server)
            check_equal(gnutls_handshake(f.native.tls), GNUTLS_E_AGAIN);
        else
            check_equal(gnutls_rehandshake(f.native.tls), 0);
        check_equal(open_record(f.peer.session, &f.down, NULL, &params), SEC_I_RENEGOTIATE);
        peer_leg(&f.peer);
        check_equal(f.peer.status, SEC_I_CONTINUE_NEEDED);
        if (!server)
            check_equal(gnutls_record_recv(f.native.tls, seen, sizeof(seen)), GNUTLS_E_REHANDSHAKE);
        check(native_run(&f.native, &f.peer), "server %d: %x", server, f.peer.status);
        talk_native(&f);
        disconnect_native(&f);
    }
    gnutls_free(key.data);
}

/* Peers without RFC 5746 are talked to, and never renegotiated with. */
static void insecure(void)
{
    struct tls_decrypt params;
    struct foreign f;
    char seen[32];
    int server;

    for (server = 0; server < 2; server++) {
        if (!connect_native(&f, server, INSECURE, 0))
            continue;
        talk_native(&f);
        check_equal(peer_action(&f.peer, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_I_NO_RENEGOTIATION);
        check_equal(f.up.size, 0);
        if (server)
            check_equal(gnutls_handshake(f.native.tls), GNUTLS_E_AGAIN);
        else
            check_equal(gnutls_rehandshake(f.native.tls), 0);
        check_equal(open_record(f.peer.session, &f.down, NULL, &params), SEC_I_RENEGOTIATE);
        peer_leg(&f.peer);
        check_equal(f.peer.status, SEC_E_OK);
        check_equal(server ? gnutls_handshake(f.native.tls)
                           : (int)gnutls_record_recv(f.native.tls, seen, sizeof(seen)),
                    GNUTLS_E_WARNING_ALERT_RECEIVED);
        check_equal(gnutls_alert_get(f.native.tls), GNUTLS_A_NO_RENEGOTIATION);
        talk_native(&f);
        disconnect_native(&f);
    }
}

/* What ends a renegotiation in the middle ends the connection. */
static void failures(void)
{
    static const uint8_t garbage[] = {22, 3, 3, 0, 40, 1, 2, 3};
    struct link link;
    struct pair *pair = &link.pair;
    uint8_t record[64] = {0};
    int i;

    for (i = 0; i < 3; i++) {
        if (!connect(&link, 0, 0))
            continue;
        peer_action(&pair->client, TLS_ACTION_RENEGOTIATE, 0, 0);
        peer_leg(&pair->server);
        switch (i) {
        case 0: /* the peer's certificate is not wanted any more */
            pair->client.reject = 48;
            while (pair->client.status == SEC_I_CONTINUE_NEEDED && pair->to_client.size)
                peer_leg(&pair->client);
            check_equal(pair->client.status, SEC_E_CERT_UNKNOWN);
            check_equal(pair->client.last.alert, 48);
            peer_leg(&pair->server);
            check_equal(pair->server.status, SEC_E_UNTRUSTED_ROOT);
            break;
        case 1: /* forged */
            memcpy(record, garbage, sizeof(garbage));
            pair->to_client.size = 0;
            queue_add(&pair->to_client, record, 45);
            peer_leg(&pair->client);
            check_equal(pair->client.status, SEC_E_MESSAGE_ALTERED);
            break;
        case 2: /* no data in between */
            record[0] = 23;
            record[1] = record[2] = 3;
            record[4] = 40;
            pair->to_server.size = 0;
            queue_add(&pair->to_server, record, 45);
            peer_leg(&pair->server);
            check_equal(pair->server.status, SEC_E_ILLEGAL_MESSAGE);
            break;
        }
        check_equal(seal_record(i == 2 ? pair->server.session : pair->client.session, "x", 1,
                                &pair->to_server, 0),
                    SEC_E_CONTEXT_EXPIRED);
        disconnect(&link);
    }
}

int main(void)
{
    RUN(server_asks);
    RUN(keys_that_stay);
    RUN(asked_once);
    RUN(client_asks);
    RUN(in_pieces);
    RUN(refused);
    RUN(refused_by_server);
    RUN(with_gnutls);
    RUN(ticket_of_the_first);
    RUN(insecure);
    RUN(failures);
    identities_free();
    return check_summary();
}
