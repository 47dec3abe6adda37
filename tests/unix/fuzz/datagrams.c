/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: DTLS, from the first datagram to records.
 *
 * The first byte chooses the suite and the MTU, the rest is a script of what a network and two
 * programs may do: deliver, lose, repeat, reorder, change, cut off or join datagrams, let timers
 * run out, send data, close, and put anything on the wire. After each step the promises of the
 * calls are checked. A datagram that was changed may end a handshake, but never an established
 * connection.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support.h"
#include "shared/require.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_WAITING 32
#define MAX_STEPS   200
#define EVERY_AEAD                                                                                 \
    (TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_256_GCM | TLS_DISABLE_CHACHA20_POLY1305 |           \
     TLS_DISABLE_AES_CCM)

static const uint64_t disabled[] = {0, EVERY_AEAD & ~TLS_DISABLE_CHACHA20_POLY1305, EVERY_AEAD};

#define SUITES (sizeof(disabled) / sizeof(disabled[0]))

static tls_u64 clients[SUITES], servers[SUITES];

struct side {
    tls_u64 session, credentials;
    bool server, connected, over;
    uint32_t mtu;
    struct queue waiting[MAX_WAITING]; /* to this side */
    unsigned int count;
    struct side *peer;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    enum identity_kind kind = IDENTITY_P256;
    size_t i;

    (void)argc;
    (void)argv;
    for (i = 0; i < SUITES; i++) {
        clients[i] =
            credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_DTLS1_2, disabled[i], 0, NULL);
        servers[i] =
            credentials_new(TLS_SERVER, &kind, 1, TLS_PROTOCOL_DTLS1_2, disabled[i], 0, NULL);
        require(clients[i] && servers[i], "credentials");
    }
    return 0;
}

static tls_u64 address(const void *pointer)
{
    return (tls_u64)(uintptr_t)pointer;
}

static void put(struct side *side, const void *data, size_t size)
{
    if (side->count < MAX_WAITING)
        queue_add(&side->waiting[side->count++], data, size);
}

static struct queue take(struct side *side, unsigned int which)
{
    struct queue datagram = side->waiting[which];

    side->count--;
    memmove(&side->waiting[which], &side->waiting[which + 1],
            (side->count - which) * sizeof(datagram));
    memset(&side->waiting[side->count], 0, sizeof(datagram));
    return datagram;
}

static void send_flight(struct side *side, uint32_t next)
{
    uint8_t datagram[4096];

    while (next) {
        struct tls_take_output call = {
            .session = side->session, .output = address(datagram), .output_size = sizeof(datagram)};

        require(next <= side->mtu && next <= sizeof(datagram), "a datagram above the MTU");
        engine_call(TLS_CALL_TAKE_OUTPUT, &call);
        require(call.written == next, "another datagram than was announced");
        put(side->peer, datagram, call.written);
        next = call.next_datagram;
    }
}

static void leg(struct side *side, uint32_t action, const void *data, size_t size)
{
    uint8_t request[128];
    struct tls_handshake call = {.session = side->session,
                                 .credentials = side->credentials,
                                 .flags = TLS_SESSION_DATAGRAM,
                                 .mtu = side->mtu,
                                 .client_address = address("address"),
                                 .client_address_size = 7,
                                 .action = action,
                                 .input = address(data),
                                 .input_size = (uint32_t)size,
                                 .output = address(request),
                                 .output_size = sizeof(request)};

    if (side->over || (!side->session && action != TLS_ACTION_HANDSHAKE))
        return;
    engine_call(TLS_CALL_HANDSHAKE, &call);
    side->session = call.session;
    require(call.consumed <= size, "more consumed than there was");
    if (call.written) {
        require(side->server && !side->session && call.written < size, "output at once");
        put(side->peer, request, call.written);
        return;
    }
    if (call.status == SEC_E_OK)
        side->connected = true;
    else if (call.status != SEC_I_CONTINUE_NEEDED && call.status != SEC_E_INCOMPLETE_MESSAGE) {
        require(!side->connected || call.status == SEC_I_CONTEXT_EXPIRED,
                "a datagram ended a connection");
        side->over = true;
    }
    if (side->session)
        send_flight(side, call.next_datagram);
}

