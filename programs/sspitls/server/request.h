/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The header of a request of HTTP/1. */
#ifndef SSPITLS_REQUEST_H
#define SSPITLS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct request {
    char *method;
    char *path;
    bool version_1_1;
    bool keep_alive;
    bool expect_continue;
    bool chunked;
    bool has_length;
    unsigned long long length;
};

/* Longest body that is taken or made. */
#define REQUEST_MOST (1ull << 50)

/*
 * The length of the header without its empty line, which is the end of `size` bytes; 0: it has not
 * come yet. Lines end with CRLF, or with LF alone, as people and simple programs write them.
 */
size_t request_header(const unsigned char *data, size_t size);

/*
 * Takes apart the header's `size` bytes, the lines without the empty one, in place; a NUL stands
 * behind them. false: that is not HTTP.
 */
bool request_parse(struct request *request, char *text, size_t size);
/* Whether a path, which begins with a slash, stays in its directory: nothing above, no drive, no
 * stream. */
bool request_is_inside(const char *path);

#endif
