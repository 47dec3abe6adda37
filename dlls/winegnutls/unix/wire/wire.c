/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking at TLS and DTLS records without touching them: where the first one ends, whether it can
 * be one at all, and whether a ClientHello is complete. Everything here reads only what it was told
 * it may.
 */
#include "unix/base/bytes.h"
#include "unix/base/engine.h"
#include "unix/wire/wire.h"

#define HANDSHAKE_HEADER_SIZE 4
#define CLIENT_HELLO          1

enum record_state record_look(const uint8_t *data, size_t size, size_t expansion,
                              struct record_view *view)
{
    size_t length;

    view->type = 0;
    view->size = view->missing = 0;
    view->alert = TLS_NO_ALERT;
    view->foreign = false;

    if (size >= 1) {
        view->type = data[0];
        if (data[0] < RECORD_CHANGE_CIPHER_SPEC || data[0] > RECORD_HEARTBEAT) {
            view->alert = ALERT_UNEXPECTED_MESSAGE;
            view->foreign = true;
            return RECORD_BAD;
        }
    }
    if (size >= 2 && data[1] != 3) {
        view->alert = ALERT_PROTOCOL_VERSION;
        view->foreign = true;
        return RECORD_BAD;
    }
    if (size < RECORD_HEADER_SIZE) {
        view->missing = RECORD_HEADER_SIZE - size;
        return RECORD_PARTIAL;
    }

    length = (size_t)data[3] << 8 | data[4];
    if (length > RECORD_MAX_DATA + expansion) {
        view->alert = ALERT_RECORD_OVERFLOW;
        return RECORD_BAD;
    }
    if (size - RECORD_HEADER_SIZE < length) {
        view->missing = length - (size - RECORD_HEADER_SIZE);
        return RECORD_PARTIAL;
    }
    view->size = RECORD_HEADER_SIZE + length;
    return RECORD_WHOLE;
}

bool dtls_look(const uint8_t *data, size_t size, struct dtls_view *view)
{
    size_t length;
    int i;

    if (size < DTLS_HEADER_SIZE || data[0] < RECORD_CHANGE_CIPHER_SPEC ||
        data[0] > RECORD_HEARTBEAT || data[1] != 0xfe)
        return false;
    length = (size_t)data[11] << 8 | data[12];
    if (length > RECORD_MAX_DATA + RECORD_MAX_EXPANSION || length > size - DTLS_HEADER_SIZE)
        return false;
    view->type = data[0];
    view->epoch = (uint16_t)(data[3] << 8 | data[4]);
    view->sequence = 0;
    for (i = 5; i < 11; i++)
        view->sequence = view->sequence << 8 | data[i];
    view->size = DTLS_HEADER_SIZE + length;
    return true;
}

/* Copies the part of a fragment that falls into the message's first bytes. */
static void collect(uint8_t header[HANDSHAKE_HEADER_SIZE], size_t have, const uint8_t *fragment,
                    size_t size)
{
    for (; size && have < HANDSHAKE_HEADER_SIZE; size--)
        header[have++] = *fragment++;
}

enum record_state client_hello_look(const uint8_t *data, size_t size, struct record_view *view)
{
    uint8_t header[HANDSHAKE_HEADER_SIZE];
    size_t offset = 0, have = 0, want = HANDSHAKE_HEADER_SIZE;
    enum record_state state;
    size_t fragment;

    if (!size)
        return record_look(data, 0, 0, view);
    /* `have` counts the message's bytes in the records so far, `want` those that are due. */
    for (;;) {
        state = record_look(data + offset, size - offset, 0, view);
        /* Another record than a handshake's is for GnuTLS to judge once it is whole. */
        if (state != RECORD_WHOLE || view->type != RECORD_HANDSHAKE)
            return state;
        fragment = view->size - RECORD_HEADER_SIZE;
        if (!fragment) {
            view->alert = ALERT_UNEXPECTED_MESSAGE;
            return RECORD_BAD;
        }

        collect(header, have, data + offset + RECORD_HEADER_SIZE, fragment);
        if (have < sizeof(header) && have + fragment >= sizeof(header)) {
            if (header[0] != CLIENT_HELLO)
                return RECORD_WHOLE;
            want += load24(header + 1);
            if (want > MAX_CLIENT_HELLO) {
                view->alert = ALERT_DECODE_ERROR;
                return RECORD_BAD;
            }
        }
        have += fragment;
        offset += view->size;

        if (have >= want && have >= sizeof(header))
            return RECORD_WHOLE;
        if (offset == size) {
            view->missing = RECORD_HEADER_SIZE + want - have;
            return RECORD_PARTIAL;
        }
    }
}

bool message_take(struct message_stream *stream, const uint8_t **data, size_t *size,
                  struct message_part *part)
{
    for (; *size && stream->have < HANDSHAKE_HEADER_SIZE; --*size)
        stream->header[stream->have++] = *(*data)++;
    if (stream->have < HANDSHAKE_HEADER_SIZE)
        return false;
    part->length = (uint32_t)load24(stream->header + 1);
    part->offset = stream->have - HANDSHAKE_HEADER_SIZE;
    part->data = *data;
    part->size = part->length - part->offset < *size ? part->length - part->offset : *size;
    part->ended = part->offset + part->size == part->length;
    stream->have = part->ended ? 0 : stream->have + (uint32_t)part->size;
    *data += part->size;
    *size -= part->size;
    return true;
}

bool messages_pass(struct message_stream *stream, const uint8_t *content, size_t size,
                   uint8_t last_of_record)
{
    struct message_part part;

    while (size)
        if (message_take(stream, &content, &size, &part) && part.ended && size &&
            stream->header[0] == last_of_record)
            return false;
    return true;
}
