/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a connection has agreed on, in words. */
#ifndef SSPITLS_DESCRIBE_H
#define SSPITLS_DESCRIBE_H

#include <stdio.h>

#include "base/json.h"
#include "tls/tls.h"

struct negotiated {
    char version[16];  /* "TLS 1.3" */
    char suite[80];    /* "TLS_AES_256_GCM_SHA384" */
    unsigned suite_id; /* 0x1302; 0: not told */
    char exchange[48]; /* "ECDHE 255 bits" */
    char cipher[32];   /* "256 bits" */
    char alpn[256];    /* empty: none */
    char peer[256];    /* subject of the peer's certificate; empty: it showed none */
    bool resumed;
};

/* What the credential allows, as QueryCredentialsAttributes tells it: lines of versions, strengths
 * and algorithms. */
void describe_credentials(const struct tls_credentials *credentials, char *text, size_t size);
/* Fills what the context tells; what it does not stays "?" or empty. */
void describe_connection(struct tls *tls, struct negotiated *negotiated);
/* Several lines about the connection and the peer's chain, with its certificates as PEM if wanted.
 */
void print_connection(FILE *file, struct tls *tls, bool pem);
/* After a failure: the peer's chain, if it was we who did not take it, and what is wrong where. */
void print_refused(FILE *file, struct tls *tls, bool pem);

/* The same as members of the object that is begun. */
void json_negotiated(struct json *json, const struct negotiated *negotiated);
void json_connection(struct json *json, struct tls *tls);
void json_refused(struct json *json, struct tls *tls);

#endif
