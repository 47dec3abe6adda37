/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS_ACTION_HANDSHAKE after the handshake: tickets, KeyUpdate, the peer's hellos and alerts.
 *
 * GnuTLS takes such messages in gnutls_record_recv, which would swallow application data as well,
 * so records are given to it one by one and only when their type says that they are not data.
 * TLS 1.3 hides the type: a copy of the record is opened to see it. That costs a decryption and an
 * allocation for each such record, of which a connection has a handful.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/handshake/later.h"
#include "unix/handshake/reauth.h"
#include "unix/handshake/renegotiate.h"
#include "unix/records/dtlsrecord.h"
#include "unix/records/keys.h"
#include "unix/records/open.h"
#include "unix/session/ending.h"
#include "unix/session/request.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/transport/transport.h"
#include "unix/wire/wire.h"

/* The type of a TLS 1.3 record, and the first two bytes of its content (an alert has no more). */
static int32_t peek(struct session *session, const uint8_t *record, size_t size, uint8_t *type,
                    uint8_t start[2], uint32_t *alert)
{
    uint8_t *copy;
    size_t content = 0;
    int32_t status;

    *alert = ALERT_INTERNAL_ERROR;
    if (direction_ready(session, &session->decrypt) < 0 || !(copy = malloc(size)))
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(copy, record, size);
    status = tls13_open(&session->decrypt, session->tag_size, copy, size, type, &content, alert);
    if (status == SEC_E_OK && *type != RECORD_DATA &&
        (*type == RECORD_ALERT ? content != 2 : content == 0)) {
        *alert = content ? ALERT_DECODE_ERROR : ALERT_UNEXPECTED_MESSAGE;
        status = SEC_E_ILLEGAL_MESSAGE;
    }
    if (status == SEC_E_OK && *type == RECORD_HANDSHAKE &&
        !messages_pass(&session->later_messages, copy + RECORD_HEADER_SIZE, content,
                       GNUTLS_HANDSHAKE_KEY_UPDATE)) {
        *alert = ALERT_UNEXPECTED_MESSAGE;
        status = SEC_E_ILLEGAL_MESSAGE;
    }
    if (status == SEC_E_OK)
        memcpy(start, copy + RECORD_HEADER_SIZE, 2);
    gnutls_memset(copy, 0, size);
    free(copy);
    return status;
}

/* What gnutls_record_recv said of a record; 0, or the error that ends the session. */
static int take_result(struct session *session, ssize_t result, size_t size,
                       struct tls_handshake *params)
{
    switch (result) {
    case GNUTLS_E_AGAIN:
        /* In datagrams it may also be what GnuTLS has dropped. */
        return session->datagram ? 0 : account_input(session, size);
    case GNUTLS_E_REHANDSHAKE:
        if (renegotiation_wanted(session))
            params->status = SEC_I_RENEGOTIATE;
        else
            return renegotiation_refuse(session);
        return 0;
    case GNUTLS_E_REAUTH_REQUEST:
        request_came_later(session);
        return 0;
    case GNUTLS_E_WARNING_ALERT_RECEIVED:
        params->alert_level = GNUTLS_AL_WARNING;
        params->alert = (uint32_t)gnutls_alert_get(session->tls);
        params->alert_received = 1;
        if (session->phase == PHASE_REQUESTED && params->alert == ALERT_NO_RENEGOTIATION) {
            session->phase = PHASE_CONNECTED;
            params->status = SEC_I_NO_RENEGOTIATION;
        }
        return 0;
    case 0:
        return GNUTLS_E_SESSION_EOF;
    default:
        return result > 0 ? GNUTLS_E_UNEXPECTED_PACKET : (int)result;
    }
}

/* TLS 1.3: the server asked for a certificate. False when the program has to find one first. */
static bool answer_request(struct session *session, struct tls_handshake *params)
{
    if (request_may_be_answered(session))
        return reauth_continue(session, params);
    params->status = SEC_I_INCOMPLETE_CREDENTIALS;
    return false;
}

/* An answer to a KeyUpdate that is held, with nothing sealed behind it, answers all that came since
 * (RFC 8446 4.6.3). */
static bool answer_waits(const struct session *session)
{
    return session->flags & TLS_SESSION_HOLD_LAST && session->key_updates_answered &&
           !session->encrypt.sequence;
}

/* The KeyUpdate that the peer has asked for. */
static int answer_key_update(struct session *session)
{
    int error = 0;

    /* Nothing follows our close_notify (RFC 8446 6.1). */
    if (!session->encrypt.closed && !answer_waits(session))
        error = gnutls_session_key_update(session->tls, 0);
    session->key_updates_answered = session->key_updates;
    return error;
}

bool posthandshake_feed(struct session *session, const uint8_t *record, size_t size,
                        struct tls_handshake *params)
{
    uint8_t unused[16];
    ssize_t result;
    int error;

    keys_give(session);
    receiver_begin_one(&session->receiver, record, size);
    if (record[0] == RECORD_HANDSHAKE && session->credentials->role == TLS_SERVER &&
        !session->datagram && !renegotiation_wanted(session))
        result = renegotiation_discard(session);
    else if (session->datagram)
        result = datagram_recv(session, unused, sizeof(unused));
    else
        result = gnutls_record_recv(session->tls, unused, sizeof(unused));
    receiver_end(&session->receiver);

