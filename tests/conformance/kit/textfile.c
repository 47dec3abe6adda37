/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/textfile.h"

#include <stdio.h>
#include <string.h>

void text_file_name(struct text_file *file, const char *what)
{
    char folder[MAX_PATH];

    GetTempPathA(sizeof(folder), folder);
    snprintf(file->path, sizeof(file->path), "%.200s\\asyncsspi-%s-%lu.log", folder, what,
             GetCurrentProcessId());
    DeleteFileA(file->path);
}

BOOL text_file_read(struct text_file *file)
{
    HANDLE handle = CreateFileA(file->path, GENERIC_READ,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                OPEN_EXISTING, 0, NULL);
    DWORD size = 0;

    if (handle != INVALID_HANDLE_VALUE) {
        ReadFile(handle, file->text, sizeof(file->text) - 1, &size, NULL);
        CloseHandle(handle);
    }
    file->text[size] = 0;
    return handle != INVALID_HANDLE_VALUE;
}

unsigned int text_file_count(const struct text_file *file, const char *one, const char *other)
{
    unsigned int count = 0;

    for (const char *line = file->text, *end; (end = strchr(line, '\n')); line = end + 1) {
        char copy[4096];

        snprintf(copy, sizeof(copy), "%.*s", (int)(end - line), line);
        count += strstr(copy, one) && strstr(copy, other);
    }
    return count;
}
