/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What calls cost by themselves: a context that is made, says hello and is deleted; credentials; an
 * asynchronous call over the synchronous one.
 *
 * The last is the difference in CPU time of the whole process, callback and waking included,
 * between the same calls made both ways, with many calls in flight and with one at a time.
 */
#include <stdlib.h>
#include <string.h>

#include "async.h"
#include "bench.h"
#include "benchpair.h"
#include "error.h"

#define HELLOS    64
#define CALLS     2048
#define IN_FLIGHT 64

struct flight {
    SspiAsyncContext *call;
    struct bench_side *side;
    struct calls *calls;
};

struct calls {
    struct bench_sspi_credentials credentials;
    struct bench_side *side;
    bench_u64 native;
    PCCERT_CONTEXT certificate;
    /* Asynchronous calls in flight. */
    struct flight flights[IN_FLIGHT];
    unsigned in_flight;
    SRWLOCK lock;
    CONDITION_VARIABLE wake;
    unsigned completed;
};

static void reset(struct bench_side *side)
{
    SecInvalidateHandle(&side->context);
    side->has_context = side->done = false;
    side->in_size = 0;
}

static bool hello(struct bench_side *side)
{
    reset(side);
    side_prepare(side);
    if (side_call(side, NULL) != SEC_I_CONTINUE_NEEDED)
        return false;
    return DeleteSecurityContext(&side->context) == SEC_E_OK;
}

static bool measure_hellos(void *data, double values[2])
{
    struct calls *calls = data;
    double start = clock_us();
    bool ok = true;

    for (unsigned i = 0; ok && i < HELLOS; i++)
        ok = hello(calls->side);
    values[0] = (clock_us() - start) / HELLOS;
    return ok;
}

static bool measure_native_hellos(void *data, double values[2])
{
    const struct calls *calls = data;
    struct bench_hellos params = {.credentials = calls->native, .count = HELLOS, .status = -1};

    if (!native_call(BENCH_CALL_HELLOS, &params) || params.status)
        return false;
    values[0] = (double)params.ns / 1000 / HELLOS;
    return true;
}

static bool measure_acquire(void *data, double values[2])
{
    struct calls *calls = data;
    struct tls_settings settings = {
        .server = true, .sync = true, .certificate = calls->certificate};
    struct tls_credentials credentials;
    SECURITY_STATUS status;
    double start = clock_us();

    status = tls_credentials_acquire(&credentials, &settings);
    values[0] = clock_us() - start;
    tls_credentials_free(&credentials);
    return status == SEC_E_OK;
}

/* Asynchronous calls --------------------------------------------------------------------------- */

static void call_completed(SspiAsyncContext *call, void *data)
{
    struct flight *flight = data;
    struct calls *calls = flight->calls;

    (void)call;
    AcquireSRWLockExclusive(&calls->lock);
    if (++calls->completed == calls->in_flight)
        WakeConditionVariable(&calls->wake);
    ReleaseSRWLockExclusive(&calls->lock);
}

/* Queues `in_flight` first legs, waits for all, deletes their contexts. */
static bool fly(struct calls *calls)
{
    bool ok = true;

    calls->completed = 0;
    for (unsigned i = 0; i < calls->in_flight; i++) {
        struct flight *flight = &calls->flights[i];

        reset(flight->side);
        side_prepare(flight->side);
        if (side_call(flight->side, flight->call) != SEC_E_OK)
            return false;
    }
    AcquireSRWLockExclusive(&calls->lock);
    while (calls->completed < calls->in_flight)
        SleepConditionVariableSRW(&calls->wake, &calls->lock, INFINITE, 0);
    ReleaseSRWLockExclusive(&calls->lock);
    for (unsigned i = 0; i < calls->in_flight; i++) {
        struct flight *flight = &calls->flights[i];

        ok = async.status(flight->call) == SEC_I_CONTINUE_NEEDED && ok;
        async.reinit(flight->call);
        DeleteSecurityContext(&flight->side->context);
    }
    return ok;
}

