/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A growing run of bytes. */
#ifndef SSPITLS_BUFFER_H
#define SSPITLS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    unsigned char *data; /* the first byte that was not consumed */
    size_t size;
    size_t capacity;     /* room from `data` on */
    unsigned char *base; /* what was allocated */
};

/* Makes room for `more` bytes behind the used ones; false when out of memory. */
bool buffer_reserve(struct buffer *buffer, size_t more);
bool buffer_append(struct buffer *buffer, const void *data, size_t size);
bool buffer_append_text(struct buffer *buffer, const char *text);
/* printf at the end of the buffer, without its NUL. */
bool buffer_printf(struct buffer *buffer, const char *format, ...)
    __attribute__((format(gnu_printf, 2, 3)));
/* Drops the first `size` bytes. */
void buffer_consume(struct buffer *buffer, size_t size);
/* Wipes and releases; the buffer can be used again. */
void buffer_free(struct buffer *buffer);

#endif
