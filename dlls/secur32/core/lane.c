/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lanes: who may work on a security context now, and who is next.
 *
 * The lane itself is a flag and a list of tickets under a lock that is held for a few
 * instructions; the turn is passed on directly: while somebody waits, leaving never sets the flag
 * back, so a newcomer cannot overtake. The list is first come, first served.
 *
 * A lane lies in the context it belongs to. Whoever is in it or waits for it holds a reference to
 * that context; lane_leave does not touch the lane any more once it has chosen the next ticket.
 *
 * A waiting thread sleeps on a word of its own ticket (a futex under Wine: no wineserver trip, no
 * kernel object). The ticket lies on that thread's stack and is gone as soon as the word is set;
 * the wake that follows uses the word's address only as a name.
 */
#include "core/lane.h"
#include "core/lock.h"
#include "core/wait.h"

struct sleeper {
    struct lane_ticket ticket;
    _Atomic(LONG) woken;
};

static void wake_sleeper(struct lane_ticket *ticket)
{
    struct sleeper *sleeper = CONTAINING_RECORD(ticket, struct sleeper, ticket);

    atomic_store_explicit(&sleeper->woken, 1, memory_order_release);
    wake_word(&sleeper->woken);
}

bool lane_enter(struct lane *lane, struct lane_ticket *ticket)
{
    bool entered = false;

    lock_acquire(&lane->lock);
    if (!lane->taken) {
        lane->taken = entered = true;
    } else {
        ticket->next = NULL;
        if (lane->last)
            lane->last->next = ticket;
        else
            lane->first = ticket;
        lane->last = ticket;
    }
    lock_release(&lane->lock);
    return entered;
}

void lane_enter_wait(struct lane *lane)
{
    struct sleeper sleeper = {.ticket = {.turn = wake_sleeper}};

    if (lane_enter(lane, &sleeper.ticket))
        return;
    while (!atomic_load_explicit(&sleeper.woken, memory_order_acquire)) {
        /* Whoever has the turn may have been ended with the process; nobody would wake us. */
        if (RtlDllShutdownInProgress())
            return;
        wait_word(&sleeper.woken, 0, INFINITE);
    }
}

void lane_leave(struct lane *lane)
{
    struct lane_ticket *next;

    lock_acquire(&lane->lock);
    next = lane->first;
    if (next) {
        lane->first = next->next;
        if (!lane->first)
            lane->last = NULL;
    } else {
        lane->taken = false;
    }
    lock_release(&lane->lock);
    if (next)
        next->turn(next);
}
