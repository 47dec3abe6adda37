/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* HTTP proxies: how to ask one for a connection to somebody else. */
#ifndef SSPITLS_PROXY_H
#define SSPITLS_PROXY_H

#include <stdbool.h>
#include <winsock2.h>

struct proxy {
    char *host;
    char *port;
    char *authorization; /* the value of a header; NULL: none */
};

/* Of "[http://][USER:PASSWORD@]HOST:PORT"; false after a line on stderr. Free in any case. */
bool proxy_parse(struct proxy *proxy, const char *text);
void proxy_free(struct proxy *proxy);

/*
 * Asks the proxy on the other side of a connected socket for a connection to host:port (RFC 9110
 * 9.3.6), and takes no byte that comes behind its answer. False after a line on stderr.
 */
bool proxy_ask(const struct proxy *proxy, SOCKET socket, const char *host, const char *port);

#endif
