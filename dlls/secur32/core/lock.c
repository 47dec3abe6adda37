/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for a lock that is held.
 *
 * Whoever waits marks the lock as waited for, also when it gets it: it cannot know whether others
 * still sleep. The next release then wakes one of them, or nobody.
 */
#include "core/lock.h"
#include "core/wait.h"

void lock_wait(struct lock *lock)
{
    while (atomic_exchange_explicit(&lock->state, LOCK_WAITED_FOR, memory_order_acquire) !=
           LOCK_FREE) {
        if (RtlDllShutdownInProgress())
            return;
        wait_word(&lock->state, LOCK_WAITED_FOR, INFINITE);
    }
}