static void receive(struct side *side, struct queue *datagram)
{
    uint8_t *copy = malloc(datagram->size + 1);
    struct tls_decrypt call = {
        .session = side->session, .buffer = address(copy), .buffer_size = (uint32_t)datagram->size};

    if (datagram->size)
        memcpy(copy, datagram->data, datagram->size);
    if (side->over) {
        free(copy);
        return;
    }
    if (!side->connected) {
        leg(side, TLS_ACTION_HANDSHAKE, copy, datagram->size);
        free(copy);
        return;
    }
    engine_call(TLS_CALL_DECRYPT, &call);
    require(call.consumed <= datagram->size, "more consumed than there was");
    require(call.header_size + call.data_size + call.trailer_size == call.consumed, "sizes");
    switch (call.status) {
    case SEC_E_OK:
    case SEC_E_INVALID_TOKEN:
    case SEC_E_OUT_OF_SEQUENCE:
        break;
    case SEC_E_UNFINISHED_CONTEXT_DELETED:
    case SEC_I_RENEGOTIATE:
        leg(side, TLS_ACTION_HANDSHAKE, datagram->data, datagram->size);
        break;
    case SEC_I_CONTEXT_EXPIRED:
        side->over = true;
        break;
    default:
        /* Only the peer may do that, with an alert. */
        require(call.alert != TLS_NO_ALERT && side->peer->over, "a datagram ended a connection");
        side->over = true;
    }
    free(copy);
}

/* One step of the script; the number of bytes it took. */
static size_t step(struct side *side, const uint8_t *script, size_t size)
{
    unsigned int which = side->count ? script[1] % side->count : 0;
    struct queue datagram = {0};
    size_t length, at;

    switch (script[0] >> 1) {
    default: /* deliver */
        if (side->count) {
            datagram = take(side, 0);
            receive(side, &datagram);
            queue_free(&datagram);
        }
        return 1;
    case 1: /* out of order */
        if (side->count) {
            datagram = take(side, which);
            receive(side, &datagram);
            queue_free(&datagram);
        }
        return 2;
    case 2: /* lose */
        if (side->count) {
            datagram = take(side, which);
            queue_free(&datagram);
        }
        return 2;
    case 3: /* repeat */
        if (side->count)
            put(side, side->waiting[which].data, side->waiting[which].size);
        return 2;
    case 4: /* the timer */
        if (side->session && !side->connected)
            leg(side, TLS_ACTION_HANDSHAKE, NULL, 0);
        return 1;
    case 5: /* change */
        if (side->count && side->waiting[which].size) {
            at = (script[2] << 8 | script[3]) % side->waiting[which].size;
            side->waiting[which].data[at] ^= script[4];
        }
        return 5;
    case 6: /* cut off */
        if (side->count && side->waiting[which].size)
            side->waiting[which].size = (script[2] << 8 | script[3]) % side->waiting[which].size;
        return 4;
    case 7: /* join */
        if (side->count > 1) {
            datagram = take(side, which);
            queue_add(&side->waiting[0], datagram.data, datagram.size);
            queue_free(&datagram);
        }
        return 2;
    case 8: /* data from the peer */
        if (side->peer->connected && !side->peer->over &&
            seal_record(side->peer->session, script, 5, &datagram, 0) == SEC_E_OK)
            put(side, datagram.data, datagram.size);
        queue_free(&datagram);
        return 1;
    case 9: /* anything */
        length = script[1] < size - 2 ? script[1] : size - 2;
        put(side, script + 2, length);
        return 2 + length;
    case 10:
        if (side->connected)
            leg(side, TLS_ACTION_SHUTDOWN, NULL, 0);
        return 1;
    }
}

static void side_free(struct side *side)
{
    struct tls_free call = {.object = side->session};

    engine_call(TLS_CALL_SESSION_FREE, &call);
    while (side->count)
        queue_free(&side->waiting[--side->count]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t mtus[] = {1096, 256, 600, 200};
    struct side client = {0}, server = {.server = true};
    size_t used = 1, steps, suite;

    if (size < 2)
        return 0;
    suite = data[0] % SUITES;
    client.peer = &server;
    server.peer = &client;
    client.mtu = server.mtu = mtus[data[0] / SUITES % 4];
    client.credentials = clients[suite];
    server.credentials = servers[suite];
    leg(&client, TLS_ACTION_HANDSHAKE, NULL, 0);
    for (steps = 0; steps < MAX_STEPS && used + 5 <= size; steps++)
        used += step(data[used] & 1 ? &server : &client, data + used, size - used);
    side_free(&client);
    side_free(&server);
    return 0;
}
