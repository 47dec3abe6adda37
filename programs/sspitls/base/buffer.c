/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Growing buffers. */
#include "base/buffer.h"

#include <winsock2.h>
#include <windows.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void release(struct buffer *buffer)
{
    if (buffer->base) {
        SecureZeroMemory(buffer->base, buffer->data - buffer->base + buffer->size);
        free(buffer->base);
    }
}

bool buffer_reserve(struct buffer *buffer, size_t more)
{
    size_t consumed = buffer->data - buffer->base;
    size_t capacity = max(buffer->capacity + consumed, 512);
    unsigned char *base;

    if (more <= buffer->capacity - buffer->size)
        return true;
    if (more > SIZE_MAX / 4 - buffer->size)
        return false;
    if (buffer->size + more <= buffer->capacity + consumed) {
        memmove(buffer->base, buffer->data, buffer->size);
        buffer->data = buffer->base;
        buffer->capacity += consumed;
        return true;
    }
    while (capacity < buffer->size + more)
        capacity *= 2;
    /* Not realloc: it could leave a copy of private keys behind. */
    base = malloc(capacity);
    if (!base)
        return false;
    if (buffer->size)
        memcpy(base, buffer->data, buffer->size);
    release(buffer);
    buffer->base = buffer->data = base;
    buffer->capacity = capacity;
    return true;
}

bool buffer_append(struct buffer *buffer, const void *data, size_t size)
{
    if (!buffer_reserve(buffer, size))
        return false;
    if (size)
        memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
    return true;
}

bool buffer_append_text(struct buffer *buffer, const char *text)
{
    return buffer_append(buffer, text, strlen(text));
}

bool buffer_printf(struct buffer *buffer, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (size < 0)
        return false;
    return buffer_append(buffer, text, min((size_t)size, sizeof(text) - 1));
}

void buffer_consume(struct buffer *buffer, size_t size)
{
    /* Nothing of a buffer that has no memory yet. */
    if (!size)
        return;
    buffer->size -= size;
    buffer->data += size;
    buffer->capacity -= size;
    if (!buffer->size) {
        buffer->capacity += buffer->data - buffer->base;
        buffer->data = buffer->base;
    }
}

void buffer_free(struct buffer *buffer)
{
    release(buffer);
    memset(buffer, 0, sizeof(*buffer));
}
