/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Threads, SRW locks, sleeping on a word, the process: what of it secur32 calls.
 */
#include "core/wait.h"

#include "system/system.h"

struct start {
    LPTHREAD_START_ROUTINE function;
    void *argument;
};

static void run(void *argument)
{
    struct start start = *(struct start *)argument;

    system_now.release(argument);
    start.function(start.argument);
}

/* The handle is not NULL, and good for CloseHandle only. */
HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES security, SIZE_T stack,
                           LPTHREAD_START_ROUTINE function, LPVOID argument, DWORD flags,
                           LPDWORD id)
{
    struct start *start = system_now.allocate(sizeof(*start), 16);

    (void)security;
    (void)stack;
    (void)flags;
    (void)id;
    if (!start)
        return NULL;
    *start = (struct start){function, argument};
    if (system_now.create_thread(run, start))
        return (HANDLE)1;
    system_now.release(start);
    return NULL;
}

BOOL WINAPI CloseHandle(HANDLE object)
{
    (void)object;
    return TRUE;
}

void WINAPI Sleep(DWORD milliseconds)
{
    system_now.sleep(milliseconds);
}

void WINAPI AcquireSRWLockExclusive(PSRWLOCK lock)
{
    system_now.lock((uint32_t *)lock);
}

void WINAPI ReleaseSRWLockExclusive(PSRWLOCK lock)
{
    system_now.unlock((uint32_t *)lock);
}

/* Words of 32 bits, and times from now on. */
LONG WINAPI RtlWaitOnAddress(const void *address, const void *compare, SIZE_T size,
                             const LARGE_INTEGER *timeout)
{
    if (size != sizeof(uint32_t))
        __builtin_trap();
    system_now.wait(address, *(const uint32_t *)compare,
                    timeout ? (uint64_t)-timeout->QuadPart / 10000 : SYSTEM_FOREVER);
    return 0;
}

void WINAPI RtlWakeAddressSingle(const void *address)
{
    system_now.wake(address);
}

BOOLEAN WINAPI RtlDllShutdownInProgress(void)
{
    return system_now.shutdown;
}

void WINAPI GetSystemInfo(LPSYSTEM_INFO info)
{
    *info = (SYSTEM_INFO){.dwNumberOfProcessors = system_now.processors};
}

HANDLE WINAPI GetCurrentProcess(void)
{
    return (HANDLE)-1;
}

BOOL WINAPI GetProcessAffinityMask(HANDLE process, PDWORD_PTR mask, PDWORD_PTR system_mask)
{
    (void)process;
    *mask = *system_mask = ((DWORD_PTR)1 << system_now.processors) - 1;
    return TRUE;
}

BOOL WINAPI GetModuleHandleExW(DWORD flags, LPCWSTR name, HMODULE *module)
{
    (void)flags;
    (void)name;
    *module = NULL;
    return TRUE;
}
