/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated data that can be checked wherever a piece of it begins. */
#include "base/pattern.h"

#include <string.h>
#include <windows.h>

#define CHUNK         16384
/* The pattern for any offset lies in one table, from offset modulo the period on. */
#define PATTERN_TABLE (CHUNK + PATTERN_PERIOD)

static const unsigned char *pattern_table(void)
{
    static unsigned char table[PATTERN_TABLE];
    static volatile LONG ready;

    /* Several threads may fill it at the same time: with the same values. */
    if (!ready) {
        for (unsigned i = 0; i < PATTERN_TABLE; i++)
            table[i] = i % PATTERN_PERIOD;
        InterlockedExchange(&ready, 1);
    }
    return table;
}

void pattern_fill(unsigned char *bytes, unsigned long long offset, size_t size)
{
    const unsigned char *table = pattern_table();
    size_t now;

    for (; size; size -= now, bytes += now, offset += now) {
        now = min(size, CHUNK);
        memcpy(bytes, table + offset % PATTERN_PERIOD, now);
    }
}

bool pattern_matches(const unsigned char *bytes, unsigned long long offset, size_t size)
{
    const unsigned char *table = pattern_table();
    size_t now;

    for (; size; size -= now, bytes += now, offset += now) {
        now = min(size, CHUNK);
        if (memcmp(bytes, table + offset % PATTERN_PERIOD, now))
            return false;
    }
    return true;
}
