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
    bool foreign;   /* RECORD_BAD: it is no TLS at all */
};

/* Looks at the first record of `data`; `expansion` is what a record may hold beyond 16384 bytes. */
enum record_state record_look(const uint8_t *data, size_t size, size_t expansion,
                              struct record_view *view);

/* Of a ClientHello with its header: version, random, session id, suites, compression, extensions,
 * each as long as it can be. */
#define MAX_CLIENT_HELLO (4 + 2 + 32 + (1 + 32) + (2 + 65534) + (1 + 255) + (2 + 65535))

/* Whether `data` starts with a whole ClientHello, however many records it is spread over. */
enum record_state client_hello_look(const uint8_t *data, size_t size, struct record_view *view);

/* How far the handshake messages in a row of records have come. */
struct message_stream {
    uint8_t header[4]; /* of the last message that has begun, as far as it has come */
    uint32_t have; /* bytes of the message that has begun, with its header; 0: between messages */
};

/* What a record's content has of one message's body. */
struct message_part {
    uint32_t length; /* of the whole body */
    uint32_t offset; /* where the part belongs */
    const uint8_t *data;
    size_t size;
    bool ended; /* the message is whole now */
};

/* Takes off (data, size) what it has of the message that has begun or begins. False: it ends within
 * the message's header, so there is no part. */
bool message_take(struct message_stream *stream, const uint8_t **data, size_t *size,
                  struct message_part *part);

/* Goes over a record's content. False: a message of the type that has to be the last of its record
 * is not (RFC 8446 5.1). */
bool messages_pass(struct message_stream *stream, const uint8_t *content, size_t size,
                   uint8_t last_of_record);

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
