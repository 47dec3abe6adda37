/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handshakes one after the other, and sessions that are made and stay. */
#include <stdlib.h>
#include <string.h>

#include "unix/native.h"

/* A session to resume: connects once and lets the client read what follows the handshake. */
static int make_session(struct bench_native_pair *pair,
                        const struct bench_native_credentials *credentials, gnutls_datum_t *session)
{
    uint8_t byte;
    int error = bench_connect(pair, credentials, 1, NULL);

    if (error >= 0) {
        gnutls_record_recv(pair->client.session, &byte, 1);
        error = gnutls_session_get_data2(pair->client.session, session);
    }
    bench_disconnect(pair);
    return error;
}

void bench_call_handshakes(struct bench_handshakes *params)
{
    const struct bench_native_credentials *credentials = (void *)(uintptr_t)params->credentials;
    gnutls_datum_t session = {NULL, 0};
    struct bench_native_pair pair;
    uint32_t i;
    int error = bench_pair_init(&pair, BENCH_PIPE);

    if (error >= 0 && params->resumed)
        error = make_session(&pair, credentials, &session);
    pair.client.ns = pair.server.ns = 0;
    for (i = 0; i < params->count && error >= 0; i++) {
        error = bench_connect(&pair, credentials, (int)params->resumed,
                              params->resumed ? &session : NULL);
        if (error >= 0 && params->resumed && !gnutls_session_is_resumed(pair.client.session))
            error = GNUTLS_E_INVALID_SESSION;
        bench_disconnect(&pair);
    }
    params->client_ns = pair.client.ns;
    params->server_ns = pair.server.ns;
    params->status = error < 0 ? error : 0;
    bench_pair_release(&pair);
    if (session.data) {
        gnutls_memset(session.data, 0, session.size);
        gnutls_free(session.data);
    }
}

int bench_hello(struct bench_native_pair *pair, const struct bench_native_credentials *credentials)
{
    int error;

    pair->to_server.written = 0;
    error = bench_start_client(pair, credentials, 0, NULL);
    if (error >= 0) {
        error = gnutls_handshake(pair->client.session);
        if (error == GNUTLS_E_AGAIN)
            error = 0;
    }
    gnutls_deinit(pair->client.session);
    pair->client.session = NULL;
    return error;
}

void bench_call_hellos(struct bench_hellos *params)
{
    const struct bench_native_credentials *credentials = (void *)(uintptr_t)params->credentials;
    struct bench_native_pair pair;
    uint64_t start;
    int error = bench_pair_init(&pair, BENCH_PIPE);

    start = bench_now(CLOCK_MONOTONIC);
    for (uint32_t i = 0; i < params->count && error >= 0; i++)
        error = bench_hello(&pair, credentials);
    params->ns = bench_now(CLOCK_MONOTONIC) - start;
    params->status = error < 0 ? error : 0;
    bench_pair_release(&pair);
}

struct kept_sessions {
    uint32_t count;
    gnutls_session_t sessions[];
};

static int send_record(const struct bench_end *from, const struct bench_end *to)
{
    uint8_t data[64] = {0};
    ssize_t size = gnutls_record_send(from->session, data, sizeof(data));

    if (size >= 0)
        size = gnutls_record_recv(to->session, data, sizeof(data));
    return size < 0 ? (int)size : 0;
}

static int keep_session(struct bench_native_pair *pair, const struct bench_sessions *params,
                        struct kept_sessions *kept)
{
    const struct bench_native_credentials *credentials = (void *)(uintptr_t)params->credentials;
    int error;

    pair->to_server.written = 0;
    if (params->connected) {
        error = bench_connect(pair, credentials, 0, NULL);
        if (error >= 0)
            error = send_record(&pair->client, &pair->server);
        if (error >= 0)
            error = send_record(&pair->server, &pair->client);
    } else {
        error = bench_start_client(pair, credentials, 0, NULL);
        if (error >= 0)
            error = bench_step(&pair->client);
    }
    if (pair->client.session)
        kept->sessions[kept->count++] = pair->client.session;
    if (pair->server.session)
        kept->sessions[kept->count++] = pair->server.session;
    pair->client.session = pair->server.session = NULL;
    return error;
}

void bench_call_sessions(struct bench_sessions *params)
{
    struct kept_sessions *kept = calloc(1, sizeof(*kept) + 2 * params->count * sizeof(void *));
    struct bench_native_pair pair;
    int error = kept ? bench_pair_init(&pair, BENCH_PIPE) : GNUTLS_E_MEMORY_ERROR;

    params->sessions = (uintptr_t)kept;
    for (uint32_t i = 0; i < params->count && error >= 0; i++)
        error = keep_session(&pair, params, kept);
    if (kept)
        bench_pair_release(&pair);
    params->status = error < 0 ? error : 0;
}

void bench_call_sessions_free(struct bench_free *params)
{
    struct kept_sessions *kept = (void *)(uintptr_t)params->object;

    for (uint32_t i = 0; kept && i < kept->count; i++)
        gnutls_deinit(kept->sessions[i]);
    free(kept);
    params->object = 0;
}
