/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handshakes of asynchronous calls, both ends, in chains that run side by side: each leg is queued
 * by the callback of the one before, so no thread of ours waits for it.
 */
#ifndef SSPITLS_BENCH_CHAINS_H
#define SSPITLS_BENCH_CHAINS_H

#include "bench/pair.h"

struct chains;

/* NULL after a line on stderr. */
struct chains *chains_create(const struct bench_sspi_credentials *credentials, unsigned count);
void chains_free(struct chains *chains);
/* Begins; every chain ends when no handshake is left to begin. */
void chains_start(struct chains *chains, LONG64 handshakes);
/* No further handshake begins. */
void chains_stop(struct chains *chains);
/* Waits for the end of all; when it was on the wall clock. false: a handshake failed. */
bool chains_wait(struct chains *chains, double *ended);

#endif
