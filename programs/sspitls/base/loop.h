/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An event loop: one thread, one completion port, any number of sockets. */
#ifndef SSPITLS_LOOP_H
#define SSPITLS_LOOP_H

#include <stdbool.h>
#include <winsock2.h>
#include <windows.h>

struct loop;

/* One overlapped operation of a socket; embed it, and keep it until `done` has been called. */
struct io {
    OVERLAPPED overlapped;
    /* On the loop's thread. error: 0 or a Win32/Winsock number. */
    void (*done)(struct io *io, DWORD bytes, DWORD error);
};

/* Something to do on the loop's thread; embed it. */
struct loop_task {
    struct loop_task *next;
    void (*run)(struct loop_task *task);
};

/* `tick` is called on the loop's thread about every LOOP_TICK_MS. */
#define LOOP_TICK_MS 500
struct loop *loop_create(void (*tick)(void *data), void *data);
/* Makes the socket's overlapped operations complete on this loop. */
bool loop_add(struct loop *loop, SOCKET socket);
/* From any thread. The task may run, and be gone, before this returns. */
void loop_post(struct loop *loop, struct loop_task *task);
/* Runs until loop_quit, which is called on the loop's thread. */
void loop_run(struct loop *loop);
void loop_quit(struct loop *loop);
void loop_free(struct loop *loop);

#endif
