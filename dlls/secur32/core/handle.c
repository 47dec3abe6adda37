/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handle table.
 *
 * A handle is the number of a slot, the kind of its object and the slot's generation:
 *
 *     dwLower = slot number << 2 | kind        dwUpper = generation
 *
 * Everything about a slot's life is in one 64-bit word, changed by compare-and-swap:
 *
 *     generation (32) | closed (1) | kind (2) | references (29)
 *
 * so "is it this generation, open, of this kind? then count me in" is one step, and nobody can
 * take a reference on a slot that is being given back. The upper 35 bits of the word of an open
 * slot are exactly what a handle to it says; no other word has them. A slot fills a cache line of
 * its own: threads that work with different handles share nothing.
 *
 * Slots live in chunks of doubling size, allocated when first needed and kept until the DLL goes,
 * which is why a lookup may read any slot at any time. Freed slots form a stack; its head carries
 * a tag that changes with every push and pop, so that a head which came back meanwhile (A, B, A)
 * is not taken for an unchanged one.
 *
 * A slot's generations run from a start that depends on its number through all 32-bit values but
 * three, and then the slot is retired: a stale handle stays invalid for ever, and small numbers
 * that a program makes up are no handles.
 */
#include "core/object.h"

#include <stdatomic.h>
#include <stdint.h>

#define REFERENCE       1ull
#define REFERENCE_BITS  29
#define REFERENCE_MASK  ((1ull << REFERENCE_BITS) - 1)
#define CLOSED          (1ull << 31)
#define GENERATION_BITS 32 /* position of the generation in the word */

#define KIND_BITS 2
#define KIND_MASK 3u

#define FIRST_CHUNK_BITS 10 /* slots of the first chunk: 64 KiB, what VirtualAlloc gives out */
#define CHUNKS           15
#define FIRST_CHUNK      (1u << FIRST_CHUNK_BITS)
#define SLOTS            ((FIRST_CHUNK << CHUNKS) - FIRST_CHUNK)

struct slot {
    _Alignas(64) _Atomic(uint64_t) word;
    struct object *object; /* valid while there are references */
    uint32_t number;
    _Atomic(uint32_t) next_free; /* number + 1 of the slot below on the stack; 0: none */
};

_Static_assert(sizeof(struct slot) == 64, "a slot is one cache line");

static struct slot *_Atomic chunks[CHUNKS];

/* Both change only when handles are made and freed; apart from the chunks, which lookups read. */
static struct {
    _Alignas(64) _Atomic(uint64_t) head; /* tag (32) | number + 1 of the top slot (32) */
    _Atomic(uint32_t) used;              /* slots ever taken; the next fresh one's number */
} free_slots;

static unsigned int chunk_of(uint32_t number)
{
    return 31 - __builtin_clz(number + FIRST_CHUNK) - FIRST_CHUNK_BITS;
}

/* NULL where there is no memory yet. */
static struct slot *slot_at(uint32_t number)
{
    unsigned int chunk = chunk_of(number);
    struct slot *first = atomic_load_explicit(&chunks[chunk], memory_order_acquire);

    return first ? first + (number + FIRST_CHUNK - (FIRST_CHUNK << chunk)) : NULL;
}

