/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Results as a table for people, row by row as they come, and as JSON. */
#include "bench/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "bench/progress.h"

/* 2: as good as it gets; 1: the goal is met; 0: it is not; -1: there is none. */
static int verdict(const struct bench_result *result)
{
    const struct bench_row *row = &result->row;
    double value = row->rule == BENCH_LIMIT ? result->ours : result->ratio;
    double sign = row->rule == BENCH_LIMIT ? -1 : 1;

    if (!row->goal || !value)
        return -1;
    if (row->stretch && sign * value >= sign * row->stretch)
        return 2;
    return sign * value >= sign * row->goal;
}

static const char *const verdicts[] = {"", "NO", "yes", "more"};

/* A line has less than 80 columns. */
#define LABEL_WIDTH 29

void bench_group(struct bench *bench, const char *group)
{
    bench->group = group;
}

static void print_heading(const struct bench *bench)
{
    printf("Medians of %u runs of %u rounds; ratio: above 1, SSPI is better than GnuTLS.\n"
           "Spread: of the runs, in what the goal is about (<: the figure, else the ratio).\n"
           "Met: \"more\", what was hoped for beyond the goal.\n"
           "\n%*s %8s %8s %6s  %-12s %5s %s\n",
           bench->runs, bench->rounds, LABEL_WIDTH, "", "SSPI", "GnuTLS", "ratio", "spread", "goal",
           "met");
    fflush(stdout);
}

static void print_figure(const char *before, int width, unsigned decimals, double value)
{
    if (value)
        printf("%s%*.*f", before, width, (int)decimals, value);
    else
        printf("%s%*s", before, width, "-");
}

static void print_goal(const struct bench_row *row, int width, double goal)
{
    char text[32];

    snprintf(text, sizeof(text), row->rule == BENCH_LIMIT ? "<%.4g" : "%.4g", goal);
    printf(" %*s", width, goal ? text : "-");
}

static void print_line(const struct bench_result *result)
{
    const struct bench_row *row = &result->row;
    unsigned decimals = row->rule == BENCH_LIMIT ? row->decimals : 2;
    int width;
    char spread[32] = "-", label[128];

    if (result->run_count && result->runs[result->run_count - 1])
        snprintf(spread, sizeof(spread), "%.*f-%.*f", (int)decimals, result->runs[0], (int)decimals,
                 result->runs[result->run_count - 1]);
    snprintf(label, sizeof(label), "  %s, %s", row->name, row->unit);
    /* A long label has a line to itself. */
    width = printf("%-*s", LABEL_WIDTH, label);
    if (width > LABEL_WIDTH)
        printf("\n%*s", LABEL_WIDTH, "");
    print_figure(" ", 8, row->decimals, result->ours);
    print_figure(" ", 8, row->decimals, result->native);
    print_figure(" ", 6, 3, result->ratio);
    printf("  %-12s", spread);
    print_goal(row, 5, row->goal);
    printf(" %s\n", verdicts[verdict(result) + 1]);
}

void bench_print_row(struct bench *bench, const struct bench_result *result)
{
    bool json_only = bench->options->json && !*bench->options->json;
    FILE *out = json_only ? stderr : stdout;
    struct bench_result *grown;

    progress_clear(bench);
    if (!bench->count && !json_only)
        print_heading(bench);
    if (bench->printed_group != bench->group)
        fprintf(out, "%s\n", bench->group);
    bench->printed_group = bench->group;
    if (!json_only)
        print_line(result);
    fflush(out);
    if (bench->count == bench->capacity) {
        grown = realloc(bench->results, (bench->capacity + 64) * sizeof(*grown));
        if (!grown)
            return;
        bench->results = grown;
        bench->capacity += 64;
    }
    bench->results[bench->count++] = *result;
}

static void print_number(double value)
{
    if (value < 0)
        printf(" %10s", "-");
    else
        printf(" %10.4g", value);
}

