/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection of each kind, and blocks of records of one size and direction through them. */
#ifndef SSPITLS_BENCH_RECORDLANE_H
#define SSPITLS_BENCH_RECORDLANE_H

#include "bench/native.h"
#include "bench/pair.h"

#define LANE_RECORDS 1024

/* The sizes of records that rows are about. */
#define LANE_SIZES 4
extern const ULONG lane_sizes[LANE_SIZES];
/* "encrypt" and "Encrypt", or "decrypt" and "Decrypt". */
const char *lane_id(enum bench_direction direction);
const char *lane_verb(enum bench_direction direction);

struct record_lane {
    const struct bench_sspi_credentials *credentials;
    bench_u64 native_credentials; /* 0: no native connection */
    enum bench_direction direction;
    enum bench_clock_id clock;
    ULONG size;
    unsigned count; /* records of a block */

    struct bench_sspi_pair *pair;
    bench_u64 native_pair;
    SecPkgContext_StreamSizes sizes;
    unsigned char *records; /* prepared ones, back to back */
    unsigned char *memory;
    unsigned char *buffer; /* in `memory`: where one record is sealed or opened */
    ULONG lengths[LANE_RECORDS];
};

/* Buffers; false when there is no memory. lane_free in any case. */
bool lane_allocate(struct record_lane *lane);
void lane_free(struct record_lane *lane);
/* New connections for `credentials`; lane_disconnect in any case. */
bool lane_connect(struct record_lane *lane);
void lane_disconnect(struct record_lane *lane);
/* Sets `count` for a block of 100 to 200 microseconds. */
void lane_set_size(struct record_lane *lane, ULONG size);

/* A block; nanoseconds per record. */
bool lane_run(struct record_lane *lane, double *ns);
bool lane_run_native(struct record_lane *lane, double *ns);

/* One record: made at `at` by whoever sends in this direction, or opened there by the client. */
SECURITY_STATUS lane_seal(struct record_lane *lane, unsigned char *at, ULONG *length);
SECURITY_STATUS lane_open(struct record_lane *lane, unsigned char *at, ULONG length);

#endif
