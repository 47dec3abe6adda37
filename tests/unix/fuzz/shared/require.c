/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See require.h.
 */
#include "require.h"

#include <stdio.h>
#include <stdlib.h>

void require(bool condition, const char *what)
{
    if (condition)
        return;
    fprintf(stderr, "violated: %s\n", what);
    abort();
}
