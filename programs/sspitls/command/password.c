/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passwords from the environment, a file or standard input. */
#include "command/password.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#define FILE_LIMIT 65536

static bool read_variable(const char *name, struct buffer *content)
{
    WCHAR *wide = wide_text(name), value[1024];
    const DWORD length = wide ? GetEnvironmentVariableW(wide, value, ARRAYSIZE(value)) : 0;
    char text[4 * ARRAYSIZE(value)];
    bool ok = length && length < ARRAYSIZE(value);

    free(wide);
    if (ok) {
        WideCharToMultiByte(CP_UTF8, 0, value, -1, text, sizeof(text), NULL, NULL);
        ok = buffer_append_text(content, text);
        SecureZeroMemory(text, sizeof(text));
        SecureZeroMemory(value, sizeof(value));
    } else {
        report("--pass: there is no variable %s", name);
    }
    return ok;
}

/* Byte by byte: what stands behind the line is data. */
static bool read_input_line(struct buffer *content)
{
    const HANDLE input = GetStdHandle(STD_INPUT_HANDLE);
    char byte;
    DWORD got;

    while (content->size < FILE_LIMIT && ReadFile(input, &byte, 1, &got, NULL) && got) {
        if (!buffer_append(content, &byte, 1))
            return false;
        if (byte == '\n')
            return true;
    }
    if (!content->size)
        report("--pass: standard input has no line");
    return content->size > 0;
}

static bool read_source(const char *source, struct buffer *content)
{
    if (!strncmp(source, "pass:", 5))
        return buffer_append_text(content, source + 5);
    if (!strncmp(source, "env:", 4))
        return read_variable(source + 4, content);
    if (!strcmp(source, "stdin"))
        return read_input_line(content);
    if (strncmp(source, "file:", 5)) {
        /* It may be the password itself. */
        report("--pass: neither pass:PASSWORD, env:VARIABLE, file:FILE nor stdin");
        return false;
    }
    if (read_file(source + 5, FILE_LIMIT, content))
        return true;
    report_system(source + 5, GetLastError());
    return false;
}

bool password_get(const char *source, char **password)
{
    struct buffer content = {0};
    bool ok = read_source(source, &content) && buffer_append(&content, "", 1);

    *password = NULL;
    if (ok) {
        content.data[strcspn((char *)content.data, "\r\n")] = 0;
        *password = strdup((char *)content.data);
    }
    buffer_free(&content);
    return *password != NULL;
}

void password_free(char *password)
{
    if (password)
        SecureZeroMemory(password, strlen(password));
    free(password);
}
