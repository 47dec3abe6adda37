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

#define BENCH_CONTRACT_VERSION 1

enum bench_call {
    BENCH_CALL_STARTUP,          /* struct bench_startup */
    BENCH_CALL_IDENTITY,         /* struct bench_identity */
    BENCH_CALL_CREDENTIALS,      /* struct bench_credentials */
    BENCH_CALL_CREDENTIALS_FREE, /* struct bench_free */
    BENCH_CALL_HANDSHAKES,       /* struct bench_handshakes */
    BENCH_CALL_HELLOS,           /* struct bench_hellos */
    BENCH_CALL_PAIR,             /* struct bench_pair */
    BENCH_CALL_PAIR_FREE,        /* struct bench_free */
    BENCH_CALL_RECORDS,          /* struct bench_records */
    BENCH_CALL_POOL,             /* struct bench_pool */
    BENCH_CALL_CPU,              /* struct bench_cpu */
    BENCH_CALL_COUNT
};

struct bench_startup {
    uint32_t contract_version; /* in */
    int32_t status;            /* 0, or -1 for another contract */
    char gnutls_version[32];   /* out */
};

enum bench_key { BENCH_RSA_2048, BENCH_P256 };

/* A fresh key with a self-signed certificate for localhost, so that both sides use the same. */
struct bench_identity {
    bench_u64 certificate;     /* buffer for DER */
    bench_u64 key;             /* buffer for PKCS#8 DER */
    uint32_t certificate_size; /* in: capacity; out: used */
    uint32_t key_size;
    uint32_t kind;  /* enum bench_key */
    int32_t status; /* 0 or a negative GnuTLS error; so in every struct below */
};

struct bench_credentials {
    bench_u64 credentials; /* out */
    bench_u64 certificate; /* DER */
    bench_u64 key;         /* PKCS#8 DER */
    uint32_t certificate_size;
    uint32_t key_size;
    uint32_t version; /* 0x0303 or 0x0304 */
    int32_t status;
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

/* A connected client and server. */
struct bench_pair {
    bench_u64 credentials;
    bench_u64 pair; /* out */
    int32_t status;
    uint32_t reserved;
};

enum bench_direction { BENCH_SEND, BENCH_RECEIVE };

/*
 * `count` records of `size` bytes through a pair. Sending writes into a transport that drops the
 * bytes; receiving reads them from memory, which costs the one copy that recv() would make.
 */
struct bench_records {
    bench_u64 pair;
    bench_u64 ns; /* out */
    uint32_t direction;
    uint32_t size;
    uint32_t count;
    int32_t status;
};

/* `threads` threads make handshakes for about `ns`. */
struct bench_pool {
    bench_u64 credentials;
    bench_u64 ns;    /* in: how long; out: how long it was */
    bench_u64 count; /* out: handshakes completed */
    uint32_t threads;
    int32_t status;
};

struct bench_cpu {
    bench_u64 process_ns; /* out: CPU time of all threads of this process */
};

#endif
