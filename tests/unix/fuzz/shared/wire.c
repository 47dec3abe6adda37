/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See fuzz/shared/wire.h.
 */
#include "fuzz/shared/wire.h"

#include <string.h>

void wire_change(struct queue *wire, const uint8_t change[WIRE_CHANGE_SIZE])
{
    size_t where = (size_t)change[0] << 8 | change[1];
    uint8_t value = change[3];

    if (!wire->size)
        return;
    where %= wire->size;
    switch (change[2] & 7) {
    case 0:
        wire->data[where] ^= value;
        break;
    case 1:
        wire->data[where] = value;
        break;
    case 2:
        queue_drop(wire, where);
        break;
    case 3:
        wire->size = where;
        break;
    case 4: /* repeat a part of it at the end */
        if (wire->size < 100000) {
            uint8_t copy[256];
            size_t part = wire->size - where < value ? wire->size - where : value;

            memcpy(copy, wire->data + where, part);
            queue_add(wire, copy, part);
        }
        break;
    case 5: { /* a record in front */
        uint8_t record[5 + 255] = {(uint8_t)(20 + change[1] % 5), 3, 3, 0, value};
        struct queue whole = {0};

        memset(record + 5, change[0], value);
        queue_add(&whole, record, 5u + value);
        queue_add(&whole, wire->data, wire->size);
        queue_free(wire);
        *wire = whole;
        break;
    }
    default: /* leave it: this leg passes */
        break;
    }
}
