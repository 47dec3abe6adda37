/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a session ends: what the peer is told, what the caller hears, and what is remembered, so that
 * a session that has failed keeps saying how. Also the two looks at input that can end one before
 * GnuTLS has seen it: whether a record is whole, and how much may come without a message being
 * complete.
 */
#include <string.h>

#include "unix/base/engine.h"
#include "unix/base/reason.h"
#include "unix/base/status.h"
#include "unix/records/keys.h"
#include "unix/records/open.h"
#include "unix/session/ending.h"
#include "unix/state/session.h"
#include "unix/transport/flight.h"
#include "unix/transport/transport.h"
#include "unix/wire/wire.h"

/* GnuTLS collects a message of up to 16 MB before it looks at it; no honest peer sends such. */
#define MAX_UNFINISHED_INPUT (256 * 1024)

int account_input(struct session *session, size_t size)
{
    if (session->messages != session->messages_counted)
        session->unfinished_input = 0;
    else if (size > MAX_UNFINISHED_INPUT - session->unfinished_input)
        return GNUTLS_E_HANDSHAKE_TOO_LARGE;
    else
        session->unfinished_input += (uint32_t)size;
    session->messages_counted = session->messages;
    return 0;
}

void account_begin(struct session *session)
{
    session->unfinished_input = 0;
    session->messages_counted = session->messages;
}

/* All that waits to be sent. */
static size_t output_size(const struct session *session)
{
    return session->datagram ? flight_pending(&session->flight)
                             : session->sender.written + session->sender.pending_size;
}

static void write_plain_alert(struct session *session, uint8_t level, uint8_t alert,
                              const uint8_t sequence[8])
{
    uint8_t tls[] = {RECORD_ALERT, 3, 3, 0, 2, level, alert};
    uint8_t dtls[DTLS_HEADER_SIZE + 2] = {RECORD_ALERT, 0xfe, 0xff};

    if (!session->datagram) {
        sender_write(&session->sender, tls, sizeof(tls));
        return;
    }
    memcpy(dtls + 3, sequence, 8);
    memcpy(dtls + 12, tls + 4, 3);
    sender_write(&session->sender, dtls, sizeof(dtls));
}

void alert_write(struct session *session, uint32_t level, uint32_t alert)
{
    gnutls_datum_t key = {NULL, 0};
    uint8_t sequence[8] = {0};
    size_t before = output_size(session);
    int error;

    error = gnutls_alert_send(session->tls, (gnutls_alert_level_t)level,
                              (gnutls_alert_description_t)alert);
    if (error < 0 && output_size(session) == before) {
        /* GnuTLS refuses to send on a session it has given up; before there are keys we can. */
        error = gnutls_record_get_state(session->tls, 0, NULL, NULL, &key, sequence);
        if (error < 0 || !key.size)
            write_plain_alert(session, (uint8_t)level, (uint8_t)alert, sequence);
    }
    /* Or what is sent next, if only another alert, would use the alert's nonce again. */
    if (is_connected(session) && keys_take(session) < 0)
        atomic_store(&session->failure, SEC_E_INTERNAL_ERROR);
}

/* What was to be sent is not worth it any more, but for the alert that follows. */
static void drop_flight(struct session *session)
{
    if (session->datagram)
        flight_begin(&session->flight, false);
}

void session_fail(struct session *session, int error, struct tls_handshake *params)
{
    drop_flight(session);
    params->alert_level = GNUTLS_AL_FATAL;
    if (error == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        params->alert = (uint32_t)gnutls_alert_get(session->tls);
        params->alert_received = 1;
        params->status = status_from_alert(params->alert);
        reason_alert(params->alert);
    } else if (error == GNUTLS_E_SESSION_EOF) {
        params->alert_level = GNUTLS_AL_WARNING;
        params->alert = ALERT_CLOSE_NOTIFY;
        params->alert_received = 1;
        params->status = alert_received(session, GNUTLS_AL_WARNING, ALERT_CLOSE_NOTIFY);
    } else {
        reason_error(error);
        params->alert = alert_from_error(error);
        if (session->verdict == VERDICT_REJECTED)
            params->alert = session->verdict_alert;
        params->status =
            session->key_failure != SEC_E_OK ? session->key_failure : status_from_error(error);
        alert_write(session, GNUTLS_AL_FATAL, params->alert);
    }
    atomic_store(&session->failure, params->status);
}

void session_refuse(struct session *session, int32_t status, uint32_t alert, const char *reason,
                    struct tls_handshake *params)
{
    reason_say("%s", reason);
    params->status = status;
    params->alert_level = GNUTLS_AL_FATAL;
    params->alert = alert;
    drop_flight(session);
    keys_give(session);
    alert_write(session, GNUTLS_AL_FATAL, alert);
    atomic_store(&session->failure, status);
}

void session_refuse_record(struct session *session, const struct record_view *view,
                           struct tls_handshake *params)
{
    if (!view->foreign || session->messages) {
        session_refuse(session, SEC_E_ILLEGAL_MESSAGE, view->alert,
                       "what came is no record of this connection's", params);
        return;
    }
    reason_say("what came is no TLS");
    params->status = SEC_E_INVALID_TOKEN;
    atomic_store(&session->failure, params->status);
}

bool peer_has_closed(const struct session *session, struct tls_handshake *params)
{
    if (session->decrypt.closed)
        params->status = SEC_I_CONTEXT_EXPIRED;
    return session->decrypt.closed;
}

bool record_is_whole(struct session *session, enum record_state state,
                     const struct record_view *view, struct tls_handshake *params)
{
    switch (state) {
    case RECORD_BAD:
        session_refuse_record(session, view, params);
        return false;
    case RECORD_PARTIAL:
        params->missing = (uint32_t)view->missing;
        params->status = SEC_E_INCOMPLETE_MESSAGE;
        return false;
    case RECORD_WHOLE:
        break;
    }
    return true;
}

bool input_begins_whole(struct session *session, struct tls_handshake *params,
                        struct record_view *view)
{
    const enum record_state state =
        record_look(pointer(params->input), params->input_size, RECORD_MAX_EXPANSION, view);

    return record_is_whole(session, state, view, params);
}
