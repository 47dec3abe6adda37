/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Requests of HTTP/1: the first line, and the fields that a test server heeds. */
#include "server/request.h"

#include <string.h>

#include "base/number.h"

size_t request_header(const unsigned char *data, size_t size)
{
    const unsigned char *end = data + size;

    if (size >= 3 && !memcmp(end - 3, "\n\r\n", 3))
        return size - 2;
    return size >= 2 && !memcmp(end - 2, "\n\n", 2) ? size - 1 : 0;
}

/* Two lengths that differ are none. */
static bool parse_length(struct request *request, const char *value)
{
    const unsigned long long before = request->length;
    const bool again = request->has_length;

    request->has_length = true;
    return read_number(value, &value, REQUEST_MOST, &request->length) &&
           !value[strspn(value, " \t")] && (!again || request->length == before);
}

/* false: the request cannot be understood. */
static bool parse_field(struct request *request, const char *line)
{
    const char *value = strchr(line, ':');

    if (!value)
        return true;
    value += 1 + strspn(value + 1, " \t");
    if (!_strnicmp(line, "Content-Length:", 15))
        return parse_length(request, value);
    else if (!_strnicmp(line, "Connection:", 11))
        request->keep_alive =
            _stricmp(value, "close") && (request->version_1_1 || !_stricmp(value, "keep-alive"));
    else if (!_strnicmp(line, "Expect:", 7))
        request->expect_continue = !_stricmp(value, "100-continue");
    else if (!_strnicmp(line, "Transfer-Encoding:", 18))
        request->chunked = true;
    return true;
}

/* Cuts the next line off, that ends with LF or CRLF; NULL: there is none. */
static char *take_line(char **text)
{
    char *line = *text, *end = strchr(line, '\n');

    if (!end)
        return NULL;
    *text = end + 1;
    if (end > line && end[-1] == '\r')
        end--;
    *end = 0;
    return line;
}

bool request_parse(struct request *request, char *text, size_t size)
{
    char *line, *version;

    memset(request, 0, sizeof(*request));
    /* A NUL would hide what follows, the end of the line among it. */
    if (memchr(text, 0, size) || !(line = take_line(&text)))
        return false;
    request->method = line;
    request->path = strchr(line, ' ');
    if (!request->path)
        return false;
    *request->path++ = 0;
    version = strchr(request->path, ' ');
    if (!version || strncmp(version, " HTTP/1.", 8) || request->path[0] != '/')
        return false;
    *version = 0;
    request->version_1_1 = version[8] != '0';
    request->keep_alive = request->version_1_1;
    while ((line = take_line(&text))) {
        if (!parse_field(request, line))
            return false;
    }
    return true;
}

bool request_is_inside(const char *path)
{
    return !strstr(path, "..") && !strpbrk(path, "\\:%*?\"<>|");
}
