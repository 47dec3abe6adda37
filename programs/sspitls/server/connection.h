/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One connection of the server, and the worker (an event loop) that it lives on. */
#ifndef SSPITLS_CONNECTION_H
#define SSPITLS_CONNECTION_H

#include "base/loop.h"
#include "server/settings.h"
#include "tls/tls.h"

struct connection;

/* What is spoken on a connection. `state` is what `create` has returned. */
struct application {
    /* NULL: no memory. Without this function there is no state. */
    void *(*create)(const struct server_settings *settings);
    void (*free)(void *state);
    /* Takes bytes that came; returns how many. Fewer than given: first `produce` what is due. */
    size_t (*receive)(void *state, struct connection *connection, const unsigned char *data,
                      size_t size);
    /* Writes what is due, as long as there is room; may be NULL. */
    void (*produce)(void *state, struct connection *connection);
};

struct worker {
    const struct server_settings *settings;
    const struct application *application;
    struct server_counters *counters;
    struct loop *loop;
    HANDLE thread;
    struct loop_task stop;
    struct loop_task ask;
    volatile LONG wishes; /* set of enum server_wish, for `ask` */
    struct connection *connections;
    bool stopping;
};

enum connection_state {
    CONNECTION_HANDSHAKE,
    CONNECTION_OPEN,
    CONNECTION_CLOSING, /* what is in `out` still goes, then our half is closed */
    CONNECTION_LINGER,  /* closed for sending; reads away what the peer still sends */
    CONNECTION_DEAD,    /* waits for its operations to end, then is freed */
};

struct connection {
    struct connection *next, *previous;
    struct worker *worker;
    SOCKET socket;
    struct tls tls;
    enum connection_state state;

    struct io read;
    struct io write;
    struct loop_task start;
    struct loop_task leg;
    bool reading, writing, leg_running;
    bool fresh_input; /* came since the last leg */
    LONG wishes;      /* set of enum server_wish: what to ask the client next */
    bool asked;       /* its answer has not come yet */

    struct buffer out;    /* records and tokens to send */
    unsigned char *plain; /* decrypted and not yet taken by the application */
    size_t plain_size;
    size_t record; /* of tls.input, that `plain` lies in */

    void *application_state;
    ULONGLONG deadline;
    char peer[64];
    double connected_us;
    double last_sent_us;
    struct connection_report report;
};

/* Takes the socket over; the connection appears on the worker's loop. */
bool connection_open(struct worker *worker, SOCKET socket, unsigned id,
                     const struct sockaddr *address, int address_size);
/* For the worker's tick and end. */
void connection_check_deadline(struct connection *connection, ULONGLONG now);
void connection_kill(struct connection *connection, const char *problem);
/* The connection may be gone when this returns. */
void connection_ask(struct connection *connection, LONG wishes);

/* For the application on top. */
bool connection_write(struct connection *connection, const void *data, size_t size);
/* There is room for more output; when there is not, the application is asked again later. */
bool connection_has_room(const struct connection *connection);
/* Everything was written: close properly. */
void connection_finish(struct connection *connection);

#endif
