/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rows: EncryptMessage and DecryptMessage, by size and version, in one thread. */
#include <stdio.h>

#include "bench/measure.h"
#include "bench/parts.h"
#include "bench/recordlane.h"
#include "bench/table.h"

/* By direction and size (lane_sizes). */
static const double goals[2][LANE_SIZES] = {{1.03, 1.03, 1.05, 1.05}, {1.2, 1.25, 1.45, 1.8}};
static const double stretches[2][LANE_SIZES] = {{1.08, 1.10, 1.14, 1.20}, {1.33, 1.37, 1.7, 2.4}};

static bool begin(void *data)
{
    return lane_connect(data);
}

static void end(void *data)
{
    lane_disconnect(data);
}

static bool ours(void *data, double values[])
{
    return lane_run(data, &values[0]);
}

static bool native(void *data, double values[])
{
    return lane_run_native(data, &values[0]);
}

static const struct bench_subject subject = {
    .begin = begin, .end = end, .ours = ours, .native = native};

static void measure_size(struct bench *bench, struct record_lane *lane, const char *version,
                         unsigned size)
{
    struct bench_row row = {
        .unit = "ns",
        .goal = goals[lane->direction][size],
        .stretch = stretches[lane->direction][size],
    };
    char id[48];

    snprintf(id, sizeof(id), "%s-%s-%lu", lane_id(lane->direction), version,
             (unsigned long)lane_sizes[size]);
    bench_name(&row, id, "%sMessage %lu B", lane_verb(lane->direction),
               (unsigned long)lane_sizes[size]);
    lane_set_size(lane, lane_sizes[size]);
    bench_measure(bench, &subject, &row, 1, lane);
}

static void measure_version(struct bench *bench, struct record_lane *lane,
                            const struct bench_keys *keys, enum tls_version version)
{
    PCCERT_CONTEXT certificate = keys->identities[KEY_P256].certificate;
    struct bench_sspi_credentials credentials;

    lane->native_credentials = bench->native ? native_credentials(certificate, version) : 0;
    lane->credentials = &credentials;
    if (sspi_credentials(&credentials, certificate, version, false)) {
        for (unsigned d = BENCH_SEND; d <= BENCH_RECEIVE; d++) {
            lane->direction = d;
            for (unsigned i = 0; i < LANE_SIZES; i++)
                measure_size(bench, lane, version == TLS_1_3 ? "1.3" : "1.2", i);
        }
    } else {
        bench->failed = true;
    }
    sspi_credentials_free(&credentials);
    native_free(BENCH_CALL_CREDENTIALS_FREE, lane->native_credentials);
}

void bench_records(struct bench *bench, const struct bench_keys *keys)
{
    static struct record_lane lane;

    if (!bench_wants(bench, "encrypt-") && !bench_wants(bench, "decrypt-"))
        return;
    if (lane_allocate(&lane)) {
        bench_group(bench, "Records, TLS 1.3");
        if (bench->tls_1_3)
            measure_version(bench, &lane, keys, TLS_1_3);
        bench_group(bench, "Records, TLS 1.2");
        measure_version(bench, &lane, keys, TLS_1_2);
    }
    lane_free(&lane);
}
