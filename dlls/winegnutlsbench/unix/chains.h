/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handshakes on a pool: chains in which every step queues the next one. */
#ifndef ASYNCSSPI_BENCH_CHAINS_H
#define ASYNCSSPI_BENCH_CHAINS_H

#include <stdatomic.h>

#include "unix/native.h"
#include "unix/pool.h"

struct chain;

struct chains {
    struct pool *pool;
    const struct bench_native_credentials *credentials;
    struct chain *chain;
    uint32_t count;
    struct pool_latch running;
    _Atomic int64_t left; /* handshakes to begin; anything below 1 ends the chains */
    _Atomic int error;
    uint64_t ended; /* wall clock, when the last chain ended */
};

/* Begins; every chain ends when no handshake is left to begin. */
int chains_start(struct chains *chains, struct pool *pool,
                 const struct bench_native_credentials *credentials, uint32_t count,
                 int64_t handshakes);
/* Waits for all and releases them; 0 or the error of one of them. */
int chains_wait(struct chains *chains);

#endif
