/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of the demonstration share. */
#ifndef SSPITLS_DEMOPARTS_H
#define SSPITLS_DEMOPARTS_H

#include "certificates/identity.h"
#include "command/options.h"
#include "server/server.h"
#include "tls/stream.h"

struct demo_server {
    struct tls_credentials credentials;
    struct server_settings settings;
    struct server *server;
    SRWLOCK lock;
    CONDITION_VARIABLE closed;
    unsigned closed_count;
    struct connection_report last; /* its `peer` is not valid any more */
};

struct demo {
    const struct options *options;
    unsigned megabytes;
    unsigned failures;
    HCERTSTORE roots;
    struct identity identities[2]; /* by enum key_kind */
    struct demo_server echo[2];
    struct demo_server www[2];
};

#define DEMO_TIMEOUT_MS 30000

/* A line of the table. */
void demo_print_row(const char *who, const struct negotiated *negotiated, double handshake_us,
                    unsigned long long bytes, double seconds);
/* Counts and prints a failure; returns false. */
bool demo_failed(struct demo *demo, const char *who, const char *what);
/* Connects to the port on 127.0.0.1; on failure the row is printed. Close the stream anyway. */
bool demo_connect(struct demo *demo, struct stream *stream, unsigned short port, const char *who,
                  const struct tls_credentials *credentials);
/* Waits until the server has closed `count` connections in all; the last one's report. */
bool demo_wait_closed(struct demo_server *server, unsigned count, struct connection_report *report);

#endif
