/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/secrets.h"

#include <bcrypt.h>

#include "wine/test.h"

struct secret secret_of(const void *bytes, DWORD size)
{
    struct secret secret = {.size = size};

    for (DWORD i = 0; i < size; i++)
        secret.inverted[i] = (BYTE) ~((const BYTE *)bytes)[i];
    return secret;
}

struct secret secret_take(void *bytes, DWORD size)
{
    struct secret secret = secret_of(bytes, size);

    SecureZeroMemory(bytes, size);
    return secret;
}

void secret_make(void *bytes, DWORD size)
{
    NTSTATUS status = BCryptGenRandom(NULL, bytes, size, BCRYPT_USE_SYSTEM_PREFERRED_RNG);

    ok(!status, "no random bytes: %#lx\n", status);
}

static BOOL stands_at(const BYTE *at, const struct secret *secret)
{
    for (DWORD i = 0; i < secret->size; i++)
        if ((at[i] ^ secret->inverted[i]) != 0xff)
            return FALSE;
    return TRUE;
}

static unsigned int places_in(const BYTE *at, const BYTE *end, const struct secret *secret)
{
    unsigned int places = 0;

    for (; at + secret->size <= end; at++)
        if ((*at ^ secret->inverted[0]) == 0xff && stands_at(at, secret))
            places++;
    return places;
}

/* A heap that is not the process's: secur32 has none, but the C runtime may. There Wine's rsaenh
 * leaves a copy of the primes, in the order of DER, of each key that it reads. */
static BOOL is_other_heap(const void *base)
{
    HANDLE heaps[64];
    const DWORD count = GetProcessHeaps(ARRAY_SIZE(heaps), heaps);

    for (DWORD i = 0; i < count && i < ARRAY_SIZE(heaps); i++)
        if (heaps[i] == base)
            return base != GetProcessHeap();
    return FALSE;
}

/* The next range of memory, from `at` on, that can be written to. */
static BOOL next_range(const BYTE *at, MEMORY_BASIC_INFORMATION *range)
{
    for (; VirtualQuery(at, range, sizeof(*range));
         at = (BYTE *)range->BaseAddress + range->RegionSize)
        if (range->State == MEM_COMMIT && !is_other_heap(range->AllocationBase) &&
            (range->Protect == PAGE_READWRITE || range->Protect == PAGE_EXECUTE_READWRITE))
            return TRUE;
    return FALSE;
}

unsigned int secret_places(const struct secret *secret)
{
    MEMORY_BASIC_INFORMATION range;
    const BYTE *at = NULL;
    unsigned int places = 0;

    for (; next_range(at, &range); at = (BYTE *)range.BaseAddress + range.RegionSize)
        places +=
            places_in(range.BaseAddress, (BYTE *)range.BaseAddress + range.RegionSize, secret);
    return places;
}

/* Says where it stands. */
static void trace_places(const struct secret *secret)
{
    MEMORY_BASIC_INFORMATION range;
    const BYTE *at = NULL;

    for (; next_range(at, &range); at = (BYTE *)range.BaseAddress + range.RegionSize) {
        const BYTE *end = (BYTE *)range.BaseAddress + range.RegionSize;

        for (at = range.BaseAddress; at + secret->size <= end; at++)
            if ((*at ^ secret->inverted[0]) == 0xff && stands_at(at, secret))
                trace("at %p, of the %#lx bytes at %p that were allocated at %p\n", at,
                      (DWORD)range.RegionSize, range.BaseAddress, range.AllocationBase);
    }
}

void secret_check_places(const struct secret *secret, unsigned int expected, const char *what)
{
    const unsigned int places = secret_places(secret);

    ok(places == expected || broken(!winetest_platform_is_wine),
       "%s stands in %u places, not in %u\n", what, places, expected);
    if (places != expected)
        trace_places(secret);
}

BOOL secret_in(const struct secret *secret, const void *bytes, SIZE_T size)
{
    return places_in(bytes, (const BYTE *)bytes + size, secret) > 0;
}

void secret_clear_stack(void)
{
    BYTE room[64 * 1024];

    SecureZeroMemory(room, sizeof(room));
}
