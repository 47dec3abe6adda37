/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include <valgrind/callgrind.h>

#include "collect.h"

void collect_begin(void)
{
    CALLGRIND_TOGGLE_COLLECT;
}

void collect_end(void)
{
    CALLGRIND_TOGGLE_COLLECT;
}

void collect_dump(const char *name, unsigned int count)
{
    char text[64];

    snprintf(text, sizeof(text), "%s %u", name, count);
    CALLGRIND_DUMP_STATS_AT(text);
}
