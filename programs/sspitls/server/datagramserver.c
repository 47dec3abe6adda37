/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * sspitls server --dtls: one UDP socket, many clients told apart by their addresses; every datagram
 * is sent back.
 *
 * A client has a place in the table once it has proved its address with a cookie; what a newcomer
 * sends is looked at beside the table, so that addresses which are not theirs cost nobody his
 * place. When the table is full the handshake that has been silent longest makes way; clients that
 * are connected never do, and while there are only such, newcomers are not heard.
 */
#include "server/datagramserver.h"

#include <stdlib.h>
#include <string.h>
#include <ws2tcpip.h>

#include "base/address.h"
#include "base/error.h"
#include "tls/datagram.h"
#include "tls/describe.h"

#define DEFAULT_CLIENTS      256
#define DEFAULT_HANDSHAKE_MS 10000
#define IDLE_MS              60000
#define TICK_MS              100

struct peer {
    struct datagram_end end;
    char name[80];
    unsigned id;
    ULONGLONG received, sent, last;
    bool used;
};

struct server {
    const struct options *options;
    struct log *log;
    const struct tls_credentials *credentials;
    SOCKET socket;
    struct peer *peers;
    unsigned places;
    unsigned count;
};

static volatile LONG stopping;

static BOOL WINAPI on_control(DWORD type)
{
    (void)type;
    InterlockedExchange(&stopping, TRUE);
    return TRUE;
}

static DWORD WINAPI wait_for_eof(void *data)
{
    char bytes[256];
    DWORD got;

    (void)data;
    while (ReadFile(GetStdHandle(STD_INPUT_HANDLE), bytes, sizeof(bytes), &got, NULL) && got)
        ;
    InterlockedExchange(&stopping, TRUE);
    return 0;
}

static void drop(struct peer *peer)
{
    datagram_free(&peer->end);
    peer->used = false;
}

static struct peer *find(struct server *server, const struct sockaddr_storage *address, int size)
{
    for (unsigned i = 0; i < server->places; i++) {
        struct peer *peer = &server->peers[i];

        if (peer->used && peer->end.address_size == size &&
            !memcmp(&peer->end.address, address, size))
            return peer;
    }
    return NULL;
}

/* A place that is free or can be: NULL when all who have one are connected. */
static struct peer *find_place(struct server *server)
{
    struct peer *place = NULL;

    for (unsigned i = 0; i < server->places; i++) {
        struct peer *peer = &server->peers[i];

        if (!peer->used)
            return peer;
        if (!peer->end.tls.connected && (!place || peer->last < place->last))
            place = peer;
    }
    return place;
}

static bool send_back(void *data, const unsigned char *bytes, size_t size)
{
    struct peer *peer = data;

    peer->received += size;
    if (size && datagram_send(&peer->end, bytes, size))
        peer->sent += size;
    return true;
}

/* What is told of a peer; `problem`: what failed. */
static struct connection_report report_on(const struct peer *peer, const char *problem)
{
    const struct tls *tls = &peer->end.tls;

    return (struct connection_report){
        .id = peer->id,
        .peer = peer->name,
        .connected = tls->connected,
        .handshake_us = tls->handshake_us,
        .received = peer->received,
        .sent = peer->sent,
        .status = problem ? tls->status : SEC_E_OK,
        .cause = tls->cause,
        .problem = problem,
    };
}

static void handle(struct server *server, struct peer *peer, enum tls_event event)
{
    struct tls *tls = &peer->end.tls;
    struct connection_report report;

    if (event == TLS_CONNECTED) {
        peer->id = ++server->count;
        report = report_on(peer, NULL);
        describe_connection(tls, &report.negotiated);
        log_opened(server->log, &report);
    } else if (event == TLS_FAILED) {
        report = report_on(peer, tls->connected ? "receiving" : "handshake");
        log_closed(server->log, &report);
        drop(peer);
    } else if (event == TLS_CLOSED) {
        datagram_shutdown(&peer->end);
        report = report_on(peer, NULL);
        log_closed(server->log, &report);
        drop(peer);
    } else if (!tls->has_context) {
        drop(peer);
    }
}

