/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Results as a plot. */
#ifndef SSPITLS_BENCH_PLOT_H
#define SSPITLS_BENCH_PLOT_H

#include "bench/rows.h"

/* Writes an SVG file; false after a line on stderr. */
bool bench_write_plot(const struct bench *bench, const char *path);

#endif
