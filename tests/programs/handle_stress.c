/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handle table by itself: what a handle may be, when it stops being one, and many threads that
 * open, look up and close at the same time, with stale and made-up handles among the good ones.
 */
#include "secur32/core/handle.c"
#include <process.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Atomic(unsigned int) passed, failed;

#define ok(condition, ...) check(condition, __LINE__, __VA_ARGS__)

static void __attribute__((format(printf, 3, 4)))
check(bool condition, int line, const char *format, ...)
{
    va_list arguments;

    if (condition) {
        passed++;
        return;
    }
    failed++;
    printf("line %d: ", line);
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    puts("");
}

#define ALIVE 0x600df00d
#define DEAD  0xdeadbeef

struct thing {
    struct object object;
    _Atomic(unsigned int) state;
};

static _Atomic(unsigned int) made, destroyed, damaged;

static void destroy_thing(struct object *object)
{
    struct thing *thing = (struct thing *)object;

    if (atomic_exchange(&thing->state, DEAD) != ALIVE)
        damaged++;
    destroyed++;
    free(thing);
}

static struct thing *new_thing(enum object_kind kind)
{
    struct thing *thing = calloc(1, sizeof(*thing));

    if (!thing)
        abort();
    thing->object.kind = kind;
    thing->object.destroy = destroy_thing;
    thing->state = ALIVE;
    made++;
    return thing;
}

static struct thing *open_thing(enum object_kind kind, SecHandle *handle)
{
    struct thing *thing = new_thing(kind);

    if (handle_open(&thing->object, true, handle) < 0)
        abort();
    return thing;
}

static bool same(const SecHandle *a, const SecHandle *b)
{
    return a->dwLower == b->dwLower && a->dwUpper == b->dwUpper;
}

static bool is_special(const SecHandle *handle)
{
    return !handle->dwLower || !handle->dwUpper || handle->dwLower >= SEC_DELETED_HANDLE ||
           handle->dwUpper >= SEC_DELETED_HANDLE;
}

static bool resolves(const SecHandle *handle)
{
    for (int kind = 0; kind < 4; kind++)
        if (handle_acquire(handle, kind))
            return true;
    return false;
}

static void test_life(void)
{
    SecHandle handle, again;
    struct thing *thing = open_thing(OBJECT_CONTEXT, &handle);

    ok(!is_special(&handle), "special handle handed out");
    handle_value(&thing->object, &again);
    ok(same(&handle, &again), "another value the second time");
    ok(!handle_acquire(&handle, OBJECT_CREDENTIALS), "found as another kind");
    ok(handle_acquire(&handle, OBJECT_CONTEXT) == &thing->object, "not found");
    object_release(&thing->object);
    ok(!handle_is_closed(&thing->object), "closed too early");
    ok(handle_close(&thing->object), "not closed");
    ok(handle_is_closed(&thing->object), "not marked as closed");
    ok(!handle_close(&thing->object), "closed twice");
    ok(!resolves(&handle), "found after close");
    ok(thing->state == ALIVE, "destroyed while in use");
    object_reference(&thing->object);
    object_release(&thing->object);
    ok(destroyed == 0, "destroyed while in use");
    object_release(&thing->object);
    ok(destroyed == 1, "destroyed %u times", destroyed);
    ok(!resolves(&handle), "found after its end");
}

static void test_made_up_handles(void)
{
    static const ULONG_PTR values[] = {0,
                                       1,
                                       2,
                                       3,
                                       4,
                                       5,
                                       6,
                                       0x1000,
                                       0x7fffffff,
                                       0x80000000,
                                       0xffffffff,
                                       (ULONG_PTR)-1,
                                       (ULONG_PTR)-2};
    unsigned int count = sizeof(values) / sizeof(values[0]);
    SecHandle handle, wrong;
    struct thing *thing = open_thing(OBJECT_CREDENTIALS, &handle);

    ok(!handle_acquire(NULL, OBJECT_CONTEXT), "NULL found");
    for (unsigned int i = 0; i < count; i++) {
        for (unsigned int j = 0; j < count; j++) {
            wrong.dwLower = values[i];
            wrong.dwUpper = values[j];
            ok(!resolves(&wrong), "handle %u:%u found", i, j);
        }
        wrong = handle;
        wrong.dwUpper += values[i] + 1;
        ok(wrong.dwUpper == handle.dwUpper || !resolves(&wrong), "generation off by %u found", i);
    }
    for (unsigned int bit = 0; bit < 8 * sizeof(ULONG_PTR); bit++) {
        wrong = handle;
        wrong.dwLower ^= (ULONG_PTR)1 << bit;
        ok(!handle_acquire(&wrong, OBJECT_CREDENTIALS), "found with bit %u of dwLower wrong", bit);
        wrong = handle;
        wrong.dwUpper ^= (ULONG_PTR)1 << bit;
        ok(!handle_acquire(&wrong, OBJECT_CREDENTIALS), "found with bit %u of dwUpper wrong", bit);
    }
    handle_close(&thing->object);
    object_release(&thing->object);
}

