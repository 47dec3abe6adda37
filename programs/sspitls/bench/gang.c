/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads that wait to do the same thing at the same time.
 *
 * They sleep between two pieces of work. Woken, they gather before they begin, so that short work
 * really overlaps: a thread takes tens of microseconds to wake.
 */
#include "bench/gang.h"

#include <winsock2.h>
#include <windows.h>
#include <stdlib.h>

#include "base/error.h"

#define SPINS 2000 /* then others may have the processor */

struct member {
    struct gang *gang;
    HANDLE thread;
    unsigned index;
};

struct gang {
    SRWLOCK lock;
    CONDITION_VARIABLE begin, ended;
    unsigned turn; /* counts the pieces of work */
    unsigned threads, working;
    gang_work *work; /* NULL: the end */
    void *data;
    bool ok;
    volatile LONG gathered;
    unsigned members;
    struct member member[];
};

static void gather(struct gang *gang, LONG threads)
{
    unsigned spins = 0;

    InterlockedIncrement(&gang->gathered);
    while (gang->gathered < threads) {
        if (++spins % SPINS)
            YieldProcessor();
        else
            SwitchToThread();
    }
}

static DWORD WINAPI member_main(void *data)
{
    const struct member *member = data;
    struct gang *gang = member->gang;
    unsigned turn = 0;
    bool ok;

    AcquireSRWLockExclusive(&gang->lock);
    for (;;) {
        while (gang->turn == turn)
            SleepConditionVariableSRW(&gang->begin, &gang->lock, INFINITE, 0);
        turn = gang->turn;
        if (!gang->work)
            break;
        if (member->index >= gang->threads)
            continue;
        ReleaseSRWLockExclusive(&gang->lock);
        gather(gang, (LONG)gang->threads);
        ok = gang->work(gang->data, member->index);
        AcquireSRWLockExclusive(&gang->lock);
        gang->ok &= ok;
        if (!--gang->working)
            WakeConditionVariable(&gang->ended);
    }
    ReleaseSRWLockExclusive(&gang->lock);
    return 0;
}

bool gang_run(struct gang *gang, unsigned threads, gang_work *work, void *data)
{
    bool ok;

    AcquireSRWLockExclusive(&gang->lock);
    gang->threads = gang->working = threads;
    gang->gathered = 0;
    gang->work = work;
    gang->data = data;
    gang->ok = true;
    gang->turn++;
    WakeAllConditionVariable(&gang->begin);
    while (gang->working)
        SleepConditionVariableSRW(&gang->ended, &gang->lock, INFINITE, 0);
    ok = gang->ok;
    ReleaseSRWLockExclusive(&gang->lock);
    return ok;
}

struct gang *gang_create(unsigned threads)
{
    struct gang *gang = calloc(1, sizeof(*gang) + threads * sizeof(gang->member[0]));

    if (!gang)
        return NULL;
    for (; gang->members < threads; gang->members++) {
        struct member *member = &gang->member[gang->members];

        member->gang = gang;
        member->index = gang->members;
        member->thread = CreateThread(NULL, 0, member_main, member, 0, NULL);
        if (!member->thread) {
            report_system("a thread for the benchmark", GetLastError());
            gang_free(gang);
            return NULL;
        }
    }
    return gang;
}

void gang_free(struct gang *gang)
{
    if (!gang)
        return;
    AcquireSRWLockExclusive(&gang->lock);
    gang->work = NULL;
    gang->turn++;
    WakeAllConditionVariable(&gang->begin);
    ReleaseSRWLockExclusive(&gang->lock);
    for (unsigned i = 0; i < gang->members; i++) {
        WaitForSingleObject(gang->member[i].thread, INFINITE);
        CloseHandle(gang->member[i].thread);
    }
    free(gang);
}
