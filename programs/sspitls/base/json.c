/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON, put together in memory: several threads may have a line to write. */
#include "base/json.h"

#include <math.h>

#include "base/error.h"

static void append(struct json *json, const char *text)
{
    json->failed |= !buffer_append_text(&json->text, text);
}

static void append_quoted(struct json *json, const char *text)
{
    char escape[8];

    append(json, "\"");
    for (; *text; text++) {
        const unsigned char byte = (unsigned char)*text;

        if (byte == '"' || byte == '\\')
            snprintf(escape, sizeof(escape), "\\%c", byte);
        else if (byte < ' ')
            snprintf(escape, sizeof(escape), "\\u%04x", byte);
        else
            snprintf(escape, sizeof(escape), "%c", byte);
        append(json, escape);
    }
    append(json, "\"");
}

static void begin_value(struct json *json, const char *name)
{
    if (json->text.size && !json->first)
        append(json, ", ");
    json->first = false;
    if (name) {
        append_quoted(json, name);
        append(json, ": ");
    }
}

void json_begin(struct json *json, const char *name, char bracket)
{
    const char text[] = {bracket, 0};

    begin_value(json, name);
    append(json, text);
    json->first = true;
}

void json_end(struct json *json, char bracket)
{
    const char text[] = {bracket, 0};

    append(json, text);
    json->first = false;
}

void json_text(struct json *json, const char *name, const char *text)
{
    begin_value(json, name);
    if (text)
        append_quoted(json, text);
    else
        append(json, "null");
}

void json_number(struct json *json, const char *name, double number)
{
    char text[32];

    begin_value(json, name);
    snprintf(text, sizeof(text), number == floor(number) ? "%.0f" : "%.3f", number);
    append(json, text);
}

void json_boolean(struct json *json, const char *name, bool value)
{
    begin_value(json, name);
    append(json, value ? "true" : "false");
}

FILE *json_open(const char *path)
{
    FILE *file = *path ? fopen(path, "wb") : stdout;

    if (!file)
        report("%s: cannot be written", path);
    return file;
}

void json_write(struct json *json, FILE *file)
{
    if (json->failed)
        report("--json: no memory");
    else
        fprintf(file, "%.*s\n", (int)json->text.size, (const char *)json->text.data);
    fflush(file);
    buffer_free(&json->text);
}
