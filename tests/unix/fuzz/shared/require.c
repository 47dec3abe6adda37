/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See fuzz/shared/require.h.
 */
#include "fuzz/shared/require.h"

#include <stdio.h>
#include <stdlib.h>

void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "violated: %s\n", what);
    abort();
}
