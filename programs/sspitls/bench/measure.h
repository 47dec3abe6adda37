/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How rows are measured. */
#ifndef SSPITLS_BENCH_MEASURE_H
#define SSPITLS_BENCH_MEASURE_H

#include "bench/rows.h"

/* Does the work once and fills in one value per row; false: it failed, after a line on stderr. */
typedef bool bench_work(void *data, double values[BENCH_MAX_ROWS]);

struct bench_subject {
    bool (*begin)(void *data); /* before and after each run; may be NULL */
    void (*end)(void *data);
    bench_work *ours;
    bench_work *native; /* NULL: there is nothing to compare with */
    unsigned rounds;    /* in a run; 0: --rounds */
    unsigned patience;  /* may take so many times --seconds; 0: once */
};

/*
 * Measures and prints `count` rows together, one value of the work each, unless --only leaves them
 * all out. A row that cannot be measured is reported on stderr and left out of the table.
 */
void bench_measure(struct bench *bench, const struct bench_subject *subject,
                   const struct bench_row *rows, unsigned count, void *data);
/* A row of that identifier is wanted: false means that its preparations can be spared. */
bool bench_wants(const struct bench *bench, const char *id);
/* Writes a row's identifier and name. */
void bench_name(struct bench_row *row, const char *id, const char *name, ...)
    __attribute__((format(gnu_printf, 3, 4)));
double bench_median(double *values, unsigned count);
/* Sorts as well; fraction 0.99 is the 99th percentile. */
double bench_percentile(double *values, unsigned count, double fraction);

#endif
