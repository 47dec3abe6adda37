/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows: whether a record's cost depends on where the program's buffer lies.
 *
 * The buffer is moved through 256 offsets; the row is the worst one's cost over the median one's.
 * An offset's own cost is the median of several passes over all of them, so that a slow moment of
 * the machine does not fall on one offset alone.
 */
#include <stdio.h>

#include "bench/measure.h"
#include "bench/parts.h"
#include "bench/recordlane.h"
#include "bench/table.h"

#define OFFSETS 256
#define PASSES  15
#define RECORDS 8
#define SIZE    16384

static bool begin(void *data)
{
    struct record_lane *lane = data;

    lane->size = SIZE;
    lane->count = RECORDS;
    return lane_connect(lane);
}

static void end(void *data)
{
    lane_disconnect(data);
}

/* At the buffer's place; without recv()'s copy, whose cost depends on the place too. */
static bool measure_place(struct record_lane *lane, double *ns)
{
    double spent = 0, start;
    bool ok = true;
    ULONG length;

    if (lane->direction == BENCH_SEND)
        return lane_run(lane, ns);
    for (unsigned i = 0; ok && i < lane->count; i++) {
        ok = lane_seal(lane, lane->buffer, &length) == SEC_E_OK;
        start = bench_clock(BENCH_CLOCK_WALL);
        ok = ok && lane_open(lane, lane->buffer, length) == SEC_E_OK;
        spent += bench_clock(BENCH_CLOCK_WALL) - start;
    }
    *ns = spent / lane->count;
    return ok;
}

static bool sweep(void *data, double values[])
{
    static double costs[OFFSETS][PASSES], medians[OFFSETS];
    struct record_lane *lane = data;
    bool ok = true;

    for (unsigned pass = 0; ok && pass < PASSES; pass++) {
        for (unsigned offset = 0; ok && offset < OFFSETS; offset++) {
            lane->buffer = lane->memory + offset;
            ok = measure_place(lane, &costs[offset][pass]);
        }
    }
    lane->buffer = lane->memory;
    for (unsigned offset = 0; offset < OFFSETS; offset++)
        medians[offset] = bench_median(costs[offset], PASSES);
    values[0] = 1 / bench_median(medians, OFFSETS);
    values[0] *= medians[OFFSETS - 1];
    return ok;
}

static const struct bench_subject sweep_subject = {
    .begin = begin, .end = end, .ours = sweep, .rounds = 1};

void bench_offsets(struct bench *bench, const struct bench_keys *keys)
{
    static const enum tls_version versions[] = {TLS_1_3, TLS_1_2};
    static struct record_lane lane;
    struct bench_row row = {
        .unit = "x", .decimals = 3, .rule = BENCH_LIMIT, .goal = 1.15, .stretch = 1.05};
    struct bench_sspi_credentials credentials;
    char id[48];

    if (!bench_wants(bench, "offsets-") || !lane_allocate(&lane))
        return;
    bench_group(bench, "Worst of 256 buffer offsets over the median one, 16 KiB");
    for (unsigned v = 0; v < ARRAYSIZE(versions); v++) {
        const char *version = versions[v] == TLS_1_3 ? "1.3" : "1.2";

        if (versions[v] == TLS_1_3 && !bench->tls_1_3)
            continue;
        lane.credentials = &credentials;
        if (!sspi_credentials(&credentials, keys->identities[KEY_P256].certificate, versions[v],
                              false))
            bench->failed = true;
        for (unsigned d = BENCH_SEND; !bench->failed && d <= BENCH_RECEIVE; d++) {
            lane.direction = d;
            snprintf(id, sizeof(id), "offsets-%s-%s", lane_id(d), version);
            bench_name(&row, id, "%sMessage, TLS %s", lane_verb(d), version);
            bench_measure(bench, &sweep_subject, &row, 1, &lane);
        }
        sspi_credentials_free(&credentials);
    }
    lane_free(&lane);
}
