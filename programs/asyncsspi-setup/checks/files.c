/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See checks/files.h. */
#include "checks/files.h"

#include <string.h>

#define CHUNK 4096

/* Behind the header of DOS. */
#define MARK_OFFSET 64

static HANDLE open_file(const WCHAR *path)
{
    return CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                       NULL, OPEN_EXISTING, 0, NULL);
}

bool is_there(const WCHAR *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

bool is_wines(const WCHAR *path)
{
    static const char *const marks[] = {"Wine builtin DLL", "Wine placeholder DLL"};
    HANDLE file = open_file(path);
    char start[MARK_OFFSET + 32] = {0};
    DWORD got = 0;

    if (file == INVALID_HANDLE_VALUE)
        return false;
    ReadFile(file, start, sizeof(start) - 1, &got, NULL);
    CloseHandle(file);
    for (size_t i = 0; i < ARRAYSIZE(marks); i++) {
        if (!memcmp(start + MARK_OFFSET, marks[i], strlen(marks[i])))
            return true;
    }
    return false;
}

bool are_equal(const WCHAR *one, const WCHAR *two)
{
    HANDLE files[2] = {open_file(one), open_file(two)};
    BYTE data[2][CHUNK];
    DWORD got[2] = {0, 0};
    bool equal = files[0] != INVALID_HANDLE_VALUE && files[1] != INVALID_HANDLE_VALUE;

    do {
        for (int i = 0; i < 2 && equal; i++)
            equal = ReadFile(files[i], data[i], CHUNK, &got[i], NULL);
        equal = equal && got[0] == got[1] && !memcmp(data[0], data[1], got[0]);
    } while (equal && got[0]);
    for (int i = 0; i < 2; i++) {
        if (files[i] != INVALID_HANDLE_VALUE)
            CloseHandle(files[i]);
    }
    return equal;
}
