/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "kit/hello.h"

#define RECORD_DATA 16384

static size_t get16(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 8 | bytes[1];
}

static void add_number(struct queue *queue, unsigned int size, size_t value)
{
    while (size--) {
        const uint8_t byte = (uint8_t)(value >> 8 * size);

        queue_add(queue, &byte, 1);
    }
}

struct queue hello_with(const struct queue *hello, size_t suites, uint16_t extension,
                        const void *extension_body, size_t extension_size)
{
    const uint8_t *version = hello->data + 9, *id = version + 34, *list = id + 1 + id[0];
    const uint8_t *compression = list + 2 + get16(list);
    const uint8_t *extensions = compression + 1 + compression[0];
    struct queue body = {0}, result = {0};

    queue_add(&body, version, (size_t)(list - version));
    add_number(&body, 2, get16(list) + 2 * suites);
    queue_add(&body, list + 2, get16(list));
    while (suites--)
        add_number(&body, 2, 0x7a7a);
    queue_add(&body, compression, 1u + compression[0]);
    add_number(&body, 2, get16(extensions) + 4 + extension_size);
    queue_add(&body, extensions + 2, get16(extensions));
    add_number(&body, 2, extension);
    add_number(&body, 2, extension_size);
    queue_add(&body, extension_body, extension_size);

    for (size_t done = 0, size; done < body.size; done += size) {
        const size_t header = done ? 0 : 4, room = RECORD_DATA - header;

        size = body.size - done < room ? body.size - done : room;
        queue_add(&result, "\x16\x03\x01", 3);
        add_number(&result, 2, header + size);
        if (header) {
            add_number(&result, 1, 1);
            add_number(&result, 3, body.size);
        }
        queue_add(&result, body.data + done, size);
    }
    queue_free(&body);
    return result;
}

const uint8_t *hello_answer_extension(const uint8_t *data, size_t size, uint16_t extension,
                                      size_t *body_size)
{
    size_t at = 5 + 4 + 34, end;

    if (size <= at || data[0] != 22 || data[5] != 2)
        return NULL;
    at += 1u + data[at] + 2 + 1; /* session id, suite, compression */
    if (at + 2 > size)
        return NULL;
    end = at + 2 + get16(data + at);
    for (at += 2; at + 4 <= end && end <= size; at += 4 + *body_size) {
        *body_size = get16(data + at + 2);
        if (get16(data + at) == extension)
            return data + at + 4;
    }
    return NULL;
}
