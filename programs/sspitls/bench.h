/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls bench, and what its parts share. */
#ifndef SSPITLS_BENCH_H
#define SSPITLS_BENCH_H

#include "options.h"
#include "tls.h"
#include "winegnutlsbench/bench.h"

int bench_main(const struct options *options);

struct bench {
    const struct options *options;
    unsigned rounds;
    double seconds; /* what one measurement may take */
    bool native;    /* winegnutlsbench is there */
    bool progress;  /* a person watches */
    unsigned step, steps;
    const char *doing;
    bool first_row;
    double *ours, *theirs, *ratios; /* one value per round */
};

/* The certificates to handshake with, by enum bench_key. */
struct bench_keys {
    PCCERT_CONTEXT certificates[2];
};

/* benchtable.c ----------------------------------------------------------------------------------
 */

/* A measurement of one side: fills up to two values, in `unit`s; false: it failed. */
typedef bool bench_measure(void *data, double values[2]);

struct bench_comparison {
    const char *names[2]; /* one row per value; the second may be NULL */
    const char *unit;
    bool higher_is_better;
    unsigned decimals;
    bench_measure *ours;
    bench_measure *theirs; /* NULL or without the native module: the columns say "-" */
    void *data;
};

/*
 * Alternates the two measurements for the rounds' number (or the time that is given, whichever ends
 * first, but five rounds at least) and prints medians and the median of the per-round ratios.
 */
bool bench_compare(struct bench *bench, const struct bench_comparison *comparison);
/* One row; `theirs` and `ratio` 0: there is none. */
void bench_print_row(struct bench *bench, const char *name, const char *unit, unsigned decimals,
                     double ours, double theirs, double ratio);
void bench_print_heading(struct bench *bench);
void bench_print_end(struct bench *bench);
/* Tells on stderr what goes on. */
void bench_progress(struct bench *bench, const char *doing, unsigned done, unsigned total);
double bench_median(double *values, unsigned count);

/* benchnative.c ---------------------------------------------------------------------------------
 */

/* Loads the module; false when it is not there. */
bool native_load(void);
/* The NTSTATUS-free way to it: false when the call itself failed. */
bool native_call(enum bench_call call, void *params);
/* Handle, or 0 after a line on stderr. */
bench_u64 native_credentials(PCCERT_CONTEXT certificate, enum tls_version version);
void native_free(enum bench_call call, bench_u64 object);
/* A certificate with PKCS#8 key that the native side has made, or NULL. */
PCCERT_CONTEXT native_identity(enum bench_key kind);
/* CPU time of all threads of this process, in nanoseconds. */
double process_cpu_ns(void);

/* The measurements; each prints its rows. false: something did not work. */
bool bench_records(struct bench *bench, const struct bench_keys *keys);
bool bench_handshakes(struct bench *bench, const struct bench_keys *keys);
/* A list of thread numbers as 1,2,4; NULL: from 1 to the number of processors. 0: wrong. */
#define BENCH_MAX_THREADS 64
unsigned bench_parse_threads(const char *list, unsigned threads[BENCH_MAX_THREADS]);
bool bench_parallel(struct bench *bench, const struct bench_keys *keys);
bool bench_calls(struct bench *bench, const struct bench_keys *keys);

#endif
