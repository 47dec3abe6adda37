/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What calls do besides their work. */
#ifndef SSPITLS_BENCH_COUNTS_H
#define SSPITLS_BENCH_COUNTS_H

#include "bench/pair.h"
#include "bench/rows.h"

/* By leg, the hooks being installed; `version` stands in the rows' names. */
bool count_handshakes(struct bench *bench, const struct bench_sspi_credentials *credentials,
                      const char *version);

#endif
