/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The server: one thread that accepts, and workers with an event loop each that the connections are
 * dealt out to in turn. Handshakes run on the asynchronous pool (tls/tls.c), so one loop is enough
 * for thousands of connections; more of them share the work of encrypting.
 */
#include "server/server.h"

#include <stdlib.h>
#include <string.h>
#include <ws2tcpip.h>

#include "base/error.h"
#include "server/connection.h"
#include "server/echo.h"
#include "server/http.h"

#define BACKLOG        1024
#define ACCEPT_POLL_MS 100

struct server {
    const struct server_settings *settings;
    struct server_counters counters;
    SOCKET listener;
    HANDLE stop;
    WSAEVENT acceptable;
    HANDLE thread;
    unsigned worker_count;
    unsigned next_id;
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

static bool accept_one(struct server *server)
{
    struct sockaddr_storage address;
    int size = sizeof(address), one = 1;
    SOCKET socket = accept(server->listener, (struct sockaddr *)&address, &size);
    u_long non_blocking = 1;
    struct worker *worker;
    unsigned id;

    /* A client that vanished in the queue is no reason to leave those behind it there. */
    if (socket == INVALID_SOCKET)
        return WSAGetLastError() == WSAECONNRESET;
    /* Accepted sockets inherit the listener's event. */
    WSAEventSelect(socket, NULL, 0);
    ioctlsocket(socket, FIONBIO, &non_blocking);
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, (char *)&one, sizeof(one));
    id = InterlockedIncrement(&server->counters.accepted);
    worker = &server->workers[id % server->worker_count];
    if (!connection_open(worker, socket, id, (struct sockaddr *)&address, size))
        closesocket(socket);
    return true;
}

static DWORD WINAPI run_acceptor(void *data)
{
    struct server *server = data;
    HANDLE handles[2] = {server->stop, server->acceptable};
    WSANETWORKEVENTS events;

    /*
     * The limit, because the event does not come again for connections that stayed in the queue
     * when accept failed, for want of descriptors say; and Wine 8.0 now and then loses it when
     * clients vanish from the queue.
     */
    while (WaitForMultipleObjects(2, handles, FALSE, ACCEPT_POLL_MS) != WAIT_OBJECT_0) {
        WSAEnumNetworkEvents(server->listener, server->acceptable, &events);
        while (accept_one(server))
            ;
    }
    return 0;
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
    server->stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    server->acceptable = WSACreateEvent();
    if (!bind_listener(server) || !start_workers(server))
        goto failed;
    if (WSAEventSelect(server->listener, server->acceptable, FD_ACCEPT)) {
        report_system("accepting", WSAGetLastError());
        goto failed;
    }
    server->thread = CreateThread(NULL, 0, run_acceptor, server, 0, NULL);
    if (server->thread)
        return server;
failed:
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
    SetEvent(server->stop);
    if (server->thread) {
        WaitForSingleObject(server->thread, INFINITE);
        CloseHandle(server->thread);
    }
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
    WSACloseEvent(server->acceptable);
    CloseHandle(server->stop);
    free(server);
}
