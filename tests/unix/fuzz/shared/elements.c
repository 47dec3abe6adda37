/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See fuzz/shared/elements.h.
 */
#include "fuzz/shared/elements.h"

#include <string.h>

#define MAX_DEPTH   24
#define MAX_CHANGES 8

static void put_header(struct queue *out, uint8_t tag, size_t size)
{
    const uint8_t bytes[] = {tag, 0x83, (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};
    int octets = size < 0x80 ? 0 : size < 0x100 ? 1 : size < 0x10000 ? 2 : 3;
    uint8_t count = (uint8_t)(0x80 | octets);

    queue_add(out, &tag, 1);
    if (octets)
        queue_add(out, &count, 1);
    queue_add(out, bytes + 5 - (octets ? octets : 1), octets ? (size_t)octets : 1);
}

void element_put(struct queue *out, uint8_t tag, const void *content, size_t size)
{
    put_header(out, tag, size);
    queue_add(out, content, size);
}

void element_wrap(struct queue *out, size_t start, uint8_t tag)
{
    struct queue content = {0};

    if (out->size > start)
        queue_add(&content, out->data + start, out->size - start);
    out->size = start;
    element_put(out, tag, content.data, content.size);
    queue_free(&content);
}

bool element_look(const uint8_t *data, size_t size, size_t *header, size_t *whole)
{
    size_t length, octets, i;

    if (size < 2)
        return false;
    length = data[1];
    octets = length & 0x80 ? length & 0x7f : 0;
    *header = 2 + octets;
    if (octets > 3 || *header > size)
        return false;
    if (octets)
        for (length = 0, i = 0; i < octets; i++)
            length = length << 8 | data[2 + i];
    *whole = *header + length;
    return *whole <= size;
}

struct change {
    unsigned int element; /* in the order of their beginnings, the whole being number 0 */
    uint8_t action, tag;
    const uint8_t *bytes;
    size_t size;
};

static bool is_constructed(const uint8_t *data, size_t header, size_t whole)
{
    size_t inner_header, inner_whole;

    if (data[0] & 0x20)
        return true;
    /* Extensions are elements within an octet string. */
    return data[0] == 0x04 &&
           element_look(data + header, whole - header, &inner_header, &inner_whole) &&
           inner_whole == whole - header;
}

static void copy_changed(struct queue *out, const uint8_t *data, size_t size, unsigned int *number,
                         const struct change *change, unsigned int depth);

static void apply(struct queue *out, const uint8_t *data, size_t header, size_t whole,
                  const struct change *change)
{
    switch (change->action & 7) {
    case 0: /* other content */
        element_put(out, data[0], change->bytes, change->size);
        break;
    case 1: /* another kind */
        element_put(out, change->tag, data + header, whole - header);
        break;
    case 2: /* left out */
        break;
    case 3: /* twice */
        queue_add(out, data, whole);
        queue_add(out, data, whole);
        break;
    case 4: /* something in front */
        element_put(out, change->tag, change->bytes, change->size);
        queue_add(out, data, whole);
        break;
    case 5: /* other bytes */
        queue_add(out, change->bytes, change->size);
        break;
    case 6: /* something behind its content */
        put_header(out, data[0], whole - header + change->size);
        queue_add(out, data + header, whole - header);
        queue_add(out, change->bytes, change->size);
        break;
    default: /* a length that is wrong */
        put_header(out, data[0], whole - header + change->tag);
        queue_add(out, data + header, whole - header);
        break;
    }
}

static void copy_changed(struct queue *out, const uint8_t *data, size_t size, unsigned int *number,
                         const struct change *change, unsigned int depth)
{
    size_t header, whole, start;

    while (size) {
        if (depth > MAX_DEPTH || !element_look(data, size, &header, &whole)) {
            queue_add(out, data, size);
            return;
        }
        if ((*number)++ == change->element) {
            apply(out, data, header, whole, change);
        } else if (is_constructed(data, header, whole)) {
            start = out->size;
            copy_changed(out, data + header, whole - header, number, change, depth + 1);
            element_wrap(out, start, data[0]);
        } else {
            queue_add(out, data, whole);
        }
        data += whole;
        size -= whole;
    }
}

void elements_change(struct queue *part, const struct queue *original, const uint8_t *data,
                     size_t size)
{
    unsigned int changes, number;

    queue_add(part, original->data, original->size);
    for (changes = 0; size >= 4 && changes < MAX_CHANGES; changes++) {
        struct change change = {data[0], data[1], data[2], data + 4, data[3]};
        struct queue next = {0};

        if (change.size > size - 4)
            change.size = size - 4;
        data += 4 + change.size;
        size -= 4 + change.size;
        number = 0;
        copy_changed(&next, part->data, part->size, &number, &change, 0);
        queue_free(part);
        *part = next;
    }
}
