/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lock of the data path and the lanes of contexts: nobody is in there at the same time, what
 * one wrote the next one sees, and who came first goes first.
 */
#include "core/lane.h"
#include "kit/crew.h"
#include "kit/report.h"
#include "system/system.h"

#include <stdatomic.h>

#define THREADS 4
#define ROUNDS  20000

/* No atomics: what protects it is under test. */
static struct {
    struct lock lock;
    struct lane lane;
    unsigned int count;
    bool inside;
} shared;

static void enter(void)
{
    check(!shared.inside, "two at the same time");
    shared.inside = true;
    shared.count++;
    shared.inside = false;
}

static void count_locked(unsigned int number, void *argument)
{
    (void)number;
    (void)argument;
    for (unsigned int i = 0; i < ROUNDS; i++) {
        lock_acquire(&shared.lock);
        enter();
        lock_release(&shared.lock);
    }
}

static void lock_excludes(void)
{
    shared.count = 0;
    crew(THREADS, count_locked, NULL);
    check(shared.count == THREADS * ROUNDS, "%u counted", shared.count);
    check(shared.lock.state == LOCK_FREE, "the lock is free again");
}

static atomic_uint through;

static void pass(unsigned int number, void *argument)
{
    (void)argument;
    if (number) {
        lock_acquire(&shared.lock);
        lock_release(&shared.lock);
        atomic_fetch_add(&through, 1);
        return;
    }
    system_linux.sleep(20); /* most likely the others are asleep then */
    lock_release(&shared.lock);
    if (reaches(&through, 2))
        return;
    check(false, "one still sleeps");
    atomic_store(&shared.lock.state, LOCK_WAITED_FOR);
    lock_release(&shared.lock);
}

/* Of two who sleep the first wakes the second. */
static void nobody_sleeps_on(void)
{
    lock_acquire(&shared.lock);
    crew(3, pass, NULL);
    check(atomic_load(&through) == 2, "both had the lock");
}

static void count_in_turn(unsigned int number, void *argument)
{
    (void)number;
    (void)argument;
    for (unsigned int i = 0; i < ROUNDS / 10; i++) {
        lane_enter_wait(&shared.lane);
        enter();
        lane_leave(&shared.lane);
    }
}

static void lane_excludes(void)
{
    shared.count = 0;
    crew(THREADS, count_in_turn, NULL);
    check(shared.count == THREADS * (ROUNDS / 10), "%u counted", shared.count);
    check(!shared.lane.taken && !shared.lane.first, "the lane is free again");
}

/* Whoever gets the turn in another's thread works there, and leaves. */
struct visitor {
    struct lane_ticket ticket;
    unsigned int order; /* 0: not yet */
};

static void visit(struct lane_ticket *ticket)
{
    struct visitor *visitor = (struct visitor *)ticket;

    enter();
    visitor->order = shared.count;
    lane_leave(&shared.lane);
}

static void first_come_first_served(void)
{
    struct visitor visitors[5] = {0};

    shared.count = 0;
    lane_enter_wait(&shared.lane);
    for (unsigned int i = 0; i < 5; i++) {
        visitors[i].ticket.turn = visit;
        check(!lane_enter(&shared.lane, &visitors[i].ticket), "the lane is taken");
        check(!visitors[i].order, "waits");
    }
    lane_leave(&shared.lane);
    for (unsigned int i = 0; i < 5; i++)
        check(visitors[i].order == i + 1, "number %u came %u.", i, visitors[i].order);
    check(lane_enter(&shared.lane, &visitors[0].ticket), "the lane is free again");
    lane_leave(&shared.lane);
}

/* Tickets and sleeping threads in one lane. */
static void mix(unsigned int number, void *argument)
{
    struct visitor *visitors = (struct visitor *)argument + number * (ROUNDS / 20);

    for (unsigned int i = 0; i < ROUNDS / 20; i++) {
        visitors[i].ticket.turn = visit;
        if (lane_enter(&shared.lane, &visitors[i].ticket))
            visit(&visitors[i].ticket);
        lane_enter_wait(&shared.lane);
        enter();
        lane_leave(&shared.lane);
    }
}

static void mixed_company(void)
{
    static struct visitor visitors[THREADS * (ROUNDS / 20)];

    shared.count = 0;
    crew(THREADS, mix, visitors);
    check(shared.count == 2 * THREADS * (ROUNDS / 20), "%u counted", shared.count);
    check(!shared.lane.taken && !shared.lane.first, "the lane is free again");
}

/* When the process ends, whoever has the lock may be gone: nobody waits for it. */
static void end_of_process(void)
{
    lock_acquire(&shared.lock);
    lane_enter_wait(&shared.lane);
    system_now.shutdown = true;
    lock_acquire(&shared.lock);
    lane_enter_wait(&shared.lane);
    check(true, "neither waits");
    system_now.shutdown = false;
}

int main(void)
{
    RUN(lock_excludes);
    RUN(nobody_sleeps_on);
    RUN(lane_excludes);
    RUN(first_come_first_served);
    RUN(mixed_company);
    RUN(end_of_process);
    return report_summary();
}
