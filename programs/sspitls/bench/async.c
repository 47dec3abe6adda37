/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows: what it costs to make a call asynchronously, next to a native pool with a lock and a
 * condition.
 *
 * The first ones are the difference in CPU time of the whole process, callback and waking included,
 * between the same calls made directly and through the pool, with many in flight and one at a time.
 * The bursts are first flights of servers, all queued at once by one thread.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bench/measure.h"
#include "bench/native.h"
#include "bench/pair.h"
#include "bench/parts.h"
#include "bench/table.h"
#include "tls/async.h"

#define FLIGHTS    1000
#define FLIGHT_OUT 8192
#define MANY       64

/* A first leg under way. Slim, as there are many. */
struct flight {
    struct calls *calls;
    SspiAsyncContext *call;
    CtxtHandle context;
    SecBuffer in[2], out[1];
    SecBufferDesc in_description, out_description;
    ULONG attributes;
    TimeStamp expiry;
    unsigned char *memory; /* FLIGHT_OUT bytes */
};

struct calls {
    struct bench_sspi_credentials credentials;
    bench_u64 native;
    bench_u64 pool;
    struct bench_side *side;
    unsigned char hello[BENCH_TOKEN]; /* a ClientHello */
    ULONG hello_size;
    unsigned count, in_flight;
    struct flight *flights; /* FLIGHTS */
    unsigned char *memory;
    SRWLOCK lock;
    CONDITION_VARIABLE wake;
    bool delete_at_once; /* in the callback, as the native side does; else when all are done */
    volatile LONG left;
    bool all_done; /* under lock, as `ended` */
    double ended;
};

static void completed(SspiAsyncContext *call, void *data)
{
    struct flight *flight = data;
    struct calls *calls = flight->calls;

    (void)call;
    if (calls->delete_at_once && SecIsValidHandle(&flight->context))
        DeleteSecurityContext(&flight->context);
    if (InterlockedDecrement(&calls->left))
        return;
    AcquireSRWLockExclusive(&calls->lock);
    calls->ended = bench_clock(BENCH_CLOCK_WALL);
    calls->all_done = true;
    WakeConditionVariable(&calls->wake);
    ReleaseSRWLockExclusive(&calls->lock);
}

