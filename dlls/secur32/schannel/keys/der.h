/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The little DER that keys need: a writer that fills a buffer from its end to its beginning, so
 * that every length is known by the time its header is written, and a first look at what others
 * wrote.
 */
#ifndef ASYNCSSPI_DER_H
#define ASYNCSSPI_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum der_tag {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_SEQUENCE = 0x30,
    DER_CONTEXT_1 = 0xa1,
};

struct der {
    uint8_t *buffer;
    size_t size;  /* of buffer */
    size_t start; /* of what is written: buffer[start..size) */
    bool overflow;
};

enum der_order { DER_BIG_ENDIAN, DER_LITTLE_ENDIAN };

void der_init(struct der *der, uint8_t *buffer, size_t size);

/* Bytes written so far; the argument of der_wrap for what is written from here on. */
size_t der_mark(const struct der *der);

/* Puts bytes in front of what is there. */
void der_bytes(struct der *der, const void *data, size_t size);

/* Puts a tag and the length of everything written since mark in front of it. */
void der_wrap(struct der *der, enum der_tag tag, size_t mark);

/* A whole element around bytes. */
void der_element(struct der *der, enum der_tag tag, const void *data, size_t size);

/* Whether these bytes begin as a SEQUENCE does whose first element is an INTEGER. */
bool der_is_numbered_sequence(const uint8_t *data, size_t size);

/* A non-negative INTEGER from bytes in the given order, in its shortest form. */
void der_integer(struct der *der, const uint8_t *data, size_t size, enum der_order order);

#endif
