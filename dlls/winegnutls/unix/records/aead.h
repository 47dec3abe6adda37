/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the AEAD suites of TLS and DTLS have in common: nonces, what is
 * authenticated, and sealing in place. */
#ifndef UNIX_RECORDS_AEAD_H
#define UNIX_RECORDS_AEAD_H

#include <endian.h>
#include <string.h>

#include "unix/base/bytes.h"
#include "unix/base/engine.h"
#include "unix/state/direction.h"

#define NONCE_SIZE          12
#define EXPLICIT_NONCE_SIZE 8
#define TLS12_AAD_SIZE      13 /* DTLS 1.2 too */

/* The IV with the record's number (DTLS: epoch and number) XORed into its end: RFC 8446 5.3,
 * RFC 7905. Written in pieces of 8 and 4 bytes, as it is read next: a load across two fresh stores
 * has to wait for both. */
static inline void implicit_nonce(uint8_t nonce[NONCE_SIZE], const struct direction *direction,
                                  uint64_t number)
{
    uint64_t head;
    uint32_t tail;

    memcpy(&head, direction->iv, 8);
    memcpy(&tail, direction->iv + 8, 4);
    head ^= htobe64(number >> 32);
    tail ^= htobe32((uint32_t)number);
    memcpy(nonce, &head, 8);
    memcpy(nonce + 8, &tail, 4);
}

/* 4 bytes of salt, then what the record carries: RFC 5288. */
static inline void explicit_nonce(uint8_t nonce[NONCE_SIZE], const struct direction *direction,
                                  const uint8_t *carried)
{
    memcpy(nonce, direction->iv, NONCE_SIZE - EXPLICIT_NONCE_SIZE);
    memcpy(nonce + NONCE_SIZE - EXPLICIT_NONCE_SIZE, carried, EXPLICIT_NONCE_SIZE);
}

/* The nonce of a (D)TLS 1.2 record; `carried` is where it carries an explicit one. */
static inline void tls12_nonce(uint8_t nonce[NONCE_SIZE], const struct direction *direction,
                               enum record_format format, uint64_t number, const uint8_t *carried)
{
    if (format == FORMAT_EXPLICIT)
        explicit_nonce(nonce, direction, carried);
    else
        implicit_nonce(nonce, direction, number);
}

/* What is authenticated beside the data: RFC 5246 6.2.3.3, RFC 6347 4.1.2.1. */
static inline void tls12_aad(uint8_t aad[TLS12_AAD_SIZE], uint64_t number, const uint8_t *header,
                             size_t plain_size)
{
    store64(aad, number);
    memcpy(aad + 8, header, 3);
    store16(aad + 11, plain_size);
}

struct seal {
    uint8_t nonce[NONCE_SIZE];
    const uint8_t *aad;
    size_t aad_size;
    uint8_t *data;
    size_t data_size;
    uint8_t *trailer; /* plaintext of `inner` bytes, then room for the tag */
    size_t inner;     /* 1 in TLS 1.3: the content type */
    size_t tag_size;
};

/* The record's parts as the caller gave them; header, nonce and what the version adds are its. */
static inline struct seal seal_of(const struct tls_encrypt *params, const uint8_t *aad,
                                  size_t aad_size, size_t tag_size)
{
    return (struct seal){.aad = aad,
                         .aad_size = aad_size,
                         .data = pointer(params->data),
                         .data_size = params->data_size,
                         .trailer = pointer(params->trailer),
                         .tag_size = tag_size};
}

/* Encrypts where the plaintext is, and writes the tag. Negative: an error of GnuTLS's. */
int seal(struct direction *direction, struct seal *record);

#endif
