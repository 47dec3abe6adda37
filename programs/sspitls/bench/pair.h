/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A client and a server of SSPI with memory between them, nothing allocated on the way. Where SSPI
 * has no server, as Wine's own secur32, a native one takes its place.
 */
#ifndef SSPITLS_BENCH_PAIR_H
#define SSPITLS_BENCH_PAIR_H

#include "tls/tls.h"
#include "winegnutlsbench/bench.h"

#define BENCH_TOKEN 32768

struct bench_side {
    const struct tls_credentials *credentials;
    bench_u64 native_credentials; /* not 0: `native` does what a context would */
    bench_u64 native;
    CtxtHandle context;
    CtxtHandle current;
    bool has_context;
    bool done;
    const unsigned char *in; /* the other side's output, or what is left of it */
    ULONG in_size;
    ULONG out_size;
    double ns; /* spent in this side's calls */
    SecBuffer in_buffers[2];
    SecBuffer out_buffers[1];
    SecBufferDesc in_description;
    SecBufferDesc out_description;
    ULONG attributes;
    TimeStamp expiry;
    unsigned char out[BENCH_TOKEN];
};

struct bench_sspi_pair {
    struct bench_side client;
    struct bench_side server;
};

struct bench_sspi_credentials {
    struct tls_credentials client;
    struct tls_credentials server;
    bench_u64 native_server; /* instead of `server` */
};

/* Whether this secur32 has servers, which is asked once, and whether it speaks TLS 1.3. */
bool sspi_has_server(void);
bool sspi_has_tls_1_3(void);
/* `resume`: sessions may be resumed, else every handshake is a full one. */
bool sspi_credentials(struct bench_sspi_credentials *credentials, PCCERT_CONTEXT certificate,
                      unsigned versions, bool resume);
/* The same with a client that checks the server's certificate; where SSPI has servers only. */
bool sspi_checking_credentials(struct bench_sspi_credentials *credentials,
                               PCCERT_CONTEXT certificate, HCERTSTORE roots, unsigned versions);
void sspi_credentials_free(struct bench_sspi_credentials *credentials);

void side_init(struct bench_side *side, const struct tls_credentials *credentials);
void sspi_pair_init(struct bench_sspi_pair *pair, const struct bench_sspi_credentials *credentials);
/* A leg in three steps: fill the buffers, call (queue it with `call`), take the outcome. */
void side_prepare(struct bench_side *side);
SECURITY_STATUS side_call(struct bench_side *side, SspiAsyncContext *call);
bool side_finish(struct bench_side *side, SECURITY_STATUS status);
/* The side whose turn it is next, with its input set; NULL: both are done. */
struct bench_side *sspi_pair_next(struct bench_sspi_pair *pair, struct bench_side *last);

/* A client's first leg, and its deletion. */
bool sspi_hello(struct bench_side *side, const struct tls_credentials *credentials);
/* A whole handshake, from creation on. */
bool sspi_pair_connect(struct bench_sspi_pair *pair);
/* A record of so many bytes at `at`, which has room for it. */
SECURITY_STATUS side_seal(struct bench_side *side, const SecPkgContext_StreamSizes *sizes,
                          ULONG size, unsigned char *at, ULONG *length);
/* A record from the client to the server, and one back. */
bool sspi_pair_talk(struct bench_sspi_pair *pair);
/* Gives the client what the server sent behind the handshake: its ticket. */
bool sspi_pair_take_ticket(struct bench_sspi_pair *pair);
bool sspi_pair_resumed(struct bench_sspi_pair *pair);
void sspi_pair_delete(struct bench_sspi_pair *pair);

#endif
