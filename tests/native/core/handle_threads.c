/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handle table: whoever looks a handle up sees its object whole, and each object is destroyed
 * once, behind the last use in any thread. tests/programs/handle_stress.c has what needs no
 * sanitizer.
 */
#include "core/object.h"
#include "kit/crew.h"
#include "kit/report.h"
#include "system/system.h"

#include <stdatomic.h>

#define THREADS 4
#define ROUNDS  20000
#define HANDLES 16 /* that all threads share */

/* No atomics: what protects it is under test. */
struct thing {
    struct object object;
    unsigned int number, check; /* number + check == 100 */
};

static atomic_uint made, destroyed;

static void destroy(struct object *object)
{
    struct thing *thing = (struct thing *)object;

    check(thing->number + thing->check == 100, "destroyed once");
    thing->number = thing->check = 0;
    atomic_fetch_add_explicit(&destroyed, 1, memory_order_relaxed);
    system_now.release(thing);
}

static SECURITY_STATUS make(unsigned int number, SecHandle *handle)
{
    struct thing *thing = system_now.allocate(sizeof(*thing), 16);
    SECURITY_STATUS status;

    thing->object = (struct object){.kind = OBJECT_CONTEXT, .destroy = destroy};
    thing->number = number;
    thing->check = 100 - number;
    status = handle_open(&thing->object, false, handle);
    if (status == SEC_E_OK)
        atomic_fetch_add_explicit(&made, 1, memory_order_relaxed);
    else
        system_now.release(thing);
    return status;
}

/*
 * Handles in words that all threads read and write, without any order: a thread may see a handle
 * before, or after, its time, but never something else in its place.
 */
static struct {
    _Atomic(ULONG_PTR) lower, upper;
} board[HANDLES];

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 16;
}

static void play(unsigned int number, void *argument)
{
    uint32_t seed = number + 1;

    (void)argument;
    for (unsigned int i = 0; i < ROUNDS; i++) {
        unsigned int place = next_random(&seed) % HANDLES;
        SecHandle handle = {
            atomic_load_explicit(&board[place].lower, memory_order_relaxed),
            atomic_load_explicit(&board[place].upper, memory_order_relaxed),
        };
        struct thing *thing = (struct thing *)handle_acquire(&handle, OBJECT_CONTEXT);

        if (thing) {
            check(thing->number + thing->check == 100, "an object that is whole");
            if (next_random(&seed) % 4 == 0)
                handle_close(&thing->object);
            object_release(&thing->object);
        } else if (make(next_random(&seed) % 100, &handle) == SEC_E_OK) {
            atomic_store_explicit(&board[place].lower, handle.dwLower, memory_order_relaxed);
            atomic_store_explicit(&board[place].upper, handle.dwUpper, memory_order_relaxed);
        }
    }
}

static void many_threads(void)
{
    crew(THREADS, play, NULL);
    check(atomic_load(&made) > ROUNDS / 10, "%u made", atomic_load(&made));
    check(atomic_load(&destroyed) <= atomic_load(&made), "%u destroyed", atomic_load(&destroyed));
    check(atomic_load(&destroyed) > ROUNDS / 20, "%u destroyed", atomic_load(&destroyed));
}

/* One handle, closed by all at once, in use meanwhile. */
static atomic_uint closed;

static void close_it(unsigned int number, void *argument)
{
    struct thing *thing = (struct thing *)handle_acquire(argument, OBJECT_CONTEXT);

    (void)number;
    if (!thing)
        return;
    check(thing->number == 42, "the object");
    if (handle_close(&thing->object))
        atomic_fetch_add_explicit(&closed, 1, memory_order_relaxed);
    check(handle_is_closed(&thing->object), "closed");
    object_release(&thing->object);
}

static void closed_by_all(void)
{
    for (unsigned int i = 0; i < 500; i++) {
        unsigned int before = atomic_load(&destroyed);
        SecHandle handle;

        atomic_store(&closed, 0);
        check(make(42, &handle) == SEC_E_OK, "made");
        crew(THREADS, close_it, &handle);
        check(atomic_load(&closed) == 1, "closed %u times", atomic_load(&closed));
        check(atomic_load(&destroyed) == before + 1, "destroyed once");
        check(!handle_acquire(&handle, OBJECT_CONTEXT), "no handle any more");
    }
}

static bool drop(const SecHandle *handle)
{
    struct object *object = handle_acquire(handle, OBJECT_CONTEXT);

    if (!object)
        return false;
    handle_close(object);
    object_release(object);
    return true;
}

static void *no_pages(size_t size, size_t alignment)
{
    return alignment >= 4096 ? NULL : system_linux.allocate(size, alignment);
}

/* Of a fresh table: its first piece of memory holds 1024 objects. */
static void memory_runs_out(void)
{
    static SecHandle handles[1024];
    SecHandle handle;

    system_now.allocate = no_pages;
    check(make(1, &handle) == SEC_E_INSUFFICIENT_MEMORY, "no memory at all");
    system_now.allocate = system_linux.allocate;
    check(make(1, &handles[0]) == SEC_E_OK, "memory");
    system_now.allocate = no_pages;
    for (unsigned int i = 1; i < 1024; i++)
        check(make(1, &handles[i]) == SEC_E_OK, "number %u", i);
    check(make(1, &handle) == SEC_E_INSUFFICIENT_MEMORY, "no memory for more");
    system_now.allocate = system_linux.allocate;
    check(make(1, &handle) == SEC_E_OK && drop(&handle), "memory again");
    for (unsigned int i = 0; i < 1024; i++)
        check(drop(&handles[i]), "number %u is still one", i);
    check(atomic_load(&destroyed) == 1025, "%u destroyed", atomic_load(&destroyed));
    atomic_store(&made, 0);
    atomic_store(&destroyed, 0);
}

int main(void)
{
    RUN(memory_runs_out);
    RUN(many_threads);
    RUN(closed_by_all);
    return report_summary();
}
