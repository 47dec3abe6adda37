/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One HTTP/1.1 GET over a TLS stream. */
#ifndef SSPITLS_HTTPGET_H
#define SSPITLS_HTTPGET_H

#include "base/output.h"
#include "tls/stream.h"

struct http_result {
    unsigned status;
    long long length;         /* Content-Length, -1: none */
    unsigned long long bytes; /* of the body */
    double first_byte_us;     /* from the request's sending to the first of the answer */
    double seconds;           /* from the sending, too, to the body's end */
};

enum http_outcome {
    HTTP_OK,
    HTTP_STREAM_FAILED, /* see the stream */
    HTTP_NOT_HTTP,
    HTTP_CUT, /* the body is shorter than announced */
};

/* What is done with each piece of the body; false stops. */
typedef bool http_sink(void *data, const unsigned char *piece, size_t size);

enum http_outcome http_request(struct stream *stream, const char *path, const char *host,
                               http_sink *sink, void *data, struct http_result *result);
/* The same with an output for the body. */
enum http_outcome http_get(struct stream *stream, const char *path, const char *host,
                           const char *port, struct output *output, struct http_result *result);

#endif
