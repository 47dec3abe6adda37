/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The heap and pages, from the system's memory.
 */
#include <windows.h>
#include <string.h>

#include "system/system.h"

HANDLE WINAPI GetProcessHeap(void)
{
    return NULL;
}

LPVOID WINAPI HeapAlloc(HANDLE heap, DWORD flags, SIZE_T size)
{
    void *memory = system_now.allocate(size, 16);

    (void)heap;
    if (memory && !(flags & HEAP_ZERO_MEMORY))
        memset(memory, 0xcd, size);
    return memory;
}

BOOL WINAPI HeapFree(HANDLE heap, DWORD flags, LPVOID memory)
{
    (void)heap;
    (void)flags;
    system_now.release(memory);
    return TRUE;
}

LPVOID WINAPI VirtualAlloc(LPVOID address, SIZE_T size, DWORD type, DWORD protection)
{
    (void)address;
    (void)type;
    (void)protection;
    return system_now.allocate(size, 4096);
}

BOOL WINAPI VirtualFree(LPVOID address, SIZE_T size, DWORD type)
{
    (void)size;
    (void)type;
    system_now.release(address);
    return TRUE;
}
