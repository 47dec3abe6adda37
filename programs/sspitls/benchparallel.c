/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Full handshakes per second, client and server together, in three ways: N threads that make
 * synchronous calls; N chains of asynchronous calls, each leg queued by the callback of the one
 * before; N native threads with plain GnuTLS.
 *
 * No thread waits for a chain: the next call is made inside the callback. So N chains keep N
 * workers of the pool busy, and what is compared is the same amount of work in parallel.
 */
#include <stdlib.h>
#include <string.h>

#include "async.h"
#include "bench.h"
#include "benchpair.h"
#include "error.h"

#define BLOCK_MS 100

struct parallel;

struct lane {
    struct parallel *parallel;
    struct bench_sspi_pair *pair;
    struct bench_side *side; /* whose leg is under way */
    SspiAsyncContext *call;
    unsigned long long count;
    bool failed;
};

struct parallel {
    struct bench_sspi_credentials credentials;
    bench_u64 native;
    unsigned threads;
    struct lane lanes[BENCH_MAX_THREADS];
    volatile LONG stopping;
    SRWLOCK lock;
    CONDITION_VARIABLE wake;
    unsigned running;
};

/* Synchronous ---------------------------------------------------------------------------------- */

static DWORD WINAPI run_sync(void *data)
{
    struct lane *lane = data;

    while (!lane->parallel->stopping && !lane->failed) {
        sspi_pair_init(lane->pair, &lane->parallel->credentials);
        lane->failed = !sspi_pair_connect(lane->pair);
        sspi_pair_delete(lane->pair);
        lane->count++;
    }
    return 0;
}

static double total(const struct parallel *parallel, double seconds)
{
    unsigned long long count = 0;

    for (unsigned i = 0; i < parallel->threads; i++) {
        if (parallel->lanes[i].failed)
            return 0;
        count += parallel->lanes[i].count;
    }
    return (double)count / seconds;
}

static void reset(struct parallel *parallel)
{
    parallel->stopping = FALSE;
    for (unsigned i = 0; i < parallel->threads; i++) {
        parallel->lanes[i].count = 0;
        parallel->lanes[i].failed = false;
    }
}

static bool measure_sync(void *data, double values[2])
{
    struct parallel *parallel = data;
    HANDLE threads[BENCH_MAX_THREADS];
    double start;

    reset(parallel);
    start = clock_us();
    for (unsigned i = 0; i < parallel->threads; i++) {
        threads[i] = CreateThread(NULL, 0, run_sync, &parallel->lanes[i], 0, NULL);
        if (!threads[i])
            parallel->lanes[i].failed = true;
    }
    Sleep(BLOCK_MS);
    parallel->stopping = TRUE;
    for (unsigned i = 0; i < parallel->threads; i++) {
        if (!threads[i])
            continue;
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
    }
    values[0] = total(parallel, (clock_us() - start) / 1e6);
    return values[0] > 0;
}

/* Asynchronous --------------------------------------------------------------------------------- */

static void lane_ended(struct lane *lane, bool failed)
{
    struct parallel *parallel = lane->parallel;

    lane->failed = failed;
    AcquireSRWLockExclusive(&parallel->lock);
    if (!--parallel->running)
        WakeConditionVariable(&parallel->wake);
    ReleaseSRWLockExclusive(&parallel->lock);
}

static void start_leg(struct lane *lane, struct bench_side *side)
{
    lane->side = side;
    side_prepare(side);
    if (side_call(side, lane->call) != SEC_E_OK)
        lane_ended(lane, true);
}

/* Also where a chain begins: with the first leg of a new handshake. */
static void start_handshake(struct lane *lane)
{
    sspi_pair_init(lane->pair, &lane->parallel->credentials);
    start_leg(lane, sspi_pair_next(lane->pair, NULL));
}

static void leg_completed(SspiAsyncContext *call, void *data)
{
    struct lane *lane = data;
    SECURITY_STATUS status = async.status(call);
    struct bench_side *next;

    async.reinit(call);
    if (!side_finish(lane->side, status)) {
        sspi_pair_delete(lane->pair);
        lane_ended(lane, true);
        return;
    }
    next = sspi_pair_next(lane->pair, lane->side);
    if (next) {
        start_leg(lane, next);
        return;
    }
    sspi_pair_delete(lane->pair);
    lane->count++;
    if (lane->parallel->stopping)
        lane_ended(lane, false);
    else
        start_handshake(lane);
}

