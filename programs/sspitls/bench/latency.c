/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows: how long it takes from queueing an asynchronous call to its callback, when the pool is idle
 * and when it is busy with handshakes, next to a native pool.
 *
 * The call itself does next to nothing: a handle that is none is deleted. There is a pause before
 * each, so that idle threads sleep.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/completion.h"
#include "bench/chains.h"
#include "bench/measure.h"
#include "bench/native.h"
#include "bench/parts.h"
#include "bench/table.h"
#include "tls/async.h"

#define PROBES 100
#define ROUNDS 4

struct latency {
    struct bench_sspi_credentials credentials;
    bench_u64 native;
    bench_u64 pool;
    struct chains *chains; /* keep the pool busy; NULL: it is idle */
    unsigned chain_count;
    SspiAsyncContext *call;
    double begun;
    struct completion completion;
};

static void completed(SspiAsyncContext *call, void *data)
{
    struct latency *latency = data;

    (void)call;
    latency->begun = bench_clock(BENCH_CLOCK_WALL);
    completion_signal(&latency->completion);
}

static bool probe(struct latency *latency, double *us)
{
    CtxtHandle none;
    double queued;
    bool ok;

    SecInvalidateHandle(&none);
    queued = bench_clock(BENCH_CLOCK_WALL);
    ok = async.delete_context(latency->call, &none) == SEC_E_OK;
    if (ok)
        completion_wait(&latency->completion);
    *us = (latency->begun - queued) / 1000;
    async.reinit(latency->call);
    return ok;
}

static bool ours(void *data, double values[])
{
    struct latency *latency = data;
    double us[PROBES], ended;
    bool ok = true;

    if (latency->chains)
        chains_start(latency->chains, INT64_MAX);
    for (unsigned i = 0; ok && i < PROBES; i++) {
        Sleep(1);
        ok = probe(latency, &us[i]);
    }
    if (latency->chains) {
        chains_stop(latency->chains);
        ok = chains_wait(latency->chains, &ended) && ok;
    }
    values[0] = bench_median(us, PROBES);
    values[1] = bench_percentile(us, PROBES, .99);
    return ok;
}

static bool native(void *data, double values[])
{
    const struct latency *latency = data;
    uint64_t ns[PROBES];
    double us[PROBES];
    struct bench_pool_latency params = {
        .pool = latency->pool,
        .credentials = latency->native,
        .ns = (ULONG_PTR)ns,
        .chains = latency->chains ? latency->chain_count : 0,
        .count = PROBES,
        .status = -1,
    };

    if (!native_do(BENCH_CALL_POOL_LATENCY, &params, &params.status))
        return false;
    for (unsigned i = 0; i < PROBES; i++)
        us[i] = (double)ns[i] / 1000;
    values[0] = bench_median(us, PROBES);
    values[1] = bench_percentile(us, PROBES, .99);
    return true;
}

static const struct bench_subject subject = {.ours = ours, .native = native, .rounds = ROUNDS};

/* The goals are no more than 1.1 and 1.5 times as long as natively. */
static void measure(struct bench *bench, struct latency *latency, const char *what)
{
    struct bench_row rows[] = {{.unit = "us", .decimals = 1, .goal = .91, .stretch = 1},
                               {.unit = "us", .decimals = 1, .goal = .67, .stretch = 1}};
    char id[48];

    snprintf(id, sizeof(id), "latency-%s-p50", what);
    bench_name(&rows[0], id, "pool %s, p50", what);
    snprintf(id, sizeof(id), "latency-%s-p99", what);
    bench_name(&rows[1], id, "pool %s, p99", what);
    bench_measure(bench, &subject, rows, ARRAYSIZE(rows), latency);
}

void bench_latency(struct bench *bench, const struct bench_keys *keys)
{
    PCCERT_CONTEXT certificate = keys->identities[KEY_P256].certificate;
    unsigned threads = max(bench->processors, 2);
    struct latency latency = {.chain_count = 4 * threads};
    bool ok;

    if (!bench->async || !bench_wants(bench, "latency-") || !async_load())
        return;
    latency.call = async.create();
    latency.native = bench->native ? native_credentials(certificate, TLS_1_3) : 0;
    latency.pool = bench->native ? native_pool(threads) : 0;
    ok = latency.call && sspi_credentials(&latency.credentials, certificate, TLS_1_3, false);
    if (ok) {
        async.set_callback(latency.call, completed, &latency);
        bench_group(bench, "From queueing a call to its callback");
        measure(bench, &latency, "idle");
        latency.chains = chains_create(&latency.credentials, latency.chain_count);
        if (latency.chains)
            measure(bench, &latency, "busy");
    }
    bench->failed |= !ok;
    chains_free(latency.chains);
    if (latency.call)
        async.free(latency.call);
    sspi_credentials_free(&latency.credentials);
    native_free(BENCH_CALL_POOL_FREE, latency.pool);
    native_free(BENCH_CALL_CREDENTIALS_FREE, latency.native);
}
