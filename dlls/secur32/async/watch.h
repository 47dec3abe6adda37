/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watching a pool's workers for work that blocks. For async/pool.c only, which hands over what of
 * itself the watching thread needs.
 */
#ifndef ASYNCSSPI_WATCH_H
#define ASYNCSSPI_WATCH_H

#include <windows.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum watch_activity { WATCH_NOTHING, WATCH_OPERATION, WATCH_CALLBACK };

/* One worker's record; all zero bits to begin with. */
struct watched {
    _Atomic(uint32_t) activity;
    /* async/watch.c's, under its lock. */
    struct watched *next, **previous;
    uint32_t seen;
    unsigned int ticks;
};

/* The pool that is watched. */
struct watch_pool {
    bool (*work_waits)(void);
    /* Work waits: gets one more worker to look for it, unless enough do. */
    void (*want_worker)(void);
    /* False: there cannot be one. */
    bool (*create_thread)(DWORD(WINAPI *function)(void *));
};

/* Before the first worker: whom to watch. It has to stay. */
void watch_begin(const struct watch_pool *pool);

void watch_add(struct watched *worker);
void watch_remove(struct watched *worker);

/* The worker itself tells what it does now. */
void watch_activity(struct watched *worker, enum watch_activity activity);

/* How many workers more than usual may be awake. */
uint32_t watch_extra_workers(void);

/* Work waits because enough workers are awake: watches them until none waits any more. */
void watch_start(void);

#endif
