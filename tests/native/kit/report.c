/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/report.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_uint passed_checks, failed_checks;
static const char *group_name = "";

void report(bool passed, const char *file, int line, const char *format, ...)
{
    va_list arguments;

    if (passed) {
        atomic_fetch_add_explicit(&passed_checks, 1, memory_order_relaxed);
        return;
    }
    atomic_fetch_add_explicit(&failed_checks, 1, memory_order_relaxed);
    va_start(arguments, format);
    flockfile(stdout);
    printf("%s:%d: %s failed: ", file, line, group_name);
    vprintf(format, arguments);
    printf("\n");
    funlockfile(stdout);
    va_end(arguments);
}

void report_group(const char *name, void (*group)(void))
{
    unsigned int passed = atomic_load(&passed_checks), failed = atomic_load(&failed_checks);

    group_name = name;
    group();
    printf("%-32s %u checks, %u failed\n", name, atomic_load(&passed_checks) - passed,
           atomic_load(&failed_checks) - failed);
    fflush(stdout);
}

int report_summary(void)
{
    printf("%u passed, %u failed, 0 skipped\n", atomic_load(&passed_checks),
           atomic_load(&failed_checks));
    return atomic_load(&failed_checks) ? 1 : 0;
}
