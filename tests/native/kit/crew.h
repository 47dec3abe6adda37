/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Several threads that do the same, and waiting until they are done.
 */
#ifndef ASYNCSSPI_NATIVE_CREW_H
#define ASYNCSSPI_NATIVE_CREW_H

#include <stdatomic.h>
#include <stdbool.h>

/* Runs work(number, argument) in `count` threads at once, 0 to count - 1, until all have returned.
 */
void crew(unsigned int count, void (*work)(unsigned int number, void *argument), void *argument);

/*
 * Waits until *count is at least wanted; false when it is not after a minute, which only something
 * that hangs reaches. Whoever counts with release has its memory seen behind this; whoever counts
 * relaxed wants something else to see to that.
 */
bool reaches(const atomic_uint *count, unsigned int wanted);

#endif
