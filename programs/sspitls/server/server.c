/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server: an acceptor, and workers with an event loop each that the connections are
 * dealt out to in turn. Handshakes run on the asynchronous pool (tls/tls.c), so one loop is enough
 * for thousands of connections; more of them share the work of encrypting.
 */
#include "server/server.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <ws2tcpip.h>

#include "base/error.h"
#include "server/acceptor.h"
#include "server/connection.h"
#include "server/echo.h"
#include "server/http.h"

#define BACKLOG 1024

struct server {
    const struct server_settings *settings;
    struct server_counters counters;
    SOCKET listener;
    int family;
    struct acceptor *acceptor;
    unsigned worker_count;
    struct worker *workers;
    char address[64];
    unsigned short port;
};

/* Workers -------------------------------------------------------------------------------------- */

static void tick(void *data)
{
    struct worker *worker = data;
    struct connection *connection, *next;
    ULONGLONG now = GetTickCount64();

    for (connection = worker->connections; connection; connection = next) {
        next = connection->next;
        connection_check_deadline(connection, now);
    }
}

static void stop_worker(struct loop_task *task)
{
    struct worker *worker = (struct worker *)((char *)task - offsetof(struct worker, stop));
    struct connection *connection, *next;

    worker->stopping = true;
    if (!worker->connections)
        loop_quit(worker->loop);
    for (connection = worker->connections; connection; connection = next) {
        next = connection->next;
        connection_kill(connection, NULL);
    }
}

static void ask_all(struct loop_task *task)
{
    struct worker *worker = (struct worker *)((char *)task - offsetof(struct worker, ask));
    LONG wishes = InterlockedExchange(&worker->wishes, 0);
    struct connection *connection, *next;

    for (connection = worker->connections; connection; connection = next) {
        next = connection->next;
        connection_ask(connection, wishes);
    }
}

void server_ask(struct server *server, enum server_wish wish)
{
    for (unsigned i = 0; i < server->worker_count; i++) {
        struct worker *worker = &server->workers[i];

        if (!InterlockedOr(&worker->wishes, wish))
            loop_post(worker->loop, &worker->ask);
    }
}

static DWORD WINAPI run_worker(void *data)
{
    struct worker *worker = data;

    loop_run(worker->loop);
    return 0;
}

static bool start_workers(struct server *server)
{
    unsigned count = max(server->settings->threads, 1);

    server->workers = calloc(count, sizeof(*server->workers));
    if (!server->workers)
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct worker *worker = &server->workers[i];

        worker->settings = server->settings;
        worker->application = server->settings->www ? &http_application : &echo_application;
        worker->counters = &server->counters;
        worker->stop.run = stop_worker;
        worker->ask.run = ask_all;
        worker->loop = loop_create(tick, worker);
        if (!worker->loop)
            return false;
        worker->thread = CreateThread(NULL, 0, run_worker, worker, 0, NULL);
        if (!worker->thread)
            return false;
        server->worker_count++;
    }
    return true;
}

/* Accepting ------------------------------------------------------------------------------------ */

/* Deals the connection out, on the acceptor's thread. */
static void accepted(void *data, SOCKET socket, const struct sockaddr *address, int address_size)
{
    struct server *server = data;
    u_long non_blocking = 1;
    struct worker *worker;
    int one = 1;
    unsigned id;

    ioctlsocket(socket, FIONBIO, &non_blocking);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, (char *)&one, sizeof(one));
    id = InterlockedIncrement(&server->counters.accepted);
    worker = &server->workers[id % server->worker_count];
    if (!connection_open(worker, socket, id, address, address_size))
        closesocket(socket);
}

static bool bind_listener(struct server *server)
{
    const struct server_settings *settings = server->settings;
    struct addrinfo hints = {.ai_flags = AI_PASSIVE | AI_NUMERICHOST, .ai_socktype = SOCK_STREAM};
    const char *host = settings->host ? settings->host : "127.0.0.1";
    struct sockaddr_storage bound;
    struct addrinfo *address = NULL;
    int size = sizeof(bound), error;

    error = getaddrinfo(host, settings->port, &hints, &address);
    if (error) {
        report_system(host, error);
        return false;
    }
    server->listener = socket(address->ai_family, SOCK_STREAM, IPPROTO_TCP);
    if (server->listener == INVALID_SOCKET ||
        bind(server->listener, address->ai_addr, (int)address->ai_addrlen) ||
        listen(server->listener, BACKLOG) ||
        getsockname(server->listener, (struct sockaddr *)&bound, &size)) {
        report_system(settings->port, WSAGetLastError());
        freeaddrinfo(address);
        return false;
    }
    server->family = address->ai_family;
    freeaddrinfo(address);
    server->port = ntohs(((struct sockaddr_in *)&bound)->sin_port);
    snprintf(server->address, sizeof(server->address), strchr(host, ':') ? "[%s]:%u" : "%s:%u",
             host, server->port);
    return true;
}

struct server *server_start(const struct server_settings *settings)
{
    struct server *server = calloc(1, sizeof(*server));

    if (!server)
        return NULL;
    server->settings = settings;
    server->listener = INVALID_SOCKET;
    if (bind_listener(server) && start_workers(server))
        server->acceptor = acceptor_start(server->listener, server->family, accepted, server);
    if (server->acceptor)
        return server;
    server_stop(server);
    return NULL;
}

const char *server_address(const struct server *server)
{
    return server->address;
}

unsigned short server_port(const struct server *server)
{
    return server->port;
}

const struct server_counters *server_counters(const struct server *server)
{
    return &server->counters;
}

void server_stop(struct server *server)
{
    acceptor_stop(server->acceptor);
    if (server->listener != INVALID_SOCKET)
        closesocket(server->listener);
    for (unsigned i = 0; i < server->worker_count; i++)
        loop_post(server->workers[i].loop, &server->workers[i].stop);
    for (unsigned i = 0; i < server->worker_count; i++) {
        WaitForSingleObject(server->workers[i].thread, INFINITE);
        CloseHandle(server->workers[i].thread);
        loop_free(server->workers[i].loop);
    }
    free(server->workers);
    free(server);
}
