/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Standard input line by line. */
#include "base/lines.h"

#include <winsock2.h>
#include <windows.h>
#include <string.h>

#define READ_SIZE 4096u
#define LONGEST   65536u

const char *lines_next(struct lines *lines, size_t *size)
{
    struct buffer *waiting = &lines->waiting;
    const char *end;
    DWORD got;

    buffer_consume(waiting, lines->given);
    lines->given = 0;
    lines->in_middle = lines->unended;
    for (;;) {
        end = waiting->size ? memchr(waiting->data, '\n', waiting->size) : NULL;
        if (end)
            lines->given = end + 1 - (const char *)waiting->data;
        else if (lines->ended || waiting->size >= LONGEST)
            lines->given = waiting->size;
        if (lines->given || lines->ended) {
            lines->unended = !end;
            *size = lines->given;
            return lines->given ? (const char *)waiting->data : NULL;
        }
        if (!buffer_reserve(waiting, READ_SIZE) ||
            !ReadFile(GetStdHandle(STD_INPUT_HANDLE), waiting->data + waiting->size, READ_SIZE,
                      &got, NULL) ||
            !got)
            lines->ended = true;
        else
            waiting->size += got;
    }
}

char lines_command(const struct lines *lines)
{
    const char *line = (const char *)lines->waiting.data;
    size_t size = lines->given;

    while (size && (line[size - 1] == '\n' || line[size - 1] == '\r'))
        size--;
    return size == 1 && !lines->in_middle && line[0] >= 'A' && line[0] <= 'Z' ? line[0] : 0;
}

void lines_free(struct lines *lines)
{
    buffer_free(&lines->waiting);
}
