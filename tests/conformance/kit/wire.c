/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking into TLS records for tests, see kit/wire.h.
 */
#include "kit/wire.h"

#define HELLO_RANDOM_END (WIRE_HEADER_SIZE + 4 + 2 + 32)

static DWORD read16(const BYTE *bytes)
{
    return bytes[0] << 8 | bytes[1];
}

DWORD wire_record_size(const BYTE *bytes, DWORD size)
{
    DWORD record_size;

    if (size < WIRE_HEADER_SIZE)
        return 0;
    record_size = WIRE_HEADER_SIZE + read16(bytes + 3);
    return record_size <= size ? record_size : 0;
}

BOOL wire_is_records(const BYTE *bytes, DWORD size)
{
    while (size) {
        const DWORD record_size = wire_record_size(bytes, size);

        if (!record_size)
            return FALSE;
        bytes += record_size;
        size -= record_size;
    }
    return TRUE;
}

const BYTE *wire_hello_extension(const BYTE *bytes, DWORD size, WORD type, DWORD *body_size)
{
    DWORD at = HELLO_RANDOM_END, end;

    *body_size = 0;
    size = wire_record_size(bytes, size);
    if (size < HELLO_RANDOM_END + 1 || bytes[0] != WIRE_HANDSHAKE || bytes[WIRE_HEADER_SIZE] != 1)
        return NULL;
    at += 1 + bytes[at]; /* session id */
    if (at + 2 > size)
        return NULL;
    at += 2 + read16(bytes + at); /* cipher suites */
    if (at + 1 > size)
        return NULL;
    at += 1 + bytes[at]; /* compression */
    if (at + 2 > size)
        return NULL;
    end = at + 2 + read16(bytes + at);
    if (end > size)
        return NULL;
    for (at += 2; at + 4 <= end; at += 4 + read16(bytes + at + 2)) {
        if (read16(bytes + at) != type)
            continue;
        *body_size = read16(bytes + at + 2);
        return at + 4 + *body_size <= end ? bytes + at + 4 : NULL;
    }
    return NULL;
}
