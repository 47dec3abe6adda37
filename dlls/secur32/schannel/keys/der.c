/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Writes DER back to front: content first, then the header that states its length. Running out of
 * room sets `overflow` and writes nothing more, so that callers check once, at the end.
 */
#include "schannel/keys/der.h"

#include <string.h>

void der_init(struct der *der, uint8_t *buffer, size_t size)
{
    der->buffer = buffer;
    der->size = size;
    der->start = size;
    der->overflow = false;
}

size_t der_mark(const struct der *der)
{
    return der->size - der->start;
}

void der_bytes(struct der *der, const void *data, size_t size)
{
    if (der->overflow || size > der->start) {
        der->overflow = true;
        return;
    }
    der->start -= size;
    if (size)
        memcpy(der->buffer + der->start, data, size);
}

static void der_byte(struct der *der, uint8_t value)
{
    der_bytes(der, &value, 1);
}

void der_wrap(struct der *der, enum der_tag tag, size_t mark)
{
    size_t length = der_mark(der) - mark;
    unsigned int octets = 0;

    if (length < 0x80) {
        der_byte(der, (uint8_t)length);
    } else {
        for (; length; length >>= 8, octets++)
            der_byte(der, (uint8_t)length);
        der_byte(der, (uint8_t)(0x80 | octets));
    }
    der_byte(der, (uint8_t)tag);
}

void der_element(struct der *der, enum der_tag tag, const void *data, size_t size)
{
    size_t mark = der_mark(der);

    der_bytes(der, data, size);
    der_wrap(der, tag, mark);
}

bool der_is_numbered_sequence(const uint8_t *data, size_t size)
{
    size_t length, start = 2;

    if (size < start || data[0] != DER_SEQUENCE)
        return false;
    length = data[1];
    if (length & 0x80) {
        size_t octets = length & 0x7f;

        if (!octets || octets > sizeof(uint32_t) || octets > size - start)
            return false;
        for (length = 0; octets; octets--)
            length = length << 8 | data[start++];
    }
    return length && start < size && data[start] == DER_INTEGER;
}

/* The byte of weight 256^index. */
static uint8_t integer_byte(const uint8_t *data, size_t size, size_t index, enum der_order order)
{
    return order == DER_LITTLE_ENDIAN ? data[index] : data[size - 1 - index];
}

void der_integer(struct der *der, const uint8_t *data, size_t size, enum der_order order)
{
    size_t mark = der_mark(der);

    while (size > 1 && !integer_byte(data, size, size - 1, order)) {
        /* Drop the most significant byte: the last in little-endian order, else the first. */
        if (order == DER_BIG_ENDIAN)
            data++;
        size--;
    }
    for (size_t i = 0; i < size; i++)
        der_byte(der, integer_byte(data, size, i, order));
    if (!size || integer_byte(data, size, size - 1, order) & 0x80)
        der_byte(der, 0);
    der_wrap(der, DER_INTEGER, mark);
}
