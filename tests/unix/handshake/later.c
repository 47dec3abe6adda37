/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Life after the handshake: tickets, KeyUpdate, alerts and messages that have no place there, mixed
 * with data.
 */
#include <string.h>

#include "unix/state/session.h"
#include "kit/check.h"
#include "kit/connected.h"
#include "kit/support.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};
static const char *const priorities[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                         "NORMAL:-VERS-ALL:+VERS-TLS1.3"};

struct connection {
    struct queue up, down;
    struct native native;
    struct peer peer;
};

/* An engine client against a GnuTLS server, or the other way round. */
static void connect_native(struct connection *c, bool engine_is_server, int version)
{
    enum identity_kind kind = IDENTITY_P256;

    memset(c, 0, sizeof(*c));
    c->native.input = c->peer.output = &c->up;
    c->native.output = c->peer.input = &c->down;
    native_init(&c->native, engine_is_server ? GNUTLS_CLIENT : GNUTLS_SERVER, priorities[version],
                engine_is_server ? NULL : identity_get(kind));
    c->peer.credentials =
        engine_is_server ? credentials_new(TLS_SERVER, &kind, 1, BOTH, 0, 0, NULL)
                         : credentials_new(TLS_CLIENT, NULL, 0, protocols[version], 0, 0, NULL);
    check(native_run(&c->native, &c->peer), "%x", c->peer.status);
}

static void disconnect(struct connection *c)
{
    peer_free(&c->peer);
    credentials_delete(c->peer.credentials);
    native_free(&c->native);
    queue_free(&c->up);
    queue_free(&c->down);
}

static bool native_to_peer(struct connection *c)
{
    struct queue received = {0};
    struct tls_decrypt params;
    bool result;

    result = gnutls_record_send(c->native.tls, "from native", 11) == 11 &&
             open_data(&c->peer, &received, &params) == SEC_E_OK && received.size == 11 &&
             !memcmp(received.data, "from native", 11);
    queue_free(&received);
    return result;
}

static bool peer_to_native(struct connection *c)
{
    char seen[32];
    ssize_t size;

    if (seal_record(c->peer.session, "from peer", 9, &c->up, 0) != SEC_E_OK)
        return false;
    while ((size = gnutls_record_recv(c->native.tls, seen, sizeof(seen))) == GNUTLS_E_AGAIN &&
           c->up.size)
        continue;
    return size == 9 && !memcmp(seen, "from peer", 9);
}

/* KeyUpdate in either direction, asked for or not, between data. */
static void key_update(void)
{
    struct connection c;
    int role, turn;

    for (role = 0; role < 2; role++) {
        connect_native(&c, role, 1);
        check(native_to_peer(&c) && peer_to_native(&c), "data");
        for (turn = 0; turn < 4; turn++) {
            struct tls_decrypt params;
            size_t before = c.up.size;

            check_equal(gnutls_session_key_update(c.native.tls, turn & 1 ? GNUTLS_KU_PEER : 0), 0);
            check_equal(open_record(c.peer.session, &c.down, NULL, &params), SEC_I_RENEGOTIATE);
            check_equal(params.consumed, 0);
            peer_leg(&c.peer);
            check_equal(c.peer.status, SEC_E_OK);
            check_equal(c.down.size, 0);
            /* A request is answered at once: one record of 5 + 5 + 1 + 16. */
            check_equal(c.up.size - before, turn & 1 ? 27 : 0);
            check(native_to_peer(&c), "turn %d down", turn);
            check(peer_to_native(&c), "turn %d up", turn);
        }
        disconnect(&c);
    }
}

/* Long before AES-GCM's limit a leg replaces the key. */
static void worn_key(void)
{
    struct session *client, *server;
    struct pair pair;
    size_t before;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
    client = (struct session *)(uintptr_t)pair.client.session;
    server = (struct session *)(uintptr_t)pair.server.session;
    client->encrypt.sequence = server->decrypt.sequence = 1u << 23;
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_OK);
    check_equal(client->encrypt.sequence, 0);
    before = pair.to_server.size;
    check_equal(before, 27);
    check(transfer(&pair.client, &pair.server, 100), "up");
    check(transfer(&pair.server, &pair.client, 100), "down");
    peer_leg(&pair.client);
    check_equal(pair.to_server.size, 0);
    pair_release(&pair);
}

