/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The pool and its watch: each piece of work runs once, sees what its producer wrote, and runs at
 * all: whatever blocks, whether threads come and go or cannot be had.
 */
#include "async/pool.h"
#include "kit/crew.h"
#include "kit/report.h"
#include "system/system.h"

#include <stdatomic.h>

#define THREADS 4
#define PIECES  5000 /* of each thread */

/* No atomics but `runs`: what protects it is under test. */
struct piece {
    struct pool_work work;
    unsigned int number, result;
    atomic_uint runs;
};

static struct piece pieces[THREADS * PIECES];
static atomic_uint done;

/* What of the system is not as usual. */
static atomic_bool short_sleep, no_threads, few_threads;
static atomic_uint threads_asked;

/* With a moment's sleep workers end all the time, while others are woken and created. */
static void wait_on(const uint32_t *word, uint32_t value, uint64_t milliseconds)
{
    if (atomic_load_explicit(&short_sleep, memory_order_relaxed) && milliseconds > 1 &&
        milliseconds != SYSTEM_FOREVER)
        milliseconds = 1;
    system_linux.wait(word, value, milliseconds);
}

static bool create_thread(void (*function)(void *argument), void *argument)
{
    unsigned int asked = atomic_fetch_add_explicit(&threads_asked, 1, memory_order_relaxed);

    if (atomic_load_explicit(&no_threads, memory_order_relaxed))
        return false;
    if (asked % 2 && atomic_load_explicit(&few_threads, memory_order_relaxed))
        return false;
    return system_linux.create_thread(function, argument);
}

static void compute(struct pool_work *work, struct pool_worker *worker)
{
    struct piece *piece = CONTAINING_RECORD(work, struct piece, work);

    (void)worker;
    piece->result = piece->number * 3;
    atomic_fetch_add_explicit(&piece->runs, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&done, 1, memory_order_release);
}

static void push(struct piece *piece, unsigned int number,
                 void (*run)(struct pool_work *work, struct pool_worker *worker))
{
    piece->number = number;
    piece->result = 0;
    atomic_store_explicit(&piece->runs, 0, memory_order_relaxed);
    piece->work.run = run;
    pool_push(&piece->work);
}

static void push_many(unsigned int number, void *argument)
{
    (void)argument;
    check(pool_start(), "started");
    for (unsigned int i = 0; i < PIECES; i++) {
        push(&pieces[number * PIECES + i], i, compute);
        /* Bursts, and workers that have gone to sleep in between. */
        if (i % 256 == 255)
            system_linux.sleep(1);
    }
}

static void each_once(void)
{
    atomic_store(&done, 0);
    crew(THREADS, push_many, NULL);
    check(reaches(&done, THREADS * PIECES), "%u done", atomic_load(&done));
    for (unsigned int i = 0; i < THREADS * PIECES; i++)
        check(pieces[i].runs == 1 && pieces[i].result == i % PIECES * 3, "run once");
}

static void workers_come_and_go(void)
{
    atomic_store(&short_sleep, true);
    each_once();
    atomic_store(&short_sleep, false);
}

/* Work that goes on only when all of it has begun: more than there are processors. */
#define PARTIES 40

static atomic_uint arrived, left;

static void meet(struct pool_work *work, struct pool_worker *worker)
{
    (void)work;
    pool_enter_callback(worker);
    atomic_fetch_add_explicit(&arrived, 1, memory_order_relaxed);
    check(reaches(&arrived, PARTIES), "all are there");
    atomic_fetch_add_explicit(&left, 1, memory_order_release);
}

static void meeting(void)
{
    atomic_store(&arrived, 0);
    atomic_store(&left, 0);
    for (unsigned int i = 0; i < PARTIES; i++)
        push(&pieces[i], i, meet);
    check(reaches(&left, PARTIES), "%u of %u left", atomic_load(&left), PARTIES);
}

static void callbacks_that_wait_for_each_other(void)
{
    meeting();
    meeting();
}

/* Every second thread cannot be had; the watch asks again. */
static void threads_that_fail_to_start(void)
{
    atomic_store(&short_sleep, true); /* those that are there end */
    system_linux.sleep(100);
    atomic_store(&few_threads, true);
    atomic_store(&threads_asked, 0);
    meeting();
    check(atomic_load(&threads_asked) > 1, "threads were asked for");
    atomic_store(&few_threads, false);
    atomic_store(&short_sleep, false);
}

static void no_first_thread(void)
{
    atomic_store(&no_threads, true);
    check(!pool_start(), "no thread, no pool");
    atomic_store(&no_threads, false);
    check(pool_start(), "started");
}

int main(void)
{
    system_now.wait = wait_on;
    system_now.create_thread = create_thread;
    RUN(no_first_thread);
    RUN(each_once);
    RUN(callbacks_that_wait_for_each_other);
    RUN(workers_come_and_go);
    RUN(threads_that_fail_to_start);
    return report_summary();
}
