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
    unsigned long long length;
};

/*
 * Takes apart the header's `size` bytes, the lines without the empty one, in place; a NUL stands
 * behind them. false: that is not HTTP.
 */
bool request_parse(struct request *request, char *text, size_t size);

#endif
