/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of thread numbers on the command line. */
#include "bench/threads.h"

#include <stdlib.h>

unsigned bench_parse_threads(const char *list, unsigned threads[BENCH_MAX_THREADS])
{
    unsigned count = 0;

    if (!list)
        list = "1,2,4";
    while (*list && count < BENCH_MAX_THREADS) {
        char *end;
        unsigned long n = strtoul(list, &end, 10);

        if (end == list || n < 1 || n > BENCH_MAX_THREADS || (*end && *end != ','))
            return 0;
        threads[count++] = n;
        list = *end ? end + 1 : end;
    }
    return count;
}
