/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handshakes: counted in one thread, or as many as a pool of threads can make. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "native.h"

#define PIPE_SIZE 65536

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
    int error = bench_pair_init(&pair, PIPE_SIZE);

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

void bench_call_hellos(struct bench_hellos *params)
{
    const struct bench_native_credentials *credentials = (void *)(uintptr_t)params->credentials;
    struct bench_native_pair pair;
    uint64_t start;
    uint32_t i;
    int error = bench_pair_init(&pair, PIPE_SIZE);

    start = bench_now(CLOCK_MONOTONIC);
    for (i = 0; i < params->count && error >= 0; i++) {
        pair.to_server.written = 0;
        error = bench_start_client(&pair, credentials, 0, NULL);
        if (error >= 0) {
            error = gnutls_handshake(pair.client.session);
            if (error == GNUTLS_E_AGAIN)
                error = 0;
        }
        gnutls_deinit(pair.client.session);
        pair.client.session = NULL;
    }
    params->ns = bench_now(CLOCK_MONOTONIC) - start;
    params->status = error < 0 ? error : 0;
    bench_pair_release(&pair);
}

struct pool_thread {
    pthread_t thread;
    const struct bench_native_credentials *credentials;
    uint64_t end;
    uint64_t count;
    int error;
};

static void *run_pool_thread(void *data)
{
    struct pool_thread *own = data;
    struct bench_native_pair pair;

    own->error = bench_pair_init(&pair, PIPE_SIZE);
    while (own->error >= 0 && bench_now(CLOCK_MONOTONIC) < own->end) {
        own->error = bench_connect(&pair, own->credentials, 0, NULL);
        bench_disconnect(&pair);
        own->count++;
    }
    bench_pair_release(&pair);
    return NULL;
}

void bench_call_pool(struct bench_pool *params)
{
    struct pool_thread *threads = calloc(params->threads, sizeof(*threads));
    uint64_t start = bench_now(CLOCK_MONOTONIC);
    uint32_t i, started;

    params->status = GNUTLS_E_MEMORY_ERROR;
    params->count = 0;
    if (!threads)
        return;
    params->status = 0;
    for (started = 0; started < params->threads; started++) {
        threads[started].credentials = (void *)(uintptr_t)params->credentials;
        threads[started].end = start + params->ns;
        if (pthread_create(&threads[started].thread, NULL, run_pool_thread, &threads[started])) {
            params->status = GNUTLS_E_MEMORY_ERROR;
            break;
        }
    }
    for (i = 0; i < started; i++) {
        pthread_join(threads[i].thread, NULL);
        params->count += threads[i].count;
        if (threads[i].error < 0)
            params->status = threads[i].error;
    }
    params->ns = bench_now(CLOCK_MONOTONIC) - start;
    free(threads);
}
