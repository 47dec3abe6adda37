/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pool of worker threads.
 *
 * Goals: pushing costs a compare-and-swap while workers are busy and one futex wake when they are
 * not; no allocation, no kernel object and no wineserver trip per piece of work; as many threads
 * at work as there are processors; work that blocks does not hold up the rest. The threads are our
 * own and not those of a system thread pool because we need to know which of them is blocked, to
 * wake exactly one, and to be sure that a wake-up is a thread; submitting to Wine's pool also costs
 * several locks per call.
 *
 * Queue. Producers push on a lock-free stack (`incoming`). Workers pop from a list in order
 * (`ready`) under `lock`; when it is empty, one takes the whole stack with one exchange and
 * reverses it. Nobody pops single nodes from the stack, so there is no ABA problem.
 *
 * Who is awake. `state` counts the threads and those of them that are awake, in one word, together
 * with a flag for "a sleeper is being woken" and one for "a thread is being created". A push wakes
 * somebody only if fewer than `limit()` are awake and nobody is being woken already: every worker
 * that takes a piece of work and sees more of it wakes the next one. So a burst costs its producer
 * one wake, and work that is done quickly never wakes more threads than it needs.
 *
 * No lost wake-up: a producer first makes work visible, then reads `state`; a worker that found
 * nothing first leaves the count of the awake, then looks at the queue again; all of this is
 * sequentially consistent, so at least one of the two sees the other. The same holds for the flags
 * (cleared before the woken worker looks at the queue) and for watch_start.
 *
 * Sleepers lie on a list, latest first, each with a word of its own to sleep on, so the same few
 * threads stay warm and the others time out. A wake-up may come for a worker that is on its way to
 * sleep, not on the list yet: `permits` keeps it. A sleeper may end only while more threads exist
 * than are (or are promised to be) awake; the first thread never ends.
 *
 * async/watch.c finds workers that are blocked, and raises the limit for as long as they are.
 *
 * The first start pins the DLL: work may be running or waiting when the program unloads it, and
 * its threads stay. Process end needs nothing: the system ends the threads, and no lock or thread
 * of ours is waited for in DllMain.
 */
#include "async/pool.h"
#include "async/watch.h"
#include "core/wait.h"

#include <stdatomic.h>
#include <stdint.h>

#define WORKERS_MAX       512
#define IDLE_MILLISECONDS 30000

/* The fields of `state`. */
#define THREADS(state) ((state) >> 16 & 0xffff)
#define AWAKE(state)   ((state)&0xffff)
#define ONE_THREAD     0x10000u
#define ONE_AWAKE      1u
#define WAKING         0x100000000ull
#define CREATING       0x200000000ull

struct pool_worker {
    struct watched watched;
    _Atomic(LONG) woken;
    struct pool_worker *idle_next; /* `idle`, under `lock` */
};

static _Alignas(64) struct {
    _Atomic(struct pool_work *) incoming;
} stack;

static _Alignas(64) struct {
    SRWLOCK lock;
    _Atomic(struct pool_work *) ready; /* written under lock only */
    struct pool_worker *idle;
    unsigned int permits;
} queue;

static _Alignas(64) struct {
    _Atomic(uint64_t) state;
    uint32_t processors; /* written once, before the first worker */
} pool;

static SRWLOCK start_lock = SRWLOCK_INIT;

static DWORD WINAPI work_until_idle(void *argument);

static bool create_thread(DWORD(WINAPI *function)(void *))
{
    HANDLE thread = CreateThread(NULL, 0, function, NULL, 0, NULL);

    if (!thread)
        return false;
    CloseHandle(thread);
    return true;
}

static bool work_waits(void)
{
    return atomic_load(&stack.incoming) || atomic_load(&queue.ready);
}

/* How many workers may be awake. */
static uint32_t limit(void)
{
    uint32_t count = pool.processors + watch_extra_workers();

    return min(count, WORKERS_MAX);
}

static void wake_sleeper(void)
{
    struct pool_worker *worker;

    AcquireSRWLockExclusive(&queue.lock);
    worker = queue.idle;
    if (worker) {
        queue.idle = worker->idle_next;
        atomic_store(&worker->woken, 1);
    } else {
        queue.permits++;
    }
    ReleaseSRWLockExclusive(&queue.lock);
    if (worker)
        wake_word(&worker->woken);
}

/* Work waits: gets one more worker to look for it, unless enough do. */
static void want_worker(void)
{
    uint64_t state = atomic_load(&pool.state), wanted;
    bool sleeper;

    do {
        if (AWAKE(state) >= limit()) {
            watch_start();
            return;
        }
        sleeper = THREADS(state) > AWAKE(state);
        if (state & (sleeper ? WAKING : CREATING))
            return;
        wanted =
            sleeper ? (state + ONE_AWAKE) | WAKING : (state + ONE_AWAKE + ONE_THREAD) | CREATING;
    } while (!atomic_compare_exchange_weak(&pool.state, &state, wanted));

    if (sleeper) {
        wake_sleeper();
    } else if (!create_thread(work_until_idle)) {
        atomic_fetch_sub(&pool.state, ONE_AWAKE + ONE_THREAD + CREATING);
        watch_start(); /* which tries again */
    }
}

