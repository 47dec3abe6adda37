/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: records of an established connection.
 *
 * The first byte chooses the suite, the rest is a script: raw bytes for the opening side, genuine
 * records that are changed, correctly sealed records with any content and type (they reach what
 * stands behind the tag: padding, alerts, handshake messages), and sealing with any shape of
 * buffers. After each step the promises of the record calls are checked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/support.h"
#include "fuzz/shared/require.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ONLY(cipher) (0x7full & ~(uint64_t)(cipher))

static const struct {
    uint32_t protocol;
    uint64_t disabled;
} suites[] = {
    {TLS_PROTOCOL_TLS1_3, ONLY(TLS_DISABLE_AES_128_GCM)},
    {TLS_PROTOCOL_TLS1_2, ONLY(TLS_DISABLE_AES_128_GCM)},
    {TLS_PROTOCOL_TLS1_2, ONLY(TLS_DISABLE_CHACHA20_POLY1305)},
    {TLS_PROTOCOL_TLS1_2, ONLY(TLS_DISABLE_AES_128_CBC)},
};

#define SUITES (sizeof(suites) / sizeof(suites[0]))

static tls_u64 clients[SUITES], server;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    enum identity_kind kind = IDENTITY_P256;
    size_t i;

    (void)argc;
    (void)argv;
    for (i = 0; i < SUITES; i++) {
        clients[i] =
            credentials_new(TLS_CLIENT, NULL, 0, suites[i].protocol, suites[i].disabled, 0, NULL);
        require(clients[i] != 0, "client credentials");
    }
    server = credentials_new(TLS_SERVER, &kind, 1, TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3, 0, 0,
                             NULL);
    require(server != 0, "server credentials");
    return 0;
}

/* Opens what there is, as a program would. */
static void open_all(struct peer *peer)
{
    struct tls_decrypt params;
    int turns;

    for (turns = 0; turns < 20; turns++) {
        size_t before = peer->input->size;
        int32_t status = open_record(peer->session, peer->input, NULL, &params);

        require(status != -1, "what is not consumed is untouched");
        require(params.consumed <= before, "no more is consumed than there was");
        require((uint64_t)params.header_size + params.data_size + params.trailer_size ==
                    (status >= 0 ? params.consumed
                                 : params.header_size + params.data_size + params.trailer_size),
                "header, data and trailer make the record");
        if (status == SEC_I_RENEGOTIATE) {
            require(!params.data_size, "handshake messages are no data");
            peer_leg(peer);
            if (peer->status != SEC_E_OK || peer->input->size == before)
                return;
            continue;
        }
        if (status != SEC_E_OK)
            return;
        require(params.consumed > 0, "success consumes");
    }
}

static void seal_shape(struct peer *peer, const uint8_t *shape)
{
    size_t size = ((size_t)shape[0] << 8 | shape[1]) % 17000, gap = shape[2] % 4;
    struct tls_encrypt params = {.session = peer->session};
    uint8_t *buffer = calloc(1, size + 1000);

    params.header_size = shape[3] & 1 ? 64 : shape[3] % 32;
    params.trailer_size = shape[3] & 2 ? 128 : shape[3] % 64;
    params.data_size = (uint32_t)size;
    params.header = (tls_u64)(uintptr_t)buffer;
    params.data = params.header + params.header_size + gap;
    params.trailer = params.data + size + gap;
    engine_call(TLS_CALL_ENCRYPT, &params);
    require(params.status != SEC_E_OK || params.data_size == size, "the data keeps its size");
    if (params.status == SEC_E_OK) {
        queue_add(peer->output, buffer, params.header_size);
        queue_add(peer->output, (void *)(uintptr_t)params.data, size);
        queue_add(peer->output, (void *)(uintptr_t)params.trailer, params.trailer_size);
    }
    free(buffer);
}

/* One step; returns the script's bytes it took. */
static size_t step(struct pair *pair, const uint8_t *data, size_t size)
{
    struct peer *from = data[0] & 0x80 ? &pair->client : &pair->server;
    struct peer *to = data[0] & 0x80 ? &pair->server : &pair->client;
    uint8_t argument[5] = {0};
    size_t part;

    memcpy(argument, data + 1, size - 1 < 5 ? size - 1 : 5);
    part = size > 6 ? size - 6 : 0;
    if (part > argument[0])
        part = argument[0];
    switch (data[0] & 7) {
    case 0: /* raw bytes */
        queue_add(to->input, data + 6, part);
        break;
    case 1: /* a genuine record with a change */
        seal_record(from->session, data, part, to->input, argument[1] & 1);
        if (to->input->size)
            to->input->data[argument[2] % to->input->size] ^= argument[3];
        break;
    case 2: /* any content behind a good tag */
    case 3:
        seal_anything(from->session, argument[1], data + 6, part, argument[2], to->input);
        break;
    case 4: /* a handshake message */
        seal_anything(from->session, 22, data + 6, part, 0, to->input);
        break;
    case 5:
        seal_shape(from, argument);
        part = 0;
        break;
    case 6:
        peer_action(from, argument[0] & 1 ? TLS_ACTION_ALERT : TLS_ACTION_SHUTDOWN, argument[1] & 3,
                    argument[2]);
        part = 0;
        break;
    default:
        queue_drop(to->input, argument[0] < to->input->size ? argument[0] : to->input->size);
        part = 0;
        break;
    }
    open_all(to);
    return 6 + part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pair pair = {0};
    size_t taken;
    int steps;

    if (!size)
        return 0;
    pair.client.credentials = clients[data[0] % SUITES];
    pair.server.credentials = server;
    require(pair_run(&pair), "the handshake");
    data++;
    size--;
    for (steps = 0; size && steps < 30; steps++) {
        taken = step(&pair, data, size);
        if (taken > size)
            taken = size;
        data += taken;
        size -= taken;
    }
    pair_free(&pair);
    return 0;
}
