/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See client/response.h. */
#include "client/response.h"

#include <limits.h>
#include <string.h>

#include "base/number.h"

size_t response_header(const unsigned char *data, size_t size, size_t seen)
{
    for (size_t i = seen > 3 ? seen : 3; i < size; i++) {
        if (!memcmp(data + i - 3, "\r\n\r\n", 4))
            return i + 1;
    }
    return 0;
}

static bool parse_length(const char *text, long long *length)
{
    unsigned long long number;

    text += strspn(text, " \t");
    if (!read_number(text, &text, LLONG_MAX, &number) || text[strspn(text, " \t")] != '\r')
        return false;
    *length = (long long)number;
    return true;
}

bool response_parse(struct response *response, char *text, size_t size)
{
    static const char name[] = "\r\ncontent-length:";
    unsigned long long status;
    const char *end;

    text[size - 1] = 0;
    response->length = -1;
    if (strncmp(text, "HTTP/1.", 7) || strlen(text) < 12 ||
        !read_number(text + 9, &end, 999, &status) || status < 100)
        return false;
    response->status = (unsigned)status;
    for (; *text; text++) {
        if (!_strnicmp(text, name, sizeof(name) - 1) &&
            !parse_length(text + sizeof(name) - 1, &response->length))
            return false;
    }
    return true;
}
