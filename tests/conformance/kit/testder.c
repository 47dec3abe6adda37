/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The DER writer of the tests, see kit/testder.h.
 */
#include "kit/testder.h"
#include <stdlib.h>
#include <string.h>

void der_init(struct der *der)
{
    der->start = sizeof(der->bytes);
}

const BYTE *der_data(const struct der *der)
{
    return der->bytes + der->start;
}

DWORD der_size(const struct der *der)
{
    return sizeof(der->bytes) - der->start;
}

DWORD der_mark(const struct der *der)
{
    return der->start;
}

void der_raw(struct der *der, const void *bytes, DWORD size)
{
    /* Only test data comes here; a buffer too small for it is a mistake in the test. */
    if (size > der->start)
        abort();
    der->start -= size;
    memcpy(der->bytes + der->start, bytes, size);
}

void der_wrap(struct der *der, BYTE tag, DWORD mark)
{
    const DWORD size = mark - der->start;
    BYTE header[5];
    DWORD used = 0;

    header[used++] = tag;
    if (size >= 0x100) {
        header[used++] = 0x82;
        header[used++] = (BYTE)(size >> 8);
    } else if (size >= 0x80) {
        header[used++] = 0x81;
    }
    header[used++] = (BYTE)size;
    der_raw(der, header, used);
}

void der_element(struct der *der, BYTE tag, const void *content, DWORD size)
{
    const DWORD mark = der_mark(der);

    der_raw(der, content, size);
    der_wrap(der, tag, mark);
}

void der_unsigned(struct der *der, const BYTE *bytes, DWORD size)
{
    const DWORD mark = der_mark(der);
    static const BYTE zero = 0;

    while (size > 1 && !bytes[0]) {
        bytes++;
        size--;
    }
    der_raw(der, bytes, size);
    if (bytes[0] & 0x80)
        der_raw(der, &zero, 1);
    der_wrap(der, 0x02, mark);
}

void der_integer(struct der *der, BYTE value)
{
    der_unsigned(der, &value, 1);
}

void der_null(struct der *der)
{
    der_element(der, 0x05, NULL, 0);
}

void der_oid(struct der *der, const char *dotted)
{
    BYTE content[64];
    DWORD used = 0;
    char *end;
    unsigned long arc = strtoul(dotted, &end, 10) * 40;

    arc += strtoul(end + 1, &end, 10);
    for (;;) {
        int shift = 28;

        while (shift && !(arc >> shift))
            shift -= 7;
        for (; shift >= 0; shift -= 7)
            content[used++] = (BYTE)((arc >> shift & 0x7f) | (shift ? 0x80 : 0));
        if (!*end)
            break;
        arc = strtoul(end + 1, &end, 10);
    }
    der_element(der, 0x06, content, used);
}

void der_wrap_bits(struct der *der, DWORD mark)
{
    static const BYTE unused_bits = 0;

    der_raw(der, &unused_bits, 1);
    der_wrap(der, 0x03, mark);
}
