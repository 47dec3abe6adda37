/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What DTLS has to send, as a queue of datagrams.
 *
 * GnuTLS writes record by record. A flight takes fewer datagrams, and a program fewer calls, when
 * records share a datagram as long as the MTU allows (RFC 6347 4.1.1).
 *
 * When to repeat a flight is the program's decision: its timer runs out, and it comes without
 * input. GnuTLS has timers of its own, which are set to 0 (session/session.c) so that it repeats
 * its flight whenever it has to wait; and here it is decided whether what it writes is wanted. A
 * muted flight drops the messages of the handshake until new ones follow; one that is not lets them
 * through once and is muted when they begin again with the same record. The peer cannot tell a
 * dropped record from one that was lost.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/transport/flight.h"
#include "unix/wire/wire.h"

#define SIZE_SIZE sizeof(uint32_t)

static uint32_t size_at(const struct datagram_queue *flight, size_t offset)
{
    uint32_t size;

    memcpy(&size, flight->data + offset, SIZE_SIZE);
    return size;
}

static bool reserve(struct datagram_queue *flight, size_t more)
{
    size_t capacity = 2 * (flight->end + more);
    uint8_t *larger;

    if (more <= flight->capacity - flight->end)
        return true;
    if (!(larger = realloc(flight->data, capacity)))
        return false;
    flight->data = larger;
    flight->capacity = capacity;
    return true;
}

void flight_begin(struct datagram_queue *flight, bool muted)
{
    flight->start = flight->end = 0;
    flight_renew(flight);
    flight->muted = muted;
}

void flight_renew(struct datagram_queue *flight)
{
    flight->first[0] = 0;
    flight->muted = false;
}

/* Whether a record of the handshake is to go out. */
static bool is_wanted(struct datagram_queue *flight, const uint8_t *record, size_t size)
{
    uint8_t mark[sizeof(flight->first)] = {record[0], record[3], record[4]};

    if (flight->muted)
        return false;
    /* In the clear, the message's type, length, number and offset say which one it is. */
    if (record[0] == RECORD_HANDSHAKE && !record[3] && !record[4] && size >= DTLS_HEADER_SIZE + 9)
        memcpy(mark + 3, record + DTLS_HEADER_SIZE, 9);
    if (!flight->first[0])
        memcpy(flight->first, mark, sizeof(mark));
    else if (!memcmp(flight->first, mark, sizeof(mark)))
        flight->muted = true;
    return !flight->muted;
}

bool flight_write(struct datagram_queue *flight, const uint8_t *record, size_t size)
{
    uint32_t datagram;

    if (size < DTLS_HEADER_SIZE || size > RECORD_MAX_DATA + RECORD_MAX_EXPANSION)
        return false;
    if ((record[0] == RECORD_HANDSHAKE || record[0] == RECORD_CHANGE_CIPHER_SPEC) &&
        !is_wanted(flight, record, size))
        return true;
    if (!reserve(flight, SIZE_SIZE + size))
        return false;

    if (flight->start == flight->end || size_at(flight, flight->last) + size > flight->mtu) {
        flight->last = flight->end;
        memset(flight->data + flight->end, 0, SIZE_SIZE);
        flight->end += SIZE_SIZE;
    }
    memcpy(flight->data + flight->end, record, size);
    flight->end += size;
    datagram = size_at(flight, flight->last) + (uint32_t)size;
    memcpy(flight->data + flight->last, &datagram, SIZE_SIZE);
    return true;
}

uint32_t flight_next(const struct datagram_queue *flight)
{
    return flight->start == flight->end ? 0 : size_at(flight, flight->start);
}

uint32_t flight_pending(const struct datagram_queue *flight)
{
    size_t offset, sizes = 0;

    for (offset = flight->start; offset != flight->end; sizes += SIZE_SIZE)
        offset += SIZE_SIZE + size_at(flight, offset);
    return (uint32_t)(flight->end - flight->start - sizes);
}

uint32_t flight_take(struct datagram_queue *flight, uint8_t *output, size_t size)
{
    uint32_t datagram = flight_next(flight);

    if (!datagram || datagram > size || !output)
        return 0;
    memcpy(output, flight->data + flight->start + SIZE_SIZE, datagram);
    flight->start += SIZE_SIZE + datagram;
    if (flight->start == flight->end)
        flight->start = flight->end = 0;
    return datagram;
}

void flight_free(struct datagram_queue *flight)
{
    free(flight->data);
    memset(flight, 0, sizeof(*flight));
}
