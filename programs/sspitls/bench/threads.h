/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How many threads rows are measured with. */
#ifndef SSPITLS_BENCH_THREADS_H
#define SSPITLS_BENCH_THREADS_H

#define BENCH_MAX_THREADS 64
/* A list of thread numbers as 1,2,4; NULL: 1,2,4. 0: wrong. */
unsigned bench_parse_threads(const char *list, unsigned threads[BENCH_MAX_THREADS]);

#endif
