/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/text.h"
#include "core/memory.h"

SEC_WCHAR *wide_from_ansi(const char *text)
{
    SEC_WCHAR *wide;
    int length;

    if (!text)
        return NULL;
    length = MultiByteToWideChar(CP_ACP, 0, text, -1, NULL, 0);
    wide = heap_zalloc(length * sizeof(*wide));
    if (wide)
        MultiByteToWideChar(CP_ACP, 0, text, -1, wide, length);
    return wide;
}

char *ansi_from_wide(const SEC_WCHAR *text)
{
    char *ansi;
    int size;

    if (!text)
        return NULL;
    size = WideCharToMultiByte(CP_ACP, 0, text, -1, NULL, 0, NULL, NULL);
    ansi = heap_zalloc(size);
    if (ansi)
        WideCharToMultiByte(CP_ACP, 0, text, -1, ansi, size, NULL, NULL);
    return ansi;
}
