/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Accepting, on a loop of its own.
 *
 * Why AcceptEx: an event that says that something can be accepted (WSAEventSelect) gets lost under
 * Wine when a connection comes while the one before is taken, and who is in the queue then waits
 * for the next one to come, or for a poll. Accepts that wait in the socket have no such gap.
 *
 * One that fails, for want of descriptors say, is made again with the next tick.
 */
#include "server/acceptor.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <mswsock.h>
#include <ws2tcpip.h>

#include "base/error.h"
#include "base/loop.h"

#define WAITING      16 /* at once */
#define ADDRESS_SIZE (sizeof(struct sockaddr_storage) + 16)

struct place {
    struct io io;
    struct acceptor *acceptor;
    SOCKET socket; /* that the next connection becomes; INVALID_SOCKET: does not wait */
    unsigned char addresses[2 * ADDRESS_SIZE];
};

struct acceptor {
    SOCKET listener;
    int family;
    acceptor_sink *accepted;
    void *data;
    LPFN_ACCEPTEX accept;
    LPFN_GETACCEPTEXSOCKADDRS addresses;
    struct loop *loop;
    HANDLE thread;
    struct loop_task stop;
    bool stopping;
    struct place places[WAITING];
};

static void wait_in(struct place *place)
{
    struct acceptor *acceptor = place->acceptor;
    SOCKET socket =
        WSASocketW(acceptor->family, SOCK_STREAM, IPPROTO_TCP, NULL, 0, WSA_FLAG_OVERLAPPED);
    DWORD got;

    if (socket == INVALID_SOCKET)
        return;
    memset(&place->io.overlapped, 0, sizeof(place->io.overlapped));
    if (acceptor->accept(acceptor->listener, socket, place->addresses, 0, ADDRESS_SIZE,
                         ADDRESS_SIZE, &got, &place->io.overlapped) ||
        WSAGetLastError() == WSA_IO_PENDING)
        place->socket = socket;
    else
        closesocket(socket);
}

static void tick(void *data)
{
    struct acceptor *acceptor = data;

    for (unsigned i = 0; i < WAITING && !acceptor->stopping; i++) {
        if (acceptor->places[i].socket == INVALID_SOCKET)
            wait_in(&acceptor->places[i]);
    }
}

static void quit_if_idle(struct acceptor *acceptor)
{
    for (unsigned i = 0; i < WAITING; i++) {
        if (acceptor->places[i].socket != INVALID_SOCKET)
            return;
    }
    loop_quit(acceptor->loop);
}

static void accept_done(struct io *io, DWORD bytes, DWORD error)
{
    struct place *place = (struct place *)io;
    struct acceptor *acceptor = place->acceptor;
    struct sockaddr *own, *peer;
    SOCKET socket = place->socket;
    int own_size, peer_size;

    (void)bytes;
    place->socket = INVALID_SOCKET;
    if (error || acceptor->stopping) {
        closesocket(socket);
    } else {
        setsockopt(socket, SOL_SOCKET, SO_UPDATE_ACCEPT_CONTEXT, (char *)&acceptor->listener,
                   sizeof(acceptor->listener));
        acceptor->addresses(place->addresses, 0, ADDRESS_SIZE, ADDRESS_SIZE, &own, &own_size, &peer,
                            &peer_size);
        acceptor->accepted(acceptor->data, socket, peer, peer_size);
        wait_in(place);
    }
    if (acceptor->stopping)
        quit_if_idle(acceptor);
}

static void stop(struct loop_task *task)
{
    struct acceptor *acceptor = (struct acceptor *)((char *)task - offsetof(struct acceptor, stop));

    acceptor->stopping = true;
    CancelIoEx((HANDLE)acceptor->listener, NULL);
    quit_if_idle(acceptor);
}

static DWORD WINAPI run(void *data)
{
    struct acceptor *acceptor = data;

    tick(acceptor);
    loop_run(acceptor->loop);
    return 0;
}

static bool find_function(SOCKET socket, GUID id, void *function, DWORD size)
{
    DWORD got;

    return !WSAIoctl(socket, SIO_GET_EXTENSION_FUNCTION_POINTER, &id, sizeof(id), function, size,
                     &got, NULL, NULL);
}

struct acceptor *acceptor_start(SOCKET listener, int family, acceptor_sink *accepted, void *data)
{
    struct acceptor *acceptor = calloc(1, sizeof(*acceptor));

    if (!acceptor)
        return NULL;
    acceptor->listener = listener;
    acceptor->family = family;
    acceptor->accepted = accepted;
    acceptor->data = data;
    acceptor->stop.run = stop;
    for (unsigned i = 0; i < WAITING; i++) {
        acceptor->places[i].io.done = accept_done;
        acceptor->places[i].acceptor = acceptor;
        acceptor->places[i].socket = INVALID_SOCKET;
    }
    acceptor->loop = loop_create(tick, acceptor);
    if (acceptor->loop && loop_add(acceptor->loop, listener) &&
        find_function(listener, (GUID)WSAID_ACCEPTEX, &acceptor->accept,
                      sizeof(acceptor->accept)) &&
        find_function(listener, (GUID)WSAID_GETACCEPTEXSOCKADDRS, &acceptor->addresses,
                      sizeof(acceptor->addresses)))
        acceptor->thread = CreateThread(NULL, 0, run, acceptor, 0, NULL);
    if (acceptor->thread)
        return acceptor;
    report_system("accepting", GetLastError());
    loop_free(acceptor->loop);
    free(acceptor);
    return NULL;
}

void acceptor_stop(struct acceptor *acceptor)
{
    if (!acceptor)
        return;
    loop_post(acceptor->loop, &acceptor->stop);
    WaitForSingleObject(acceptor->thread, INFINITE);
    CloseHandle(acceptor->thread);
    loop_free(acceptor->loop);
    free(acceptor);
}
