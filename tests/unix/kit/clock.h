/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The clock of all tests, the engine's and GnuTLS' included: time() is defined in clock.c.
 */
#ifndef ASYNCSSPI_TESTS_CLOCK_H
#define ASYNCSSPI_TESTS_CLOCK_H

#include <time.h>

/* By how many seconds it is fast; a test puts it back to 0. */
extern time_t clock_offset;

#endif
