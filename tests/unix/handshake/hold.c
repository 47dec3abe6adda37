/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Clients that send nothing of what comes with SEC_E_OK (TLS_SESSION_HOLD_LAST), and sessions that
 * go without TLS 1.3 (TLS_SESSION_NO_TLS1_3).
 */
#include <string.h>

#include "kit/check.h"
#include "kit/connected.h"
#include "kit/support.h"

#define BOTH            (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)
#define KEY_UPDATE_SIZE 27

static void begin(struct pair *pair, tls_u64 client, uint32_t flags)
{
    enum identity_kind kind = IDENTITY_P256;

    memset(pair, 0, sizeof(*pair));
    pair->client.credentials = client;
    pair->client.flags = flags;
    pair->server.credentials =
        credentials_new(TLS_SERVER, &kind, 1, BOTH, 0, TLS_CREDENTIALS_NO_TICKETS, NULL);
}

/* What is held, as the caller of records fetches it. */
static size_t fetch(struct peer *peer)
{
    uint8_t output[8192];
    struct tls_take_output take = {
        .session = peer->session, .output = address(output), .output_size = sizeof(output)};

    engine_call(TLS_CALL_TAKE_OUTPUT, &take);
    check_equal(take.pending, 0);
    queue_add(peer->output, output, take.written);
    return take.written;
}

/* The client is done, the server hears of it with the first record. */
static void check_held(struct pair *pair)
{
    struct tls_decrypt params;
    size_t held;

    check(!pair_run(pair), "the server is done");
    check_equal(pair->client.status, SEC_E_OK);
    check_equal(pair->server.status, SEC_I_CONTINUE_NEEDED);
    check_equal(pair->to_server.size, 0);
    held = pair->client.last.held;
    check(held > 64, "%zu bytes are held", held);
    check_equal(pair->client.last.pending, 0);
    check_equal(fetch(&pair->client), held);
    check_equal(seal_record(pair->client.session, "hello", 5, &pair->to_server, 0), SEC_E_OK);
    peer_leg(&pair->server);
    check_equal(pair->server.status, SEC_E_OK);
    check_equal(open_data(&pair->server, NULL, &params), SEC_E_OK);
    check(transfer(&pair->server, &pair->client, 100), "down");
}

static void last_flight(void)
{
    enum identity_kind kind = IDENTITY_RSA;
    struct pair pair;

    begin(&pair, client_credentials(BOTH), TLS_SESSION_HOLD_LAST | TLS_SESSION_VERIFY_PEER);
    check_held(&pair);
    check_equal(pair.client.sent_at_verdict, 0);
    pair_release(&pair);

    /* With a certificate, whose key the caller has. */
    begin(&pair,
          external_credentials(TLS_CLIENT, &kind, 1, BOTH, 0,
                               TLS_KEY_CAN_PSS | TLS_KEY_CAN_SHA256 | TLS_KEY_CAN_PKCS1, NULL),
          TLS_SESSION_HOLD_LAST | TLS_SESSION_VERIFY_PEER);
    pair.client.key = kind;
    pair.server.flags = TLS_SESSION_REQUEST_CERT;
    check_held(&pair);
    check_equal(pair.client.keys_used, 1);
    check(chain_length(pair.server.session) > 0, "no certificate");
    pair_release(&pair);

    /* TLS 1.2 ends with the server's word. */
    begin(&pair, client_credentials(TLS_PROTOCOL_TLS1_2), TLS_SESSION_HOLD_LAST);
    check(pair_run(&pair), "%x %x", pair.client.status, pair.server.status);
    check_equal(pair.client.last.held, 0);
    check(transfer(&pair.client, &pair.server, 100), "up");
    pair_release(&pair);
}

/* A close_notify takes along what is held. */
static void closing(void)
{
    struct tls_decrypt params;
    struct pair pair;

    begin(&pair, client_credentials(BOTH), TLS_SESSION_HOLD_LAST);
    pair_run(&pair);
    check_equal(peer_action(&pair.client, TLS_ACTION_SHUTDOWN, 0, 0), SEC_E_OK);
    check_equal(pair.client.last.held, 0);
    peer_leg(&pair.server);
    check_equal(pair.server.status, SEC_E_OK);
    check_equal(open_record(pair.server.session, pair.server.input, NULL, &params),
                SEC_I_CONTEXT_EXPIRED);
    pair_release(&pair);
}

/* One answer to KeyUpdates waits, however many there were; behind a record the next one. */
static void key_updates(void)
{
    struct tls_decrypt params;
    struct pair pair;

    begin(&pair, client_credentials(BOTH), TLS_SESSION_HOLD_LAST);
    check_held(&pair);
    for (unsigned int turn = 0; turn < 2; turn++) {
        for (unsigned int i = 0; i < 3; i++) {
            peer_action(&pair.server, TLS_ACTION_RENEGOTIATE, 0, 0);
            peer_leg(&pair.client);
            check_equal(pair.client.status, SEC_E_OK);
            check_equal(pair.client.last.held, KEY_UPDATE_SIZE);
            check_equal(pair.to_server.size, 0);
        }
        check(transfer(&pair.server, &pair.client, 100), "down");
        check_equal(fetch(&pair.client), KEY_UPDATE_SIZE);
        check_equal(seal_record(pair.client.session, "hello", 5, &pair.to_server, 0), SEC_E_OK);
        peer_leg(&pair.server);
        check_equal(pair.server.status, SEC_E_OK);
        check_equal(open_data(&pair.server, NULL, &params), SEC_E_OK);
    }
    pair_release(&pair);
}

static void without_tls13(void)
{
    struct tls_info info;
    struct pair pair;

    for (unsigned int with = 0; with < 2; with++) {
        begin(&pair, client_credentials(BOTH), with ? 0 : TLS_SESSION_NO_TLS1_3);
        check(pair_run(&pair), "%x %x", pair.client.status, pair.server.status);
        info_get(pair.client.session, &info);
        check_equal(info.version, with ? 0x304 : 0x303);
        check(transfer(&pair.client, &pair.server, 100), "up");
        pair_release(&pair);
    }
    begin(&pair, client_credentials(TLS_PROTOCOL_TLS1_3), TLS_SESSION_NO_TLS1_3);
    pair_join(&pair);
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_ALGORITHM_MISMATCH);
    check_equal(pair.client.session, 0);
    pair_release(&pair);
}

int main(void)
{
    RUN(last_flight);
    RUN(closing);
    RUN(key_updates);
    RUN(without_tls13);
    identities_free();
    return check_summary();
}