void bench_print_count(struct bench *bench, const struct bench_count *count)
{
    bool json_only = bench->options->json && !*bench->options->json;

    progress_clear(bench);
    if (bench->counted < BENCH_MAX_COUNTS)
        bench->counts[bench->counted++] = *count;
    if (json_only)
        return;
    if (bench->counted == 1)
        printf("%s%-44s %10s %10s %10s\n", bench->count ? "\n" : "", "Calls made by one call",
               "heap", "unix side", "wineserver");
    printf("  %-42s", count->name);
    print_number(count->heap);
    print_number(count->engine);
    print_number(count->server);
    printf("\n");
    fflush(stdout);
}

static void write_json_count(FILE *file, const char *name, double value)
{
    if (value < 0)
        fprintf(file, ", \"%s\": null", name);
    else
        fprintf(file, ", \"%s\": %.5g", name, value);
}

static void write_json_number(FILE *file, const char *name, double value)
{
    if (value)
        fprintf(file, ", \"%s\": %.5g", name, value);
    else
        fprintf(file, ", \"%s\": null", name);
}

static void write_json_row(FILE *file, const struct bench_result *result)
{
    static const char *const rules[] = {"cost", "rate", "limit"};
    static const char *const met[] = {"null", "\"no\"", "\"goal\"", "\"stretch\""};
    const struct bench_row *row = &result->row;

    fprintf(file,
            "    {\"id\": \"%s\", \"group\": \"%s\", \"name\": \"%s\", \"unit\": \"%s\", "
            "\"rule\": \"%s\"",
            row->id, result->group, row->name, row->unit, rules[row->rule]);
    write_json_number(file, "ours", result->ours);
    write_json_number(file, "native", result->native);
    write_json_number(file, "ratio", result->ratio);
    fprintf(file, ", \"runs\": [");
    for (unsigned i = 0; i < result->run_count; i++)
        fprintf(file, "%s%.5g", i ? ", " : "", result->runs[i]);
    fprintf(file, "], \"rounds\": %u", result->rounds);
    write_json_number(file, "goal", row->goal);
    write_json_number(file, "stretch", row->stretch);
    fprintf(file, ", \"met\": %s}", met[verdict(result) + 1]);
}

static void write_json(const struct bench *bench, FILE *file)
{
    fprintf(file, "{\n  \"processors\": %u,\n  \"runs\": %u,\n  \"rounds\": %u,\n",
            bench->processors, bench->runs, bench->rounds);
    fprintf(file, "  \"native\": %s,\n  \"rows\": [\n", bench->native ? "true" : "false");
    for (unsigned i = 0; i < bench->count; i++) {
        write_json_row(file, &bench->results[i]);
        fprintf(file, "%s\n", i + 1 < bench->count ? "," : "");
    }
    fprintf(file, "  ],\n  \"counts\": [\n");
    for (unsigned i = 0; i < bench->counted; i++) {
        const struct bench_count *count = &bench->counts[i];

        fprintf(file, "    {\"id\": \"%s\", \"name\": \"%s\"", count->id, count->name);
        write_json_count(file, "heap", count->heap);
        write_json_count(file, "unix", count->engine);
        write_json_count(file, "wineserver", count->server);
        fprintf(file, "}%s\n", i + 1 < bench->counted ? "," : "");
    }
    fprintf(file, "  ]\n}\n");
}

bool bench_write_json(const struct bench *bench, const char *path)
{
    FILE *file = fopen(path, "wb");

    if (!file) {
        report("%s: cannot be written", path);
        return false;
    }
    write_json(bench, file);
    return !fclose(file);
}

void bench_print_end(struct bench *bench)
{
    unsigned met = 0, goals = 0;
    unsigned few = 0;

    if (bench->options->json && !*bench->options->json) {
        write_json(bench, stdout);
        fflush(stdout);
        return;
    }
    for (unsigned i = 0; i < bench->count; i++) {
        int how = verdict(&bench->results[i]);

        goals += how >= 0;
        met += how > 0;
        few += bench->results[i].rounds < bench->rounds;
    }
    if (bench->count)
        printf("\n%u of %u goals met.", met, goals);
    if (few)
        printf(" Rows of fewer, longer rounds, or out of --seconds: %u.", few);
    printf("\n");
    fflush(stdout);
}
