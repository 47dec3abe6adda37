/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * tests/hybrids.so, to be preloaded: the installed GnuTLS becomes one with hybrid groups, or one
 * without, as ASYNCSSPI_TEST_HYBRIDS says (1 or 0). What is asked of it goes to the file that
 * ASYNCSSPI_TEST_PRIORITIES names, a line each.
 */
#include <stdio.h>
#include <stdlib.h>

#include "gnutls/hybrids.h"

bool hybrids_are_there(void)
{
    const char *said = getenv("ASYNCSSPI_TEST_HYBRIDS");

    return said && *said == '1';
}

void hybrids_asked_for(const char *priority)
{
    const char *name = getenv("ASYNCSSPI_TEST_PRIORITIES");
    FILE *file = name ? fopen(name, "a") : NULL;

    if (!file)
        return;
    fprintf(file, "%s\n", priority);
    fclose(file);
}
