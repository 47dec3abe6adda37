/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The process heap, where FreeContextBuffer and programs look for what they were given.
 */
#ifndef ASYNCSSPI_MEMORY_H
#define ASYNCSSPI_MEMORY_H

#include <windows.h>

/* Zeroed memory; NULL: out of memory. */
static inline void *heap_zalloc(SIZE_T size)
{
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
}

/* NULL is accepted. */
static inline void heap_free(void *memory)
{
    HeapFree(GetProcessHeap(), 0, memory);
}

#endif