static bool measure_async(void *data, double values[2])
{
    struct parallel *parallel = data;
    double start;

    reset(parallel);
    parallel->running = parallel->threads;
    start = clock_us();
    for (unsigned i = 0; i < parallel->threads; i++)
        start_handshake(&parallel->lanes[i]);
    Sleep(BLOCK_MS);
    parallel->stopping = TRUE;
    AcquireSRWLockExclusive(&parallel->lock);
    while (parallel->running)
        SleepConditionVariableSRW(&parallel->wake, &parallel->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&parallel->lock);
    values[0] = total(parallel, (clock_us() - start) / 1e6);
    return values[0] > 0;
}

/* Native --------------------------------------------------------------------------------------- */

static bool measure_native(void *data, double values[2])
{
    const struct parallel *parallel = data;
    struct bench_pool params = {
        .credentials = parallel->native,
        .ns = BLOCK_MS * 1000000ull,
        .threads = parallel->threads,
        .status = -1,
    };

    if (!native_call(BENCH_CALL_POOL, &params) || params.status || !params.ns)
        return false;
    values[0] = (double)params.count / ((double)params.ns / 1e9);
    return true;
}

/* ---------------------------------------------------------------------------------------------- */

static bool create_lanes(struct parallel *parallel, bool with_async)
{
    InitializeSRWLock(&parallel->lock);
    InitializeConditionVariable(&parallel->wake);
    for (unsigned i = 0; i < parallel->threads; i++) {
        struct lane *lane = &parallel->lanes[i];

        lane->parallel = parallel;
        lane->pair = calloc(1, sizeof(*lane->pair));
        if (!lane->pair)
            return false;
        if (!with_async)
            continue;
        lane->call = async.create();
        if (!lane->call)
            return false;
        async.set_callback(lane->call, leg_completed, lane);
    }
    return true;
}

static void free_lanes(struct parallel *parallel)
{
    for (unsigned i = 0; i < parallel->threads; i++) {
        struct lane *lane = &parallel->lanes[i];

        if (lane->call)
            async.free(lane->call);
        free(lane->pair);
        memset(lane, 0, sizeof(*lane));
    }
}

static bool measure_threads(struct bench *bench, struct parallel *parallel, const char *what)
{
    bool with_async = !bench->options->sync && async_load(), ok;
    char sync_name[64], async_name[64];
    struct bench_comparison comparison = {
        .names = {sync_name},
        .unit = "handshakes/s",
        .higher_is_better = true,
        .ours = measure_sync,
        .theirs = measure_native,
        .data = parallel,
    };

    snprintf(sync_name, sizeof(sync_name), "%s, sync, %u threads", what, parallel->threads);
    snprintf(async_name, sizeof(async_name), "%s, async, %u chains", what, parallel->threads);
    ok = create_lanes(parallel, with_async) && bench_compare(bench, &comparison);
    if (ok && with_async) {
        comparison.names[0] = async_name;
        comparison.ours = measure_async;
        ok = bench_compare(bench, &comparison);
    }
    free_lanes(parallel);
    return ok;
}

unsigned bench_parse_threads(const char *list, unsigned threads[BENCH_MAX_THREADS])
{
    unsigned count = 0;
    SYSTEM_INFO system;

    if (!list) {
        GetSystemInfo(&system);
        for (unsigned n = 1; n < system.dwNumberOfProcessors && count < BENCH_MAX_THREADS - 1;
             n *= 2)
            threads[count++] = n;
        threads[count++] = min(system.dwNumberOfProcessors, BENCH_MAX_THREADS);
        return count;
    }
    while (*list && count < BENCH_MAX_THREADS) {
        char *end;
        unsigned long n = strtoul(list, &end, 10);

        if (end == list || n < 1 || n > BENCH_MAX_THREADS || (*end && *end != ','))
            return 0;
        threads[count++] = n;
        list = *end ? end + 1 : end;
    }
    return count;
}

bool bench_parallel(struct bench *bench, const struct bench_keys *keys)
{
    static const char *const names[] = {"RSA-2048", "P-256"};
    struct parallel *parallel = calloc(1, sizeof(*parallel));
    unsigned threads[BENCH_MAX_THREADS],
        count = bench_parse_threads(bench->options->threads, threads);
    bool ok = parallel && count;
    char what[32];

    for (int kind = BENCH_P256; ok && kind >= BENCH_RSA_2048; kind--) {
        PCCERT_CONTEXT certificate = keys->certificates[kind];

        parallel->native = bench->native ? native_credentials(certificate, TLS_1_3) : 0;
        ok = sspi_credentials(&parallel->credentials, certificate, TLS_1_3, false);
        snprintf(what, sizeof(what), "TLS 1.3 %s", names[kind]);
        for (unsigned i = 0; ok && i < count; i++) {
            parallel->threads = threads[i];
            ok = measure_threads(bench, parallel, what);
        }
        sspi_credentials_free(&parallel->credentials);
        native_free(BENCH_CALL_CREDENTIALS_FREE, parallel->native);
    }
    free(parallel);
    return ok;
}
