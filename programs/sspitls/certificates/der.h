/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* As much DER as certificates and private keys of our own need. */
#ifndef SSPITLS_DER_H
#define SSPITLS_DER_H

#include "base/buffer.h"

enum der_tag {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_UTF8_STRING = 0x0c,
    DER_UTC_TIME = 0x17,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
};

/* Appends one element with this content. */
bool der_add(struct buffer *out, unsigned char tag, const void *content, size_t size);
/* Content that is written piece by piece: everything appended between begin and end. */
size_t der_begin(struct buffer *out);
bool der_end(struct buffer *out, size_t begin, unsigned char tag);
/* An unsigned big-endian number of any length as INTEGER. */
bool der_add_number(struct buffer *out, const void *bytes, size_t size);

/* Reads one element and moves *at behind it; false when it does not fit. */
bool der_read(const unsigned char **at, const unsigned char *end, unsigned char *tag,
              const unsigned char **content, size_t *size);

#endif
