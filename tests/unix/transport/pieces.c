/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handshakes over transports that come and go in pieces, and input that is no handshake at all.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/hello.h"
#include "kit/support.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};

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
            pair_release(&pair);
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
            pair_release(&pair);
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
    pair_release(&pair);
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
        pair_join(&pair);
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
        pair_release(&pair);
    }
}

/* The longest ClientHello there can be, in as many records as it takes. */
static void longest_client_hello(void)
{
    static const uint8_t padding[65000] = {0}; /* RFC 7685 */
    struct pair pair = {0};
    struct queue longer;

    pair.client.credentials = client_credentials(BOTH);
    pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
    pair_join(&pair);
    peer_leg(&pair.client);
    longer = hello_with(&pair.to_server, 32700, 21, padding, sizeof(padding));
    check(longer.size > 130000, "%zu bytes", longer.size);
    queue_free(&pair.to_server);
    pair.to_server = longer;
    peer_leg(&pair.server);
    check_equal(pair.server.status, SEC_I_CONTINUE_NEEDED);
    check(pair.to_client.size > 500, "the server's flight has %zu bytes", pair.to_client.size);
    pair_release(&pair);
}

static void garbage(void)
{
    static const struct {
        const char *text;
        size_t size;
        uint32_t alert;
    } rows[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18, TLS_NO_ALERT},
        {"G", 1, TLS_NO_ALERT},
        {"\0\0\0\0\0\0", 6, TLS_NO_ALERT},
        {"\x80\x2e\x01\x03\x01", 5, TLS_NO_ALERT},       /* SSLv2 */
        {"\x16\x02\x00\x00\x05hello", 10, TLS_NO_ALERT}, /* no TLS version */
        {"\x16\x03\x01\xff\xff", 5, 22},                 /* far too long */
        {"\x16\x03\x01\x40\x01", 5, 22},                 /* one too long */
        {"\x16\x03\x01\x00\x00", 5, 10},                 /* an empty fragment */
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
        /* What is no TLS at all is not told so. */
        check(params.status ==
                  (rows[i].alert == TLS_NO_ALERT ? SEC_E_INVALID_TOKEN : SEC_E_ILLEGAL_MESSAGE),
              "row %zu: status %x", i, params.status);
        check(params.alert == rows[i].alert, "row %zu: alert %u", i, params.alert);
        check(rows[i].alert == TLS_NO_ALERT ? !params.written
                                            : params.written == 7 && output[0] == 21 &&
                                                  output[5] == 2 && output[6] == rows[i].alert,
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

    params.input = (tls_u64)(uintptr_t) "\x16\x03\x01\xff\xff";
    params.input_size = 5;
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
    } rows[] = {{"HTTP/1.1 400 Bad Request", 24, SEC_E_INVALID_TOKEN, TLS_NO_ALERT, false},
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
            pair_join(&pair);
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
            pair_release(&pair);
        }
    }
}

int main(void)
{
    RUN(small_outputs);
    RUN(small_inputs);
    RUN(incomplete_client_hello);
    RUN(fragmented_client_hello);
    RUN(longest_client_hello);
    RUN(garbage);
    RUN(failure_without_room);
    RUN(interrupted);
    identities_free();
    return check_summary();
}
