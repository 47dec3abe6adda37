/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Texts: every byte is a character, and letters have two forms from A to Z.
 */
#include "windows/text.h"

size_t wide_length(const WCHAR *text, size_t most)
{
    size_t length = 0;

    while (length < most && text[length])
        length++;
    return length;
}

size_t wide_text_length(const WCHAR *text)
{
    return wide_length(text, SIZE_MAX);
}

static int upper(WCHAR character)
{
    return character >= 'a' && character <= 'z' ? character - 'a' + 'A' : character;
}

INT WINAPI CompareStringOrdinal(const WCHAR *one, INT one_size, const WCHAR *two, INT two_size,
                                WINBOOL ignore_case)
{
    if (one_size < 0)
        one_size = (INT)wide_text_length(one);
    if (two_size < 0)
        two_size = (INT)wide_text_length(two);
    if (one_size != two_size)
        return one_size < two_size ? CSTR_LESS_THAN : CSTR_GREATER_THAN;
    for (INT i = 0; i < one_size; i++) {
        int difference = ignore_case ? upper(one[i]) - upper(two[i]) : one[i] - two[i];

        if (difference)
            return difference < 0 ? CSTR_LESS_THAN : CSTR_GREATER_THAN;
    }
    return CSTR_EQUAL;
}

int WINAPI MultiByteToWideChar(UINT page, DWORD flags, LPCCH text, int size, LPWSTR wide,
                               int wide_size)
{
    (void)page;
    (void)flags;
    if (size < 0)
        for (size = 1; text[size - 1]; size++)
            ;
    if (!wide_size)
        return size;
    if (size > wide_size)
        return 0;
    for (int i = 0; i < size; i++)
        wide[i] = (BYTE)text[i];
    return size;
}

int WINAPI WideCharToMultiByte(UINT page, DWORD flags, LPCWCH wide, int size, LPSTR text,
                               int text_size, LPCCH unknown, LPBOOL was_unknown)
{
    (void)page;
    (void)flags;
    (void)unknown;
    (void)was_unknown;
    if (size < 0)
        size = (int)wide_text_length(wide) + 1;
    if (!text_size)
        return size;
    if (size > text_size)
        return 0;
    for (int i = 0; i < size; i++)
        text[i] = (char)wide[i];
    return size;
}
