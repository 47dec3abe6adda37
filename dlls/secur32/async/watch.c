/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Blocked workers, and their replacement.
 *
 * When work has to wait because enough workers are awake, a watching thread looks every TICK
 * milliseconds whether workers still do the same as before. One that has done so for some ticks is
 * counted in `blocked`, and another worker may be awake in its place. In a callback that is likely
 * to mean that it waits; in an operation it takes longer to count, because on a crowded machine an
 * operation is only slow, and more threads would make it slower. As long as no work at all is
 * finished, one more is let run for each blocked worker (`boost`), so that many callbacks that wait
 * for each other soon all run.
 *
 * A worker's activity is one word: what it does, whether it is counted as blocked, and the number
 * of pieces of work it has finished. The worker writes it with an exchange and so learns that it
 * was counted, and takes the count back itself: no tick is needed when it gets on.
 *
 * The thread sleeps as long as nothing waits, and is not created before something does. Nobody
 * misses that work waits: a producer makes its work visible before it calls watch_start, and the
 * thread looks for work again after it has said that it stops.
 */
#include "async/watch.h"
#include "core/wait.h"

#define TICK            10 /* ms */
#define CALLBACK_TICKS  2  /* as long as that in a callback: blocked */
#define OPERATION_TICKS 10 /* in the operation */

/* The fields of an activity: enum watch_activity and these. */
#define ACTIVITY(word) ((word)&3u)
#define BLOCKED        4u
#define NEXT           8u

static _Alignas(64) struct {
    _Atomic(uint32_t) blocked, boost;
    _Atomic(LONG) watching;
    _Atomic(bool) created; /* the thread */
} watch;

static const struct watch_pool *pool; /* written once, before there is a worker */

static SRWLOCK workers_lock = SRWLOCK_INIT;
static struct watched *workers;

void watch_begin(const struct watch_pool *watched_pool)
{
    pool = watched_pool;
}

void watch_add(struct watched *worker)
{
    AcquireSRWLockExclusive(&workers_lock);
    worker->next = workers;
    worker->previous = &workers;
    if (workers)
        workers->previous = &worker->next;
    workers = worker;
    ReleaseSRWLockExclusive(&workers_lock);
}

void watch_remove(struct watched *worker)
{
    AcquireSRWLockExclusive(&workers_lock);
    *worker->previous = worker->next;
    if (worker->next)
        worker->next->previous = worker->previous;
    ReleaseSRWLockExclusive(&workers_lock);
}

void watch_activity(struct watched *worker, enum watch_activity activity)
{
    uint32_t before = atomic_load_explicit(&worker->activity, memory_order_relaxed);
    uint32_t number = before / NEXT + (activity == WATCH_NOTHING);

    if (atomic_exchange(&worker->activity, number * NEXT + activity) & BLOCKED)
        atomic_fetch_sub(&watch.blocked, 1);
}

uint32_t watch_extra_workers(void)
{
    return atomic_load_explicit(&watch.blocked, memory_order_relaxed) +
           atomic_load_explicit(&watch.boost, memory_order_relaxed);
}

/*
 * Counts the worker as blocked when it has done the same for too many ticks. Tells whether it
 * finished something since the last tick.
 */
static bool check_worker(struct watched *worker)
{
    uint32_t activity = atomic_load(&worker->activity), seen = worker->seen;

    if ((activity & ~BLOCKED) != seen) {
        worker->seen = activity & ~BLOCKED;
        worker->ticks = 0;
        return activity / NEXT != seen / NEXT;
    }
    if (ACTIVITY(activity) == WATCH_NOTHING || activity & BLOCKED)
        return false;
    if (++worker->ticks >=
        (ACTIVITY(activity) == WATCH_CALLBACK ? CALLBACK_TICKS : OPERATION_TICKS)) {
        /* Counted first: the worker itself may take it back at once. */
        atomic_fetch_add(&watch.blocked, 1);
        if (!atomic_compare_exchange_strong(&worker->activity, &activity, activity | BLOCKED))
            atomic_fetch_sub(&watch.blocked, 1);
    }
    return false;
}

static void replace_blocked_workers(void)
{
    struct watched *worker;
    bool progress = false;

    AcquireSRWLockExclusive(&workers_lock);
    for (worker = workers; worker; worker = worker->next)
        progress |= check_worker(worker);
    ReleaseSRWLockExclusive(&workers_lock);

    atomic_store(&watch.boost, progress ? 0 : atomic_load(&watch.blocked));
    if (pool->work_waits())
        pool->want_worker();
}

static void watch_while_work_waits(void)
{
    do {
        Sleep(TICK);
        replace_blocked_workers();
    } while (pool->work_waits());

    atomic_store(&watch.boost, 0);
    atomic_store(&watch.watching, 0);
    if (pool->work_waits())
        watch_start();
}

static DWORD WINAPI watch_thread(void *argument)
{
    (void)argument;
    while (true) {
        wait_word(&watch.watching, 0, INFINITE);
        if (atomic_load(&watch.watching))
            watch_while_work_waits();
    }
    return 0;
}

void watch_start(void)
{
    if (atomic_load(&watch.watching) || atomic_exchange(&watch.watching, 1))
        return;
    if (atomic_load(&watch.created) || atomic_exchange(&watch.created, true)) {
        wake_word(&watch.watching);
    } else if (!pool->create_thread(watch_thread)) {
        /* The next work that has to wait tries again. */
        atomic_store(&watch.created, false);
        atomic_store(&watch.watching, 0);
    }
}
