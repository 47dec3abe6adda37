/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rounds, medians and rows.
 *
 * Machines that several share change their speed from one second to the next, so a figure alone
 * says little and a ratio of two figures taken at different times says nothing. Ours and the native
 * one are therefore measured in turn, in short blocks, and what is reported is the median over the
 * rounds of the ratio within one round. Who begins changes from round to round.
 */
#include <stdlib.h>
#include <string.h>

#include "bench.h"
#include "error.h"

#define MIN_ROUNDS 5

static int compare_doubles(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

double bench_median(double *values, unsigned count)
{
    if (!count)
        return 0;
    qsort(values, count, sizeof(*values), compare_doubles);
    return count & 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

void bench_progress(struct bench *bench, const char *doing, unsigned done, unsigned total)
{
    if (!bench->progress)
        return;
    if (doing)
        fprintf(stderr, "\r%-60s %3u%%\r", doing, total ? done * 100 / total : 0);
    else
        fprintf(stderr, "\r%66s\r", "");
    fflush(stderr);
}

void bench_print_heading(struct bench *bench)
{
    bench->first_row = true;
    if (bench->options->json)
        printf("{\n  \"rounds\": %u,\n  \"native\": %s,\n  \"rows\": [", bench->rounds,
               bench->native ? "true" : "false");
    else
        printf("%-44s %-12s %10s %10s %7s\n", "", "", "SSPI", "GnuTLS", "ratio");
    fflush(stdout);
}

void bench_print_end(struct bench *bench)
{
    if (bench->options->json)
        printf("\n  ]\n}\n");
    fflush(stdout);
}

static void print_json(struct bench *bench, const char *name, const char *unit, double ours,
                       double theirs, double ratio)
{
    printf("%s\n    {\"name\": \"%s\", \"unit\": \"%s\", \"ours\": %.4f, ",
           bench->first_row ? "" : ",", name, unit, ours);
    if (theirs > 0)
        printf("\"native\": %.4f, \"ratio\": %.4f}", theirs, ratio);
    else
        printf("\"native\": null, \"ratio\": null}");
}

void bench_print_row(struct bench *bench, const char *name, const char *unit, unsigned decimals,
                     double ours, double theirs, double ratio)
{
    bench_progress(bench, NULL, 0, 0);
    if (bench->options->json) {
        print_json(bench, name, unit, ours, theirs, ratio);
    } else {
        printf("%-44s %-12s %10.*f ", name, unit, (int)decimals, ours);
        if (theirs > 0)
            printf("%10.*f %7.3f\n", (int)decimals, theirs, ratio);
        else
            printf("%10s %7s\n", "-", "-");
    }
    bench->first_row = false;
    fflush(stdout);
}

/* The values of all rounds: [value][ours, theirs, ratio][round]. */
struct samples {
    double *values[2][3];
    unsigned count;
};

static bool measure_round(const struct bench_comparison *comparison, bool native, unsigned round,
                          struct samples *samples)
{
    double ours[2] = {0}, theirs[2] = {0};
    bool ok = true;

    if (native && round & 1)
        ok = comparison->theirs(comparison->data, theirs);
    ok = ok && comparison->ours(comparison->data, ours);
    if (native && !(round & 1))
        ok = ok && comparison->theirs(comparison->data, theirs);
    for (unsigned v = 0; ok && v < 2; v++) {
        samples->values[v][0][round] = ours[v];
        samples->values[v][1][round] = theirs[v];
        if (native && ours[v] > 0 && theirs[v] > 0)
            samples->values[v][2][round] =
                comparison->higher_is_better ? ours[v] / theirs[v] : theirs[v] / ours[v];
        else
            samples->values[v][2][round] = 0;
    }
    return ok;
}

bool bench_compare(struct bench *bench, const struct bench_comparison *comparison)
{
    bool native = bench->native && comparison->theirs, ok = true;
    struct samples samples = {.count = 0};
    double *memory = calloc(6 * (size_t)bench->rounds, sizeof(*memory));
    double end = clock_us() + bench->seconds * 1e6;
    unsigned round;

    if (!memory)
        return false;
    for (unsigned i = 0; i < 6; i++)
        samples.values[i / 3][i % 3] = memory + i * (size_t)bench->rounds;
    for (round = 0; ok && round < bench->rounds; round++) {
        if (round >= MIN_ROUNDS && clock_us() > end)
            break;
        if (round % 10 == 0)
            bench_progress(bench, comparison->names[0], round, bench->rounds);
        ok = measure_round(comparison, native, round, &samples);
    }
    bench_progress(bench, NULL, 0, 0);
    for (unsigned v = 0; ok && v < 2 && comparison->names[v]; v++)
        bench_print_row(bench, comparison->names[v], comparison->unit, comparison->decimals,
                        bench_median(samples.values[v][0], round),
                        bench_median(samples.values[v][1], round),
                        bench_median(samples.values[v][2], round));
    if (!ok)
        report("%s: the measurement failed", comparison->names[0]);
    free(memory);
    return ok;
}
