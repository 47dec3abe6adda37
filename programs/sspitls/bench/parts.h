/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of the benchmark, each a file of its name with the rows of one subject. */
#ifndef SSPITLS_BENCH_PARTS_H
#define SSPITLS_BENCH_PARTS_H

#include "bench/rows.h"
#include "certificates/identity.h"

/* The certificates to handshake with, by enum key_kind. */
struct bench_keys {
    struct identity identities[2];
};

void bench_records(struct bench *bench, const struct bench_keys *keys);
void bench_offsets(struct bench *bench, const struct bench_keys *keys);
void bench_handshakes(struct bench *bench, const struct bench_keys *keys);
void bench_checked(struct bench *bench);
void bench_processes(struct bench *bench);
void bench_contexts(struct bench *bench, const struct bench_keys *keys);
void bench_scaling(struct bench *bench, const struct bench_keys *keys);
void bench_parallel(struct bench *bench, const struct bench_keys *keys);
void bench_async(struct bench *bench, const struct bench_keys *keys);
void bench_latency(struct bench *bench, const struct bench_keys *keys);
/* The last one: the calls it counts are slower from then on. */
void bench_counts(struct bench *bench, const struct bench_keys *keys);

#endif
