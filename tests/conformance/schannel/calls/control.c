/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ApplyControlToken with every token in every state of a context, and the leg that follows; alerts
 * through EncryptMessage with SECQOP_WRAP_OOB_DATA.
 *
 * Source: the reference pages of ApplyControlToken (Schannel), EncryptMessage (Schannel) and of the
 * structures of the tokens; what they leave open is in docs/schannel.md.
 */
#include "kit/datagrams.h"
#include "kit/other.h"
#include "kit/testcert.h"
#include "wine/test.h"

enum { HANDSHAKE, CONNECTED, SHUT_DOWN, PEER_SHUT_DOWN, FAILED_STATE, STATES };

static const char *const states[] = {"in the handshake", "connected", "shut down",
                                     "shut down by the peer", "failed"};

/* In place of a status: that of the failure, or whatever a leg without a token returns. */
#define FAILURE  ((SECURITY_STATUS)1)
#define NO_TOKEN ((SECURITY_STATUS)2)
#define IN_ALL(s)                                                                                  \
    {                                                                                              \
        s, s, s, s, s                                                                              \
    }

/* What ApplyControlToken says in each state, and the leg without input behind it. */
static const struct {
    const char *name;
    DWORD words[3], size;
    SECURITY_STATUS applied[STATES], leg[STATES];
} tokens[] = {
    {"SHUTDOWN",
     {SCHANNEL_SHUTDOWN},
     4,
     IN_ALL(SEC_E_OK),
     {SEC_E_OK, SEC_E_OK, SEC_E_OK, SEC_E_OK, NO_TOKEN}},
    {"ALERT",
     {SCHANNEL_ALERT, TLS1_ALERT_WARNING, TLS1_ALERT_USER_CANCELED},
     12,
     IN_ALL(SEC_E_OK),
     IN_ALL(SEC_E_OK)},
    {"fatal ALERT",
     {SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_INTERNAL_ERROR},
     12,
     IN_ALL(SEC_E_OK),
     IN_ALL(SEC_E_OK)},
    {"RENEGOTIATE",
     {SCHANNEL_RENEGOTIATE},
     4,
     {SEC_E_UNSUPPORTED_FUNCTION, SEC_E_OK, SEC_E_CONTEXT_EXPIRED, SEC_E_OK, FAILURE},
     IN_ALL(NO_TOKEN)},
    {"SESSION",
     {SCHANNEL_SESSION, SSL_SESSION_DISABLE_RECONNECTS},
     8,
     IN_ALL(SEC_E_OK),
     IN_ALL(NO_TOKEN)},
    {"half an ALERT",
     {SCHANNEL_ALERT, TLS1_ALERT_WARNING},
     8,
     IN_ALL(SEC_E_INVALID_TOKEN),
     IN_ALL(NO_TOKEN)},
    {"an ALERT of no level",
     {SCHANNEL_ALERT, 3, 0},
     12,
     IN_ALL(SEC_E_INVALID_TOKEN),
     IN_ALL(NO_TOKEN)},
    {"half a SESSION", {SCHANNEL_SESSION}, 4, IN_ALL(SEC_E_INVALID_TOKEN), IN_ALL(NO_TOKEN)},
    {"a SESSION of no flag",
     {SCHANNEL_SESSION, 99},
     8,
     IN_ALL(SEC_E_INVALID_TOKEN),
     IN_ALL(NO_TOKEN)},
    {"an unknown token", {0x7fff}, 4, IN_ALL(SEC_E_UNSUPPORTED_FUNCTION), IN_ALL(NO_TOKEN)},
    {"half a token", {SCHANNEL_SHUTDOWN}, 2, IN_ALL(SEC_E_UNSUPPORTED_FUNCTION), IN_ALL(NO_TOKEN)},
};

/* Of a leg without input and without a token. */
static SECURITY_STATUS usual(const struct side *side, unsigned int state, SECURITY_STATUS failure)
{
    switch (state) {
    case HANDSHAKE:
        return SEC_E_INCOMPLETE_MESSAGE;
    case CONNECTED: /* it asks for a renegotiation */
        return side->role == SIDE_CLIENT && side->options.protocols == SIDE_TLS1_2
                   ? SEC_I_CONTINUE_NEEDED
                   : SEC_E_OK;
    case FAILED_STATE:
        return failure;
    default:
        return SEC_I_CONTEXT_EXPIRED;
    }
}

