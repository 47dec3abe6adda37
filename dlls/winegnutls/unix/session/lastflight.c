/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Receiving the last flight of a DTLS handshake.
 *
 * Whoever sends the last flight is done with it and has no timer any more; it repeats the flight
 * when the peer repeats its own (RFC 6347 4.2.4). So the peer must be able to repeat its flight for
 * as long as anything of the last one is missing. GnuTLS is not, once it has seen the first part.
 * Therefore the parts are held here until all are there: a session ticket if the server announced
 * one (its fragments in any order), ChangeCipherSpec, and the Finished, which is the first record
 * of the handshake in the next epoch.
 *
 * Anybody can send the parts in the clear, in any number and size. So the ticket is put together as
 * it comes, each byte once, and handed on in as few records as it takes, under numbers that GnuTLS
 * has not seen; of what may be the Finished, the last few records are kept.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/base/bytes.h"
#include "unix/session/lastflight.h"
#include "unix/state/session.h"
#include "unix/wire/wire.h"

#define NEW_SESSION_TICKET 4
#define MESSAGE_HEADER     12
/* Lifetime, length and 65535 bytes: RFC 5077 3.3. */
#define MAX_TICKET         (4 + 2 + 65535)
#define MAX_PIECE          (RECORD_MAX_DATA - MESSAGE_HEADER)
/* Of a record with a Finished, whatever the suite: 24 bytes, IV, MAC and padding. */
#define MAX_FINISHED       256
#define MAX_FINISHED_COUNT 8
#define LAST_NUMBER        ((1ull << 48) - 1)

struct last_flight {
    uint8_t version[2];
    uint8_t change[DTLS_HEADER_SIZE + 1]; /* the ChangeCipherSpec */
    bool changed;
    uint64_t newest; /* number in the clear */

    uint8_t ticket_number[2]; /* of the message */
    uint32_t ticket_size;
    uint32_t ticket_missing; /* bytes */
    uint8_t *ticket;         /* behind it a bit for each byte that is there */

    unsigned int finished_count;
    struct {
        size_t size;
        uint8_t record[MAX_FINISHED];
    } finished[MAX_FINISHED_COUNT]; /* a ring */
};

static bool is_ticket(const uint8_t *record, const struct dtls_view *view)
{
    return view->type == RECORD_HANDSHAKE && !view->epoch &&
           view->size >= DTLS_HEADER_SIZE + MESSAGE_HEADER &&
           record[DTLS_HEADER_SIZE] == NEW_SESSION_TICKET;
}

static bool is_finished(const struct dtls_view *view)
{
    return view->type == RECORD_HANDSHAKE && view->epoch;
}

static void forget_ticket(struct last_flight *flight)
{
    free(flight->ticket);
    flight->ticket = NULL;
}

/* Another ticket than the one that is being put together takes its place. */
static bool begin_ticket(struct last_flight *flight, const uint8_t *number, uint32_t size)
{
    if (flight->ticket && flight->ticket_size == size &&
        !memcmp(flight->ticket_number, number, sizeof(flight->ticket_number)))
        return true;
    forget_ticket(flight);
    if (!size || size > MAX_TICKET || !(flight->ticket = malloc(size + size / 8 + 1)))
        return false;
    memset(flight->ticket + size, 0, size / 8 + 1);
    memcpy(flight->ticket_number, number, sizeof(flight->ticket_number));
    flight->ticket_size = flight->ticket_missing = size;
    return true;
}

static void keep_ticket(struct last_flight *flight, const uint8_t *record,
                        const struct dtls_view *view)
{
    const uint8_t *message = record + DTLS_HEADER_SIZE, *part = message + MESSAGE_HEADER;
    const size_t offset = load24(message + 6), size = load24(message + 9);
    uint8_t *there;

    if (size != view->size - DTLS_HEADER_SIZE - MESSAGE_HEADER ||
        !begin_ticket(flight, message + 4, (uint32_t)load24(message + 1)) ||
        offset > flight->ticket_size || size > flight->ticket_size - offset)
        return;
    there = flight->ticket + flight->ticket_size;
    for (size_t i = 0; i < size; i++) {
        const size_t at = offset + i;

        if (there[at / 8] >> (at % 8) & 1)
            continue;
        there[at / 8] |= (uint8_t)(1u << (at % 8));
        flight->ticket[at] = part[i];
        flight->ticket_missing--;
    }
}

