/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sspitls bench: rows, how they are measured, and the parts that have them.
 *
 * A part (records.c, handshakes.c...) describes each of its rows with two functions that do the
 * same work for a moment, through SSPI and with GnuTLS itself, and say what it cost. measure.c
 * alternates the two, takes the medians and hands the result to table.c, which prints it.
 */
#ifndef SSPITLS_BENCH_H
#define SSPITLS_BENCH_H

#include "certificates/identity.h"
#include "command/options.h"
#include "tls/tls.h"

int bench_main(const struct options *options);

/* What a row's figures are, and what its goal is about. */
enum bench_rule {
    BENCH_COST,  /* less is better; the ratio native / ours is to reach the goal */
    BENCH_RATE,  /* more is better; the ratio ours / native is to reach the goal */
    BENCH_LIMIT, /* less is better; our own figure must not exceed the goal */
};

struct bench_row {
    char id[48];   /* for --only and for programs */
    char name[64]; /* for people, below the group's name */
    const char *unit;
    unsigned decimals;
    enum bench_rule rule;
    double goal, stretch; /* 0: there is none */
};

#define BENCH_MAX_RUNS 5
#define BENCH_MAX_ROWS 4 /* of one measurement */

/* A row with its figures. Medians; native and ratio are 0 where there is nothing to compare. */
struct bench_result {
    struct bench_row row;
    const char *group;
    double ours, native, ratio;
    double runs[BENCH_MAX_RUNS]; /* what the goal is about, by run, in rising order */
    unsigned run_count;
    unsigned rounds; /* fewest in a run */
};

/* What one call does besides work: calls of the heap, of the unix side, requests to wineserver. */
struct bench_count {
    char id[48], name[64];
    double heap, engine, server; /* below 0: not known */
};

#define BENCH_MAX_COUNTS 32

struct bench {
    const struct options *options;
    unsigned runs, rounds;
    double seconds; /* what one measurement may take, all runs together */
    bool native;    /* winegnutlsbench is there */
    bool server;    /* this secur32 has a server side */
    bool tls_1_3;   /* and speaks it; TLS 1.2 everyone does */
    bool async;     /* and has the asynchronous functions, and they are wanted */
    unsigned processors;
    const char *group, *printed_group;
    struct bench_result *results;
    unsigned count, capacity;
    struct bench_count counts[BENCH_MAX_COUNTS];
    unsigned counted;
    bool failed; /* a row could not be measured */
};

/* The certificates to handshake with, by enum key_kind. */
struct bench_keys {
    struct identity identities[2];
};

/* measure.c ------------------------------------------------------------------------------------ */

/* Does the work once and fills in one value per row; false: it failed, after a line on stderr. */
typedef bool bench_work(void *data, double values[BENCH_MAX_ROWS]);

struct bench_measurement {
    const struct bench_row *rows; /* measured together, one value each */
    unsigned count;
    bool (*begin)(void *data); /* before and after each run; may be NULL */
    void (*end)(void *data);
    bench_work *ours;
    bench_work *native; /* NULL: there is nothing to compare with */
    void *data;
    unsigned rounds;   /* in a run; 0: --rounds */
    unsigned patience; /* may take so many times --seconds; 0: once */
};

/*
 * Measures and prints the rows, unless --only leaves them all out. A row that cannot be measured is
 * reported on stderr and left out of the table.
 */
void bench_measure(struct bench *bench, const struct bench_measurement *measurement);
/* A row of that identifier is wanted: false means that its preparations can be spared. */
bool bench_wants(const struct bench *bench, const char *id);
/* Writes a row's identifier and name. */
void bench_name(struct bench_row *row, const char *id, const char *name, ...)
    __attribute__((format(gnu_printf, 3, 4)));
double bench_median(double *values, unsigned count);
/* Sorts as well; fraction 0.99 is the 99th percentile. */
double bench_percentile(double *values, unsigned count, double fraction);

/* table.c, plot.c ------------------------------------------------------------------------------ */

/* Says what is measured now: as a heading of the table, or on stderr when the table is JSON. */
void bench_group(struct bench *bench, const char *group);
void bench_print_row(struct bench *bench, const struct bench_result *result);
void bench_print_count(struct bench *bench, const struct bench_count *count);
void bench_print_end(struct bench *bench);
/* Both write a file; false after a line on stderr. */
bool bench_write_json(const struct bench *bench, const char *path);
bool bench_write_plot(const struct bench *bench, const char *path);

/* The parts ------------------------------------------------------------------------------------ */

#define BENCH_MAX_THREADS 64
/* A list of thread numbers as 1,2,4; NULL: 1,2,4. 0: wrong. */
unsigned bench_parse_threads(const char *list, unsigned threads[BENCH_MAX_THREADS]);

void bench_records(struct bench *bench, const struct bench_keys *keys);
void bench_offsets(struct bench *bench, const struct bench_keys *keys);
void bench_handshakes(struct bench *bench, const struct bench_keys *keys);
void bench_contexts(struct bench *bench, const struct bench_keys *keys);
void bench_scaling(struct bench *bench, const struct bench_keys *keys);
void bench_parallel(struct bench *bench, const struct bench_keys *keys);
void bench_async(struct bench *bench, const struct bench_keys *keys);
void bench_latency(struct bench *bench, const struct bench_keys *keys);
/* The last one: the calls it counts are slower from then on. */
void bench_counts(struct bench *bench, const struct bench_keys *keys);

#endif
