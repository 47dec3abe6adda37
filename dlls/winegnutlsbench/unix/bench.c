/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of calls that Wine's loader finds in winegnutlsbench.so. */
#include <string.h>

#include "native.h"

typedef int32_t bench_function(void *params);

#define CALL(name, type)                                                                           \
    static int32_t enter_##name(void *params)                                                      \
    {                                                                                              \
        if (params)                                                                                \
            bench_call_##name((struct type *)params);                                              \
        return 0;                                                                                  \
    }

CALL(startup, bench_startup)
CALL(identity, bench_identity)
CALL(credentials, bench_credentials)
CALL(credentials_free, bench_free)
CALL(handshakes, bench_handshakes)
CALL(hellos, bench_hellos)
CALL(pair, bench_pair)
CALL(pair_free, bench_free)
CALL(records, bench_records)
CALL(pool, bench_pool)
CALL(cpu, bench_cpu)

#define TABLE                                                                                      \
    {                                                                                              \
        enter_startup, enter_identity, enter_credentials, enter_credentials_free,                  \
            enter_handshakes, enter_hellos, enter_pair, enter_pair_free, enter_records,            \
            enter_pool, enter_cpu,                                                                 \
    }

__attribute__((visibility("default")))
bench_function *const __wine_unix_call_funcs[BENCH_CALL_COUNT] = TABLE;
__attribute__((visibility("default")))
bench_function *const __wine_unix_call_wow64_funcs[BENCH_CALL_COUNT] = TABLE;

void bench_call_startup(struct bench_startup *params)
{
    const char *version = gnutls_check_version(NULL);

    memset(params->gnutls_version, 0, sizeof(params->gnutls_version));
    strncpy(params->gnutls_version, version ? version : "?", sizeof(params->gnutls_version) - 1);
    params->status = params->contract_version == BENCH_CONTRACT_VERSION ? 0 : -1;
}

void bench_call_cpu(struct bench_cpu *params)
{
    params->process_ns = bench_now(CLOCK_PROCESS_CPUTIME_ID);
}
