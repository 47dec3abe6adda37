/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Linux's own threads, locks, futexes, memory and clock.
 *
 * Locks are made of atomics here, because a sanitizer follows those; sleeping and waking are bare
 * system calls, which it does not see: as on Windows, they promise no order of memory.
 */
#include "system/system.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { FREE, HELD, WAITED_FOR }; /* a lock's word */

struct start {
    void (*function)(void *argument);
    void *argument;
};

static struct timespec after(uint64_t milliseconds)
{
    return (struct timespec){.tv_sec = (time_t)(milliseconds / 1000),
                             .tv_nsec = (long)(milliseconds % 1000) * 1000000};
}

static void wait_on(const uint32_t *word, uint32_t value, uint64_t milliseconds)
{
    struct timespec timeout = after(milliseconds);

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value,
            milliseconds == SYSTEM_FOREVER ? NULL : &timeout, NULL, 0);
}

static void wake(const uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void lock(uint32_t *lock)
{
    uint32_t state = FREE;

    if (__atomic_compare_exchange_n(lock, &state, HELD, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return;
    while (__atomic_exchange_n(lock, WAITED_FOR, __ATOMIC_ACQUIRE) != FREE)
        wait_on(lock, WAITED_FOR, SYSTEM_FOREVER);
}

static void unlock(uint32_t *lock)
{
    if (__atomic_exchange_n(lock, FREE, __ATOMIC_RELEASE) == WAITED_FOR)
        wake(lock);
}

static void *allocate(size_t size, size_t alignment)
{
    void *memory;

    if (posix_memalign(&memory, alignment, size ? size : 1))
        return NULL;
    return memset(memory, 0, size);
}

static void *run(void *argument)
{
    struct start start = *(struct start *)argument;

    free(argument);
    start.function(start.argument);
    return NULL;
}

static bool create_thread(void (*function)(void *argument), void *argument)
{
    struct start *start = malloc(sizeof(*start));
    pthread_t thread;

    if (!start)
        return false;
    *start = (struct start){function, argument};
    if (pthread_create(&thread, NULL, run, start)) {
        free(start);
        return false;
    }
    pthread_detach(thread);
    return true;
}

static void sleep_for(uint64_t milliseconds)
{
    struct timespec time = after(milliseconds);

    nanosleep(&time, NULL);
}

#define LINUX                                                                                      \
    {                                                                                              \
        .create_thread = create_thread, .processors = 4, .lock = lock, .unlock = unlock,           \
        .wait = wait_on, .wake = wake, .allocate = allocate, .release = free, .sleep = sleep_for   \
    }

const struct system system_linux = LINUX;
struct system system_now = LINUX;