bool pool_start(void)
{
    static const struct watch_pool watched = {work_waits, want_worker, create_thread};
    static _Atomic(bool) started;
    DWORD_PTR process, system;
    SYSTEM_INFO info;
    HMODULE module;

    if (atomic_load_explicit(&started, memory_order_acquire))
        return true;

    AcquireSRWLockExclusive(&start_lock);
    if (!atomic_load(&started)) {
        GetSystemInfo(&info);
        pool.processors = info.dwNumberOfProcessors;
        if (GetProcessAffinityMask(GetCurrentProcess(), &process, &system) && process)
            pool.processors = min(pool.processors, (uint32_t)__builtin_popcountll(process));
        pool.processors = min(max(pool.processors, 2), WORKERS_MAX / 2);
        GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                           (const WCHAR *)&pool, &module);
        watch_begin(&watched);
        atomic_store(&pool.state, ONE_THREAD + ONE_AWAKE + CREATING);
        if (create_thread(work_until_idle))
            atomic_store(&started, true);
    }
    ReleaseSRWLockExclusive(&start_lock);
    return atomic_load(&started);
}

void pool_push(struct pool_work *work)
{
    struct pool_work *next = atomic_load_explicit(&stack.incoming, memory_order_relaxed);

    do
        work->next = next;
    while (!atomic_compare_exchange_weak(&stack.incoming, &next, work));
    want_worker();
}

/* The oldest waiting work, or NULL. */
static struct pool_work *take_work(void)
{
    struct pool_work *work, *next, *newest;

    AcquireSRWLockExclusive(&queue.lock);
    work = atomic_load_explicit(&queue.ready, memory_order_relaxed);
    if (!work) {
        /* Turns the stack, latest first, into a list, oldest first. */
        for (newest = atomic_exchange(&stack.incoming, NULL); newest; newest = next) {
            next = newest->next;
            newest->next = work;
            work = newest;
        }
    }
    if (work)
        atomic_store(&queue.ready, work->next);
    ReleaseSRWLockExclusive(&queue.lock);
    return work;
}

void pool_enter_callback(struct pool_worker *worker)
{
    watch_activity(&worker->watched, WATCH_CALLBACK);
}

/* Runs what waits until nothing does or too many are awake. */
static void run_waiting_work(struct pool_worker *worker)
{
    struct pool_work *work;

    while ((work = take_work())) {
        if (work_waits())
            want_worker();
        watch_activity(&worker->watched, WATCH_OPERATION);
        work->run(work, worker);
        watch_activity(&worker->watched, WATCH_NOTHING);
        if (AWAKE(atomic_load(&pool.state)) > limit())
            break;
    }
}

/* Ends a sleeper's membership unless somebody has just promised to wake it. Under queue.lock. */
static bool leave_pool(struct pool_worker *worker)
{
    uint64_t state = atomic_load(&pool.state);
    struct pool_worker **link;

    do {
        if (THREADS(state) == 1 || THREADS(state) == AWAKE(state))
            return false;
    } while (!atomic_compare_exchange_weak(&pool.state, &state, state - ONE_THREAD));

    for (link = &queue.idle; *link != worker; link = &(*link)->idle_next)
        ;
    *link = worker->idle_next;
    return true;
}

/* Sleeps until woken for work. False when nobody did for long: the thread ends. */
static bool sleep_for_work(struct pool_worker *worker)
{
    bool left = false;

    atomic_fetch_sub(&pool.state, ONE_AWAKE);
    if (work_waits())
        want_worker();

    atomic_store(&worker->woken, 0);
    AcquireSRWLockExclusive(&queue.lock);
    if (queue.permits) {
        queue.permits--;
        atomic_store(&worker->woken, 1);
    } else {
        worker->idle_next = queue.idle;
        queue.idle = worker;
    }
    ReleaseSRWLockExclusive(&queue.lock);

    while (!atomic_load(&worker->woken) && !left) {
        wait_word(&worker->woken, 0, IDLE_MILLISECONDS);
        if (atomic_load(&worker->woken))
            break;
        AcquireSRWLockExclusive(&queue.lock);
        left = !atomic_load(&worker->woken) && leave_pool(worker);
        ReleaseSRWLockExclusive(&queue.lock);
    }
    if (!left)
        atomic_fetch_and(&pool.state, ~WAKING);
    return !left;
}

static DWORD WINAPI work_until_idle(void *argument)
{
    struct pool_worker worker = {0};

    (void)argument;
    watch_add(&worker.watched);
    atomic_fetch_and(&pool.state, ~CREATING);
    do
        run_waiting_work(&worker);
    while (sleep_for_work(&worker));
    watch_remove(&worker.watched);
    return 0;
}
