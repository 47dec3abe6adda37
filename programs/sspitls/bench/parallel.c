/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows: full handshakes per second, client and server together, over threads.
 *
 * - Synchronous calls in N threads, next to plain GnuTLS in the same threads.
 * - N chains of asynchronous calls, which keep N workers busy, next to the same chains on a native
 *   pool of N threads.
 * - Four times as many chains as the pool has workers, next to the same on a native pool of as many
 *   threads: a loaded server.
 *
 * Blocks of the last two are longer than others, about 25 ms: threads that were just woken may
 * share a processor for a while before the system spreads them.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/chains.h"
#include "bench/gang.h"
#include "bench/measure.h"
#include "bench/native.h"
#include "bench/parts.h"
#include "bench/table.h"
#include "bench/threads.h"

struct parallel {
    struct bench_sspi_credentials credentials;
    bench_u64 native;
    unsigned threads;
    unsigned each, each_async; /* handshakes of a thread, of a chain, in a block */
    struct gang *gang;
    bool gang_native;
    struct bench_sspi_pair *pairs;
    double rates[BENCH_MAX_THREADS];
    struct chains *chains;
    unsigned chain_count;
    bench_u64 pool;
};

/* Synchronous ---------------------------------------------------------------------------------- */

static bool connect_ours(struct parallel *parallel, unsigned index)
{
    struct bench_sspi_pair *pair = &parallel->pairs[index];
    bool ok = true;

    for (unsigned i = 0; ok && i < parallel->each; i++) {
        sspi_pair_init(pair, &parallel->credentials);
        ok = sspi_pair_connect(pair);
        sspi_pair_delete(pair);
    }
    return ok;
}

static bool connect_native(struct parallel *parallel)
{
    struct bench_handshakes params = {
        .credentials = parallel->native, .count = parallel->each, .status = -1};

    return native_do(BENCH_CALL_HANDSHAKES, &params, &params.status);
}

static bool work(void *data, unsigned index)
{
    struct parallel *parallel = data;
    double start = bench_clock(BENCH_CLOCK_WALL);
    bool ok = parallel->gang_native ? connect_native(parallel) : connect_ours(parallel, index);

    parallel->rates[index] = parallel->each * 1e9 / (bench_clock(BENCH_CLOCK_WALL) - start);
    return ok;
}

static bool measure_gang(struct parallel *parallel, bool native, double *value)
{
    bool ok;

    parallel->gang_native = native;
    ok = gang_run(parallel->gang, parallel->threads, work, parallel);
    for (unsigned i = 0; i < parallel->threads; i++)
        *value += parallel->rates[i];
    return ok;
}

static bool sync_ours(void *data, double values[])
{
    return measure_gang(data, false, &values[0]);
}

static bool sync_native(void *data, double values[])
{
    return measure_gang(data, true, &values[0]);
}

/* Asynchronous --------------------------------------------------------------------------------- */

static bool async_ours(void *data, double values[])
{
    struct parallel *parallel = data;
    unsigned count = parallel->each_async * parallel->threads;
    double start = bench_clock(BENCH_CLOCK_WALL), ended;
    bool ok;

    chains_start(parallel->chains, count);
    ok = chains_wait(parallel->chains, &ended);
    values[0] = count * 1e9 / (ended - start);
    return ok;
}

static bool async_native(void *data, double values[])
{
    const struct parallel *parallel = data;
    struct bench_pool_handshakes params = {
        .pool = parallel->pool,
        .credentials = parallel->native,
        .chains = parallel->chain_count,
        .count = parallel->each_async * parallel->threads,
        .status = -1,
    };

    if (!native_do(BENCH_CALL_POOL_HANDSHAKES, &params, &params.status))
        return false;
    values[0] = params.count * 1e9 / (double)params.ns;
    return true;
}

/* ---------------------------------------------------------------------------------------------- */

static const struct bench_subject sync_subject = {.ours = sync_ours, .native = sync_native};

