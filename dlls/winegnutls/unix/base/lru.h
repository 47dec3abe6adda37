/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A list of counted objects that are found again, of which the last few stay without a user.
 *
 * An object begins with its struct lru_entry. All functions are called with the list's lock held;
 * what lru_release hands back is out of the list, and for the caller to destroy behind the lock.
 */
#ifndef UNIX_BASE_LRU_H
#define UNIX_BASE_LRU_H

#include <pthread.h>

struct lru_entry {
    struct lru_entry *next;
    unsigned int references;
};

struct lru {
    pthread_mutex_t lock;
    struct lru_entry *first; /* the most recently taken or released */
    unsigned int unused;     /* entries without a reference */
    unsigned int max_unused; /* so many of them are kept */
};

/* Adds a new entry with one reference. */
void lru_add(struct lru *list, struct lru_entry *entry);
/* Another reference to an entry of the list. */
void lru_take(struct lru *list, struct lru_entry *entry);
/* One reference less: NULL, or the entry that nobody has used for the longest time. */
struct lru_entry *lru_release(struct lru *list, struct lru_entry *entry);

#endif
