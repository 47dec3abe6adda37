/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way to winegnutlsbench, the native side of the benchmark. */
#ifndef SSPITLS_BENCH_NATIVE_H
#define SSPITLS_BENCH_NATIVE_H

#include "tls/credentials.h"
#include "winegnutlsbench/bench.h"

/* Loads the module; false when it is not there. */
bool native_load(void);
/* false when the call itself failed; what it did is in the parameters' status. */
bool native_call(enum bench_call call, void *params);
/* The same for calls whose status must be 0, with a line on stderr when it is not. */
bool native_do(enum bench_call call, void *params, const int32_t *status);
/* Handle, or 0 after a line on stderr. */
bench_u64 native_credentials(PCCERT_CONTEXT certificate, unsigned versions);
/* The same with a client that checks: with that root, and the system's. `authority`: what stands
 * between the two, or NULL. */
bench_u64 native_checking_credentials(PCCERT_CONTEXT certificate, PCCERT_CONTEXT authority,
                                      PCCERT_CONTEXT root, unsigned versions);
bench_u64 native_pool(unsigned threads);
void native_free(enum bench_call call, bench_u64 object);

/* Nanoseconds of the clock, the native side's own where it is there. */
double bench_clock(enum bench_clock_id clock);
/* Resident bytes of this process, after free memory went back to the system; 0: not known. */
double bench_resident(void);

#endif