static bool allocate_chunk(unsigned int chunk)
{
    struct slot *none = NULL, *memory;

    if (atomic_load_explicit(&chunks[chunk], memory_order_acquire))
        return true;
    memory = VirtualAlloc(NULL, sizeof(*memory) * ((SIZE_T)FIRST_CHUNK << chunk),
                          MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (!memory)
        return false;
    if (!atomic_compare_exchange_strong(&chunks[chunk], &none, memory))
        VirtualFree(memory, 0, MEM_RELEASE); /* another thread was faster */
    return true;
}

static uint32_t usable_generation(uint32_t generation)
{
    /* 0 would make a word like that of fresh memory; SecInvalidateHandle writes ~0 and
     * SEC_DELETED_HANDLE is ~1. */
    while (!generation || generation >= (uint32_t)SEC_DELETED_HANDLE)
        generation++;
    return generation;
}

static uint32_t first_generation(uint32_t number)
{
    return usable_generation((number + 1) * 2654435761u);
}

static struct slot *pop_free(void)
{
    uint64_t head = atomic_load_explicit(&free_slots.head, memory_order_acquire);

    while ((uint32_t)head) {
        struct slot *slot = slot_at((uint32_t)head - 1);
        uint32_t next = atomic_load_explicit(&slot->next_free, memory_order_relaxed);
        uint64_t below = ((head >> 32) + 1) << 32 | next;

        if (atomic_compare_exchange_weak_explicit(&free_slots.head, &head, below,
                                                  memory_order_acquire, memory_order_acquire))
            return slot;
    }
    return NULL;
}

static void push_free(struct slot *slot)
{
    uint64_t head = atomic_load_explicit(&free_slots.head, memory_order_relaxed);
    uint64_t top;

    do {
        atomic_store_explicit(&slot->next_free, (uint32_t)head, memory_order_relaxed);
        top = ((head >> 32) + 1) << 32 | (slot->number + 1);
    } while (!atomic_compare_exchange_weak_explicit(&free_slots.head, &head, top,
                                                    memory_order_release, memory_order_relaxed));
}

/* A slot that nobody used before. */
static struct slot *fresh_slot(void)
{
    uint32_t number = atomic_load_explicit(&free_slots.used, memory_order_relaxed);
    struct slot *slot;

    do {
        if (number >= SLOTS || !allocate_chunk(chunk_of(number)))
            return NULL;
    } while (!atomic_compare_exchange_weak(&free_slots.used, &number, number + 1));
    slot = slot_at(number);
    slot->number = number;
    atomic_store_explicit(&slot->word,
                          (uint64_t)first_generation(number) << GENERATION_BITS | CLOSED,
                          memory_order_relaxed);
    return slot;
}

static void give_back(struct slot *slot, uint32_t generation)
{
    uint32_t next = usable_generation(generation + 1);

    if (next == first_generation(slot->number))
        return; /* all generations used up: the slot stays closed */
    atomic_store_explicit(&slot->word, (uint64_t)next << GENERATION_BITS | CLOSED,
                          memory_order_release);
    push_free(slot);
}

/* The slot's handle while the slot is in this state. */
static SecHandle value_of(const struct object *object, uint64_t word)
{
    return (SecHandle){.dwLower = (ULONG_PTR)object->slot->number << KIND_BITS | object->kind,
                       .dwUpper = (ULONG_PTR)(word >> GENERATION_BITS)};
}

SECURITY_STATUS handle_open(struct object *object, bool with_reference, SecHandle *handle)
{
    struct slot *slot = pop_free();
    uint64_t word;

    if (!slot)
        slot = fresh_slot();
    if (!slot)
        return SEC_E_INSUFFICIENT_MEMORY;
    slot->object = object;
    object->slot = slot;
    word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    word = (word & ~CLOSED) | (uint64_t)object->kind << REFERENCE_BITS;
    word += with_reference ? 2 * REFERENCE : REFERENCE;
    /* The handle first: once the slot is open, whoever knows the value may destroy the object. */
    *handle = value_of(object, word);
    atomic_store_explicit(&slot->word, word, memory_order_release);
    return SEC_E_OK;
}

void handle_value(const struct object *object, SecHandle *handle)
{
    SecHandle value =
        value_of(object, atomic_load_explicit(&object->slot->word, memory_order_relaxed));

    if (handle->dwLower != value.dwLower || handle->dwUpper != value.dwUpper)
        *handle = value;
}

struct object *handle_acquire(const SecHandle *handle, enum object_kind kind)
{
    uint64_t word, wanted;
    struct slot *slot;

    if (!handle || (handle->dwLower & KIND_MASK) != (ULONG_PTR)kind ||
        handle->dwLower >> KIND_BITS >= SLOTS || handle->dwUpper > UINT32_MAX)
        return NULL;
    slot = slot_at((uint32_t)(handle->dwLower >> KIND_BITS));
    if (!slot)
        return NULL;
    wanted = (uint64_t)handle->dwUpper << GENERATION_BITS | (uint64_t)kind << REFERENCE_BITS;
    word = atomic_load_explicit(&slot->word, memory_order_relaxed);
    do {
        if ((word & ~REFERENCE_MASK) != wanted)
            return NULL;
    } while (!atomic_compare_exchange_weak_explicit(&slot->word, &word, word + REFERENCE,
                                                    memory_order_acquire, memory_order_relaxed));
    return slot->object;
}

bool handle_close(struct object *object)
{
    struct slot *slot = object->slot;
    uint64_t word = atomic_load_explicit(&slot->word, memory_order_relaxed);

    /* The caller's own reference keeps the count above zero. */
    do {
        if (word & CLOSED)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&slot->word, &word, (word | CLOSED) - REFERENCE,
                                                    memory_order_acq_rel, memory_order_relaxed));
    return true;
}

bool handle_is_closed(const struct object *object)
{
    return atomic_load_explicit(&object->slot->word, memory_order_relaxed) & CLOSED;
}

void object_reference(struct object *object)
{
    atomic_fetch_add_explicit(&object->slot->word, REFERENCE, memory_order_relaxed);
}

void object_release(struct object *object)
{
    struct slot *slot = object->slot;
    uint64_t before = atomic_fetch_sub_explicit(&slot->word, REFERENCE, memory_order_acq_rel);

    if ((before & REFERENCE_MASK) != REFERENCE)
        return;
    object->destroy(object);
    give_back(slot, (uint32_t)(before >> GENERATION_BITS));
}

void handle_table_free(void)
{
    for (unsigned int chunk = 0; chunk < CHUNKS; chunk++) {
        struct slot *memory = atomic_exchange(&chunks[chunk], NULL);

        if (memory)
            VirtualFree(memory, 0, MEM_RELEASE);
    }
    atomic_store(&free_slots.head, 0);
    atomic_store(&free_slots.used, 0);
}
