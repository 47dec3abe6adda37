/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counting checks for the native tests. A program runs its groups with RUN, which prints one line
 * each, and ends with `return check_summary();`.
 */
#ifndef ASYNCSSPI_CHECK_H
#define ASYNCSSPI_CHECK_H

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_uint checks_passed, checks_failed, checks_skipped;
static const char *check_context = "";

__attribute__((format(printf, 4, 5), unused)) static int check_report(int passed, const char *file,
                                                                      int line, const char *format,
                                                                      ...)
{
    va_list args;

    if (passed) {
        atomic_fetch_add(&checks_passed, 1);
        return 1;
    }
    atomic_fetch_add(&checks_failed, 1);
    va_start(args, format);
    printf("%s:%d: %s%sfailed: ", file, line, check_context, *check_context ? ": " : "");
    vprintf(format, args);
    printf("\n");
    fflush(stdout);
    va_end(args);
    return 0;
}

__attribute__((unused)) static int check_report_equal(long long actual, long long expected,
                                                      const char *what, const char *file, int line)
{
    return check_report(actual == expected, file, line, "%s is %lld (0x%llx), not %lld (0x%llx)",
                        what, actual, (unsigned long long)actual, expected,
                        (unsigned long long)expected);
}

/* check(condition, "what was seen: %d", ...) */
#define check(condition, ...) check_report(!!(condition), __FILE__, __LINE__, __VA_ARGS__)

#define check_equal(actual, expected)                                                              \
    check_report_equal((long long)(actual), (long long)(expected), #actual, __FILE__, __LINE__)

#define check_skip(...)                                                                            \
    do {                                                                                           \
        atomic_fetch_add(&checks_skipped, 1);                                                      \
        printf("skipped: " __VA_ARGS__);                                                           \
        printf("\n");                                                                              \
    } while (0)

/* Runs a group and prints its line. */
#define RUN(group)                                                                                 \
    do {                                                                                           \
        unsigned int passed_ = atomic_load(&checks_passed);                                        \
        unsigned int failed_ = atomic_load(&checks_failed);                                        \
        check_context = #group;                                                                    \
        group();                                                                                   \
        printf("%-32s %u checks, %u failed\n", #group, atomic_load(&checks_passed) - passed_,      \
               atomic_load(&checks_failed) - failed_);                                             \
        fflush(stdout);                                                                            \
        check_context = "";                                                                        \
    } while (0)

__attribute__((unused)) static int check_summary(void)
{
    printf("%u passed, %u failed, %u skipped\n", atomic_load(&checks_passed),
           atomic_load(&checks_failed), atomic_load(&checks_skipped));
    return atomic_load(&checks_failed) ? 1 : 0;
}

#endif