    error = take_result(session, result, size, params);
    if (error >= 0 && session->key_updates != session->key_updates_answered)
        error = answer_key_update(session);
    if (error >= 0)
        error = keys_take(session);
    if (error < 0)
        session_fail(session, error, params);
    else if (params->status == SEC_I_RENEGOTIATE)
        renegotiation_begin(session, params);
    else if (session->request.unanswered)
        return answer_request(session, params);
    return params->status == SEC_E_OK;
}

/* The record is a part of a client's answer to a later request for its certificate. */
static bool feed_reauth(struct session *session, const uint8_t *record, size_t size,
                        struct tls_handshake *params)
{
    bool more;

    session->phase = PHASE_REAUTH_RUNNING;
    receiver_begin_one(&session->receiver, record, size);
    more = reauth_continue(session, params);
    receiver_end(&session->receiver);
    return more;
}

/*
 * Processes one whole record. False when the leg ends here, with the record consumed or not. An
 * alert behind other messages is left for TLS_CALL_DECRYPT: programs take anything but SEC_E_OK for
 * a ticket as a failure.
 */
static bool take_record(struct session *session, const uint8_t *record,
                        const struct record_view *view, struct tls_handshake *params)
{
    uint8_t type = view->type, start[2] = {0, 0};
    uint32_t alert;
    int32_t status;

    if (session->format != FORMAT_TLS13) {
        if (type == RECORD_HANDSHAKE || (type == RECORD_ALERT && !params->consumed)) {
            params->consumed += (uint32_t)view->size;
            return posthandshake_feed(session, record, view->size, params);
        }
        return false;
    }

    status = peek(session, record, view->size, &type, start, &alert);
    if (status != SEC_E_OK) {
        session_refuse(session, status, alert, "a record of the peer's does not open", params);
        return false;
    }
    if (type == RECORD_DATA || (type == RECORD_ALERT && params->consumed))
        return false;
    params->consumed += (uint32_t)view->size;
    if (type == RECORD_HANDSHAKE &&
        (session->phase == PHASE_REAUTH_RUNNING ||
         (session->phase == PHASE_REAUTH_ASKED && start[0] != GNUTLS_HANDSHAKE_KEY_UPDATE)))
        return feed_reauth(session, record, view->size, params);
    if (type != RECORD_ALERT)
        return posthandshake_feed(session, record, view->size, params);

    session->decrypt.sequence++;
    params->alert_level = start[0];
    params->alert = start[1];
    params->alert_received = 1;
    params->status = alert_received(session, start[0], start[1]);
    return params->status == SEC_E_OK;
}

static int refresh_key(struct session *session)
{
    int error;

    if (session->format != FORMAT_TLS13 || session->encrypt.closed ||
        session->encrypt.sequence < KEY_UPDATE_AFTER)
        return 0;
    keys_give(session);
    error = gnutls_session_key_update(session->tls, 0);
    return error < 0 ? error : keys_take(session);
}

/* What a leg says that met no whole record, or nothing but data. */
static void nothing_taken(struct session *session, enum record_state state,
                          const struct record_view *view, struct tls_handshake *params)
{
    if (record_is_whole(session, state, view, params) && session->phase != PHASE_CONNECTED)
        params->status = SEC_I_CONTINUE_NEEDED;
}

/* `went_on`: the call has got somewhere already, so what has come need not be whole. */
static void take_records(struct session *session, bool went_on, struct tls_handshake *params)
{
    const uint8_t *input = pointer(params->input);
    enum record_state state = RECORD_WHOLE;
    struct record_view view = {.missing = 0};
    uint32_t consumed = params->consumed;
    bool more = true;

    while (more && consumed < params->input_size) {
        state = record_look(input + consumed, params->input_size - consumed, RECORD_MAX_EXPANSION,
                            &view);
        if (state != RECORD_WHOLE)
            break;
        more = take_record(session, input + consumed, &view, params);
        consumed = params->consumed;
    }
    if (session->sender.out_of_memory)
        session_refuse(session, SEC_E_INSUFFICIENT_MEMORY, ALERT_INTERNAL_ERROR, "out of memory",
                       params);
    else if (params->status == SEC_E_OK && !consumed && params->input_size && !went_on)
        nothing_taken(session, state, &view, params);
}

void posthandshake(struct session *session, struct tls_handshake *params)
{
    bool went_on = params->action != TLS_ACTION_HANDSHAKE;
    int error;

    params->status = SEC_E_OK;
    receiver_end(&session->receiver);
    if (peer_has_closed(session, params))
        return;
    if (hello_request_take(session)) {
        renegotiation_answer(session, params);
        return;
    }
    /* The server's later request is answered with what this leg brought. */
    if (session->request.unanswered) {
        if (!answer_request(session, params))
            return;
        went_on = true;
    }
    take_records(session, went_on, params);
    if (params->status == SEC_E_OK && session->phase == PHASE_REAUTH_RUNNING)
        params->status = SEC_I_CONTINUE_NEEDED;
    if (params->status == SEC_E_OK || params->status == SEC_I_CONTINUE_NEEDED) {
        error = refresh_key(session);
        if (error < 0)
            session_fail(session, error, params);
    }
}
