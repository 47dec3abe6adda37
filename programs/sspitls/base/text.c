/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text conversion. */
#include "base/text.h"

#include <stdlib.h>

WCHAR *wide_text(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    WCHAR *wide = malloc(size * sizeof(*wide));

    if (wide)
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, size);
    return wide;
}

void clean_text(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
    }
}
