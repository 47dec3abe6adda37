/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counts what a process does, by putting itself into the tables that calls go through. */
#ifndef SSPITLS_BENCH_HOOKS_H
#define SSPITLS_BENCH_HOOKS_H

#include <stdbool.h>

/* -1: not known here. Counted since hooks_install. */
struct hook_counts {
    long long heap;   /* allocations, changes and releases on any heap, from all modules */
    long long engine; /* secur32's calls of the unix side */
    long long server; /* requests to wineserver, from all threads */
};

/* Once, after secur32 has loaded its engine; stays for the life of the process. */
void hooks_install(void);
struct hook_counts hooks_read(void);

#endif
