/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows: how records scale over threads. Each thread has connections and buffers of its own, so that
 * all should cost what they cost in one thread.
 *
 * The figure is the CPU time of a record in one thread over that in N threads, 1 when nothing is
 * lost, on our side and natively: processors that share caches, power or a core lose something for
 * both. CPU time, because other programs may have some of the processors.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/gang.h"
#include "bench/measure.h"
#include "bench/parts.h"
#include "bench/recordlane.h"
#include "bench/table.h"
#include "bench/threads.h"

#define BLOCKS 6 /* in a piece of work: long enough for threads to overlap */

struct scaling {
    struct gang *gang;
    struct record_lane *lanes;
    unsigned threads;
    bool native;
    double ns[BENCH_MAX_THREADS];
};

static bool work(void *data, unsigned index)
{
    struct scaling *scaling = data;
    struct record_lane *lane = &scaling->lanes[index];
    double spent = 0, ns = 0;
    bool ok = true;

    for (unsigned i = 0; ok && i < BLOCKS; i++) {
        ok = scaling->native ? lane_run_native(lane, &ns) : lane_run(lane, &ns);
        spent += ns / BLOCKS;
    }
    scaling->ns[index] = spent;
    return ok;
}

static bool efficiency(struct scaling *scaling, bool native, double *value)
{
    double alone, together = 0;
    bool ok;

    scaling->native = native;
    ok = gang_run(scaling->gang, 1, work, scaling);
    alone = scaling->ns[0];
    ok = ok && gang_run(scaling->gang, scaling->threads, work, scaling);
    for (unsigned i = 0; i < scaling->threads; i++)
        together += scaling->ns[i] / scaling->threads;
    *value = ok ? alone / together : 0;
    return ok;
}

static bool ours(void *data, double values[])
{
    return efficiency(data, false, &values[0]);
}

static bool native(void *data, double values[])
{
    return efficiency(data, true, &values[0]);
}

static bool begin(void *data)
{
    struct scaling *scaling = data;
    bool ok = true;

    for (unsigned i = 0; ok && i < scaling->threads; i++)
        ok = lane_connect(&scaling->lanes[i]);
    return ok;
}

static void end(void *data)
{
    struct scaling *scaling = data;

    for (unsigned i = 0; i < scaling->threads; i++)
        lane_disconnect(&scaling->lanes[i]);
}

static const struct bench_subject subject = {
    .begin = begin, .end = end, .ours = ours, .native = native};

static void measure_threads(struct bench *bench, struct scaling *scaling, unsigned direction)
{
    bool few = scaling->threads > bench->processors;
    struct bench_row row = {
        .unit = "x", .decimals = 3, .rule = BENCH_RATE, .goal = .97, .stretch = .99};
    char id[48];

    for (unsigned s = 0; s < LANE_SIZES; s++) {
        snprintf(id, sizeof(id), "scaling-%s-%lu-%u", lane_id(direction),
                 (unsigned long)lane_sizes[s], scaling->threads);
        bench_name(&row, id, "%s %lu B, %u threads%s", lane_verb(direction),
                   (unsigned long)lane_sizes[s], scaling->threads, few ? " (too many)" : "");
        for (unsigned i = 0; i < scaling->threads; i++) {
            scaling->lanes[i].direction = direction;
            lane_set_size(&scaling->lanes[i], lane_sizes[s]);
        }
        bench_measure(bench, &subject, &row, 1, scaling);
    }
}

void bench_scaling(struct bench *bench, const struct bench_keys *keys)
{
    PCCERT_CONTEXT certificate = keys->identities[KEY_P256].certificate;
    enum tls_version version = bench->tls_1_3 ? TLS_1_3 : TLS_1_2;
    unsigned threads[BENCH_MAX_THREADS], most = 0;
    unsigned count = bench_parse_threads(bench->options->threads, threads);
    struct bench_sspi_credentials credentials;
    struct scaling scaling = {0};
    bench_u64 native_side = 0;
    bool ok;

    if (!bench_wants(bench, "scaling-"))
        return;
    for (unsigned i = 0; i < count; i++)
        most = max(most, threads[i]);
    if (bench->native)
        native_side = native_credentials(certificate, version);
    ok = sspi_credentials(&credentials, certificate, version, false);
    scaling.gang = gang_create(most);
    scaling.lanes = calloc(most, sizeof(*scaling.lanes));
    ok = ok && scaling.gang && scaling.lanes;
    for (unsigned i = 0; ok && i < most; i++) {
        scaling.lanes[i].credentials = &credentials;
        scaling.lanes[i].native_credentials = native_side;
        scaling.lanes[i].clock = BENCH_CLOCK_THREAD;
        ok = lane_allocate(&scaling.lanes[i]);
    }
    bench_group(bench, bench->tls_1_3 ? "CPU efficiency of N threads, records of TLS 1.3"
                                      : "CPU efficiency of N threads, records of TLS 1.2");
    for (unsigned d = BENCH_SEND; ok && d <= BENCH_RECEIVE; d++) {
        for (unsigned i = 0; i < count; i++) {
            scaling.threads = threads[i];
            if (threads[i] > 1)
                measure_threads(bench, &scaling, d);
        }
    }
    bench->failed |= !ok;
    for (unsigned i = 0; scaling.lanes && i < most; i++)
        lane_free(&scaling.lanes[i]);
    free(scaling.lanes);
    gang_free(scaling.gang);
    sspi_credentials_free(&credentials);
    native_free(BENCH_CALL_CREDENTIALS_FREE, native_side);
}
