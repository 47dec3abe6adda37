/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processes that the benchmark starts for rows about what is done once. */
#ifndef SSPITLS_BENCH_PROCESSES_H
#define SSPITLS_BENCH_PROCESSES_H

#include <stdbool.h>

/* Whether this process is one of them: then it has done its work, and this is its exit status. */
bool bench_is_child(int *status);

#endif
