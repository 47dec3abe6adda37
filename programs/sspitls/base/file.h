/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Files by a name in UTF-8. */
#ifndef SSPITLS_FILE_H
#define SSPITLS_FILE_H

#include <winsock2.h>
#include <windows.h>

#include "base/buffer.h"

/* An empty file to write to, or INVALID_HANDLE_VALUE with GetLastError set. */
HANDLE create_file(const char *path);
/* Whether create_file would make one; leaves everything as it is. GetLastError says why not. */
bool can_create_file(const char *path);
bool is_directory(const char *path);
/* Reads a whole file of at most `limit` bytes; false with GetLastError set. */
bool read_file(const char *path, size_t limit, struct buffer *content);
bool write_file(const char *path, const void *data, size_t size);

#endif
