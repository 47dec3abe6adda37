/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TLS server, also as a part that the demonstration runs in its own process. */
#ifndef SSPITLS_SERVER_H
#define SSPITLS_SERVER_H

#include "server/settings.h"

struct server;

/* NULL after a line on stderr. The settings' pointers must stay valid until server_stop. */
struct server *server_start(const struct server_settings *settings);
/* "127.0.0.1:8443" */
const char *server_address(const struct server *server);
unsigned short server_port(const struct server *server);
const struct server_counters *server_counters(const struct server *server);
/* Asks the clients of all connections there are. */
void server_ask(struct server *server, enum server_wish wish);
/* Ends all connections and frees the server. */
void server_stop(struct server *server);

#endif
