/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One HTTP GET. The request is HTTP/1.0 with a Host header: every server answers it, and none
 * answers in chunks. The body ends with its length, or with the connection.
 */
#include "client/httpget.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "client/response.h"

#define HEADER_LIMIT 65536

static bool send_request(struct stream *stream, const char *path, const char *host)
{
    struct buffer request = {0};
    bool ok = buffer_append_text(&request, "GET ") && buffer_append_text(&request, path) &&
              buffer_printf(&request,
                            " HTTP/1.0\r\nHost: %s\r\nUser-Agent: sspitls\r\n"
                            "Connection: close\r\n\r\n",
                            host) &&
              stream_send(stream, request.data, request.size);

    buffer_free(&request);
    return ok;
}

/* Receives the header; what follows of the body in the same record goes to the sink. */
static enum http_outcome receive_header(struct stream *stream, http_sink *sink, void *data,
                                        double start, struct http_result *result)
{
    struct buffer header = {0};
    struct response response;
    enum http_outcome outcome = HTTP_NOT_HTTP;
    enum tls_event event;
    unsigned char *piece;
    size_t size, end = 0, before;

    while (!end) {
        event = stream_receive(stream, &piece, &size);
        if (event != TLS_DATA) {
            outcome =
                event == TLS_CLOSED && !stream->truncated ? HTTP_NOT_HTTP : HTTP_STREAM_FAILED;
            goto done;
        }
        if (!result->first_byte_us)
            result->first_byte_us = clock_us() - start;
        before = header.size;
        if (before + size > HEADER_LIMIT || !buffer_append(&header, piece, size))
            goto done;
        end = response_header(header.data, header.size, before);
        if (header.size >= 5 && memcmp(header.data, "HTTP/", 5))
            goto done;
    }
    if (!response_parse(&response, (char *)header.data, end))
        goto done;
    result->status = response.status;
    result->length = response.length;
    outcome = HTTP_OK;
    size -= end - before;
    result->bytes = size;
    if (size && !sink(data, piece + (end - before), size))
        outcome = HTTP_CUT;
done:
    buffer_free(&header);
    return outcome;
}

enum http_outcome http_request(struct stream *stream, const char *path, const char *host,
                               http_sink *sink, void *data, struct http_result *result)
{
    enum http_outcome outcome;
    enum tls_event event = TLS_DATA;
    double start = clock_us();
    unsigned char *piece;
    size_t size;

    memset(result, 0, sizeof(*result));
    result->length = -1;
    if (!send_request(stream, path, host))
        return HTTP_STREAM_FAILED;
    outcome = receive_header(stream, sink, data, start, result);
    while (outcome == HTTP_OK &&
           (result->length < 0 || (long long)result->bytes < result->length)) {
        event = stream_receive(stream, &piece, &size);
        if (event != TLS_DATA)
            break;
        result->bytes += size;
        if (!sink(data, piece, size))
            return HTTP_CUT;
    }
    result->seconds = (clock_us() - start) / 1e6;
    if (outcome != HTTP_OK)
        return outcome;
    if (result->length >= 0)
        return (long long)result->bytes == result->length ? HTTP_OK
               : event == TLS_FAILED                      ? HTTP_STREAM_FAILED
                                                          : HTTP_CUT;
    /* Without a length only a proper close tells that this is all. */
    return event == TLS_CLOSED && !stream->truncated ? HTTP_OK : HTTP_STREAM_FAILED;
}

static bool write_piece(void *data, const unsigned char *piece, size_t size)
{
    return output_write(data, piece, size);
}

enum http_outcome http_get(struct stream *stream, const char *path, const char *host,
                           const char *port, struct output *output, struct http_result *result)
{
    char name[300];

    if (strchr(host, ':'))
        snprintf(name, sizeof(name), "[%s]:%s", host, port);
    else
        snprintf(name, sizeof(name), "%s:%s", host, port);
    return http_request(stream, path, name, write_piece, output, result);
}
