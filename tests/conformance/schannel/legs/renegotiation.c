/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A second handshake inside a connection, in TLS 1.2: asked for by either side in each of the
 * documented ways, with new wishes (a client certificate), and with data that is on its way.
 *
 * Source: "Renegotiating an Schannel Connection", "Recognizing a Request to Renegotiate a
 * Connection" and the reference pages of the functions.
 */
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"

static const struct side_options tls12 = {.protocols = SIDE_TLS1_2};

/* Both sides say DecryptMessage, hand over what SEC_I_RENEGOTIATE left, and answer. */
static void settle(struct pair *pair, struct side *first)
{
    struct side *side = first;
    BYTE bytes[16];
    SECURITY_STATUS status = SEC_I_RENEGOTIATE;
    DWORD size;

    if (side->inbox_size && side->status == SEC_E_OK) {
        /* side_receive makes the first leg. */
        status = side_receive(side, bytes, sizeof(bytes), &size);
        ok(status == SEC_I_CONTINUE_NEEDED, "the answer: %s\n", status_name(status));
    }
    side->peer->status = side->status = SEC_I_CONTINUE_NEEDED;
    ok(pair_handshake(pair), "client %s, server %s\n", status_name(pair->client.status),
       status_name(pair->server.status));
    ok(!pair->client.inbox_size && !pair->server.inbox_size, "bytes are left\n");
}

static SECURITY_STATUS apply(struct side *side, DWORD type)
{
    SecBuffer buffer = {sizeof(type), SECBUFFER_TOKEN, &type};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};

    return ApplyControlToken(&side->context, &token);
}

/* The call without input, with an empty TOKEN, and the control token. */
static const char *const ways[] = {"no input", "an empty token", "SCHANNEL_RENEGOTIATE"};

static SECURITY_STATUS ask(struct side *side, unsigned int way)
{
    SECURITY_STATUS status;
    struct leg leg;

    if (way == 2) {
        status = apply(side, SCHANNEL_RENEGOTIATE);
        ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
    }
    leg_begin(side, &leg);
    if (way == 0)
        leg.input_pointer = NULL;
    status = leg_call(side, &leg);
    ok(leg.out[0].cbBuffer > 0, "nothing to send\n");
    leg_end(side, &leg, status);
    return status;
}