#define REUSES 100000

static void test_reuse(void)
{
    static SecHandle old[REUSES];
    unsigned int wrong = 0, special = 0;

    for (unsigned int i = 0; i < REUSES; i++) {
        struct thing *thing = open_thing(OBJECT_CONTEXT, &old[i]);

        special += is_special(&old[i]);
        wrong += i && resolves(&old[i - 1]);
        handle_close(&thing->object);
        object_release(&thing->object);
    }
    for (unsigned int i = 0; i < REUSES; i++)
        wrong += resolves(&old[i]);
    ok(!wrong, "%u stale handles found", wrong);
    ok(!special, "%u special handles handed out", special);
}

#define MANY 50000

static void test_many(void)
{
    static SecHandle handles[MANY];
    static struct thing *things[MANY];
    unsigned int wrong = 0, stale = 0;

    for (unsigned int i = 0; i < MANY; i++)
        things[i] = open_thing(i % 2 ? OBJECT_CONTEXT : OBJECT_CREDENTIALS, &handles[i]);
    for (unsigned int i = 0; i < MANY; i++) {
        struct object *object = handle_acquire(&handles[i], things[i]->object.kind);

        wrong += object != &things[i]->object;
        if (object)
            object_release(object);
    }
    for (unsigned int i = 0; i < MANY; i++) {
        handle_close(&things[i]->object);
        object_release(&things[i]->object);
        stale += resolves(&handles[i]);
    }
    ok(!wrong, "%u of %u handles name another object", wrong, MANY);
    ok(!stale, "%u of %u handles stay open", stale, MANY);
}

static void test_last_generation(void)
{
    SecHandle handle, last;
    struct thing *thing = open_thing(OBJECT_CONTEXT, &handle);
    struct slot *slot = thing->object.slot;
    uint32_t first = first_generation(slot->number);
    uint64_t word = slot->word;

    /* As if it had been used for every generation but the last one. */
    slot->word = (word & 0xffffffffu) | (uint64_t)(first - 1) << GENERATION_BITS;
    handle_value(&thing->object, &last);
    ok(!is_special(&last), "special handle handed out");
    handle_close(&thing->object);
    object_release(&thing->object);
    ok(!resolves(&last), "found after its end");
    thing = open_thing(OBJECT_CONTEXT, &handle);
    ok(thing->object.slot != slot, "a slot that is used up was taken again");
    handle_close(&thing->object);
    object_release(&thing->object);

    ok(usable_generation(0) == 1, "generation 0 is usable");
    ok(usable_generation(UINT32_MAX) == 1, "generation ~0 is usable");
    ok(usable_generation(UINT32_MAX - 1) == 1, "generation ~1 is usable");
    ok(usable_generation(UINT32_MAX - 2) == UINT32_MAX - 2, "generation ~2 is not usable");
}

/*
 * Threads. The handles lie in places that all threads read and replace. The two halves of a place
 * are written one after the other: a torn handle is one more handle that must not be found.
 */
#define THREADS 8
#define PLACES  48
#define ROUNDS  1000000

static struct {
    _Atomic(ULONG_PTR) lower, upper;
} places[PLACES];

static _Atomic(unsigned int) found, wrong_object, wrong_close, handles_open;

