/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Watching the pool's workers for work that blocks. For pool.c only.
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
    /* watch.c's, under its lock. */
    struct watched *next, **previous;
    uint32_t seen;
    unsigned int ticks;
};

void watch_add(struct watched *worker);
void watch_remove(struct watched *worker);

/* The worker itself tells what it does now. */
void watch_activity(struct watched *worker, enum watch_activity activity);

/* How many workers more than usual may be awake. */
uint32_t watch_extra_workers(void);

/* Work waits because enough workers are awake: watches them until none waits any more. */
void watch_start(void);

/* pool.c: what the watching thread asks for. */
bool pool_work_waits(void);
void pool_want_worker(void);
bool pool_create_thread(DWORD(WINAPI *function)(void *));

#endif
