/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of winegnutlsbench.so share. */
#ifndef ASYNCSSPI_BENCH_NATIVE_H
#define ASYNCSSPI_BENCH_NATIVE_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "unix/base/engine.h"
#include "unix/credentials/priority.h"
#include "winegnutlsbench/bench.h"

struct bench_native_credentials {
    gnutls_certificate_credentials_t client;
    gnutls_certificate_credentials_t server;
    struct priority *client_priority;
    struct priority *server_priority;
    gnutls_datum_t ticket_key;
    bool checks; /* the client, its peer */
};

/* Enough for the legs of a handshake. */
#define BENCH_PIPE 65536

/* Bytes on their way from one session to the other. */
struct bench_pipe {
    uint8_t *data;
    size_t capacity;
    size_t written;
    size_t read;
    int overwrite; /* each record takes the place of the one before */
};

struct bench_end {
    gnutls_session_t session;
    struct bench_pipe *incoming;
    struct bench_pipe *outgoing;
    uint64_t ns;
    int done;
};

struct bench_native_pair {
    struct bench_end client;
    struct bench_end server;
    struct bench_pipe to_client;
    struct bench_pipe to_server;
};

static inline uint64_t bench_now(clockid_t clock)
{
    struct timespec time;

    clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* unix/memory.c: pairs of sessions with memory between them. All return 0 or a GnuTLS error. */
int bench_pair_init(struct bench_native_pair *pair, size_t capacity);
void bench_pair_release(struct bench_native_pair *pair);
int bench_start_client(struct bench_native_pair *pair,
                       const struct bench_native_credentials *credentials, int tickets,
                       const gnutls_datum_t *resume);
int bench_start_server(struct bench_native_pair *pair,
                       const struct bench_native_credentials *credentials, int tickets);
/* One step of an end's handshake. */
int bench_step(struct bench_end *end);
/*
 * Both ends from creation to the end of the handshake, times added up in `ns`. tickets: the server
 * gives session tickets and the client takes them; resume: what it resumes, or NULL.
 */
int bench_connect(struct bench_native_pair *pair,
                  const struct bench_native_credentials *credentials, int tickets,
                  const gnutls_datum_t *resume);
/* A client that is created, writes its ClientHello and is released. */
int bench_hello(struct bench_native_pair *pair, const struct bench_native_credentials *credentials);
/* Ends both sessions, keeping the memory. */
void bench_disconnect(struct bench_native_pair *pair);

/* Of enum bench_clock_id. */
static inline clockid_t bench_clock_of(uint32_t clock)
{
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID,
                                       CLOCK_THREAD_CPUTIME_ID};

    return clock < sizeof(clocks) / sizeof(clocks[0]) ? clocks[clock] : CLOCK_MONOTONIC;
}

/* The calls. */
void bench_call_startup(struct bench_startup *params);
void bench_call_clock(struct bench_clock *params);
void bench_call_resident(struct bench_resident *params);
void bench_call_writes(struct bench_writes *params);
void bench_call_credentials(struct bench_credentials *params);
void bench_call_credentials_free(struct bench_free *params);
void bench_call_handshakes(struct bench_handshakes *params);
void bench_call_hellos(struct bench_hellos *params);
void bench_call_sessions(struct bench_sessions *params);
void bench_call_sessions_free(struct bench_free *params);
void bench_call_pair(struct bench_pair *params);
void bench_call_pair_free(struct bench_free *params);
void bench_call_records(struct bench_records *params);
void bench_call_peer(struct bench_peer *params);
void bench_call_peer_step(struct bench_peer_step *params);
void bench_call_peer_seal(struct bench_peer_seal *params);
void bench_call_peer_free(struct bench_free *params);
void bench_call_pool(struct bench_pool *params);
void bench_call_pool_free(struct bench_free *params);
void bench_call_pool_handshakes(struct bench_pool_handshakes *params);
void bench_call_pool_flights(struct bench_pool_flights *params);
void bench_call_pool_hellos(struct bench_pool_hellos *params);
void bench_call_pool_latency(struct bench_pool_latency *params);

#endif
