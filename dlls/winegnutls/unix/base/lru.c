/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "unix/base/lru.h"

#include <stddef.h>

static void unlink_entry(struct lru *list, struct lru_entry *entry)
{
    struct lru_entry **link = &list->first;

    while (*link != entry)
        link = &(*link)->next;
    *link = entry->next;
}

static void put_first(struct lru *list, struct lru_entry *entry)
{
    entry->next = list->first;
    list->first = entry;
}

void lru_add(struct lru *list, struct lru_entry *entry)
{
    entry->references = 1;
    put_first(list, entry);
}

void lru_take(struct lru *list, struct lru_entry *entry)
{
    if (!entry->references++)
        list->unused--;
    unlink_entry(list, entry);
    put_first(list, entry);
}

struct lru_entry *lru_release(struct lru *list, struct lru_entry *entry)
{
    struct lru_entry *oldest = NULL;

    if (--entry->references)
        return NULL;
    unlink_entry(list, entry);
    put_first(list, entry);
    if (++list->unused <= list->max_unused)
        return NULL;
    for (entry = list->first; entry; entry = entry->next)
        if (!entry->references)
            oldest = entry;
    unlink_entry(list, oldest);
    list->unused--;
    return oldest;
}
