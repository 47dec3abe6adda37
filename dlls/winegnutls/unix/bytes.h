/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers as TLS writes them: most significant byte first. */
#ifndef BYTES_H
#define BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline void store16(uint8_t *bytes, size_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static inline void store64(uint8_t *bytes, uint64_t value)
{
    int i;

    for (i = 7; i >= 0; i--, value >>= 8)
        bytes[i] = (uint8_t)value;
}

static inline size_t load24(const uint8_t *bytes)
{
    return (size_t)bytes[0] << 16 | (size_t)bytes[1] << 8 | bytes[2];
}

static inline uint64_t load64(const uint8_t *bytes)
{
    uint64_t value = 0;
    int i;

    for (i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return value;
}

#endif
