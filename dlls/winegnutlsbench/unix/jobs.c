/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Single pieces of work on a pool: first flights in a burst, hellos, and nothing at all. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unix/chains.h"

/* First flights -------------------------------------------------------------------------------- */

struct flight {
    struct pool_job job;
    struct flights *flights;
    struct bench_native_pair pair;
};

struct flights {
    const struct bench_pool_flights *params;
    struct pool_latch latch;
    uint64_t ended;
    _Atomic int error;
};

static void fly(struct pool *pool, struct pool_job *job)
{
    struct flight *flight = container_of(job, struct flight, job);
    struct flights *flights = flight->flights;
    int error =
        bench_start_server(&flight->pair, (void *)(uintptr_t)flights->params->credentials, 0);

    (void)pool;
    if (error >= 0)
        error = bench_step(&flight->pair.server);
    if (error >= 0 && !flight->pair.to_client.written)
        error = GNUTLS_E_INTERNAL_ERROR;
    if (error < 0)
        atomic_store(&flights->error, error);
    pthread_mutex_lock(&flights->latch.lock);
    flights->ended = bench_now(CLOCK_MONOTONIC);
    pthread_mutex_unlock(&flights->latch.lock);
    latch_count_down(&flights->latch);
}

static int prepare_flight(struct flight *flight, struct flights *flights)
{
    const struct bench_pool_flights *params = flights->params;
    int error = bench_pair_init(&flight->pair, BENCH_PIPE);

    flight->job.run = fly;
    flight->flights = flights;
    if (error < 0 || params->hello_size > BENCH_PIPE)
        return GNUTLS_E_MEMORY_ERROR;
    memcpy(flight->pair.to_server.data, (void *)(uintptr_t)params->hello, params->hello_size);
    flight->pair.to_server.written = params->hello_size;
    return 0;
}

void bench_call_pool_flights(struct bench_pool_flights *params)
{
    struct flight *flight = calloc(params->count, sizeof(*flight));
    struct flights flights = {.params = params};
    uint64_t start;
    uint32_t prepared = 0;

    params->status = flight ? 0 : GNUTLS_E_MEMORY_ERROR;
    while (!params->status && prepared < params->count)
        params->status = prepare_flight(&flight[prepared++], &flights);
    if (!params->status) {
        latch_init(&flights.latch, params->count);
        start = bench_now(CLOCK_MONOTONIC);
        for (uint32_t i = 0; i < params->count; i++)
            pool_queue((void *)(uintptr_t)params->pool, &flight[i].job);
        latch_wait(&flights.latch);
        latch_release(&flights.latch);
        params->ns = flights.ended - start;
        params->status = atomic_load(&flights.error);
    }
    while (prepared)
        bench_pair_release(&flight[--prepared].pair);
    free(flight);
}

/* Hellos --------------------------------------------------------------------------------------- */

struct hello {
    struct pool_job job;
    struct pool_latch *latch;
    const struct bench_native_credentials *credentials;
    struct bench_native_pair pair;
    int error;
};

static void say_hello(struct pool *pool, struct pool_job *job)
{
    struct hello *hello = container_of(job, struct hello, job);

    (void)pool;
    hello->error = bench_hello(&hello->pair, hello->credentials);
    latch_count_down(hello->latch);
}

/* All of them once, through the pool. */
static int say_hellos(struct hello *hello, const struct bench_pool_hellos *params)
{
    struct pool_latch latch;
    int error = 0;

    latch_init(&latch, params->in_flight);
    for (uint32_t i = 0; i < params->in_flight; i++) {
        hello[i].latch = &latch;
        pool_queue((void *)(uintptr_t)params->pool, &hello[i].job);
    }
    latch_wait(&latch);
    latch_release(&latch);
    for (uint32_t i = 0; i < params->in_flight; i++)
        error = hello[i].error ? hello[i].error : error;
    return error;
}

void bench_call_pool_hellos(struct bench_pool_hellos *params)
{
    struct hello *hello = calloc(params->in_flight, sizeof(*hello));
    uint64_t start, middle;
    int error = hello ? 0 : GNUTLS_E_MEMORY_ERROR;

    for (uint32_t i = 0; hello && i < params->in_flight; i++) {
        hello[i].job.run = say_hello;
        hello[i].credentials = (void *)(uintptr_t)params->credentials;
        if (bench_pair_init(&hello[i].pair, BENCH_PIPE) < 0)
            error = GNUTLS_E_MEMORY_ERROR;
    }
    start = bench_now(CLOCK_PROCESS_CPUTIME_ID);
    for (uint32_t i = 0; !error && i < params->count; i++)
        error = bench_hello(&hello[i % params->in_flight].pair, hello->credentials);
    middle = bench_now(CLOCK_PROCESS_CPUTIME_ID);
    for (uint32_t done = 0; !error && done < params->count; done += params->in_flight)
        error = say_hellos(hello, params);
    params->direct_ns = middle - start;
    params->pool_ns = bench_now(CLOCK_PROCESS_CPUTIME_ID) - middle;
    params->status = error;
    for (uint32_t i = 0; hello && i < params->in_flight; i++)
        bench_pair_release(&hello[i].pair);
    free(hello);
}

/* Latency -------------------------------------------------------------------------------------- */

struct probe {
    struct pool_job job;
    struct pool_latch latch;
    uint64_t begun;
};

static void answer(struct pool *pool, struct pool_job *job)
{
    struct probe *probe = container_of(job, struct probe, job);

    (void)pool;
    probe->begun = bench_now(CLOCK_MONOTONIC);
    latch_count_down(&probe->latch);
}

void bench_call_pool_latency(struct bench_pool_latency *params)
{
    static const struct timespec pause = {0, 1000000};
    uint64_t *ns = (void *)(uintptr_t)params->ns, queued;
    struct pool *pool = (void *)(uintptr_t)params->pool;
    struct probe probe = {{NULL, answer}, .begun = 0};
    struct chains chains;
    int error;

    params->status = 0;
    if (params->chains)
        params->status = chains_start(&chains, pool, (void *)(uintptr_t)params->credentials,
                                      params->chains, INT64_MAX);
    for (uint32_t i = 0; !params->status && i < params->count; i++) {
        nanosleep(&pause, NULL);
        latch_init(&probe.latch, 1);
        queued = bench_now(CLOCK_MONOTONIC);
        pool_queue(pool, &probe.job);
        latch_wait(&probe.latch);
        latch_release(&probe.latch);
        ns[i] = probe.begun - queued;
    }
    if (params->chains && !params->status) {
        atomic_store(&chains.left, 0);
        error = chains_wait(&chains);
        params->status = error < 0 ? error : 0;
    }
}
