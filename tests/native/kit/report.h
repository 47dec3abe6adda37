/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counting checks in programs that have Windows' headers and Linux' C library, whose output is the
 * same as that of tests/unix. They may be made by any thread.
 */
#ifndef ASYNCSSPI_NATIVE_REPORT_H
#define ASYNCSSPI_NATIVE_REPORT_H

#include <stdbool.h>

/* check(condition, "what was seen: %d", ...) */
#define check(condition, ...) report(!!(condition), __FILE__, __LINE__, __VA_ARGS__)

/* Runs a group of checks and prints its line. */
#define RUN(group) report_group(#group, group)

void report(bool passed, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void report_group(const char *name, void (*group)(void));

/* Prints `N passed, N failed, 0 skipped`; what main returns. */
int report_summary(void);

#endif
