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

bool is_counted_text(const SECURITY_STRING *text)
{
    if (text->Length % sizeof(*text->Buffer) || text->Length > text->MaximumLength || !text->Buffer)
        return false;
    for (SIZE_T i = 0; i < text->Length / sizeof(*text->Buffer); i++)
        if (!text->Buffer[i])
            return false;
    return true;
}

SECURITY_STATUS wide_from_counted(const SECURITY_STRING *text, SECURITY_STATUS malformed,
                                  SEC_WCHAR **copy)
{
    *copy = NULL;
    if (!text || (!text->Length && !text->Buffer))
        return SEC_E_OK;
    if (!is_counted_text(text))
        return malformed;
    *copy = heap_zalloc(text->Length + sizeof(**copy));
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
