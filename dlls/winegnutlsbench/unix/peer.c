/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server by itself, whose client is on the SSPI side. */
#include <stdlib.h>
#include <string.h>

#include "unix/native.h"

void bench_call_peer(struct bench_peer *params)
{
    struct bench_native_pair *peer = calloc(1, sizeof(*peer));
    int error = peer ? bench_pair_init(peer, BENCH_PIPE) : GNUTLS_E_MEMORY_ERROR;

    if (error >= 0)
        error = bench_start_server(peer, (void *)(uintptr_t)params->credentials, 0);
    params->status = error < 0 ? error : 0;
    params->peer = (uintptr_t)peer;
    if (peer && error < 0)
        bench_call_peer_free(&(struct bench_free){params->peer});
}

void bench_call_peer_free(struct bench_free *params)
{
    struct bench_native_pair *peer = (void *)(uintptr_t)params->object;

    if (peer)
        bench_pair_release(peer);
    free(peer);
    params->object = 0;
}

/* What was written for the client goes to the caller. */
static int take_output(struct bench_pipe *pipe, bench_u64 output, uint32_t *size)
{
    if (pipe->written > *size)
        return GNUTLS_E_SHORT_MEMORY_BUFFER;
    memcpy((void *)(uintptr_t)output, pipe->data, pipe->written);
    *size = (uint32_t)pipe->written;
    pipe->written = 0;
    return 0;
}

void bench_call_peer_step(struct bench_peer_step *params)
{
    struct bench_native_pair *peer = (void *)(uintptr_t)params->peer;
    struct bench_pipe *incoming = &peer->to_server;
    int error = GNUTLS_E_SHORT_MEMORY_BUFFER;

    if (params->input_size <= incoming->capacity - incoming->written) {
        memcpy(incoming->data + incoming->written, (void *)(uintptr_t)params->input,
               params->input_size);
        incoming->written += params->input_size;
        error = bench_step(&peer->server);
    }
    if (error >= 0)
        error = take_output(&peer->to_client, params->output, &params->output_size);
    params->done = (uint32_t)peer->server.done;
    params->status = error;
}

void bench_call_peer_seal(struct bench_peer_seal *params)
{
    static const uint8_t plain[16384] = {1};
    struct bench_native_pair *peer = (void *)(uintptr_t)params->peer;
    ssize_t sent = GNUTLS_E_INVALID_REQUEST;

    if (params->size <= sizeof(plain))
        sent = gnutls_record_send(peer->server.session, plain, params->size);
    params->status =
        sent < 0 ? (int)sent : take_output(&peer->to_client, params->output, &params->output_size);
}
