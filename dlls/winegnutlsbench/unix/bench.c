/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of calls that Wine's loader finds in winegnutlsbench.so. */
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "unix/native.h"

typedef int32_t bench_function(void *params);

/* Every call: its number, its function, its parameters. */
#define CALLS                                                                                      \
    CALL(STARTUP, startup, bench_startup)                                                          \
    CALL(CLOCK, clock, bench_clock)                                                                \
    CALL(RESIDENT, resident, bench_resident)                                                       \
    CALL(WRITES, writes, bench_writes)                                                             \
    CALL(CREDENTIALS, credentials, bench_credentials)                                              \
    CALL(CREDENTIALS_FREE, credentials_free, bench_free)                                           \
    CALL(HANDSHAKES, handshakes, bench_handshakes)                                                 \
    CALL(HELLOS, hellos, bench_hellos)                                                             \
    CALL(SESSIONS, sessions, bench_sessions)                                                       \
    CALL(SESSIONS_FREE, sessions_free, bench_free)                                                 \
    CALL(PAIR, pair, bench_pair)                                                                   \
    CALL(PAIR_FREE, pair_free, bench_free)                                                         \
    CALL(RECORDS, records, bench_records)                                                          \
    CALL(PEER, peer, bench_peer)                                                                   \
    CALL(PEER_STEP, peer_step, bench_peer_step)                                                    \
    CALL(PEER_SEAL, peer_seal, bench_peer_seal)                                                    \
    CALL(PEER_FREE, peer_free, bench_free)                                                         \
    CALL(POOL, pool, bench_pool)                                                                   \
    CALL(POOL_FREE, pool_free, bench_free)                                                         \
    CALL(POOL_HANDSHAKES, pool_handshakes, bench_pool_handshakes)                                  \
    CALL(POOL_FLIGHTS, pool_flights, bench_pool_flights)                                           \
    CALL(POOL_HELLOS, pool_hellos, bench_pool_hellos)                                              \
    CALL(POOL_LATENCY, pool_latency, bench_pool_latency)

#define CALL(number, name, type)                                                                   \
    static int32_t enter_##name(void *params)                                                      \
    {                                                                                              \
        if (params)                                                                                \
            bench_call_##name((struct type *)params);                                              \
        return 0;                                                                                  \
    }
CALLS
#undef CALL

#define CALL(number, name, type) [BENCH_CALL_##number] = enter_##name,
__attribute__((visibility("default")))
bench_function *const __wine_unix_call_funcs[BENCH_CALL_COUNT] = {CALLS};
__attribute__((visibility("default")))
bench_function *const __wine_unix_call_wow64_funcs[BENCH_CALL_COUNT] = {CALLS};

void bench_call_startup(struct bench_startup *params)
{
    const char *version = gnutls_check_version(NULL);

    memset(params->gnutls_version, 0, sizeof(params->gnutls_version));
    strncpy(params->gnutls_version, version ? version : "?", sizeof(params->gnutls_version) - 1);
    params->status = params->contract_version == BENCH_CONTRACT_VERSION ? 0 : -1;
}

void bench_call_clock(struct bench_clock *params)
{
    params->ns = bench_now(bench_clock_of(params->clock));
}

void bench_call_resident(struct bench_resident *params)
{
    unsigned long total, resident;
    FILE *file;

    params->bytes = 0;
    malloc_trim(0);
    file = fopen("/proc/self/statm", "r");
    if (!file)
        return;
    if (fscanf(file, "%lu %lu", &total, &resident) == 2)
        params->bytes = (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
    fclose(file);
}

void bench_call_writes(struct bench_writes *params)
{
    unsigned long long count;
    char line[64];
    FILE *file = fopen("/proc/self/io", "r");

    params->status = -1;
    while (file && params->status && fgets(line, sizeof(line), file)) {
        if (sscanf(line, "syscw: %llu", &count) != 1)
            continue;
        params->count = count;
        params->status = 0;
    }
    if (file)
        fclose(file);
}
