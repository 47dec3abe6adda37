/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls bench */
#ifndef SSPITLS_BENCH_COMMAND_H
#define SSPITLS_BENCH_COMMAND_H

#include "command/options.h"

int bench_main(const struct options *options);

#endif