static void measure_sync(struct bench *bench, struct parallel *parallel, const char *key)
{
    struct bench_row row = {.unit = "/s", .rule = BENCH_RATE};
    char id[48];

    snprintf(id, sizeof(id), "parallel-sync-%s-%u", key, parallel->threads);
    bench_name(&row, id, "%s, sync, %u threads%s", key, parallel->threads,
               parallel->threads > bench->processors ? " (too many)" : "");
    parallel->gang = gang_create(parallel->threads);
    parallel->pairs = calloc(parallel->threads, sizeof(*parallel->pairs));
    if (parallel->gang && parallel->pairs)
        bench_measure(bench, &sync_subject, &row, 1, parallel);
    gang_free(parallel->gang);
    free(parallel->pairs);
}

static const struct bench_subject async_calls_subject = {
    .ours = async_ours, .native = async_native, .patience = 2};

static void measure_async(struct bench *bench, struct parallel *parallel, struct bench_row *row)
{

    parallel->chains = chains_create(&parallel->credentials, parallel->chain_count);
    parallel->pool = bench->native ? native_pool(parallel->threads) : 0;
    if (parallel->chains && (parallel->pool || !bench->native))
        bench_measure(bench, &async_calls_subject, row, 1, parallel);
    else
        bench->failed = true;
    native_free(BENCH_CALL_POOL_FREE, parallel->pool);
    chains_free(parallel->chains);
}

static void measure_chains(struct bench *bench, struct parallel *parallel, const char *key)
{
    struct bench_row row = {.unit = "/s", .rule = BENCH_RATE};
    char id[48];

    snprintf(id, sizeof(id), "parallel-async-%s-%u", key, parallel->threads);
    bench_name(&row, id, "%s, async, %u chains%s", key, parallel->threads,
               parallel->threads > bench->processors ? " (too many)" : "");
    parallel->chain_count = parallel->threads;
    measure_async(bench, parallel, &row);
}

static void measure_loaded_pool(struct bench *bench, struct parallel *parallel, const char *key)
{
    struct bench_row row = {.unit = "/s", .rule = BENCH_RATE, .goal = .95, .stretch = .98};
    char id[48];

    snprintf(id, sizeof(id), "async-pool-%s", key);
    parallel->threads = max(bench->processors, 2);
    bench_name(&row, id, "%s, async, %u workers", key, parallel->threads);
    parallel->chain_count = 4 * parallel->threads;
    measure_async(bench, parallel, &row);
}

static void measure_key(struct bench *bench, struct parallel *parallel, const char *key,
                        unsigned each, unsigned each_async)
{
    unsigned threads[BENCH_MAX_THREADS];
    unsigned count = bench_parse_threads(bench->options->threads, threads);

    parallel->each = each;
    parallel->each_async = each_async;
    for (unsigned i = 0; i < count; i++) {
        parallel->threads = threads[i];
        measure_sync(bench, parallel, key);
        if (bench->async)
            measure_chains(bench, parallel, key);
    }
    if (bench->async)
        measure_loaded_pool(bench, parallel, key);
}

void bench_parallel(struct bench *bench, const struct bench_keys *keys)
{
    struct parallel *parallel = calloc(1, sizeof(*parallel));

    if (!parallel || !bench->server ||
        (!bench_wants(bench, "parallel-") && !bench_wants(bench, "async-pool-")))
        goto done;
    bench_group(bench, "Handshakes in parallel, TLS 1.3, both ends");
    for (int kind = KEY_P256; kind >= KEY_RSA; kind--) {
        PCCERT_CONTEXT certificate = keys->identities[kind].certificate;

        parallel->native = bench->native ? native_credentials(certificate, TLS_1_3) : 0;
        if (sspi_credentials(&parallel->credentials, certificate, TLS_1_3, false))
            measure_key(bench, parallel, kind == KEY_P256 ? "p256" : "rsa",
                        kind == KEY_P256 ? 6 : 2, kind == KEY_P256 ? 48 : 12);
        else
            bench->failed = true;
        sspi_credentials_free(&parallel->credentials);
        native_free(BENCH_CALL_CREDENTIALS_FREE, parallel->native);
    }
done:
    free(parallel);
}