/* FALSE: there is no such state. */
static BOOL bring_to(struct pair *pair, struct side *side, unsigned int state)
{
    static const BYTE alert[] = {21, 3, 3, 0, 2, TLS1_ALERT_FATAL, TLS1_ALERT_HANDSHAKE_FAILURE};
    SECURITY_STATUS status;
    BYTE bytes[16];
    DWORD size;

    if (state == HANDSHAKE || state == FAILED_STATE) {
        side_leg(&pair->client);
        if (side->role == SIDE_SERVER)
            side_leg(&pair->server);
        if (state == FAILED_STATE) {
            side->inbox_size = 0;
            side_deliver(side, alert, sizeof(alert));
            status = side_leg(side);
            ok(FAILED(status) && status != SEC_E_INCOMPLETE_MESSAGE, "the alert: %s\n",
               status_name(status));
        }
        side->inbox_size = side->peer->inbox_size = 0;
        return side->have_context;
    }
    if (!pair_handshake(pair))
        return FALSE;
    pair_exchange(&pair->server, &pair->client, 10); /* takes the ticket on its way */
    if (state == SHUT_DOWN)
        side_shutdown(side);
    if (state == PEER_SHUT_DOWN) {
        side_shutdown(side->peer);
        status = side_receive(side, bytes, sizeof(bytes), &size);
        ok(status == SEC_I_CONTEXT_EXPIRED, "the peer's end: %s\n", status_name(status));
    }
    side->inbox_size = side->peer->inbox_size = 0;
    return TRUE;
}

static void test_token(struct side *side, unsigned int state, unsigned int token)
{
    SECURITY_STATUS failure = side->status, applied, status, expected;
    DWORD words[3], size;
    SecBuffer buffer = {tokens[token].size, SECBUFFER_TOKEN, words};
    SecBufferDesc description = {SECBUFFER_VERSION, 1, &buffer};
    BOOL writes;
    struct leg leg;

    memcpy(words, tokens[token].words, sizeof(words));
    applied = ApplyControlToken(&side->context, &description);
    expected = tokens[token].applied[state];
    if (expected == FAILURE)
        expected = failure;
    ok(applied == expected, "ApplyControlToken: %s, expected %s\n", status_name(applied),
       status_name(expected));

    leg_begin(side, &leg);
    leg.input_pointer = NULL;
    status = leg_call(side, &leg);
    size = leg.out[0].pvBuffer ? leg.out[0].cbBuffer : 0;
    leg_end(side, &leg, status);
    expected = tokens[token].leg[state];
    writes = expected != NO_TOKEN || state == CONNECTED;
    if (expected == NO_TOKEN)
        expected = usual(side, state, failure);
    ok(status == expected, "the leg: %s, expected %s\n", status_name(status),
       status_name(expected));
    ok(writes ? size > 0 : !size, "%lu bytes to send\n", size);
    if (tokens[token].words[0] == SCHANNEL_ALERT && tokens[token].words[1] == TLS1_ALERT_FATAL &&
        state == CONNECTED) {
        status = side_send(side, "x", 1);
        ok(status == SEC_E_CONTEXT_EXPIRED, "EncryptMessage: %s\n", status_name(status));
    }
}

