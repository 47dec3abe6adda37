/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads that wait to do the same thing at the same time. */
#ifndef SSPITLS_BENCH_GANG_H
#define SSPITLS_BENCH_GANG_H

#include <stdbool.h>

struct gang;

/* `index` tells the threads apart. */
typedef bool gang_work(void *data, unsigned index);

/* NULL after a line on stderr. */
struct gang *gang_create(unsigned threads);
void gang_free(struct gang *gang);
/* The first `threads` of them begin together; true when all of them say so. */
bool gang_run(struct gang *gang, unsigned threads, gang_work *work, void *data);

#endif
