/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory of contexts, kept for the next one.
 *
 * The process heap has one lock for all threads and takes a tenth of the time that creating and
 * deleting a context needs. So a few contexts' memory is kept, wiped, each piece in a cell with a
 * cache line of its own. A thread looks into the cell its number leads to first, and is mostly the
 * only one there.
 *
 * Long target names are rare: their contexts come from the heap and go back to it.
 */
#include "schannel/calls/spare.h"
#include "schannel/base/context.h"

#include <stdatomic.h>

#define CELLS       16
#define TARGET_ROOM 128 /* bytes of a target name that fit into kept memory */

static struct {
    _Alignas(64) _Atomic(void *) memory;
} cells[CELLS];

static unsigned int first_cell(void)
{
    return GetCurrentThreadId() / 4; /* they are multiples of it */
}

struct schannel_context *spare_take(SIZE_T target_size)
{
    SIZE_T size = sizeof(struct schannel_context) + max(target_size, TARGET_ROOM);
    struct schannel_context *context = NULL;

    for (unsigned int i = 0, cell = first_cell(); !context && i < CELLS; i++, cell++) {
        if (target_size <= TARGET_ROOM &&
            atomic_load_explicit(&cells[cell % CELLS].memory, memory_order_relaxed))
            context = atomic_exchange(&cells[cell % CELLS].memory, NULL);
    }
    if (!context)
        context = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
    if (context)
        context->kept = target_size <= TARGET_ROOM;
    return context;
}

void spare_give(struct schannel_context *context)
{
    bool kept = context->kept;

    if (kept)
        RtlSecureZeroMemory(context, sizeof(*context) + TARGET_ROOM);
    for (unsigned int i = 0, cell = first_cell(); kept && i < CELLS; i++, cell++) {
        void *none = NULL;

        if (atomic_compare_exchange_strong(&cells[cell % CELLS].memory, &none, context))
            return;
    }
    HeapFree(GetProcessHeap(), 0, context);
}

void spare_free(void)
{
    for (unsigned int i = 0; i < CELLS; i++)
        HeapFree(GetProcessHeap(), 0, atomic_exchange(&cells[i].memory, NULL));
}
