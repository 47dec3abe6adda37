/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sleeping on a word in memory: a futex under Wine, without wineserver and without a kernel object.
 */
#ifndef ASYNCSSPI_WAIT_H
#define ASYNCSSPI_WAIT_H

#include <windows.h>
#include <stdatomic.h>

/* ntdll's functions behind WaitOnAddress and WakeByAddressSingle, Windows 8 and later. */
NTSYSAPI LONG WINAPI RtlWaitOnAddress(const void *address, const void *compare, SIZE_T size,
                                      const LARGE_INTEGER *timeout);
NTSYSAPI void WINAPI RtlWakeAddressSingle(const void *address);
NTSYSAPI BOOLEAN WINAPI RtlDllShutdownInProgress(void);

/*
 * Sleeps while *word is value, until woken or, with milliseconds other than INFINITE, that long.
 * May return early: call it in a loop.
 */
static inline void wait_word(_Atomic(LONG) *word, LONG value, DWORD milliseconds)
{
    LARGE_INTEGER relative = {.QuadPart = -10000ll * milliseconds};

    RtlWaitOnAddress((const void *)word, &value, sizeof(value),
                     milliseconds == INFINITE ? NULL : &relative);
}

/* Wakes one thread that sleeps on word; *word itself need not exist any more. */
static inline void wake_word(_Atomic(LONG) *word)
{
    RtlWakeAddressSingle((const void *)word);
}

#endif
