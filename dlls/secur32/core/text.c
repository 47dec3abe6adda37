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

SECURITY_STATUS wide_from_counted(const SECURITY_STRING *text, SECURITY_STATUS malformed,
                                  SEC_WCHAR **copy)
{
    SIZE_T length;

    *copy = NULL;
    if (!text || (!text->Length && !text->Buffer))
        return SEC_E_OK;
    length = text->Length / sizeof(**copy);
    if (text->Length % sizeof(**copy) || text->Length > text->MaximumLength || !text->Buffer)
        return malformed;
    for (SIZE_T i = 0; i < length; i++)
        if (!text->Buffer[i])
            return malformed;
    *copy = heap_zalloc((length + 1) * sizeof(**copy));
    if (!*copy)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(*copy, text->Buffer, text->Length);
    return SEC_E_OK;
}

SECURITY_STATUS wide_from(const void *text, enum text_form form, SECURITY_STATUS malformed,
                          SEC_WCHAR **copy)
{
    if (form == TEXT_COUNTED)
        return wide_from_counted(text, malformed, copy);
    *copy = wide_from_ansi(text);
    return text && !*copy ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}