static bool measure_extra_cpu(void *data, double values[2])
{
    struct calls *calls = data;
    double start = process_cpu_ns(), middle;
    bool ok = true;

    for (unsigned i = 0; ok && i < CALLS; i++)
        ok = hello(calls->side);
    middle = process_cpu_ns();
    for (unsigned i = 0; ok && i < CALLS; i += calls->in_flight)
        ok = fly(calls);
    values[0] = ((process_cpu_ns() - middle) - (middle - start)) / 1000 / CALLS;
    return ok;
}

static bool create_flights(struct calls *calls)
{
    if (!async_load())
        return false;
    InitializeSRWLock(&calls->lock);
    InitializeConditionVariable(&calls->wake);
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        struct flight *flight = &calls->flights[i];

        flight->calls = calls;
        flight->call = async.create();
        flight->side = calloc(1, sizeof(*flight->side));
        if (!flight->call || !flight->side)
            return false;
        flight->side->credentials = &calls->credentials.client;
        async.set_callback(flight->call, call_completed, flight);
    }
    return true;
}

static void free_flights(struct calls *calls)
{
    for (unsigned i = 0; i < IN_FLIGHT; i++) {
        if (calls->flights[i].call)
            async.free(calls->flights[i].call);
        free(calls->flights[i].side);
    }
}

static bool compare_async(struct bench *bench, struct calls *calls)
{
    static const unsigned in_flight[] = {IN_FLIGHT, 1};
    char name[64];
    struct bench_comparison comparison = {
        .names = {name},
        .unit = "us CPU",
        .decimals = 2,
        .ours = measure_extra_cpu,
        .data = calls,
    };
    bool ok = create_flights(calls);

    for (unsigned i = 0; ok && i < ARRAYSIZE(in_flight); i++) {
        calls->in_flight = in_flight[i];
        snprintf(name, sizeof(name), "async call over sync call, %u in flight", in_flight[i]);
        ok = bench_compare(bench, &comparison);
    }
    free_flights(calls);
    return ok;
}

static bool compare_hellos(struct bench *bench, struct calls *calls, enum tls_version version)
{
    struct bench_comparison hellos = {
        .names = {version == TLS_1_3 ? "create + ClientHello + delete, TLS 1.3"
                                     : "create + ClientHello + delete, TLS 1.2"},
        .unit = "us",
        .decimals = 2,
        .ours = measure_hellos,
        .theirs = measure_native_hellos,
        .data = calls,
    };
    bool ok;

    calls->native = bench->native ? native_credentials(calls->certificate, version) : 0;
    ok = sspi_credentials(&calls->credentials, calls->certificate, version, false);
    calls->side->credentials = &calls->credentials.client;
    ok = ok && bench_compare(bench, &hellos);
    if (ok && version == TLS_1_2 && !bench->options->sync)
        ok = compare_async(bench, calls);
    sspi_credentials_free(&calls->credentials);
    native_free(BENCH_CALL_CREDENTIALS_FREE, calls->native);
    return ok;
}

bool bench_calls(struct bench *bench, const struct bench_keys *keys)
{
    struct calls *calls = calloc(1, sizeof(*calls));
    struct bench_comparison acquire = {
        .names = {"AcquireCredentialsHandle, RSA seen before"},
        .unit = "us",
        .decimals = 1,
        .ours = measure_acquire,
        .data = calls,
    };
    bool ok = calls && (calls->side = calloc(1, sizeof(*calls->side)));

    if (!ok)
        goto done;
    calls->certificate = keys->certificates[BENCH_RSA_2048];
    ok = bench_compare(bench, &acquire) && compare_hellos(bench, calls, TLS_1_3) &&
         compare_hellos(bench, calls, TLS_1_2);
done:
    if (calls)
        free(calls->side);
    free(calls);
    return ok;
}
