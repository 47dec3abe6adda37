/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* JSON (RFC 8259), one value to a line, for what programs read. */
#ifndef SSPITLS_JSON_H
#define SSPITLS_JSON_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buffer.h"

struct json {
    struct buffer text;
    bool first;  /* no comma before what comes next */
    bool failed; /* no memory */
};

/* A value in an object has a name, one in a list has NULL, and so has the outermost. */
void json_begin(struct json *json, const char *name, char bracket);    /* '{' or '[' */
void json_end(struct json *json, char bracket);                        /* '}' or ']' */
void json_text(struct json *json, const char *name, const char *text); /* UTF-8; NULL: null */
void json_number(struct json *json, const char *name, double number);
void json_boolean(struct json *json, const char *name, bool value);

/* Where --json says: a file, or standard output for ""; NULL after a line on stderr. */
FILE *json_open(const char *path);
/* Writes what has been put together as one line, and releases it. */
void json_write(struct json *json, FILE *file);

#endif
