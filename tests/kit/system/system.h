/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The system below parts of secur32 that run as a Linux program: threads, locks, sleeping on a
 * word, memory, the clock. What Windows calls them stands in windows/; here are neither its types
 * nor its headers, so that tests of both sides can include this.
 *
 * Each of them is a hook: a test puts a function of its own in its place, before there are threads,
 * and calls the one of `system_linux` where it wants the real thing. So memory can run out, threads
 * can fail to start, time can be made to pass.
 */
#ifndef ASYNCSSPI_KIT_SYSTEM_H
#define ASYNCSSPI_KIT_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SYSTEM_FOREVER UINT64_MAX

struct system {
    /* Runs function(argument) in a thread that nobody waits for. False: there cannot be one. */
    bool (*create_thread)(void (*function)(void *argument), void *argument);
    unsigned int processors;

    /* A lock is a word of zero bits to begin with; not recursive. */
    void (*lock)(uint32_t *lock);
    void (*unlock)(uint32_t *lock);

    /*
     * Sleeps while *word is value, that many milliseconds at most; may return early. It orders
     * nothing: whoever sleeps here has to read the word by himself, and a sanitizer sees to that.
     */
    void (*wait)(const uint32_t *word, uint32_t value, uint64_t milliseconds);
    /* Wakes one thread that sleeps on word, which need not exist any more. */
    void (*wake)(const uint32_t *word);

    /* Zeroed memory at a multiple of alignment; NULL: there is none. */
    void *(*allocate)(size_t size, size_t alignment);
    void (*release)(void *memory);

    void (*sleep)(uint64_t milliseconds);

    /* The process ends: other threads may be gone. */
    bool shutdown;
};

/* Linux's own. */
extern const struct system system_linux;

/* What is in use: system_linux to begin with. */
extern struct system system_now;

#endif
