/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The list of Wine's packages, made when somebody first asks for it. As with the module itself
 * (delegate/delegate.c) no lock is held meanwhile; the first thread's list is kept, and so is the
 * result that there are none.
 */
#include "delegate/delegate_list.h"
#include "core/memory.h"
#include "core/package.h"
#include "delegate/delegate.h"
#include "delegate/delegate_package.h"

#include <stdatomic.h>

struct list {
    SecPkgInfoW *infos;
    unsigned int count;
    struct package packages[];
};

/* What is kept when Wine's secur32 is not there, or no memory for telling about it. */
static struct list none;

static struct list *_Atomic listed;

static struct list *describe(void)
{
    const SecurityFunctionTableW *table = delegate_table();
    SecPkgInfoW *infos = NULL;
    struct list *list;
    ULONG count = 0;

    if (!table)
        return NULL;
    if (table->EnumerateSecurityPackagesW(&count, &infos) < 0)
        count = 0;
    list = heap_zalloc(sizeof(*list) + count * sizeof(*list->packages));
    if (!list) {
        heap_free(infos);
        return NULL;
    }
    list->infos = infos;
    list->count = count;
    for (ULONG i = 0; i < count; i++) {
        list->packages[i].info = &infos[i];
        list->packages[i].operations = &delegate_operations;
    }
    return list;
}

static struct list *make(void)
{
    struct list *list = describe(), *winner = NULL;

    if (!list)
        list = &none;
    if (atomic_compare_exchange_strong(&listed, &winner, list))
        return list;
    if (list != &none) {
        heap_free(list->infos);
        heap_free(list);
    }
    return winner;
}

const struct package *delegate_packages(unsigned int *count)
{
    const struct list *list = atomic_load_explicit(&listed, memory_order_acquire);

    if (!list)
        list = make();
    *count = list->count;
    return list->packages;
}
