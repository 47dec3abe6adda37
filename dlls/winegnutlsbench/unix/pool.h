/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pool that asynchronous calls are compared with: what one would write for a native server.
 * Threads, one queue, a lock and a condition.
 */
#ifndef ASYNCSSPI_BENCH_POOL_H
#define ASYNCSSPI_BENCH_POOL_H

#include <pthread.h>
#include <stddef.h>

struct pool;

struct pool_job {
    struct pool_job *next;
    void (*run)(struct pool *pool, struct pool_job *job);
};

void pool_queue(struct pool *pool, struct pool_job *job);

/* A number of things that are to happen, and somebody who waits for the last of them. */
struct pool_latch {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    unsigned int left;
};

void latch_init(struct pool_latch *latch, unsigned int count);
/* True for the last one. */
int latch_count_down(struct pool_latch *latch);
void latch_wait(struct pool_latch *latch);
void latch_release(struct pool_latch *latch);

#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))

#endif