/* A program that only sends and receives is asked for the leg, and stopped before the limit. */
static void used_up_key(void)
{
    struct session *client, *server;
    struct tls_decrypt params;
    struct pair pair;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
    client = (struct session *)(uintptr_t)pair.client.session;
    server = (struct session *)(uintptr_t)pair.server.session;
    client->encrypt.sequence = server->decrypt.sequence = KEY_WORN_AFTER - 1;
    check_equal(seal_record(pair.server.session, "data", 4, &pair.to_client, 0), SEC_E_OK);
    check_equal(seal_record(pair.client.session, "up", 2, &pair.to_server, 0), SEC_E_OK);
    check_equal(open_record(pair.client.session, &pair.to_client, NULL, &params),
                SEC_I_RENEGOTIATE);
    check_equal(params.consumed, 0);
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_OK);
    check_equal(client->encrypt.sequence, 0);
    check_equal(open_record(pair.client.session, &pair.to_client, NULL, &params), SEC_E_OK);
    check_equal(params.data_size, 4);
    check_equal(open_record(pair.server.session, &pair.to_server, NULL, &params), SEC_E_OK);
    check(transfer(&pair.client, &pair.server, 100), "with the new key");

    client->encrypt.sequence = server->decrypt.sequence = KEY_LIMIT - 1;
    check(transfer(&pair.client, &pair.server, 100), "the last one");
    check_equal(seal_record(pair.client.session, "no", 2, &pair.to_server, 0),
                SEC_E_OUT_OF_SEQUENCE);
    check_equal(peer_action(&pair.client, TLS_ACTION_RENEGOTIATE, 0, 0), SEC_E_OK);
    check(transfer(&pair.client, &pair.server, 100), "after the update");
    pair_release(&pair);
}

/* A leg that takes nothing gives nothing either: its output would not be looked at. */
static void worn_key_and_no_record(void)
{
    static const uint8_t partial[] = {23, 3, 3};
    struct session *client;
    struct pair pair;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
    client = (struct session *)(uintptr_t)pair.client.session;
    client->encrypt.sequence = 1u << 23;
    queue_add(&pair.to_client, partial, sizeof(partial));
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_INCOMPLETE_MESSAGE);
    check_equal(pair.to_server.size, 0);
    check_equal(client->encrypt.sequence, 1u << 23);
    pair_release(&pair);
}

/* Behind our close_notify nothing is sent, not even the answer to a KeyUpdate. */
static void key_update_when_closed(void)
{
    struct connection c;
    struct tls_decrypt params;
    size_t before;

    connect_native(&c, false, 1);
    check_equal(peer_action(&c.peer, TLS_ACTION_SHUTDOWN, 0, 0), SEC_E_OK);
    before = c.up.size;
    check_equal(gnutls_session_key_update(c.native.tls, GNUTLS_KU_PEER), 0);
    check_equal(open_record(c.peer.session, &c.down, NULL, &params), SEC_I_RENEGOTIATE);
    peer_leg(&c.peer);
    check_equal(c.peer.status, SEC_E_OK);
    check_equal(c.up.size, before);
    check(native_to_peer(&c), "data with the new key");
    disconnect(&c);
}

/* Messages that have no place after the handshake, behind a good tag. */
static void strange_messages(void)
{
    static const struct {
        uint8_t type;
        const char *data;
        size_t size;
    } rows[] = {
        {22, "\x18\0\0\1\7", 5},     /* KeyUpdate that asks for nonsense */
        {22, "\x18\0\0\2\0\0", 6},   /* of the wrong size */
        {22, "\x14\0\0\2\0\0", 6},   /* Finished */
        {22, "\1\0\0\2\3\3", 6},     /* ClientHello */
        {22, "\x0d\0\0\3\0\0\0", 7}, /* CertificateRequest */
        {22, "\4\0\0\2\0\0", 6},     /* NewSessionTicket, cut */
    };
    struct tls_decrypt params;
    struct pair pair;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
        seal_anything(pair.server.session, rows[i].type, rows[i].data, rows[i].size, 0,
                      &pair.to_client);
        check_equal(open_record(pair.client.session, &pair.to_client, NULL, &params),
                    SEC_I_RENEGOTIATE);
        peer_leg(&pair.client);
        check(pair.client.status < 0 && pair.client.status != SEC_E_INCOMPLETE_MESSAGE,
              "row %zu: status %x", i, pair.client.status);
        check(pair.client.last.alert != TLS_NO_ALERT && !pair.client.last.alert_received,
              "row %zu: alert %u", i, pair.client.last.alert);
        check(open_record(pair.server.session, &pair.to_server, NULL, &params) < 0 &&
                  params.alert == pair.client.last.alert,
              "row %zu: the peer got alert %u", i, params.alert);
        pair_release(&pair);
    }
}

