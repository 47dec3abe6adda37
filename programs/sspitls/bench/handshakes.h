/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handshakes one after the other: the work of one measurement, and what it needs. */
#ifndef SSPITLS_BENCH_HANDSHAKES_H
#define SSPITLS_BENCH_HANDSHAKES_H

#include "bench/measure.h"
#include "bench/pair.h"

struct handshakes {
    struct bench_sspi_pair *pair;
    struct bench_sspi_credentials credentials;
    bench_u64 native;
    bool resumed;
    unsigned count;       /* in a block */
    void (*before)(void); /* before each block of ours, outside the clock; or NULL */
};

/* Microseconds of the client, and of the server; a struct handshakes. */
extern const struct bench_subject handshakes_subject;

#endif