/* A datagram from an address that nobody in the table has. */
static void receive_first(struct server *server, const struct sockaddr_storage *address, int size,
                          const unsigned char *bytes, size_t count)
{
    struct peer newcomer = {.last = GetTickCount64(), .used = true}, *place = find_place(server);

    if (!place || datagram_init(&newcomer.end, server->credentials, NULL, server->socket, address,
                                size) != SEC_E_OK)
        return;
    format_address((const struct sockaddr *)address, size, newcomer.name, sizeof(newcomer.name));
    handle(server, &newcomer, datagram_take(&newcomer.end, bytes, count, send_back, &newcomer));
    if (!newcomer.used)
        return;
    if (place->used)
        drop(place);
    *place = newcomer;
}

static void receive(struct server *server)
{
    static unsigned char bytes[DATAGRAM_MAX];
    struct sockaddr_storage address = {0};
    int address_size = sizeof(address);
    int size = recvfrom(server->socket, (char *)bytes, sizeof(bytes), 0,
                        (struct sockaddr *)&address, &address_size);
    struct peer *peer = size > 0 ? find(server, &address, address_size) : NULL;

    if (peer) {
        peer->last = GetTickCount64();
        handle(server, peer, datagram_take(&peer->end, bytes, size, send_back, peer));
    } else if (size > 0) {
        receive_first(server, &address, address_size, bytes, size);
    }
}

static void tick(struct server *server)
{
    const ULONGLONG now = GetTickCount64();
    const ULONGLONG handshake =
        server->options->timeout ? server->options->timeout * 1000ull : DEFAULT_HANDSHAKE_MS;

    for (unsigned i = 0; i < server->places; i++) {
        struct peer *peer = &server->peers[i];

        if (peer->used)
            handle(server, peer, datagram_tick(&peer->end));
        if (peer->used && now - peer->last > (peer->end.tls.connected ? IDLE_MS : handshake))
            drop(peer);
    }
}

static bool open_socket(struct server *server, const char *host, const char *port)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    struct sockaddr_storage address;
    int size = sizeof(address), error;
    char text[80];

    error = getaddrinfo(host ? host : "127.0.0.1", port, &hints, &found);
    if (!error) {
        server->socket = socket(found->ai_family, SOCK_DGRAM, 0);
        if (server->socket == INVALID_SOCKET ||
            bind(server->socket, found->ai_addr, (int)found->ai_addrlen) ||
            getsockname(server->socket, (struct sockaddr *)&address, &size))
            error = WSAGetLastError();
        freeaddrinfo(found);
    }
    if (error) {
        report_system(server->options->address, error);
        return false;
    }
    format_address((const struct sockaddr *)&address, size, text, sizeof(text));
    log_listening(server->log, text);
    return true;
}

int datagram_server(const struct options *options, const struct tls_credentials *credentials,
                    const char *host, const char *port, struct log *log)
{
    struct server *server = calloc(1, sizeof(*server));
    struct timeval wait = {0, TICK_MS * 1000};
    int status = EXIT_NETWORK;
    fd_set set;

    if (!server)
        return EXIT_NETWORK;
    server->options = options;
    server->log = log;
    server->credentials = credentials;
    server->socket = INVALID_SOCKET;
    server->places = options->clients ? options->clients : DEFAULT_CLIENTS;
    server->peers = calloc(server->places, sizeof(*server->peers));
    if (!server->peers) {
        report("--clients: out of memory");
        goto done;
    }
    if (!open_socket(server, host, port))
        goto done;
    SetConsoleCtrlHandler(on_control, TRUE);
    if (options->until_eof)
        CloseHandle(CreateThread(NULL, 0, wait_for_eof, NULL, 0, NULL));
    while (!stopping) {
        FD_ZERO(&set);
        FD_SET(server->socket, &set);
        if (select(0, &set, NULL, NULL, &wait) > 0)
            receive(server);
        tick(server);
    }
    status = EXIT_OK;
done:
    for (unsigned i = 0; server->peers && i < server->places; i++)
        if (server->peers[i].used)
            drop(&server->peers[i]);
    if (server->socket != INVALID_SOCKET)
        closesocket(server->socket);
    free(server->peers);
    free(server);
    return status;
}
