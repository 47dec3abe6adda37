/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A line on the terminal that says what is being measured, and for how long still. */
#ifndef SSPITLS_BENCH_PROGRESS_H
#define SSPITLS_BENCH_PROGRESS_H

#include "bench/rows.h"

/* Whether standard error is a terminal, on which such a line can be taken away again. */
bool progress_wanted(void);
/* In planning: there will be a measurement that may take so long. */
void progress_plan(struct bench *bench, double seconds);
void progress_show(struct bench *bench, const char *group, const char *name);
void progress_done(struct bench *bench, double seconds);
/* Before anything else is printed. */
void progress_clear(struct bench *bench);

#endif
