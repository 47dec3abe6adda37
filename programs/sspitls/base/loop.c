/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The event loop.
 *
 * Why a completion port: WSAPoll and select hand all sockets to wineserver in every call, measured
 * at 2 us and more per socket, so 1000 connections cost milliseconds per event. A completion port
 * costs the same however many sockets there are, and GetQueuedCompletionStatusEx takes a whole
 * batch in one trip (8 us per event). The sockets are non-blocking: sending is tried directly and
 * only what does not go out at once becomes an overlapped operation.
 *
 * How other threads reach the loop: completion callbacks of the asynchronous pool push a task onto
 * a lock-free stack and wake the loop only if the stack was empty, so that a burst of completions
 * costs one trip to wineserver. The loop takes the whole stack at once; as nobody ever pops a
 * single element, the stack needs no protection against reuse of addresses.
 */
#include "base/loop.h"

#include <stdlib.h>

#define BATCH 128

struct loop {
    HANDLE port;
    struct loop_task *posted; /* newest first */
    void (*tick)(void *data);
    void *data;
    bool quitting;
};

struct loop *loop_create(void (*tick)(void *data), void *data)
{
    struct loop *loop = calloc(1, sizeof(*loop));

    if (!loop)
        return NULL;
    loop->tick = tick;
    loop->data = data;
    loop->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    if (!loop->port) {
        free(loop);
        return NULL;
    }
    return loop;
}

bool loop_add(struct loop *loop, SOCKET socket)
{
    return CreateIoCompletionPort((HANDLE)socket, loop->port, 0, 0) != NULL;
}

void loop_post(struct loop *loop, struct loop_task *task)
{
    struct loop_task *first = __atomic_load_n(&loop->posted, __ATOMIC_RELAXED);

    do {
        task->next = first;
    } while (!__atomic_compare_exchange_n(&loop->posted, &first, task, false, __ATOMIC_SEQ_CST,
                                          __ATOMIC_RELAXED));
    if (!first)
        PostQueuedCompletionStatus(loop->port, 0, 0, NULL);
}

static void run_posted(struct loop *loop)
{
    struct loop_task *task = __atomic_exchange_n(&loop->posted, NULL, __ATOMIC_SEQ_CST);
    struct loop_task *ordered = NULL, *next;

    for (; task; task = next) {
        next = task->next;
        task->next = ordered;
        ordered = task;
    }
    for (task = ordered; task; task = next) {
        next = task->next;
        task->run(task);
    }
}

static void complete(const OVERLAPPED_ENTRY *entry)
{
    struct io *io = (struct io *)entry->lpOverlapped;
    ULONG_PTR status = entry->lpOverlapped->Internal;
    DWORD error = 0;

    /* Internal holds the NTSTATUS; which one does not matter, only whether it is
     * an error. */
    if ((LONG)status < 0)
        error = WSAECONNRESET;
    io->done(io, entry->dwNumberOfBytesTransferred, error);
}

void loop_run(struct loop *loop)
{
    OVERLAPPED_ENTRY entries[BATCH];
    ULONGLONG now, next_tick = GetTickCount64() + LOOP_TICK_MS;
    ULONG count;

    while (!loop->quitting) {
        now = GetTickCount64();
        if (now >= next_tick) {
            next_tick = now + LOOP_TICK_MS;
            loop->tick(loop->data);
        }
        if (!GetQueuedCompletionStatusEx(loop->port, entries, BATCH, &count,
                                         (DWORD)(next_tick > now ? next_tick - now : 0), FALSE))
            count = 0;
        for (ULONG i = 0; i < count; i++) {
            if (entries[i].lpOverlapped)
                complete(&entries[i]);
        }
        run_posted(loop);
    }
}

void loop_quit(struct loop *loop)
{
    loop->quitting = true;
}

void loop_free(struct loop *loop)
{
    if (!loop)
        return;
    CloseHandle(loop->port);
    free(loop);
}
