/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Records that a connected client sends or receives. */
#include <stdlib.h>
#include <string.h>

#include "unix/native.h"

#define PAIR_PIPE   (2u << 20) /* a whole block of records */
#define MAX_RECORD  16384
#define RECORD_MORE 64 /* header, nonce, tag, content type */

void bench_call_pair(struct bench_pair *params)
{
    struct bench_native_pair *pair = calloc(1, sizeof(*pair));
    int error = GNUTLS_E_MEMORY_ERROR;

    params->pair = 0;
    if (pair) {
        error = bench_pair_init(pair, PAIR_PIPE);
        if (error >= 0)
            error = bench_connect(pair, (void *)(uintptr_t)params->credentials, 0, NULL);
    }
    params->status = error < 0 ? error : 0;
    if (error >= 0) {
        params->pair = (uintptr_t)pair;
    } else if (pair) {
        bench_pair_release(pair);
        free(pair);
    }
}

void bench_call_pair_free(struct bench_free *params)
{
    struct bench_native_pair *pair = (void *)(uintptr_t)params->object;

    if (!pair)
        return;
    bench_pair_release(pair);
    free(pair);
    params->object = 0;
}

static int send_block(struct bench_native_pair *pair, const struct bench_records *params,
                      const uint8_t *data)
{
    gnutls_session_t sender =
        params->direction == BENCH_SEND ? pair->client.session : pair->server.session;
    uint32_t i;
    ssize_t sent = 0;

    for (i = 0; i < params->count && sent >= 0; i++)
        sent = gnutls_record_send(sender, data, params->size);
    return sent < 0 ? (int)sent : 0;
}

static int receive_block(struct bench_native_pair *pair, const struct bench_records *params,
                         uint8_t *data)
{
    uint32_t i;
    ssize_t got;

    for (i = 0; i < params->count; i++) {
        got = gnutls_record_recv(pair->client.session, data, MAX_RECORD);
        if (got != (ssize_t)params->size)
            return got < 0 ? (int)got : GNUTLS_E_INTERNAL_ERROR;
    }
    return 0;
}

void bench_call_records(struct bench_records *params)
{
    static const uint8_t plain[MAX_RECORD] = {1};
    static __thread uint8_t received[MAX_RECORD];
    struct bench_native_pair *pair = (void *)(uintptr_t)params->pair;
    clockid_t clock = bench_clock_of(params->clock);
    uint64_t start;

    params->status = GNUTLS_E_INVALID_REQUEST;
    if (!params->size || params->size > MAX_RECORD ||
        (uint64_t)params->count * (params->size + RECORD_MORE) > PAIR_PIPE)
        return;
    /* Overwritten records advance the sequence numbers: a pair sends or receives, not both. */
    pair->to_server.overwrite = params->direction == BENCH_SEND;
    if (params->direction == BENCH_SEND) {
        start = bench_now(clock);
        params->status = send_block(pair, params, plain);
    } else {
        params->status = send_block(pair, params, plain);
        start = bench_now(clock);
        if (!params->status)
            params->status = receive_block(pair, params, received);
    }
    params->ns = bench_now(clock) - start;
}