static void keep_finished(struct last_flight *flight, const uint8_t *record,
                          const struct dtls_view *view)
{
    const unsigned int slot = flight->finished_count % MAX_FINISHED_COUNT;

    if (view->size > MAX_FINISHED)
        return;
    memcpy(flight->finished[slot].record, record, view->size);
    flight->finished[slot].size = view->size;
    flight->finished_count++;
}

bool last_flight_hold(struct session *session, const uint8_t *record, const struct dtls_view *view)
{
    struct last_flight *flight = session->last_flight;

    if (!session->finished_sent || session->last_flight_given ||
        (view->type != RECORD_CHANGE_CIPHER_SPEC && !is_finished(view) && !is_ticket(record, view)))
        return false;
    if (!flight && !(flight = session->last_flight = calloc(1, sizeof(*flight))))
        return true; /* as good as lost */
    memcpy(flight->version, record + 1, sizeof(flight->version));
    if (!view->epoch && view->sequence > flight->newest)
        flight->newest = view->sequence;
    if (is_finished(view)) {
        keep_finished(flight, record, view);
    } else if (is_ticket(record, view)) {
        keep_ticket(flight, record, view);
    } else if (view->size == sizeof(flight->change)) {
        memcpy(flight->change, record, sizeof(flight->change));
        flight->changed = true;
    }
    return true;
}

bool last_flight_whole(const struct session *session)
{
    const struct last_flight *flight = session->last_flight;

    return flight && flight->changed && flight->finished_count &&
           (!session->ticket_announced || (flight->ticket && !flight->ticket_missing));
}

/* A number that no record of the peer's in the clear has had, as far as one is left. */
static uint64_t next_number(struct last_flight *flight)
{
    if (flight->newest < LAST_NUMBER)
        flight->newest++;
    return flight->newest;
}

static int give(struct session *session, datagram_taker *take, const uint8_t *record, size_t size,
                struct tls_handshake *params)
{
    struct dtls_view view;

    if (!dtls_look(record, size, &view))
        return GNUTLS_E_AGAIN;
    return take(session, record, &view, params);
}

static void write_header(struct last_flight *flight, uint8_t *record, uint8_t type, size_t size)
{
    store64(record + 3, next_number(flight)); /* epoch 0 */
    record[0] = type;
    memcpy(record + 1, flight->version, sizeof(flight->version));
    store16(record + 11, size);
}

static int give_ticket(struct session *session, datagram_taker *take, struct tls_handshake *params)
{
    struct last_flight *flight = session->last_flight;
    int error = GNUTLS_E_AGAIN;
    size_t done, size;
    uint8_t *record;

    if (!flight->ticket || flight->ticket_missing)
        return error;
    if (!(record = malloc(DTLS_HEADER_SIZE + RECORD_MAX_DATA)))
        return GNUTLS_E_MEMORY_ERROR;
    for (done = 0; error == GNUTLS_E_AGAIN && done < flight->ticket_size; done += size) {
        uint8_t *message = record + DTLS_HEADER_SIZE;

        size = flight->ticket_size - done;
        if (size > MAX_PIECE)
            size = MAX_PIECE;
        write_header(flight, record, RECORD_HANDSHAKE, MESSAGE_HEADER + size);
        message[0] = NEW_SESSION_TICKET;
        store24(message + 1, flight->ticket_size);
        memcpy(message + 4, flight->ticket_number, sizeof(flight->ticket_number));
        store24(message + 6, done);
        store24(message + 9, size);
        memcpy(message + MESSAGE_HEADER, flight->ticket + done, size);
        error = give(session, take, record, DTLS_HEADER_SIZE + MESSAGE_HEADER + size, params);
    }
    free(record);
    return error;
}

int last_flight_give(struct session *session, datagram_taker *take, struct tls_handshake *params)
{
    struct last_flight *flight = session->last_flight;
    int error;

    session->last_flight_given = true;
    error = give_ticket(session, take, params);
    write_header(flight, flight->change, RECORD_CHANGE_CIPHER_SPEC, 1);
    if (error == GNUTLS_E_AGAIN)
        error = give(session, take, flight->change, sizeof(flight->change), params);
    for (unsigned int i = 0; error == GNUTLS_E_AGAIN && i < MAX_FINISHED_COUNT; i++)
        if (flight->finished[i].size)
            error =
                give(session, take, flight->finished[i].record, flight->finished[i].size, params);
    last_flight_free(session);
    return error;
}

void last_flight_free(struct session *session)
{
    if (session->last_flight)
        forget_ticket(session->last_flight);
    free(session->last_flight);
    session->last_flight = NULL;
}