static void test_tokens(enum side_role role, DWORD version)
{
    const struct side_options client = {.protocols = version};
    const struct side_options server = {.protocols = version,
                                        .certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
    unsigned int state, token;

    for (state = 0; state < STATES; state++) {
        for (token = 0; token < ARRAY_SIZE(tokens); token++) {
            struct pair pair;

            winetest_push_context("%s, %s, %s, %s", version_name(version),
                                  role == SIDE_CLIENT ? "client" : "server", states[state],
                                  tokens[token].name);
            if (pair_create(&pair, &client, &server)) {
                struct side *side = role == SIDE_CLIENT ? &pair.client : &pair.server;

                if (bring_to(&pair, side, state))
                    test_token(side, state, token);
            }
            pair_destroy(&pair);
            winetest_pop_context();
        }
    }
}

/* The same for DTLS, where a leg without input repeats a flight, and nobody renegotiates. */
static SECURITY_STATUS usual_of_datagrams(unsigned int state, SECURITY_STATUS failure)
{
    switch (state) {
    case HANDSHAKE:
        return SEC_I_CONTINUE_NEEDED;
    case CONNECTED:
        return SEC_I_NO_RENEGOTIATION;
    case FAILED_STATE:
        return failure;
    default:
        return SEC_I_CONTEXT_EXPIRED;
    }
}

/* One datagram to the end it is for. */
static void pass(struct end *end)
{
    struct datagram datagram = wire_take(end->in, 0);

    end_leg(end, datagram.data, datagram.size);
    datagram_free(&datagram);
}

static SECURITY_STATUS apply(struct end *end, const DWORD *words, DWORD size)
{
    DWORD copy[3];
    SecBuffer buffer = {size, SECBUFFER_TOKEN, copy};
    SecBufferDesc description = {SECBUFFER_VERSION, 1, &buffer};

    memcpy(copy, words, sizeof(copy));
    return ApplyControlToken(&end->context, &description);
}

static void shut_down(struct end *end)
{
    static const DWORD words[3] = {SCHANNEL_SHUTDOWN};
    SECURITY_STATUS status = apply(end, words, 4);

    ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
    status = end_leg(end, NULL, 0);
    ok(status == SEC_E_OK && end->out->count == 1, "close_notify: %s\n", status_name(status));
}

static BOOL bring_end_to(struct connection *c, struct end *end, unsigned int state)
{
    static const BYTE alert[] = {
        21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 99, 0, 2, 2, TLS1_ALERT_HANDSHAKE_FAILURE};
    struct end *peer = end == &c->client ? &c->server : &c->client;
    struct datagram datagram;
    SECURITY_STATUS status;
    SecBuffer buffers[4];

    if (state == HANDSHAKE || state == FAILED_STATE) {
        end_leg(&c->client, NULL, 0);
        if (end == &c->server) {
            pass(end); /* answered with the cookie */
            pass(peer);
            pass(end);
        }
        if (state == FAILED_STATE) {
            status = end_leg(end, alert, sizeof(alert));
            ok(status == SEC_E_ILLEGAL_MESSAGE, "the alert: %s\n", status_name(status));
        }
    } else {
        if (!connection_run(c))
            return FALSE;
        if (state == SHUT_DOWN)
            shut_down(end);
        if (state == PEER_SHUT_DOWN) {
            shut_down(peer);
            datagram = wire_take(end->in, 0);
            status = end_decrypt(end, &datagram, buffers);
            ok(status == SEC_I_CONTEXT_EXPIRED, "the peer's end: %s\n", status_name(status));
            datagram_free(&datagram);
        }
    }
    return end->have_context;
}

static void test_datagram_token(struct end *end, unsigned int state, unsigned int token)
{
    SECURITY_STATUS failure = end->status, status, expected;
    unsigned int sent = end->out->sent;
    struct datagram record = {0};
    BOOL writes;

    status = apply(end, tokens[token].words, tokens[token].size);
    expected = tokens[token].applied[state];
    if (expected == FAILURE)
        expected = failure;
    ok(status == expected, "ApplyControlToken: %s, expected %s\n", status_name(status),
       status_name(expected));

    status = end_leg(end, NULL, 0);
    expected = tokens[token].leg[state];
    writes = expected != NO_TOKEN || state == HANDSHAKE;
    if (expected == NO_TOKEN)
        expected = usual_of_datagrams(state, failure);
    ok(status == expected, "the leg: %s, expected %s\n", status_name(status),
       status_name(expected));
    ok((end->out->sent > sent) == writes, "%u datagrams to send\n", end->out->sent - sent);
    if (tokens[token].words[0] == SCHANNEL_ALERT && tokens[token].words[1] == TLS1_ALERT_FATAL &&
        state == CONNECTED) {
        status = end_encrypt(end, "x", 1, &record);
        ok(status == SEC_E_CONTEXT_EXPIRED, "EncryptMessage: %s\n", status_name(status));
        datagram_free(&record);
    }
}

/* There are no alerts through EncryptMessage. */
static void test_no_out_of_band(void)
{
    BYTE bytes[128] = {0};
    SecBuffer buffers[4] = {{32, SECBUFFER_STREAM_HEADER, bytes},
                            {2, SECBUFFER_DATA, bytes + 32},
                            {64, SECBUFFER_STREAM_TRAILER, bytes + 34},
                            {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
    SECURITY_STATUS status;
    struct connection c;

    bytes[32] = TLS1_ALERT_FATAL;
    if (connection_create(&c, NULL, NULL) && connection_run(&c)) {
        status = EncryptMessage(&c.client.context, SECQOP_WRAP_OOB_DATA, &message, 0);
        ok(status == SEC_E_QOP_NOT_SUPPORTED, "EncryptMessage: %s\n", status_name(status));
        ok(end_transfer(&c.client, &c.server, 100), "data\n");
    }
    connection_destroy(&c);
}

static void test_datagram_tokens(enum side_role role)
{
    const struct datagram_options server = {.certificate = test_cert_localhost(TEST_KEY_ECDSA)};
    unsigned int state, token;
    struct connection c;

    if (!connection_create(&c, NULL, &server))
        goto done;
    for (state = 0; state < STATES; state++) {
        for (token = 0; token < ARRAY_SIZE(tokens); token++) {
            struct end *end = role == SIDE_CLIENT ? &c.client : &c.server;

            winetest_push_context("DTLS 1.2, %s, %s, %s", role == SIDE_CLIENT ? "client" : "server",
                                  states[state], tokens[token].name);
            if (bring_end_to(&c, end, state))
                test_datagram_token(end, state, token);
            connection_close(&c);
            winetest_pop_context();
        }
    }
done:
    connection_destroy(&c);
}

/*
 * A server that has sent a cookie knows of no client it could tell anything. It is shut down, or
 * goes on with the hello that brings the cookie.
 */
static void test_before_the_cookie(void)
{
    SECURITY_STATUS status, expected;
    struct connection c;
    unsigned int token;

    if (!connection_create(&c, NULL, NULL))
        goto done;
    for (token = 0; token < ARRAY_SIZE(tokens); token++) {
        winetest_push_context("before the cookie, %s", tokens[token].name);
        end_leg(&c.client, NULL, 0);
        pass(&c.server);
        pass(&c.client);
        status = apply(&c.server, tokens[token].words, tokens[token].size);
        expected = tokens[token].applied[HANDSHAKE];
        ok(status == expected, "ApplyControlToken: %s\n", status_name(status));
        expected = tokens[token].leg[HANDSHAKE];
        if (expected != NO_TOKEN) {
            status = end_leg(&c.server, NULL, 0);
            ok(status == expected, "the leg: %s\n", status_name(status));
            ok(!c.to_client.count, "%u datagrams to send\n", c.to_client.count);
        }
        pass(&c.server);
        if (expected != NO_TOKEN && tokens[token].words[0] == SCHANNEL_SHUTDOWN)
            expected = SEC_I_CONTEXT_EXPIRED;
        else if (expected != NO_TOKEN && tokens[token].words[1] == TLS1_ALERT_FATAL)
            expected = SEC_E_CONTEXT_EXPIRED;
        else
            expected = SEC_I_CONTINUE_NEEDED;
        ok(c.server.status == expected, "the cookie: %s\n", status_name(c.server.status));
        if (expected == SEC_I_CONTINUE_NEEDED)
            ok(connection_run(&c), "client %s, server %s\n", status_name(c.client.status),
               status_name(c.server.status));
        connection_close(&c);
        winetest_pop_context();
    }
done:
    connection_destroy(&c);
}

/* ApplyControlToken with descriptors of other shapes than one TOKEN. */
static void test_shapes(void)
{
    static const struct {
        const char *name;
        ULONG types[2], sizes[2], count;
        SECURITY_STATUS status;
    } shapes[] = {
        {"two tokens", {SECBUFFER_TOKEN, SECBUFFER_TOKEN}, {4, 4}, 2, SEC_E_INVALID_TOKEN},
        {"and an EMPTY", {SECBUFFER_TOKEN, SECBUFFER_EMPTY}, {4}, 2, SEC_E_INVALID_TOKEN},
        {"an ALERT buffer", {SECBUFFER_ALERT}, {4}, 1, SEC_E_INVALID_TOKEN},
        {"a DATA buffer", {SECBUFFER_DATA}, {4}, 1, SEC_E_INVALID_TOKEN},
        {"2 bytes", {SECBUFFER_TOKEN}, {2}, 1, SEC_E_UNSUPPORTED_FUNCTION},
        {"5 bytes", {SECBUFFER_TOKEN}, {5}, 1, SEC_E_OK},
        {"the same again", {SECBUFFER_TOKEN}, {5}, 1, SEC_E_OK},
    };
    DWORD token[3] = {SCHANNEL_SHUTDOWN};
    SecBuffer buffers[2];
    SecBufferDesc description = {SECBUFFER_VERSION, 1, buffers};
    struct side client = {0};
    SECURITY_STATUS status;
    unsigned int i, j;

    if (side_acquire(&client, SIDE_CLIENT, &client.options) == SEC_E_OK) {
        side_leg(&client);
        for (i = 0; i < ARRAY_SIZE(shapes); i++) {
            description.cBuffers = shapes[i].count;
            for (j = 0; j < 2; j++)
                buffers[j] = (SecBuffer){shapes[i].sizes[j], shapes[i].types[j],
                                         shapes[i].sizes[j] ? token : NULL};
            status = ApplyControlToken(&client.context, &description);
            ok(status == shapes[i].status, "%s: %s\n", shapes[i].name, status_name(status));
        }
        description.cBuffers = 1;
        status = ApplyControlToken(NULL, &description);
        ok(status == SEC_E_INVALID_HANDLE, "no context: %s\n", status_name(status));
        status = ApplyControlToken(&client.context, NULL);
        ok(status == SEC_E_INTERNAL_ERROR, "no token: %s\n", status_name(status));
    }
    side_free(&client);
}

/* One leg without input of a client in the handshake. */
static void check_farewell(struct side *client, SECURITY_STATUS expected, const char *what)
{
    BYTE bytes[1000];
    SecBuffer buffer = {sizeof(bytes), SECBUFFER_TOKEN, bytes};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
    CtxtHandle handle = {0x1111, 0x2222};
    SECURITY_STATUS status;
    ULONG attributes;

    status = InitializeSecurityContextW(&client->credentials, &client->context, NULL, 0, 0, 0, NULL,
                                        0, &handle, &output, &attributes, NULL);
    ok(status == expected, "%s: %s\n", what, status_name(status));
    if (expected == SEC_E_OK) {
        ok(buffer.cbBuffer == 7, "%s: %lu bytes\n", what, buffer.cbBuffer);
        ok(handle.dwLower == client->context.dwLower, "%s: another handle\n", what);
    } else {
        ok(buffer.cbBuffer == sizeof(bytes), "%s: %lu bytes\n", what, buffer.cbBuffer);
        ok(handle.dwLower == 0x1111 && handle.dwUpper == 0x2222, "%s: a handle\n", what);
    }
}

/* Farewells of a client in the handshake, one behind the other. */
static void test_farewells(void)
{
    const struct side_options options = {.version = SCHANNEL_CRED_VERSION};
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_BAD_CERTIFICATE};
    DWORD shutdown = SCHANNEL_SHUTDOWN;
    SecBuffer buffer = {sizeof(shutdown), SECBUFFER_TOKEN, &shutdown};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};
    struct side client = {0};
    SECURITY_STATUS status;

    if (side_acquire(&client, SIDE_CLIENT, &options) == SEC_E_OK) {
        side_leg(&client);
        status = ApplyControlToken(&client.context, &token);
        ok(status == SEC_E_OK, "SHUTDOWN: %s\n", status_name(status));
        check_farewell(&client, SEC_E_OK, "close_notify");
        check_farewell(&client, SEC_E_INCOMPLETE_MESSAGE, "nothing");
        status = ApplyControlToken(&client.context, &token);
        ok(status == SEC_E_OK, "SHUTDOWN again: %s\n", status_name(status));
        check_farewell(&client, SEC_E_OK, "another close_notify");
        buffer.pvBuffer = &alert;
        buffer.cbBuffer = sizeof(alert);
        status = ApplyControlToken(&client.context, &token);
        ok(status == SEC_E_OK, "ALERT: %s\n", status_name(status));
        check_farewell(&client, SEC_E_OK, "the alert");
    }
    side_free(&client);
}

/* EncryptMessage of an alert, to the peer; the status. */
static SECURITY_STATUS send_alert(struct side *side, const BYTE *alert, DWORD size, ULONG qop)
{
    const SecPkgContext_StreamSizes *sizes = &side->sizes;
    BYTE record[512];
    SecBuffer buffers[4] = {
        {sizes->cbHeader, SECBUFFER_STREAM_HEADER, record},
        {size, SECBUFFER_DATA, record + sizes->cbHeader},
        {sizes->cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes->cbHeader + size},
        {0, SECBUFFER_EMPTY, NULL}};
    SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
    SECURITY_STATUS status;

    memcpy(record + sizes->cbHeader, alert, size);
    status = EncryptMessage(&side->context, qop, &message, 0);
    if (status == SEC_E_OK)
        side_deliver(side->peer, record,
                     buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
    return status;
}

static void test_out_of_band(DWORD version)
{
    static const BYTE warning[] = {TLS1_ALERT_WARNING, TLS1_ALERT_USER_CANCELED};
    static const BYTE close_notify[] = {TLS1_ALERT_WARNING, TLS1_ALERT_CLOSE_NOTIFY};
    static const BYTE fatal[] = {TLS1_ALERT_FATAL, TLS1_ALERT_ACCESS_DENIED};
    static const BYTE wrong[] = {3, 0, 0};
    const struct side_options options = {.protocols = version};
    SECURITY_STATUS status;
    struct pair pair;
    BYTE bytes[16];
    DWORD size;

    winetest_push_context("%s", version_name(version));
    if (pair_connect(&pair, &options, NULL)) {
        pair_exchange(&pair.server, &pair.client, 10);
        status = send_alert(&pair.client, warning, 2, SECQOP_WRAP_NO_ENCRYPT);
        ok(status == SEC_E_QOP_NOT_SUPPORTED, "no encryption: %s\n", status_name(status));
        status = send_alert(&pair.client, wrong, 2, SECQOP_WRAP_OOB_DATA);
        ok(status == SEC_E_INVALID_TOKEN, "no level: %s\n", status_name(status));
        status = send_alert(&pair.client, wrong, 3, SECQOP_WRAP_OOB_DATA);
        ok(status == SEC_E_INVALID_TOKEN, "three bytes: %s\n", status_name(status));
        pair_exchange(&pair.client, &pair.server, 10);

        status = send_alert(&pair.client, warning, 2, SECQOP_WRAP_OOB_DATA);
        ok(status == SEC_E_OK, "a warning: %s\n", status_name(status));
        status = side_receive(&pair.server, bytes, sizeof(bytes), &size);
        ok(status == SEC_E_OK && !size, "the warning, received: %s\n", status_name(status));
        pair_exchange(&pair.client, &pair.server, 10);

        status = send_alert(&pair.server, fatal, 2, SECQOP_WRAP_OOB_DATA);
        ok(status == SEC_E_OK, "a fatal alert: %s\n", status_name(status));
        status = side_receive(&pair.client, bytes, sizeof(bytes), &size);
        ok(status == SEC_E_LOGON_DENIED, "the fatal alert, received: %s\n", status_name(status));
        status = send_alert(&pair.server, warning, 2, SECQOP_WRAP_OOB_DATA);
        ok(status == SEC_E_CONTEXT_EXPIRED, "behind it: %s\n", status_name(status));
    }
    pair_destroy(&pair);
    if (pair_connect(&pair, &options, NULL)) {
        pair_exchange(&pair.server, &pair.client, 10);
        status = send_alert(&pair.client, close_notify, 2, SECQOP_WRAP_OOB_DATA);
        ok(status == SEC_E_OK, "close_notify: %s\n", status_name(status));
        status = side_receive(&pair.server, bytes, sizeof(bytes), &size);
        ok(status == SEC_I_CONTEXT_EXPIRED, "close_notify, received: %s\n", status_name(status));
        status = side_send(&pair.client, "x", 1);
        ok(status == SEC_E_CONTEXT_EXPIRED, "data behind it: %s\n", status_name(status));
    }
    pair_destroy(&pair);
    winetest_pop_context();
}

static void test_datagram_client(void)
{
    test_datagram_tokens(SIDE_CLIENT);
}

static void test_datagram_server(void)
{
    test_datagram_tokens(SIDE_SERVER);
}

START_TEST(schannel_calls_control)
{
    unsigned int i;

    RUN_APART(test_datagram_client);
    RUN_APART(test_datagram_server);
    RUN_APART(test_before_the_cookie);
    if (only_a_part())
        return;
    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        test_tokens(SIDE_CLIENT, versions[i]);
        test_tokens(SIDE_SERVER, versions[i]);
        test_out_of_band(versions[i]);
    }
    test_shapes();
    test_farewells();
    test_no_out_of_band();
}