/* Malformed records that a leg meets first are told as TLS_CALL_DECRYPT tells them. */
static void malformed_records(void)
{
    static const struct {
        uint8_t type;
        const char *data;
        size_t size;
        uint32_t alert;
    } rows[] = {{21, "", 0, 10}, {21, "\2", 1, 50}, {21, "\1\0\1\0", 4, 50}, {22, "", 0, 10}};
    struct pair pair;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
        seal_anything(pair.server.session, rows[i].type, rows[i].data, rows[i].size, 0,
                      &pair.to_client);
        peer_leg(&pair.client);
        check_equal(pair.client.status, SEC_E_ILLEGAL_MESSAGE);
        check(pair.client.last.alert == rows[i].alert, "row %zu: alert %u", i,
              pair.client.last.alert);
        pair_release(&pair);
    }
}

/* A message without end is not collected for ever, during the handshake or after. */
static void endless_message(void)
{
    static uint8_t record[5 + 16000] = {22, 3, 3, 16000 >> 8, 16000 & 255};
    struct pair pair = {0};
    int i;

    pair.client.credentials = credentials_new(TLS_CLIENT, NULL, 0, BOTH, 0, 0, NULL);
    pair.client.input = &pair.to_client;
    pair.client.output = &pair.to_server;
    peer_leg(&pair.client);
    memcpy(record + 5, "\2\xff\xff\xff", 4);
    for (i = 0; i < 40 && pair.client.status == SEC_I_CONTINUE_NEEDED; i++) {
        queue_add(&pair.to_client, record, sizeof(record));
        peer_leg(&pair.client);
        memset(record + 5, 0, 4);
    }
    check_equal(pair.client.status, SEC_E_ILLEGAL_MESSAGE);
    check(i > 8 && i < 20, "%d records", i);
    credentials_delete(pair.client.credentials);
    pair_free(&pair);

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
    memcpy(record, "\4\xff\xff\xff", 4);
    for (i = 0; i < 40 && pair.client.status == SEC_E_OK; i++) {
        seal_anything(pair.server.session, 22, record, 16000, 0, &pair.to_client);
        peer_leg(&pair.client);
        memset(record, 0, 4);
    }
    check_equal(pair.client.status, SEC_E_ILLEGAL_MESSAGE);
    check_equal(i, 256 * 1024 / (5 + 16000 + 17) + 1); /* the first counts like the others */
    pair_release(&pair);
}

/* Tickets and KeyUpdates in one input with data behind them: the data stays. */
static void interleaved(void)
{
    struct connection c;
    struct queue received = {0};
    struct tls_decrypt params;
    size_t before;

    connect_native(&c, false, 1);
    if (c.down.size)
        peer_leg(&c.peer);
    gnutls_session_ticket_send(c.native.tls, 1, 0);
    gnutls_session_key_update(c.native.tls, 0);
    gnutls_record_send(c.native.tls, "one", 3);
    gnutls_session_key_update(c.native.tls, GNUTLS_KU_PEER);
    gnutls_record_send(c.native.tls, "two", 3);
    peer_leg(&c.peer);
    check_equal(c.peer.status, SEC_E_OK);
    before = c.down.size;
    check(before > 0, "the data stayed");
    peer_leg(&c.peer);
    check_equal(c.peer.status, SEC_E_OK);
    check_equal(c.down.size, before);
    check_equal(open_record(c.peer.session, &c.down, &received, &params), SEC_E_OK);
    check_equal(open_data(&c.peer, &received, &params), SEC_E_OK);
    check(received.size == 6 && !memcmp(received.data, "onetwo", 6), "data");
    check(peer_to_native(&c), "up");
    queue_free(&received);
    disconnect(&c);
}

/* Post-handshake input that comes in pieces. */
static void partial_ticket(void)
{
    struct connection c;
    struct tls_handshake params;
    size_t cut;

    connect_native(&c, false, 1);
    if (c.down.size)
        peer_leg(&c.peer);
    gnutls_session_key_update(c.native.tls, 0);
    for (cut = 1; cut < c.down.size; cut++) {
        memset(&params, 0, sizeof(params));
        params.session = c.peer.session;
        params.input = (tls_u64)(uintptr_t)c.down.data;
        params.input_size = (uint32_t)cut;
        engine_call(TLS_CALL_HANDSHAKE, &params);
        check(params.status == SEC_E_INCOMPLETE_MESSAGE && !params.consumed &&
                  params.missing == (cut < 5 ? 5 - cut : c.down.size - cut),
              "cut %zu: %x, %u missing", cut, params.status, params.missing);
    }
    peer_leg(&c.peer);
    check_equal(c.peer.status, SEC_E_OK);
    check(native_to_peer(&c) && peer_to_native(&c), "data");
    disconnect(&c);
}

