/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files by a name in UTF-8. */
#include "base/file.h"

#include <stdlib.h>

#include "base/text.h"

static HANDLE open_file(const char *path, DWORD access, DWORD disposition)
{
    WCHAR *wide = wide_text(path);
    HANDLE file;

    if (!wide) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return INVALID_HANDLE_VALUE;
    }
    file =
        CreateFileW(wide, access, FILE_SHARE_READ, NULL, disposition, FILE_ATTRIBUTE_NORMAL, NULL);
    free(wide);
    return file;
}

HANDLE create_file(const char *path)
{
    return open_file(path, GENERIC_WRITE, CREATE_ALWAYS);
}

bool can_create_file(const char *path)
{
    HANDLE file = open_file(path, GENERIC_WRITE, OPEN_ALWAYS);
    bool existed = GetLastError() == ERROR_ALREADY_EXISTS;
    WCHAR *wide;

    if (file == INVALID_HANDLE_VALUE)
        return false;
    CloseHandle(file);
    if (!existed && (wide = wide_text(path))) {
        DeleteFileW(wide);
        free(wide);
    }
    return true;
}

bool is_directory(const char *path)
{
    WCHAR *wide = wide_text(path);
    DWORD attributes = wide ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;

    free(wide);
    return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY;
}

bool read_file(const char *path, size_t limit, struct buffer *content)
{
    HANDLE file = open_file(path, GENERIC_READ, OPEN_EXISTING);
    LARGE_INTEGER size;
    DWORD got = 0;
    bool ok = false;

    if (file == INVALID_HANDLE_VALUE)
        return false;
    if (!GetFileSizeEx(file, &size))
        goto done;
    if (size.QuadPart > (LONGLONG)limit) {
        SetLastError(ERROR_FILE_TOO_LARGE);
        goto done;
    }
    if (!buffer_reserve(content, (size_t)size.QuadPart)) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        goto done;
    }
    ok = ReadFile(file, content->data + content->size, (DWORD)size.QuadPart, &got, NULL);
    content->size += got;
done:
    CloseHandle(file);
    return ok;
}

bool write_file(const char *path, const void *data, size_t size)
{
    HANDLE file = create_file(path);
    DWORD written;
    bool ok;

    if (file == INVALID_HANDLE_VALUE)
        return false;
    ok = WriteFile(file, data, (DWORD)size, &written, NULL) && written == size;
    CloseHandle(file);
    return ok;
}
