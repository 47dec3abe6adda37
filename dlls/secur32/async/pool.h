/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The threads on which asynchronous calls run: pieces of work in, first come first served.
 */
#ifndef ASYNCSSPI_POOL_H
#define ASYNCSSPI_POOL_H

#include <windows.h>
#include <stdbool.h>

/* A thread of the pool, for the time it runs a piece of work. */
struct pool_worker;

/* Lies in whatever is to be done; the pool does not touch it any more once run was called. */
struct pool_work {
    struct pool_work *next;
    void (*run)(struct pool_work *work, struct pool_worker *worker);
};

/* Makes sure that there is a thread to run what is pushed. False: there cannot be one. */
bool pool_start(void);

/* Queues work. Neither blocks nor fails; pool_start must have succeeded before. */
void pool_push(struct pool_work *work);

/* Called by run: what follows is the program's own code, which may wait for other work. */
void pool_enter_callback(struct pool_worker *worker);

#endif