/* A server that says goodbye directly behind its tickets: the tickets count, the alert waits. */
static void alert_behind_ticket(void)
{
    struct tls_decrypt params;
    struct pair pair;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, 0);
    check(pair.to_client.size > 50, "a ticket waits");
    peer_action(&pair.server, TLS_ACTION_SHUTDOWN, 0, 0);
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_OK);
    check_equal(pair.to_client.size, 24);
    check_equal(open_record(pair.client.session, &pair.to_client, NULL, &params),
                SEC_I_CONTEXT_EXPIRED);
    pair_release(&pair);
}

/* An alert may also be met by the handshake call. */
static void alert_in_handshake_call(void)
{
    struct pair pair;
    int i;

    for (i = 0; i < 2; i++) {
        connect_pair(&pair, protocols[i], IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
        peer_action(&pair.server, TLS_ACTION_SHUTDOWN, 0, 0);
        peer_leg(&pair.client);
        check_equal(pair.client.status, SEC_I_CONTEXT_EXPIRED);
        check_equal(pair.client.last.alert, 0);
        check_equal(pair.client.last.alert_received, 1);
        check_equal(pair.to_client.size, 0);
        pair_release(&pair);

        connect_pair(&pair, protocols[i], IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
        peer_action(&pair.server, TLS_ACTION_ALERT, 2, 49);
        peer_leg(&pair.client);
        check_equal(pair.client.status, SEC_E_LOGON_DENIED);
        check_equal(pair.client.last.alert, 49);
        check_equal(pair.client.last.alert_received, 1);
        peer_leg(&pair.client);
        check_equal(pair.client.status, SEC_E_LOGON_DENIED);
        pair_release(&pair);
    }
}

/* Forged post-handshake input ends the session, with an alert for the peer. */
static void forged_message(void)
{
    struct tls_decrypt params;
    struct pair pair;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, 0);
    check(pair.to_client.size > 50, "a ticket waits");
    pair.to_client.data[20] ^= 1;
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_MESSAGE_ALTERED);
    check_equal(pair.client.last.alert, 20);
    check_equal(open_record(pair.server.session, &pair.to_server, NULL, &params),
                SEC_E_MESSAGE_ALTERED);
    check_equal(params.alert, 20);
    pair_release(&pair);
}

/* A ticket whose last byte is missing is none to resume with, nor are those before it any more. */
static void broken_ticket(void)
{
    static const uint8_t ticket[] = {4, 0, 0, 13, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 1, 7, 0};
    struct queue resume = {0};
    struct pair pair;
    int before;

    for (before = 0; before < 2; before++) {
        connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256,
                     before ? 0 : TLS_CREDENTIALS_NO_TICKETS);
        if (before)
            take_tickets(&pair.client);
        check(seal_anything(pair.server.session, 22, ticket, sizeof(ticket), 0, &pair.to_client),
              "sealed");
        peer_leg(&pair.client);
        check_equal(pair.client.status, SEC_E_ILLEGAL_MESSAGE);
        check_equal(blob_get(TLS_CALL_RESUMPTION_DATA, pair.client.session, 0, &resume),
                    SEC_E_UNSUPPORTED_FUNCTION);
        queue_free(&resume);
        pair_release(&pair);
    }
}

/* Two alerts on a session that has failed never share a nonce: equal ones differ on the wire. */
static void alerts_after_failure(void)
{
    static const uint8_t no_record[] = {0x80, 3, 3, 0, 1, 0};
    struct pair pair;
    size_t size;
    int i;

    for (i = 0; i < 2; i++) {
        connect_pair(&pair, protocols[i], IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
        queue_add(&pair.to_client, no_record, sizeof(no_record));
        peer_leg(&pair.client);
        check_equal(pair.client.status, SEC_E_ILLEGAL_MESSAGE);
        size = pair.to_server.size;
        check(size > 20, "an alert of %zu bytes", size);
        peer_action(&pair.client, TLS_ACTION_ALERT, 2, pair.client.last.alert);
        check_equal(pair.to_server.size, 2 * size);
        check(memcmp(pair.to_server.data, pair.to_server.data + size, size), "the same record");
        pair_release(&pair);
    }
}

/* close_notify during the handshake. */
static void closed_early(void)
{
    static const uint8_t close[] = {21, 3, 3, 0, 2, 1, 0};
    struct pair pair = {0};

    pair.client.credentials = credentials_new(TLS_CLIENT, NULL, 0, BOTH, 0, 0, NULL);
    pair.client.input = &pair.to_client;
    pair.client.output = &pair.to_server;
    peer_leg(&pair.client);
    queue_add(&pair.to_client, close, sizeof(close));
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_I_CONTEXT_EXPIRED);
    check_equal(pair.client.last.alert, 0);
    check_equal(pair.client.last.alert_received, 1);
    credentials_delete(pair.client.credentials);
    pair_free(&pair);
}

