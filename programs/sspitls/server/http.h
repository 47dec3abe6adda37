/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `sspitls server --www` speaks on a connection. */
#ifndef SSPITLS_HTTP_H
#define SSPITLS_HTTP_H

#include "server/connection.h"

/* `directory`: where files are served from, "" for nowhere. */
struct http *http_create(const char *directory);
void http_free(struct http *http);
/* Takes bytes of requests; returns how many. Fewer than given: first http_produce what is due. */
size_t http_receive(struct http *http, struct connection *connection, const unsigned char *data,
                    size_t size);
/* Writes what is due of a response, as long as there is room. */
void http_produce(struct http *http, struct connection *connection);

#endif