static void test_server_asks(void)
{
    struct side_options client = tls12, server = tls12;
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int way;

    client.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
    server.cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION;
    for (way = 0; way < ARRAY_SIZE(ways); way++) {
        winetest_push_context("%s", ways[way]);
        if (pair_connect(&pair, &client, &server)) {
            ok(!side_has_peer_certificate(&pair.server), "a certificate nobody asked for\n");
            pair.server.options.flags |= ASC_REQ_MUTUAL_AUTH;
            status = ask(&pair.server, way);
            ok(status == SEC_E_OK, "asking: %s\n", status_name(status));
            ok(!(pair.server.attributes & ASC_RET_MUTUAL_AUTH), "authenticated before\n");

            /* The request does not hold up data. */
            pair.client.status = SEC_E_OK;
            status = side_send(&pair.client, "on its way", 10);
            ok(status == SEC_E_OK, "EncryptMessage: %s\n", status_name(status));
            if (status == SEC_E_OK) {
                BYTE bytes[16];
                DWORD size;

                status = side_receive(&pair.server, bytes, sizeof(bytes), &size);
                ok(status == SEC_E_OK && size == 10, "DecryptMessage: %s\n", status_name(status));
            }
            settle(&pair, &pair.client);
            ok(side_has_peer_certificate(&pair.server), "no certificate\n");
            ok((pair.server.attributes & ASC_RET_MUTUAL_AUTH) != 0, "not authenticated\n");
            pair_exchange(&pair.client, &pair.server, 5000);
            pair_exchange(&pair.server, &pair.client, 5000);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/*
 * A program that takes the request for consumed, as it is on Windows: behind SEC_I_RENEGOTIATE it
 * keeps what EXTRA names for later and calls without input, with an empty token, or with that; or
 * goes on reading first.
 */
static void test_request_is_taken(void)
{
    static const char *const answers[] = {"no input", "an empty token", "data behind it",
                                          "after reading"};
    SecBuffer buffers[4];
    SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int way;
    BYTE bytes[16];
    struct leg leg;
    DWORD size;

    for (way = 0; way < ARRAY_SIZE(answers); way++) {
        winetest_push_context("%s", answers[way]);
        if (pair_connect(&pair, &tls12, &tls12)) {
            status = ask(&pair.server, 0);
            ok(status == SEC_E_OK, "asking: %s\n", status_name(status));
            if (way >= 2)
                side_send(&pair.server, "behind it", 9);
            memset(buffers, 0, sizeof(buffers));
            buffers[0].BufferType = SECBUFFER_DATA;
            buffers[0].pvBuffer = pair.client.inbox;
            buffers[0].cbBuffer = pair.client.inbox_size;
            status = DecryptMessage(&pair.client.context, &message, 0, NULL);
            ok(status == SEC_I_RENEGOTIATE, "DecryptMessage: %s\n", status_name(status));
            ok(buffers[0].BufferType == SECBUFFER_STREAM_HEADER && buffers[0].cbBuffer == 13,
               "buffer 0 has type %lu, size %lu\n", buffers[0].BufferType, buffers[0].cbBuffer);
            ok(buffers[1].BufferType == SECBUFFER_DATA && !buffers[1].cbBuffer,
               "buffer 1 has type %lu, size %lu\n", buffers[1].BufferType, buffers[1].cbBuffer);
            ok(buffers[3].BufferType == (way >= 2 ? SECBUFFER_EXTRA : SECBUFFER_EMPTY),
               "buffer 3 has type %lu, size %lu\n", buffers[3].BufferType, buffers[3].cbBuffer);
            side_consume(&pair.client, pair.client.inbox_size - buffers[3].cbBuffer);
            if (way == 3) {
                status = side_receive(&pair.client, bytes, sizeof(bytes), &size);
                ok(status == SEC_E_OK && size == 9, "the data: %s\n", status_name(status));
            }
            leg_begin(&pair.client, &leg);
            if (way == 0)
                leg.input_pointer = NULL;
            status = leg_call(&pair.client, &leg);
            ok(leg.out[0].cbBuffer > 0, "nothing to send\n");
            leg_end(&pair.client, &leg, status);
            ok(status == SEC_I_CONTINUE_NEEDED, "the answer: %s\n", status_name(status));
            if (way == 2) {
                pair.client.status = SEC_E_OK;
                status = side_receive(&pair.client, bytes, sizeof(bytes), &size);
                ok(status == SEC_E_OK && size == 9, "the data: %s\n", status_name(status));
            }
            pair.client.status = pair.server.status = SEC_I_CONTINUE_NEEDED;
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
            pair_exchange(&pair.client, &pair.server, 5000);
            pair_exchange(&pair.server, &pair.client, 5000);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

static void test_client_asks(void)
{
    struct side_options client = tls12;
    SECURITY_STATUS status;
    BYTE bytes[16];
    struct pair pair;
    unsigned int way;
    DWORD size;

    for (way = 0; way < ARRAY_SIZE(ways); way++) {
        winetest_push_context("%s", ways[way]);
        if (pair_connect(&pair, &client, NULL)) {
            status = ask(&pair.client, way);
            ok(status == SEC_I_CONTINUE_NEEDED, "asking: %s\n", status_name(status));
            /* What the server sent before it knew is still data. */
            side_send(&pair.server, "on its way", 10);
            status = side_receive(&pair.client, bytes, sizeof(bytes), &size);
            ok(status == SEC_E_OK && size == 10, "DecryptMessage: %s\n", status_name(status));

            settle(&pair, &pair.server);
            pair_exchange(&pair.client, &pair.server, 5000);
            pair_exchange(&pair.server, &pair.client, 5000);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* A leg that meets data while it waits for the other hello leaves it for DecryptMessage. */
static void test_data_in_leg(void)
{
    SECURITY_STATUS status;
    BYTE bytes[16];
    struct pair pair;
    DWORD size, before;

    if (pair_connect(&pair, &tls12, NULL)) {
        ask(&pair.client, 0);
        side_send(&pair.server, "on its way", 10);
        before = pair.client.inbox_size;
        status = side_leg(&pair.client);
        ok(status == SEC_I_CONTINUE_NEEDED, "leg: %s\n", status_name(status));
        ok(pair.client.inbox_size == before, "%lu of %lu bytes are left\n", pair.client.inbox_size,
           before);
        status = side_receive(&pair.client, bytes, sizeof(bytes), &size);
        ok(status == SEC_E_OK && size == 10, "DecryptMessage: %s\n", status_name(status));
        settle(&pair, &pair.server);
        pair_exchange(&pair.client, &pair.server, 100);
    }
    pair_destroy(&pair);
}

/* In the middle of it there is no data to send, and what describes the connection stays. */
static void test_in_the_middle(void)
{
    SecPkgContext_ConnectionInfo info = {0};
    SECURITY_STATUS status;
    struct pair pair;

    if (pair_connect(&pair, &tls12, NULL)) {
        ask(&pair.client, 0);
        side_leg(&pair.server);
        status = side_send(&pair.server, "x", 1);
        ok(status == SEC_E_OUT_OF_SEQUENCE, "EncryptMessage: %s\n", status_name(status));
        status = QueryContextAttributesW(&pair.server.context, SECPKG_ATTR_CONNECTION_INFO, &info);
        ok(status == SEC_E_OK, "CONNECTION_INFO: %s\n", status_name(status));
        ok(info.dwProtocol == SP_PROT_TLS1_2_SERVER, "protocol %#lx\n", info.dwProtocol);
        pair.client.status = SEC_I_CONTINUE_NEEDED;
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        pair_exchange(&pair.client, &pair.server, 100);
    }
    pair_destroy(&pair);
}

/* A peer that says no: the connection goes on. */
static void test_denied(void)
{
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_WARNING, TLS1_ALERT_NO_RENEGOTIATION};
    SecBuffer buffer = {sizeof(alert), SECBUFFER_TOKEN, &alert};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status;
    BYTE bytes[16];
    struct pair pair;
    DWORD size;

    if (pair_connect(&pair, &tls12, NULL)) {
        ask(&pair.server, 0);
        /* This client throws the request away, which its keys do not like: so it is not sent. */
        pair.client.inbox_size = 0;
        status = ApplyControlToken(&pair.client.context, &token);
        ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
        status = side_leg(&pair.client);
        ok(status == SEC_E_OK, "the alert: %s\n", status_name(status));
        status = side_receive(&pair.server, bytes, sizeof(bytes), &size);
        ok(status == SEC_I_NO_RENEGOTIATION, "the answer: %s\n", status_name(status));
        pair_exchange(&pair.client, &pair.server, 100);
    }
    pair_destroy(&pair);
}

/* TLS 1.3 has no renegotiation; what is like it is new keys for both sides. */
static void test_tls13(void)
{
    const struct side_options client = {.protocols = SIDE_TLS1_3};
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int way;

    if (!pair_supports(SIDE_TLS1_3)) {
        win_skip("no TLS 1.3\n");
        return;
    }
    for (way = 0; way < ARRAY_SIZE(ways); way++) {
        winetest_push_context("%s", ways[way]);
        if (pair_connect(&pair, &client, NULL)) {
            pair_exchange(&pair.server, &pair.client, 100);
            status = ask(&pair.client, way);
            ok(status == SEC_E_OK, "client: %s\n", status_name(status));
            pair_exchange(&pair.client, &pair.server, 100);
            pair_exchange(&pair.server, &pair.client, 100);
            status = ask(&pair.server, way);
            ok(status == SEC_E_OK, "server: %s\n", status_name(status));
            pair_exchange(&pair.server, &pair.client, 100);
            pair_exchange(&pair.client, &pair.server, 100);
            /* Both wishes on their way at once, RFC 8446 4.6.3. */
            ask(&pair.server, 0);
            status = ask(&pair.client, 0);
            ok(status == SEC_E_OK, "at once: %s\n", status_name(status));
            pair_exchange(&pair.client, &pair.server, 100);
            pair_exchange(&pair.server, &pair.client, 100);
            pair_exchange(&pair.client, &pair.server, 100);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* The token has its time. */
static void test_token(void)
{
    SECURITY_STATUS status;
    struct pair pair;

    if (pair_create(&pair, &tls12, NULL)) {
        side_leg(&pair.client);
        status = apply(&pair.client, SCHANNEL_RENEGOTIATE);
        ok(status == SEC_E_UNSUPPORTED_FUNCTION, "in the handshake: %s\n", status_name(status));
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        side_shutdown(&pair.client);
        status = apply(&pair.client, SCHANNEL_RENEGOTIATE);
        ok(status == SEC_E_CONTEXT_EXPIRED, "after shutting down: %s\n", status_name(status));
    }
    pair_destroy(&pair);
}

START_TEST(schannel_legs_renegotiation)
{
    test_server_asks();
    test_request_is_taken();
    test_client_asks();
    test_data_in_leg();
    test_in_the_middle();
    test_denied();
    test_tls13();
    test_token();
}
