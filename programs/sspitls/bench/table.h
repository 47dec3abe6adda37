/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Results as a table, and as JSON. */
#ifndef SSPITLS_BENCH_TABLE_H
#define SSPITLS_BENCH_TABLE_H

#include "bench/rows.h"

/* Says what is measured now: as a heading of the table, or on stderr when the table is JSON. */
void bench_group(struct bench *bench, const char *group);
void bench_print_row(struct bench *bench, const struct bench_result *result);
void bench_print_count(struct bench *bench, const struct bench_count *count);
void bench_print_end(struct bench *bench);
/* false after a line on stderr. */
bool bench_write_json(const struct bench *bench, const char *path);

#endif
