/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handshakes on a pool: chains in which every step queues the next one. */
#include "unix/chains.h"

#include <stdlib.h>

struct chain {
    struct pool_job job;
    struct chains *chains;
    struct bench_native_pair pair;
    struct bench_end *next; /* whose step it is; NULL: a handshake begins */
};

static void end_chain(struct chain *chain, int error)
{
    struct chains *chains = chain->chains;
    uint64_t now = bench_now(CLOCK_MONOTONIC);

    bench_disconnect(&chain->pair);
    if (error < 0)
        atomic_store(&chains->error, error);
    pthread_mutex_lock(&chains->running.lock);
    if (chains->ended < now)
        chains->ended = now;
    pthread_mutex_unlock(&chains->running.lock);
    latch_count_down(&chains->running);
}

static void step(struct pool *pool, struct pool_job *job)
{
    struct chain *chain = container_of(job, struct chain, job);
    struct bench_native_pair *pair = &chain->pair;
    int error = 0;

    if (!chain->next) {
        if (atomic_fetch_sub(&chain->chains->left, 1) <= 0) {
            end_chain(chain, 0);
            return;
        }
        error = bench_start_client(pair, chain->chains->credentials, 0, NULL);
        chain->next = &pair->client;
    } else if (chain->next == &pair->server && !pair->server.session) {
        error = bench_start_server(pair, chain->chains->credentials, 0);
    }
    if (error >= 0)
        error = bench_step(chain->next);
    if (error < 0) {
        end_chain(chain, error);
        return;
    }
    chain->next = chain->next == &pair->client ? &pair->server : &pair->client;
    if (pair->client.session && pair->client.done && pair->server.session && pair->server.done) {
        bench_disconnect(pair);
        pair->to_client.read = pair->to_client.written = 0;
        pair->to_server.read = pair->to_server.written = 0;
        pair->client.done = pair->server.done = 0;
        chain->next = NULL;
    }
    pool_queue(pool, job);
}

int chains_start(struct chains *chains, struct pool *pool,
                 const struct bench_native_credentials *credentials, uint32_t count,
                 int64_t handshakes)
{
    *chains = (struct chains){.pool = pool, .credentials = credentials, .count = count};
    chains->chain = calloc(count, sizeof(*chains->chain));
    if (!chains->chain)
        return GNUTLS_E_MEMORY_ERROR;
    atomic_store(&chains->left, handshakes);
    latch_init(&chains->running, count);
    for (uint32_t i = 0; i < count; i++) {
        struct chain *chain = &chains->chain[i];
        int error = bench_pair_init(&chain->pair, BENCH_PIPE);

        chain->chains = chains;
        chain->job.run = step;
        if (error >= 0)
            pool_queue(pool, &chain->job);
        else
            end_chain(chain, error);
    }
    return 0;
}

int chains_wait(struct chains *chains)
{
    latch_wait(&chains->running);
    for (uint32_t i = 0; i < chains->count; i++)
        bench_pair_release(&chains->chain[i].pair);
    latch_release(&chains->running);
    free(chains->chain);
    return atomic_load(&chains->error);
}

void bench_call_pool_handshakes(struct bench_pool_handshakes *params)
{
    struct chains chains;
    uint64_t start = bench_now(CLOCK_MONOTONIC);

    params->status =
        chains_start(&chains, (void *)(uintptr_t)params->pool,
                     (void *)(uintptr_t)params->credentials, params->chains, params->count);
    if (params->status)
        return;
    params->status = chains_wait(&chains);
    params->ns = chains.ended - start;
}
