/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Runs, rounds and medians.
 *
 * A machine that others use as well changes its speed from one second to the next: a figure alone
 * says little, and a ratio of two figures taken at different times says nothing. Ours and the
 * native one are therefore taken in turn, in short blocks; each round gives one ratio, and a run's
 * figure is the median over its rounds. Who begins changes from round to round. Every run starts
 * from scratch, with connections and memory of its own; how far the runs lie apart is the row's
 * spread.
 */
#include "bench/measure.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bench/native.h"
#include "bench/progress.h"
#include "bench/table.h"

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

double bench_percentile(double *values, unsigned count, double fraction)
{
    if (!count)
        return 0;
    qsort(values, count, sizeof(*values), compare_doubles);
    return values[min((unsigned)(fraction * count), count - 1)];
}

void bench_name(struct bench_row *row, const char *id, const char *name, ...)
{
    va_list arguments;

    snprintf(row->id, sizeof(row->id), "%s", id);
    va_start(arguments, name);
    vsnprintf(row->name, sizeof(row->name), name, arguments);
    va_end(arguments);
}

/* --only is a list; each entry selects the rows whose identifier begins with it. */
bool bench_wants(const struct bench *bench, const char *id)
{
    const char *at = bench->options->only;

    if (!at)
        return true;
    while (*at) {
        size_t length = strcspn(at, ",");

        /* Either may be the longer one: "encrypt" asks for all of them, and preparations are asked
         * for by what their rows have in common. */
        if (length && !strncmp(id, at, min(length, strlen(id))))
            return true;
        at += length + (at[length] == ',');
    }
    return false;
}

struct measurement {
    const struct bench_subject *subject;
    const struct bench_row *rows;
    unsigned count;
    void *data;
};

/* What the rounds of a run gave, by row. */
struct samples {
    double *ours[BENCH_MAX_ROWS], *native[BENCH_MAX_ROWS], *ratio[BENCH_MAX_ROWS];
};

static double ratio_of(enum bench_rule rule, double ours, double native)
{
    if (ours <= 0 || native <= 0)
        return 0;
    return rule == BENCH_RATE ? ours / native : native / ours;
}

static bool measure_round(const struct measurement *measurement, bool native, unsigned round,
                          const struct samples *samples)
{
    double ours[BENCH_MAX_ROWS] = {0}, theirs[BENCH_MAX_ROWS] = {0};
    bool ok = true;

    if (native && round & 1)
        ok = measurement->subject->native(measurement->data, theirs);
    ok = ok && measurement->subject->ours(measurement->data, ours);
    if (native && !(round & 1))
        ok = ok && measurement->subject->native(measurement->data, theirs);
    for (unsigned i = 0; ok && i < measurement->count; i++) {
        samples->ours[i][round] = ours[i];
        samples->native[i][round] = theirs[i];
        samples->ratio[i][round] = ratio_of(measurement->rows[i].rule, ours[i], theirs[i]);
    }
    return ok;
}

/* One run; adds its medians to the results'. */
static bool measure_run(const struct bench *bench, const struct measurement *measurement,
                        const struct samples *samples, unsigned rounds, double end,
                        struct bench_result *results, double medians[BENCH_MAX_ROWS][3])
{
    bool native = bench->native && measurement->subject->native, ok;
    unsigned round;

    ok = !measurement->subject->begin || measurement->subject->begin(measurement->data);
    for (round = 0; ok && round < rounds; round++) {
        if (round >= min(rounds, MIN_ROUNDS) && bench_clock(BENCH_CLOCK_WALL) > end)
            break;
        ok = measure_round(measurement, native, round, samples);
    }
    if (measurement->subject->end)
        measurement->subject->end(measurement->data);
    for (unsigned i = 0; ok && i < measurement->count; i++) {
        medians[i][0] = bench_median(samples->ours[i], round);
        medians[i][1] = bench_median(samples->native[i], round);
        medians[i][2] = bench_median(samples->ratio[i], round);
        results[i].rounds = results[i].run_count ? min(results[i].rounds, round) : round;
        results[i].runs[results[i].run_count++] =
            results[i].row.rule == BENCH_LIMIT ? medians[i][0] : medians[i][2];
    }
    return ok;
}

static bool measure_runs(const struct bench *bench, const struct measurement *measurement,
                         struct bench_result *results, unsigned rounds, double *memory,
                         double seconds)
{
    double medians[3 * BENCH_MAX_ROWS][BENCH_MAX_RUNS], run_medians[BENCH_MAX_ROWS][3];
    struct samples samples;
    bool ok = true;

    for (unsigned i = 0; i < measurement->count; i++) {
        samples.ours[i] = memory + (3 * i) * (size_t)rounds;
        samples.native[i] = memory + (3 * i + 1) * (size_t)rounds;
        samples.ratio[i] = memory + (3 * i + 2) * (size_t)rounds;
    }
    for (unsigned run = 0; ok && run < bench->runs; run++) {
        double end = bench_clock(BENCH_CLOCK_WALL) + seconds * 1e9 / bench->runs;

        ok = measure_run(bench, measurement, &samples, rounds, end, results, run_medians);
        for (unsigned i = 0; ok && i < 3 * measurement->count; i++)
            medians[i][run] = run_medians[i / 3][i % 3];
    }
    for (unsigned i = 0; ok && i < measurement->count; i++) {
        results[i].ours = bench_median(medians[3 * i], bench->runs);
        results[i].native = bench_median(medians[3 * i + 1], bench->runs);
        results[i].ratio = bench_median(medians[3 * i + 2], bench->runs);
        bench_median(results[i].runs, results[i].run_count);
    }
    return ok;
}

void bench_measure(struct bench *bench, const struct bench_subject *subject,
                   const struct bench_row *rows, unsigned count, void *data)
{
    const struct measurement measurement = {subject, rows, count, data};
    unsigned rounds = subject->rounds ? subject->rounds : bench->rounds;
    double *memory = calloc(3 * count * (size_t)rounds, sizeof(*memory));
    struct bench_result results[BENCH_MAX_ROWS] = {0};
    double seconds = bench->seconds * (subject->patience ? subject->patience : 1);
    bool wanted = false, ok;

    for (unsigned i = 0; i < count; i++) {
        results[i].row = rows[i];
        results[i].group = bench->group;
        wanted |= bench_wants(bench, rows[i].id);
    }
    if (!wanted || bench->planning) {
        if (wanted)
            progress_plan(bench, seconds);
        free(memory);
        return;
    }
    progress_show(bench, bench->group, rows[0].name);
    ok = memory && measure_runs(bench, &measurement, results, rounds, memory, seconds);
    progress_done(bench, seconds);
    if (!ok) {
        report("%s: could not be measured", rows[0].id);
        bench->failed = true;
    }
    for (unsigned i = 0; ok && i < count; i++) {
        if (bench_wants(bench, results[i].row.id))
            bench_print_row(bench, &results[i]);
    }
    free(memory);
}
