/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DER in both directions. Writing goes from the outside in: der_begin() remembers a place,
 * der_end() puts tag and length in front of everything that was appended since.
 */
#include "certificates/der.h"

#include <string.h>

static size_t encode_header(unsigned char header[6], unsigned char tag, size_t size)
{
    size_t used = 0;

    header[used++] = tag;
    if (size >= 0x10000) {
        header[used++] = 0x83;
        header[used++] = (unsigned char)(size >> 16);
        header[used++] = (unsigned char)(size >> 8);
    } else if (size >= 0x100) {
        header[used++] = 0x82;
        header[used++] = (unsigned char)(size >> 8);
    } else if (size >= 0x80) {
        header[used++] = 0x81;
    }
    header[used++] = (unsigned char)size;
    return used;
}

bool der_add(struct buffer *out, unsigned char tag, const void *content, size_t size)
{
    unsigned char header[6];
    size_t header_size = encode_header(header, tag, size);

    return buffer_append(out, header, header_size) && buffer_append(out, content, size);
}

size_t der_begin(struct buffer *out)
{
    return out->size;
}

bool der_end(struct buffer *out, size_t begin, unsigned char tag)
{
    unsigned char header[6];
    size_t size = out->size - begin;
    size_t header_size = encode_header(header, tag, size);

    if (!buffer_reserve(out, header_size))
        return false;
    memmove(out->data + begin + header_size, out->data + begin, size);
    memcpy(out->data + begin, header, header_size);
    out->size += header_size;
    return true;
}

bool der_add_number(struct buffer *out, const void *bytes, size_t size)
{
    const unsigned char *number = bytes;
    size_t begin = der_begin(out);
    static const unsigned char zero;

    while (size > 1 && !*number) {
        number++;
        size--;
    }
    /* A leading one bit would make the number negative. */
    if (number[0] & 0x80 && !buffer_append(out, &zero, 1))
        return false;
    return buffer_append(out, number, size) && der_end(out, begin, DER_INTEGER);
}

bool der_read(const unsigned char **at, const unsigned char *end, unsigned char *tag,
              const unsigned char **content, size_t *size)
{
    const unsigned char *next = *at;
    size_t length;
    unsigned count;

    if (end - next < 2)
        return false;
    *tag = *next++;
    length = *next++;
    if (length & 0x80) {
        count = length & 0x7f;
        if (!count || count > 3 || (size_t)(end - next) < count)
            return false;
        for (length = 0; count; count--)
            length = length << 8 | *next++;
    }
    if ((size_t)(end - next) < length)
        return false;
    *content = next;
    *size = length;
    *at = next + length;
    return true;
}