/* Nothing but an end may stand between the parts of a message, and nothing behind a KeyUpdate in
 * its record (RFC 8446 5.1). */
static void parts_of_a_message(void)
{
    static const uint8_t whole[] = {24, 0, 0, 1, 0}, two[] = {24, 0, 0, 1, 0, 24, 0, 0, 1, 0};
    struct tls_decrypt params;
    struct pair pair;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, 0);
    take_tickets(&pair.client);
    seal_anything(pair.server.session, 22, two, sizeof(two), 0, &pair.to_client);
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_ILLEGAL_MESSAGE);
    check_equal(pair.client.last.alert, 10);
    pair_release(&pair);

    for (int with_data = 0; with_data < 2; with_data++) {
        connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, 0);
        take_tickets(&pair.client);
        seal_anything(pair.server.session, 22, whole, 3, 0, &pair.to_client);
        peer_leg(&pair.client);
        check_equal(pair.client.status, SEC_E_OK);
        if (with_data) {
            seal_anything(pair.server.session, 23, "attack at dawn", 14, 0, &pair.to_client);
            params = (struct tls_decrypt){.session = pair.client.session,
                                          .buffer = address(pair.to_client.data),
                                          .buffer_size = (uint32_t)pair.to_client.size};
            engine_call(TLS_CALL_DECRYPT, &params);
            check_equal(params.status, SEC_E_ILLEGAL_MESSAGE);
            check_equal(params.alert, 10);
            check_equal(params.data_size, 0);
            check(!memmem(pair.to_client.data, pair.to_client.size, "attack", 6), "it is there");
        } else {
            seal_anything(pair.server.session, 22, whole + 3, 2, 0, &pair.to_client);
            peer_leg(&pair.client);
            check_equal(pair.client.status, SEC_E_OK);
            check_equal(pair.to_client.size, 0);
        }
        pair_release(&pair);
    }
}

/* What the record path has found wrong is said by the next leg, whatever that was to do, once. */
static void alert_is_due(void)
{
    static const uint32_t actions[] = {TLS_ACTION_HANDSHAKE, TLS_ACTION_SHUTDOWN};
    struct tls_decrypt params;
    struct pair pair;

    for (int i = 0; i < 2; i++) {
        for (int j = 0; j < 2; j++) {
            connect_pair(&pair, protocols[i], IDENTITY_P256, 0);
            if (i)
                take_tickets(&pair.client);
            seal_record(pair.server.session, "data", 4, &pair.to_client, 0);
            pair.to_client.data[pair.to_client.size - 1] ^= 1;
            check_equal(open_record(pair.client.session, &pair.to_client, NULL, &params),
                        SEC_E_MESSAGE_ALTERED);
            queue_drop(&pair.to_client, pair.to_client.size);
            check_equal(peer_action(&pair.client, actions[j], 0, 0), SEC_E_MESSAGE_ALTERED);
            check_equal(pair.client.last.alert_level, 2);
            check_equal(pair.client.last.alert, 20);
            check(pair.to_server.size > 5, "%zu bytes", pair.to_server.size);
            check(open_record(pair.server.session, &pair.to_server, NULL, &params) ==
                          SEC_E_MESSAGE_ALTERED &&
                      params.alert == 20,
                  "the server hears of it: %x, %u", params.status, params.alert);
            peer_action(&pair.client, actions[j], 0, 0);
            check_equal(pair.to_server.size, 0);
            pair_release(&pair);
        }
    }
}

int main(void)
{
    RUN(key_update);
    RUN(worn_key);
    RUN(used_up_key);
    RUN(worn_key_and_no_record);
    RUN(key_update_when_closed);
    RUN(strange_messages);
    RUN(malformed_records);
    RUN(endless_message);
    RUN(interleaved);
    RUN(partial_ticket);
    RUN(alert_behind_ticket);
    RUN(alert_in_handshake_call);
    RUN(forged_message);
    RUN(broken_ticket);
    RUN(alerts_after_failure);
    RUN(closed_early);
    RUN(parts_of_a_message);
    RUN(alert_is_due);
    identities_free();
    return check_summary();
}
