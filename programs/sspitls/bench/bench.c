/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sspitls bench: what SSPI costs, next to the same work done by GnuTLS itself in the same process.
 * Both ends of every connection are in memory. bench/measure.c says how figures are taken.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "bench/bench.h"
#include "bench/native.h"
#include "bench/pair.h"
#include "bench/parts.h"
#include "bench/plot.h"
#include "bench/processes.h"
#include "bench/progress.h"
#include "bench/table.h"
#include "bench/threads.h"
#include "tls/async.h"

#define ROUNDS        100
#define SECONDS       4
#define RUNS          BENCH_MAX_RUNS
#define QUICK_ROUNDS  20
#define QUICK_SECONDS 0.5
#define QUICK_RUNS    2

static void measure_all(struct bench *bench, const struct bench_keys *keys)
{
    bench_records(bench, keys);
    bench_offsets(bench, keys);
    bench_handshakes(bench, keys);
    bench_checked(bench);
    bench_processes(bench);
    bench_contexts(bench, keys);
    bench_scaling(bench, keys);
    bench_parallel(bench, keys);
    bench_async(bench, keys);
    bench_latency(bench, keys);
    if (!bench->planning)
        bench_counts(bench, keys);
}

/* Goes through everything once without measuring it, for who waits. */
static void plan(struct bench *bench, const struct bench_keys *keys)
{
    if (!progress_wanted())
        return;
    bench->planning = true;
    measure_all(bench, keys);
    bench->planning = false;
    bench->started = bench_clock(BENCH_CLOCK_WALL);
}

static bool write_files(const struct bench *bench)
{
    const struct options *options = bench->options;
    bool ok = true;

    if (options->json && *options->json)
        ok = bench_write_json(bench, options->json);
    if (options->svg)
        ok = bench_write_plot(bench, options->svg) && ok;
    return ok;
}

/* What the names of all rows and counts begin with. */
static const char *const beginnings[] = {
    "acquire-",       "async-burst-", "async-extra-", "async-pool-", "checked-",
    "client-",        "count-",       "decrypt-",     "encrypt-",    "hello-",
    "latency-",       "live-",        "memory-",      "offsets-",    "parallel-async-",
    "parallel-sync-", "process-",     "scaling-",     "server-",
};

static bool begins(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAYSIZE(beginnings); i++) {
        if (!strncmp(name, beginnings[i], min(length, strlen(beginnings[i]))))
            return true;
    }
    return false;
}

/* Every entry of --only must be what a name can begin with. */
static bool check_names(const char *list)
{
    char known[512] = "";
    size_t length;

    for (const char *at = list;; at += length + 1) {
        length = strcspn(at, ",");
        if (!length || !begins(at, length))
            break;
        if (!at[length])
            return true;
    }
    for (size_t i = 0; i < ARRAYSIZE(beginnings); i++)
        snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s", i ? ", " : "",
                 beginnings[i]);
    report("--only '%s': no row has such a name", list);
    report("    names begin with %s", known);
    return false;
}

/* Whoever waits for minutes wants to have the file then. */
static bool can_write_files(const struct options *options)
{
    const char *const paths[] = {options->json, options->svg};

    for (size_t i = 0; i < ARRAYSIZE(paths); i++) {
        if (paths[i] && *paths[i] && !can_create_file(paths[i])) {
            report_system(paths[i], GetLastError());
            return false;
        }
    }
    return true;
}

static void set_extent(struct bench *bench, const struct options *options)
{
    SYSTEM_INFO system;

    bench->runs = options->quick ? QUICK_RUNS : RUNS;
    bench->rounds = options->quick ? QUICK_ROUNDS : ROUNDS;
    bench->seconds = options->quick ? QUICK_SECONDS : SECONDS;
    if (options->rounds)
        bench->rounds = options->rounds;
    if (options->seconds)
        bench->seconds = options->seconds;
    GetSystemInfo(&system);
    bench->processors = system.dwNumberOfProcessors;
}

int bench_main(const struct options *options)
{
    struct bench bench = {.options = options, .async = !options->sync};
    struct bench_keys keys = {0};
    unsigned threads[BENCH_MAX_THREADS], count = bench_parse_threads(options->threads, threads);
    int status;
    bool ok;

    if (bench_is_child(&status))
        return status;
    if (!count) {
        report("--threads: a list of numbers from 1 to %d, as 1,2,4", BENCH_MAX_THREADS);
        return EXIT_USAGE;
    }
    if ((options->only && !check_names(options->only)) || !can_write_files(options))
        return EXIT_USAGE;
    set_extent(&bench, options);
    for (unsigned i = 0; i < count; i++) {
        if (threads[i] > bench.processors)
            report("%u threads on %u processors: those rows say little", threads[i],
                   bench.processors);
    }
    bench.native = native_load();
    if (!bench.native)
        report("no winegnutlsbench here: figures without native ones beside them");
    if (bench.async && !async_load())
        return EXIT_TLS;
    bench.server = sspi_has_server();
    if (!bench.server)
        report("this secur32.dll has no server side: rows that need one are left out");
    bench.tls_1_3 = sspi_has_tls_1_3();
    if (!bench.tls_1_3)
        report("this secur32.dll speaks no TLS 1.3: rows that need it are left out");
    ok = identity_make(&keys.identities[KEY_RSA], KEY_RSA, 1) &&
         identity_make(&keys.identities[KEY_P256], KEY_P256, 1);
    if (ok) {
        plan(&bench, &keys);
        measure_all(&bench, &keys);
        progress_clear(&bench);
        bench_print_end(&bench);
        ok = write_files(&bench) && !bench.failed;
    }
    for (enum key_kind kind = KEY_RSA; kind <= KEY_P256; kind++)
        identity_free(&keys.identities[kind]);
    free(bench.results);
    if (ok && !bench.count && !bench.counted) {
        report("--only: no row of this name can be measured here");
        return EXIT_USAGE;
    }
    return ok ? EXIT_OK : EXIT_TLS;
}