static bool queue(struct flight *flight, bool server)
{
    struct calls *calls = flight->calls;
    struct tls_credentials *own = server ? &calls->credentials.server : &calls->credentials.client;

    flight->in[0] = (SecBuffer){calls->hello_size, SECBUFFER_TOKEN, calls->hello};
    flight->in[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    flight->out[0] = (SecBuffer){FLIGHT_OUT, SECBUFFER_TOKEN, flight->memory};
    flight->in_description = (SecBufferDesc){SECBUFFER_VERSION, 2, flight->in};
    flight->out_description = (SecBufferDesc){SECBUFFER_VERSION, 1, flight->out};
    SecInvalidateHandle(&flight->context);
    if (server)
        return async.accept(flight->call, &own->handle, NULL, &flight->in_description,
                            own->requirements, SECURITY_NATIVE_DREP, &flight->context,
                            &flight->out_description, &flight->attributes,
                            &flight->expiry) == SEC_E_OK;
    return async.initialize(flight->call, &own->handle, NULL, (WCHAR *)L"localhost",
                            own->requirements, 0, SECURITY_NATIVE_DREP, NULL, 0, &flight->context,
                            &flight->out_description, &flight->attributes,
                            &flight->expiry) == SEC_E_OK;
}

/* Queues so many first legs and waits for all; their contexts are deleted. */
static bool fly(struct calls *calls, unsigned count, bool server)
{
    bool ok = true;

    calls->delete_at_once = !server;
    calls->left = (LONG)count;
    calls->all_done = false;
    for (unsigned i = 0; i < count; i++) {
        if (queue(&calls->flights[i], server))
            continue;
        completed(NULL, &calls->flights[i]);
        ok = false;
    }
    AcquireSRWLockExclusive(&calls->lock);
    while (!calls->all_done)
        SleepConditionVariableSRW(&calls->wake, &calls->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&calls->lock);
    for (unsigned i = 0; i < count; i++) {
        struct flight *flight = &calls->flights[i];

        ok = async.status(flight->call) == SEC_I_CONTINUE_NEEDED && ok;
        async.reinit(flight->call);
        if (!calls->delete_at_once && SecIsValidHandle(&flight->context))
            DeleteSecurityContext(&flight->context);
    }
    if (!ok)
        report("an asynchronous call failed");
    return ok;
}

/* Extra CPU time ------------------------------------------------------------------------------- */

static bool extra_cpu(void *data, double values[])
{
    struct calls *calls = data;
    double start = bench_clock(BENCH_CLOCK_PROCESS), middle;
    bool ok = true;

    for (unsigned i = 0; ok && i < calls->count; i++)
        ok = sspi_hello(calls->side, &calls->credentials.client);
    middle = bench_clock(BENCH_CLOCK_PROCESS);
    for (unsigned i = 0; ok && i < calls->count; i += calls->in_flight)
        ok = fly(calls, calls->in_flight, false);
    values[0] =
        ((bench_clock(BENCH_CLOCK_PROCESS) - middle) - (middle - start)) / 1000 / calls->count;
    return ok;
}

static bool native_extra_cpu(void *data, double values[])
{
    const struct calls *calls = data;
    struct bench_pool_hellos params = {
        .pool = calls->pool,
        .credentials = calls->native,
        .in_flight = calls->in_flight,
        .count = calls->count,
        .status = -1,
    };

    if (!native_do(BENCH_CALL_POOL_HELLOS, &params, &params.status))
        return false;
    values[0] = ((double)params.pool_ns - (double)params.direct_ns) / 1000 / params.count;
    return true;
}

static const struct bench_subject extra_cpu_subject = {.ours = extra_cpu,
                                                       .native = native_extra_cpu};

static void measure_extra_cpu(struct bench *bench, struct calls *calls, unsigned in_flight,
                              unsigned count, double goal, double stretch)
{
    struct bench_row row = {
        .unit = "us", .decimals = 2, .rule = BENCH_LIMIT, .goal = goal, .stretch = stretch};
    char id[48];

    snprintf(id, sizeof(id), "async-extra-%u", in_flight);
    bench_name(&row, id, "extra CPU of a call, %u in flight", in_flight);
    calls->in_flight = in_flight;
    calls->count = count;
    bench_measure(bench, &extra_cpu_subject, &row, 1, calls);
}

/* Bursts --------------------------------------------------------------------------------------- */

static bool burst(void *data, double values[])
{
    struct calls *calls = data;
    double start = bench_clock(BENCH_CLOCK_WALL);
    bool ok = fly(calls, calls->count, true);

    values[0] = (calls->ended - start) / 1e6;
    return ok;
}

static bool native_burst(void *data, double values[])
{
    const struct calls *calls = data;
    struct bench_pool_flights params = {
        .pool = calls->pool,
        .credentials = calls->native,
        .hello = (ULONG_PTR)calls->hello,
        .hello_size = calls->hello_size,
        .count = calls->count,
        .status = -1,
    };

    if (!native_do(BENCH_CALL_POOL_FLIGHTS, &params, &params.status))
        return false;
    values[0] = (double)params.ns / 1e6;
    return true;
}

static const struct bench_subject burst_subject = {
    .ours = burst, .native = native_burst, .rounds = 20, .patience = 3};

static void measure_burst(struct bench *bench, struct calls *calls, const char *key,
                          unsigned threads)
{
    struct bench_row row = {.unit = "ms", .decimals = 1, .goal = .95, .stretch = .98};
    char id[48];

    snprintf(id, sizeof(id), "async-burst-%s", key);
    bench_name(&row, id, "%u flights %s, %u workers", FLIGHTS, key, threads);
    calls->count = FLIGHTS;
    bench_measure(bench, &burst_subject, &row, 1, calls);
}

/* ---------------------------------------------------------------------------------------------- */

static bool create_flights(struct calls *calls)
{
    calls->side = calloc(1, sizeof(*calls->side));
    calls->flights = calloc(FLIGHTS, sizeof(*calls->flights));
    calls->memory = malloc((size_t)FLIGHTS * FLIGHT_OUT);
    if (!calls->side || !calls->flights || !calls->memory)
        return false;
    for (unsigned i = 0; i < FLIGHTS; i++) {
        struct flight *flight = &calls->flights[i];

        flight->calls = calls;
        flight->memory = calls->memory + (size_t)i * FLIGHT_OUT;
        flight->call = async.create();
        if (!flight->call)
            return false;
        async.set_callback(flight->call, completed, flight);
    }
    return true;
}

static void free_flights(struct calls *calls)
{
    for (unsigned i = 0; calls->flights && i < FLIGHTS; i++)
        async.free(calls->flights[i].call);
    free(calls->flights);
    free(calls->memory);
    free(calls->side);
}

/* The ClientHello that all servers of a burst answer. */
static bool write_hello(struct calls *calls)
{
    side_init(calls->side, &calls->credentials.client);
    side_prepare(calls->side);
    if (side_call(calls->side, NULL) != SEC_I_CONTINUE_NEEDED)
        return false;
    calls->hello_size = calls->side->out_buffers[0].cbBuffer;
    memcpy(calls->hello, calls->side->out, calls->hello_size);
    return DeleteSecurityContext(&calls->side->context) == SEC_E_OK;
}

static bool use(struct bench *bench, struct calls *calls, PCCERT_CONTEXT certificate,
                enum tls_version version)
{
    calls->native = bench->native ? native_credentials(certificate, version) : 0;
    return sspi_credentials(&calls->credentials, certificate, version, false) && write_hello(calls);
}

static void use_no_more(struct calls *calls)
{
    sspi_credentials_free(&calls->credentials);
    native_free(BENCH_CALL_CREDENTIALS_FREE, calls->native);
}

void bench_async(struct bench *bench, const struct bench_keys *keys)
{
    unsigned threads = max(bench->processors, 2);
    struct calls *calls;

    if (!bench->async ||
        (!bench_wants(bench, "async-extra-") && !bench_wants(bench, "async-burst-")))
        return;
    calls = calloc(1, sizeof(*calls));
    if (!calls || !create_flights(calls)) {
        bench->failed = true;
        goto done;
    }
    bench_group(bench, "Asynchronous calls");
    calls->pool = bench->native ? native_pool(threads) : 0;
    if (use(bench, calls, keys->identities[KEY_P256].certificate, TLS_1_2)) {
        measure_extra_cpu(bench, calls, MANY, 8 * MANY, 3, 1.5);
        measure_extra_cpu(bench, calls, 1, 64, 0, 0);
    }
    use_no_more(calls);
    if (use(bench, calls, keys->identities[KEY_P256].certificate, TLS_1_3))
        measure_burst(bench, calls, "p256", threads);
    use_no_more(calls);
    if (use(bench, calls, keys->identities[KEY_RSA].certificate, TLS_1_3))
        measure_burst(bench, calls, "rsa", threads);
    use_no_more(calls);
    native_free(BENCH_CALL_POOL_FREE, calls->pool);
done:
    if (calls)
        free_flights(calls);
    free(calls);
}
