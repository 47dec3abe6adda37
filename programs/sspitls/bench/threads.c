/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of thread numbers on the command line. */
#include "bench/threads.h"

#include "base/number.h"

unsigned bench_parse_threads(const char *list, unsigned threads[BENCH_MAX_THREADS])
{
    unsigned count = 0;

    if (!list)
        list = "1,2,4";
    while (*list && count < BENCH_MAX_THREADS) {
        const char *end;
        unsigned long long n;

        if (!read_number(list, &end, BENCH_MAX_THREADS, &n) || !n || (*end && *end != ','))
            return 0;
        threads[count++] = (unsigned)n;
        list = *end ? end + 1 : end;
    }
    return count;
}
