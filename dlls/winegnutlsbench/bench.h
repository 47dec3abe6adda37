/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The contract of winegnutlsbench: what `sspitls bench` asks its native side for. Each call does
 * the work that the SSPI side does in the same process, with plain GnuTLS and memory as transport,
 * and says how long it took. Layout rules as in winegnutls/unixlib.h.
 */
#ifndef ASYNCSSPI_BENCH_H
#define ASYNCSSPI_BENCH_H

#include <stdint.h>

typedef uint64_t bench_u64 __attribute__((aligned(8)));

#define BENCH_CONTRACT_VERSION 6

enum bench_call {
    BENCH_CALL_STARTUP,          /* struct bench_startup */
    BENCH_CALL_CLOCK,            /* struct bench_clock */
    BENCH_CALL_RESIDENT,         /* struct bench_resident */
    BENCH_CALL_WRITES,           /* struct bench_writes */
    BENCH_CALL_CREDENTIALS,      /* struct bench_credentials */
    BENCH_CALL_CREDENTIALS_FREE, /* struct bench_free */
    BENCH_CALL_HANDSHAKES,       /* struct bench_handshakes */
    BENCH_CALL_HELLOS,           /* struct bench_hellos */
    BENCH_CALL_SESSIONS,         /* struct bench_sessions */
    BENCH_CALL_SESSIONS_FREE,    /* struct bench_free */
    BENCH_CALL_PAIR,             /* struct bench_pair */
    BENCH_CALL_PAIR_FREE,        /* struct bench_free */
    BENCH_CALL_RECORDS,          /* struct bench_records */
    BENCH_CALL_PEER,             /* struct bench_peer */
    BENCH_CALL_PEER_STEP,        /* struct bench_peer_step */
    BENCH_CALL_PEER_SEAL,        /* struct bench_peer_seal */
    BENCH_CALL_PEER_FREE,        /* struct bench_free */
    BENCH_CALL_POOL,             /* struct bench_pool */
    BENCH_CALL_POOL_FREE,        /* struct bench_free */
    BENCH_CALL_POOL_HANDSHAKES,  /* struct bench_pool_handshakes */
    BENCH_CALL_POOL_FLIGHTS,     /* struct bench_pool_flights */
    BENCH_CALL_POOL_HELLOS,      /* struct bench_pool_hellos */
    BENCH_CALL_POOL_LATENCY,     /* struct bench_pool_latency */
    BENCH_CALL_COUNT
};

struct bench_startup {
    uint32_t contract_version; /* in */
    int32_t status;            /* 0, or -1 for another contract */
    char gnutls_version[32];   /* out */
};

enum bench_clock_id { BENCH_CLOCK_WALL, BENCH_CLOCK_PROCESS, BENCH_CLOCK_THREAD };

struct bench_clock {
    bench_u64 ns;   /* out: since some moment; CPU time for the last two */
    uint32_t clock; /* enum bench_clock_id */
    uint32_t reserved;
};

/* Free memory goes back to the system first. */
struct bench_resident {
    bench_u64 bytes; /* out */
};

/*
 * How often the process has called write() and its like so far. A request to wineserver is one;
 * nothing else that is measured here writes.
 */
struct bench_writes {
    bench_u64 count; /* out */
    int32_t status;  /* -1: this kernel does not tell */
    uint32_t reserved;
};

enum bench_version { BENCH_TLS_1_2 = 1, BENCH_TLS_1_3 = 2 };

struct bench_credentials {
    bench_u64 credentials; /* out */
    bench_u64 certificate; /* DER */
    bench_u64 key;         /* PKCS#8 DER */
    bench_u64 authority;   /* DER: the server sends it along; or 0 */
    bench_u64 root;        /* DER: the client checks, with this and the system's; 0: it does not */
    uint32_t certificate_size;
    uint32_t key_size;
    uint32_t authority_size;
    uint32_t root_size;
    uint32_t versions; /* set of enum bench_version */
    int32_t status;    /* 0 or a negative GnuTLS error; so in every struct below */
};

struct bench_free {
    bench_u64 object;
};

