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
 */
#include <stdlib.h>
#include <string.h>

#include "unix/base/bytes.h"
#include "unix/session/lastflight.h"
#include "unix/state/session.h"
#include "unix/wire/wire.h"

#define NEW_SESSION_TICKET 4
#define MESSAGE_HEADER     12
/* More than any ticket; whoever sends more starts anew. */
#define MAX_HELD           65536

struct fragment {
    size_t total, offset, size;
};

static bool is_ticket(const uint8_t *record, const struct dtls_view *view,
                      struct fragment *fragment)
{
    const uint8_t *message = record + DTLS_HEADER_SIZE;

    if (view->type != RECORD_HANDSHAKE || view->epoch ||
        view->size < DTLS_HEADER_SIZE + MESSAGE_HEADER || message[0] != NEW_SESSION_TICKET)
        return false;
    fragment->total = load24(message + 1);
    fragment->offset = load24(message + 6);
    fragment->size = load24(message + 9);
    return true;
}

static bool is_finished(const struct dtls_view *view)
{
    return view->type == RECORD_HANDSHAKE && view->epoch;
}

bool last_flight_hold(struct session *session, const uint8_t *record, const struct dtls_view *view)
{
    struct fragment fragment;
    uint8_t *larger;

    if (!session->finished_sent || session->last_flight_given ||
        (view->type != RECORD_CHANGE_CIPHER_SPEC && !is_finished(view) &&
         !is_ticket(record, view, &fragment)))
        return false;
    if (session->held_size + view->size > MAX_HELD)
        session->held_size = 0;
    larger = realloc(session->held, session->held_size + view->size);
    if (!larger)
        return true; /* as good as lost */
    memcpy(larger + session->held_size, record, view->size);
    session->held = larger;
    session->held_size += view->size;
    return true;
}

/* The next held record at or behind *offset; moves it behind that. */
static const uint8_t *next_held(const struct session *session, size_t *offset,
                                struct dtls_view *view)
{
    const uint8_t *record;

    if (*offset >= session->held_size)
        return NULL;
    record = session->held + *offset;
    if (!dtls_look(record, session->held_size - *offset, view))
        return NULL;
    *offset += view->size;
    return record;
}

/* The fragment of the ticket that goes on at `covered`; NULL: none, or all is there. */
static const uint8_t *next_fragment(const struct session *session, size_t *covered,
                                    struct dtls_view *view)
{
    struct fragment fragment;
    const uint8_t *record;
    size_t offset = 0;

    while ((record = next_held(session, &offset, view))) {
        if (is_ticket(record, view, &fragment) && fragment.offset <= *covered &&
            fragment.offset + fragment.size > *covered) {
            *covered = fragment.offset + fragment.size;
            return record;
        }
    }
    return NULL;
}

static bool has_ticket(const struct session *session)
{
    struct fragment fragment;
    struct dtls_view view;
    const uint8_t *record;
    size_t covered = 0, total = 0;

    while ((record = next_fragment(session, &covered, &view)) &&
           is_ticket(record, &view, &fragment))
        total = fragment.total;
    return covered && covered == total;
}

bool last_flight_whole(const struct session *session)
{
    bool change = false, finished = false;
    struct dtls_view view;
    size_t offset = 0;

    while (next_held(session, &offset, &view)) {
        change |= view.type == RECORD_CHANGE_CIPHER_SPEC;
        finished |= is_finished(&view);
    }
    return change && finished && (!session->ticket_announced || has_ticket(session));
}

int last_flight_give(struct session *session, datagram_taker *take, struct tls_handshake *params)
{
    int error = GNUTLS_E_AGAIN;
    size_t covered = 0, offset;
    struct dtls_view view;
    const uint8_t *record;
    bool next_epoch;

    session->last_flight_given = true;
    while (error == GNUTLS_E_AGAIN && (record = next_fragment(session, &covered, &view)))
        error = take(session, record, &view, params);
    for (next_epoch = false;; next_epoch = true) {
        offset = 0;
        while (error == GNUTLS_E_AGAIN && (record = next_held(session, &offset, &view)))
            if (next_epoch ? is_finished(&view) : view.type == RECORD_CHANGE_CIPHER_SPEC)
                error = take(session, record, &view, params);
        if (next_epoch)
            break;
    }
    last_flight_free(session);
    return error;
}

void last_flight_free(struct session *session)
{
    free(session->held);
    session->held = NULL;
    session->held_size = 0;
}
