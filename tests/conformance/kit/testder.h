/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A writer of DER for test certificates and keys.
 *
 * It writes from the end of its buffer to the front: first an element's content, last part first,
 * then, when the content's length is known, its header. So
 *
 *     mark = der_mark(&der); der_integer(&der, 5); der_null(&der); der_wrap(&der, 0x30, mark);
 *
 * is SEQUENCE { NULL, INTEGER 5 }.
 */
#ifndef TESTDER_H
#define TESTDER_H

#include <windows.h>

struct der {
    BYTE bytes[8192];
    DWORD start; /* the encoding so far is bytes[start..sizeof(bytes)) */
};

void der_init(struct der *der);
const BYTE *der_data(const struct der *der);
DWORD der_size(const struct der *der);

DWORD der_mark(const struct der *der);
/* Puts the header of an element in front of all that was written since mark. */
void der_wrap(struct der *der, BYTE tag, DWORD mark);

void der_raw(struct der *der, const void *bytes, DWORD size);
void der_element(struct der *der, BYTE tag, const void *content, DWORD size);
/* A non-negative INTEGER from big-endian bytes. */
void der_unsigned(struct der *der, const BYTE *bytes, DWORD size);
void der_integer(struct der *der, BYTE value);
void der_null(struct der *der);
/* dotted: "1.2.840.10045.2.1" */
void der_oid(struct der *der, const char *dotted);
/* Turns all since mark into the content of a BIT STRING with no unused bits. */
void der_wrap_bits(struct der *der, DWORD mark);

#endif