/* `count` handshakes between two sessions: set-up, handshake, release. */
struct bench_handshakes {
    bench_u64 credentials;
    bench_u64 client_ns; /* out: spent in the client's calls */
    bench_u64 server_ns;
    uint32_t count;
    uint32_t resumed; /* 1: each resumes a session that was made before, outside the clock */
    int32_t status;
    uint32_t reserved;
};

/* `count` clients that are created, write their ClientHello and are released. */
struct bench_hellos {
    bench_u64 credentials;
    bench_u64 ns; /* out */
    uint32_t count;
    int32_t status;
};

/* `count` clients that have written their ClientHello, or connected pairs, and stay. */
struct bench_sessions {
    bench_u64 credentials;
    bench_u64 sessions; /* out */
    uint32_t count;
    uint32_t connected;
    int32_t status;
    uint32_t reserved;
};

/* A connected client and server. */
struct bench_pair {
    bench_u64 credentials;
    bench_u64 pair; /* out */
    int32_t status;
    uint32_t reserved;
};

enum bench_direction { BENCH_SEND, BENCH_RECEIVE };

/*
 * `count` records of `size` bytes, which the client sends or receives. Sending: the push function
 * copies each record to memory, the same place every time. Receiving: the pull function copies it
 * from memory, where all of them were written before, outside the clock. Neither copy lies on the
 * cliff of docs/performance.md by design.
 */
struct bench_records {
    bench_u64 pair;
    bench_u64 ns; /* out */
    uint32_t direction;
    uint32_t size;
    uint32_t count;
    uint32_t clock; /* enum bench_clock_id */
    int32_t status;
    uint32_t reserved;
};

/* A server alone, for an SSPI that has none: the other end is the caller's. */
struct bench_peer {
    bench_u64 credentials;
    bench_u64 peer; /* out */
    int32_t status;
    uint32_t reserved;
};

struct bench_peer_step {
    bench_u64 peer;
    bench_u64 input;
    bench_u64 output;
    uint32_t input_size;
    uint32_t output_size; /* in: capacity; out: used */
    uint32_t done;        /* out: the handshake is complete */
    int32_t status;
};

/* A record of `size` bytes to the caller's end. */
struct bench_peer_seal {
    bench_u64 peer;
    bench_u64 output;
    uint32_t output_size; /* in: capacity; out: used */
    uint32_t size;
    int32_t status;
    uint32_t reserved;
};

/* Threads that take pieces of work from one queue with a lock and a condition. */
struct bench_pool {
    bench_u64 pool; /* out */
    uint32_t threads;
    int32_t status;
};

/*
 * `count` handshakes in all, both ends, in `chains` that run side by side: each step of an end is a
 * piece of work, which queues the next one.
 */
struct bench_pool_handshakes {
    bench_u64 pool;
    bench_u64 credentials;
    bench_u64 ns; /* out: from the first one queued to the last one done */
    uint32_t chains;
    uint32_t count;
    int32_t status;
    uint32_t reserved;
};

/* `count` servers that answer the same ClientHello, all queued at once by the caller. */
struct bench_pool_flights {
    bench_u64 pool;
    bench_u64 credentials;
    bench_u64 hello;
    bench_u64 ns; /* out: from the first one queued to the last one done */
    uint32_t hello_size;
    uint32_t count;
    int32_t status;
    uint32_t reserved;
};

/* CPU time of `count` hellos made directly, and through the pool with so many in flight. */
struct bench_pool_hellos {
    bench_u64 pool;
    bench_u64 credentials;
    bench_u64 direct_ns; /* out */
    bench_u64 pool_ns;   /* out: callers and workers together */
    uint32_t in_flight;
    uint32_t count;
    int32_t status;
    uint32_t reserved;
};

/* From queueing a piece of work to its beginning, `count` times with a pause before each. */
struct bench_pool_latency {
    bench_u64 pool;
    bench_u64 credentials;
    bench_u64 ns;    /* uint64_t[count] */
    uint32_t chains; /* so many handshakes keep the pool busy meanwhile */
    uint32_t count;
    int32_t status;
    uint32_t reserved;
};

#endif
