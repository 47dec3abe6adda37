/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS and DTLS records, looked at without touching them. */
#ifndef UNIX_WIRE_WIRE_H
#define UNIX_WIRE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RECORD_HEADER_SIZE     5
#define RECORD_MAX_DATA        16384
/* What protection may add to a record: RFC 5246 6.2.3, and less in RFC 8446 5.2. */
#define RECORD_MAX_EXPANSION   2048
#define RECORD_TLS13_EXPANSION 256

enum record_type {
    RECORD_CHANGE_CIPHER_SPEC = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_DATA = 23,
    RECORD_HEARTBEAT = 24,
};

enum record_state { RECORD_WHOLE, RECORD_PARTIAL, RECORD_BAD };

struct record_view {
    uint8_t type;
    size_t size;    /* RECORD_WHOLE: of the record with its header */
    size_t missing; /* RECORD_PARTIAL: at least so many bytes are needed to go on */
    uint32_t alert; /* RECORD_BAD: what to tell the peer */
};

/* Looks at the first record of `data`; `expansion` is what a record may hold beyond 16384 bytes. */
enum record_state record_look(const uint8_t *data, size_t size, size_t expansion,
                              struct record_view *view);

/* Whether `data` starts with a whole ClientHello, however many records it is spread over. */
enum record_state client_hello_look(const uint8_t *data, size_t size, struct record_view *view);

#define DTLS_HEADER_SIZE 13

struct dtls_view {
    uint8_t type;
    uint16_t epoch;
    uint64_t sequence; /* 48 bits */
    size_t size;       /* with the header */
};

/* Looks at the first record of a datagram; false when there is none. */
bool dtls_look(const uint8_t *data, size_t size, struct dtls_view *view);

#endif
