/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The header of a response of HTTP/1. */
#ifndef SSPITLS_RESPONSE_H
#define SSPITLS_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

struct response {
    unsigned status;  /* 100 to 999 */
    long long length; /* Content-Length, -1: none */
};

/* The header's length with its empty line, 0: that has not come yet. `seen` bytes have been looked
 * through already. */
size_t response_header(const unsigned char *data, size_t size, size_t seen);
/* Reads the header of `size` bytes, whose last one becomes a NUL. false: that is not HTTP. */
bool response_parse(struct response *response, char *text, size_t size);

#endif
