/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One thread waits for what another one completes. */
#include "base/completion.h"

void completion_signal(struct completion *completion)
{
    AcquireSRWLockExclusive(&completion->lock);
    completion->done = true;
    WakeConditionVariable(&completion->wake);
    /* The waiter, which has to get the lock, may be gone behind this. */
    ReleaseSRWLockExclusive(&completion->lock);
}

void completion_wait(struct completion *completion)
{
    AcquireSRWLockExclusive(&completion->lock);
    while (!completion->done)
        SleepConditionVariableSRW(&completion->wake, &completion->lock, INFINITE, 0);
    completion->done = false;
    ReleaseSRWLockExclusive(&completion->lock);
}