static unsigned int next_random(unsigned int *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

static void use_handle(const SecHandle *handle, enum object_kind kind, bool close)
{
    struct object *object = handle_acquire(handle, kind);
    SecHandle value;

    if (!object)
        return;
    found++;
    handle_value(object, &value);
    if (((struct thing *)object)->state != ALIVE || object->kind != kind || !same(handle, &value))
        wrong_object++;
    if (close && handle_close(object))
        handles_open--;
    if (close && (!handle_is_closed(object) || handle_close(object)))
        wrong_close++;
    object_release(object);
}

static unsigned __stdcall work(void *argument)
{
    unsigned int random = 2463534242u + (unsigned int)(ULONG_PTR)argument * 7919;
    SecHandle stale = {0, 0};

    for (unsigned int round = 0; round < ROUNDS; round++) {
        unsigned int place = next_random(&random) % PLACES;
        enum object_kind kind = place % 2 ? OBJECT_CONTEXT : OBJECT_CREDENTIALS;
        SecHandle handle = {places[place].lower, places[place].upper};

        switch (next_random(&random) % 8) {
        case 0:
            use_handle(&handle, kind, true);
            handles_open++;
            object_release(&open_thing(kind, &handle)->object);
            stale.dwLower = atomic_exchange(&places[place].lower, handle.dwLower);
            stale.dwUpper = atomic_exchange(&places[place].upper, handle.dwUpper);
            use_handle(&stale, kind, true);
            break;
        case 1:
            use_handle(&handle, kind, true);
            break;
        case 2:
            use_handle(&stale, kind, false);
            break;
        case 3:
            handle.dwLower = next_random(&random) % 4096;
            handle.dwUpper = next_random(&random);
            use_handle(&handle, OBJECT_CONTEXT, false);
            break;
        default:
            use_handle(&handle, kind, false);
            break;
        }
    }
    return 0;
}

/* Closes what is left, also handles that lost their place in a race. */
static void close_all(void)
{
    for (uint32_t number = 0; number < free_slots.used; number++) {
        struct slot *slot = slot_at(number);

        if ((slot->word & REFERENCE_MASK) && !(slot->word & CLOSED)) {
            struct object *object = slot->object;

            object_reference(object);
            handle_close(object);
            handles_open--;
            object_release(object);
        }
    }
}

static void leave_thing(struct object *object)
{
    if (atomic_exchange(&((struct thing *)object)->state, DEAD) != ALIVE)
        damaged++;
}

/*
 * Slots taken and given back in changing order, as fast as can be: the stack of free slots. The
 * objects are not allocated, because the heap's lock would keep the threads apart.
 */
static unsigned __stdcall churn(void *argument)
{
    unsigned int random = 88172645u + (unsigned int)(ULONG_PTR)argument * 104729;
    struct thing things[4] = {0};
    SecHandle handles[4];

    for (unsigned int round = 0; round < ROUNDS; round++) {
        unsigned int count = next_random(&random) % 4 + 1, first = next_random(&random);

        for (unsigned int i = 0; i < count; i++) {
            things[i].object.kind = OBJECT_CONTEXT;
            things[i].object.destroy = leave_thing;
            things[i].state = ALIVE;
            if (handle_open(&things[i].object, true, &handles[i]) < 0)
                abort();
        }
        for (unsigned int i = 0; i < count; i++)
            wrong_object += things[i].object.slot->object != &things[i].object;
        for (unsigned int i = 0; i < count; i++) {
            struct thing *thing = &things[(first + i) % count];

            wrong_close += !handle_close(&thing->object);
            object_release(&thing->object);
        }
    }
    return 0;
}

static void run(unsigned(__stdcall *function)(void *))
{
    HANDLE threads[THREADS];

    for (unsigned int i = 0; i < THREADS; i++)
        threads[i] = (HANDLE)_beginthreadex(NULL, 0, function, (void *)(ULONG_PTR)i, 0, NULL);
    WaitForMultipleObjects(THREADS, threads, TRUE, INFINITE);
    for (unsigned int i = 0; i < THREADS; i++)
        CloseHandle(threads[i]);
}

static void test_threads(void)
{
    unsigned int busy = 0;

    run(churn);
    ok(!wrong_object, "%u handles name another object", wrong_object);
    ok(!wrong_close, "%u handles closed by another", wrong_close);
    run(work);
    ok(found > ROUNDS, "only %u handles found", found);
    ok(!wrong_object, "%u times another object found", wrong_object);
    ok(!wrong_close, "%u handles open after close, or closed twice", wrong_close);
    close_all();
    ok(!handles_open, "%d handles closed too seldom or too often", (int)handles_open);
    ok(made == destroyed, "%u objects made, %u destroyed", made, destroyed);
    ok(!damaged, "%u objects destroyed twice", damaged);
    for (uint32_t number = 0; number < free_slots.used; number++)
        busy += (slot_at(number)->word & (CLOSED | REFERENCE_MASK)) != CLOSED;
    ok(!busy, "%u slots not given back", busy);
}

int main(void)
{
    test_life();
    test_made_up_handles();
    test_reuse();
    test_many();
    test_last_generation();
    test_threads();
    handle_table_free();
    printf("%u passed, %u failed, 0 skipped\n", passed, failed);
    return failed != 0;
}
