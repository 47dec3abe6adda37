/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a word of memory to change.
 *
 * A thread of Wine's may be ended while it waits, by a jump out of a signal handler and
 * pthread_exit. pthread_cond_wait leaves a cleanup handler on the stack that is gone then; a system
 * call leaves nothing.
 */
#ifndef UNIX_BASE_FUTEX_H
#define UNIX_BASE_FUTEX_H

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Returns when the word is not `value`, somebody has woken, or at any time: callers look at the
 * word again. False: `limit` is over (NULL: there is none). */
static inline bool futex_wait(_Atomic uint32_t *word, uint32_t value, const struct timespec *limit)
{
    return !syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, limit, NULL, 0) ||
           errno != ETIMEDOUT;
}

/* The word has changed. It need not be there any more. */
static inline void futex_wake(_Atomic uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT32_MAX, NULL, NULL, 0);
}

#endif
