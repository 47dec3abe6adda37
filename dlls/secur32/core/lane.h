/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A lane: the turn to work on one security context.
 *
 * Calls on one context run one at a time in the order they came, asynchronous and synchronous ones
 * alike. Whoever finds the lane free takes it at once; everybody else waits in it as a ticket: an
 * asynchronous call's ticket is part of its async context and is handed to the pool when its turn
 * comes, a synchronous caller's ticket lies on its stack and its thread sleeps on it.
 * EncryptMessage and DecryptMessage do not pass through the lane.
 */
#ifndef ASYNCSSPI_LANE_H
#define ASYNCSSPI_LANE_H

#include "core/lock.h"

#include <stdbool.h>

struct lane_ticket {
    struct lane_ticket *next;
    /* Called by the thread that leaves the lane, for whom it is the turn now. Must not block. */
    void (*turn)(struct lane_ticket *ticket);
};

/* All zero bits is a free lane. */
struct lane {
    struct lock lock; /* held for a few instructions only */
    bool taken;
    struct lane_ticket *first, *last;
};

/* Takes the lane when it is free: true. Otherwise queues the ticket, whose turn comes later. */
bool lane_enter(struct lane *lane, struct lane_ticket *ticket);

/* Takes the lane, waiting for the turn if needed. */
void lane_enter_wait(struct lane *lane);

/* Gives the turn to the next ticket, or frees the lane. */
void lane_leave(struct lane *lane);

#endif
