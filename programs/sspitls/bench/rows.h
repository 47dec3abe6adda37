/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows, their figures, and what all that measure them need.
 *
 * A part (bench/records.c, bench/handshakes.c...) describes each of its rows with two functions
 * that do the same work for a moment, through SSPI and with GnuTLS itself, and say what it cost.
 * bench/measure.c alternates the two, takes the medians and hands the result to bench/table.c,
 * which prints it.
 */
#ifndef SSPITLS_BENCH_ROWS_H
#define SSPITLS_BENCH_ROWS_H

#include <stdbool.h>

#include "command/options.h"

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
    bool failed;           /* a row could not be measured */
    bool planning;         /* nothing is measured, but it is counted how much there is */
    double planned, done;  /* seconds that measurements may take */
    unsigned number, last; /* of measurements: the one under way, and how many there are */
    double started;        /* by bench_clock */
    bool shown;            /* a line of progress stands on the terminal */
};

#endif
