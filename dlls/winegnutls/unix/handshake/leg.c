/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS_CALL_HANDSHAKE: one leg between the caller's input and output.
 *
 * Every leg has the same frame: point the transport at the buffers, let GnuTLS run until it would
 * have to wait (for input, or for the verdict on the peer's certificate), report what was consumed
 * and written. A server looks for a whole ClientHello before it makes a session at all, because an
 * incomplete one must leave no trace. A failure is remembered, so that a session that has failed
 * keeps saying how.
 */
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/credentials/credentials.h"
#include "unix/handshake/datagram.h"
#include "unix/handshake/drive.h"
#include "unix/handshake/later.h"
#include "unix/handshake/laterdatagram.h"
#include "unix/handshake/reauth.h"
#include "unix/handshake/renegotiate.h"
#include "unix/queries/info.h"
#include "unix/records/keys.h"
#include "unix/session/ending.h"
#include "unix/session/request.h"
#include "unix/session/session.h"
#include "unix/state/session.h"
#include "unix/transport/flight.h"
#include "unix/transport/transport.h"
#include "unix/wire/wire.h"

static void take_input(struct session *session, struct tls_handshake *params)
{
    struct record_view view;

    if (!session->datagram && !session->receiver.size && params->input_size &&
        !input_begins_whole(session, params, &view))
        return;
    handshake_continue(session, params);
}

/* Lets GnuTLS go on where it was stopped for the verdict or a key. */
static void go_on(struct session *session, struct tls_handshake *params)
{
    if (!session->handshake_done)
        handshake_continue(session, params);
    else if (session->exchange != EXCHANGE_NONE)
        renegotiation_go_on(session, params);
    else if (reauth_continue(session, params))
        posthandshake(session, params);
}

/*
 * What arrived behind the certificate may end in the middle of a record. That is not looked at
 * here: the leg has consumed the records in front of it, so it is not an incomplete one.
 */
static void give_verdict(struct session *session, uint32_t alert, struct tls_handshake *params)
{
    if (session->verdict != VERDICT_WAITING || (alert > 255 && alert != TLS_NO_ALERT)) {
        params->status = SEC_E_INVALID_PARAMETER;
        return;
    }
    session->verdict_alert = alert;
    session->verdict = alert ? VERDICT_REJECTED : VERDICT_ACCEPTED;
    if (alert == TLS_NO_ALERT)
        session->verdict_alert = ALERT_BAD_CERTIFICATE;
    go_on(session, params);
}

static void send_alert(struct session *session, uint32_t level, uint32_t alert,
                       struct tls_handshake *params)
{
    if ((level != GNUTLS_AL_WARNING && level != GNUTLS_AL_FATAL) || alert > 255) {
        params->status = SEC_E_INVALID_PARAMETER;
        return;
    }
    keys_give(session);
    alert_write(session, level, alert);
    params->alert_level = level;
    params->alert = alert;
    if (alert == ALERT_CLOSE_NOTIFY || level == GNUTLS_AL_FATAL)
        session->shut_down = true;
    params->status = session->sender.out_of_memory ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

static void run(struct session *session, uint32_t level, uint32_t alert,
                struct tls_handshake *params)
{
    int32_t failure = atomic_load(&session->failure);

    if ((params->action == TLS_ACTION_KEY_USED) != !!session->helper) {
        params->status = SEC_E_OUT_OF_SEQUENCE;
        return;
    }
    switch (params->action) {
    case TLS_ACTION_SHUTDOWN:
        params->status = SEC_E_OK;
        if (!session->shut_down)
            send_alert(session, GNUTLS_AL_WARNING, ALERT_CLOSE_NOTIFY, params);
        break;
    case TLS_ACTION_ALERT:
        send_alert(session, level, alert, params);
        break;
    case TLS_ACTION_HANDSHAKE:
    case TLS_ACTION_VERDICT:
        if (failure != SEC_E_OK)
            params->status = failure;
        else if (session->handshake_done && session->datagram)
            datagram_posthandshake(session, params);
        else if (params->action == TLS_ACTION_VERDICT)
            give_verdict(session, alert, params);
        else if (session->handshake_done)
            posthandshake(session, params);
        else
            take_input(session, params);
        break;
    case TLS_ACTION_KEY_USED:
        go_on(session, params);
        break;
    case TLS_ACTION_RENEGOTIATE:
        params->status = failure;
        if (failure == SEC_E_OK)
            renegotiation_ask(session, params);
        break;
    default:
        params->status = SEC_E_INVALID_PARAMETER;
        break;
    }
}

static struct session *begin_datagrams(struct tls_handshake *params)
{
    const struct credentials *credentials = pointer(params->credentials);
    gnutls_dtls_prestate_st prestate;
    struct session *session;

    if (!(credentials->protocols & TLS_PROTOCOL_ANY_DTLS)) {
        params->status = SEC_E_ALGORITHM_MISMATCH;
        return NULL;
    }
    if (credentials->role == TLS_CLIENT) {
        params->input_size = 0;
        return session_create(params);
    }
    if (!datagram_hello(params, &prestate))
        return NULL;
    session = session_create(params);
    if (session)
        gnutls_dtls_prestate_set(session->tls, &prestate);
    return session;
}

/* The first leg. NULL with a status, or a session that may still turn out to have failed. */
static struct session *begin(struct tls_handshake *params, struct record_view *view,
                             enum record_state *state)
{
    const struct credentials *credentials = pointer(params->credentials);
    const uint8_t *input = pointer(params->input);

    *state = RECORD_WHOLE;
    if (!credentials || params->action != TLS_ACTION_HANDSHAKE) {
        params->status = SEC_E_INVALID_HANDLE;
        return NULL;
    }
    if (params->flags & TLS_SESSION_DATAGRAM)
        return begin_datagrams(params);
    if (!(credentials->protocols & TLS_PROTOCOL_ANY_TLS)) {
        params->status = SEC_E_ALGORITHM_MISMATCH;
        return NULL;
    }
    if (credentials->role == TLS_SERVER) {
        *state = client_hello_look(input, params->input_size, view);
        if (*state == RECORD_PARTIAL) {
            params->missing = (uint32_t)view->missing;
            params->status = SEC_E_INCOMPLETE_MESSAGE;
            return NULL;
        }
    } else {
        params->input_size = 0;
    }
    return session_create(params);
}

void call_handshake(struct tls_handshake *params)
{
    struct session *session = pointer(params->session);
    uint32_t level = params->alert_level, alert = params->alert;
    bool created = !session;
    struct record_view view;
    enum record_state state = RECORD_WHOLE;

    params->consumed = params->written = params->pending = params->missing = 0;
    params->alert_level = 0;
    params->alert = TLS_NO_ALERT;
    params->alert_received = params->renewed = params->credentials_taken = 0;
    params->peer_certificate = params->new_session = 0;
    params->next_datagram = 0;
    if (!params->input)
        params->input_size = 0;
    if (created && !(session = begin(params, &view, &state)))
        return;

    sender_begin(&session->sender, pointer(params->output), params->output_size);
    if (session->datagram) {
        if (params->action != TLS_ACTION_VERDICT && params->action != TLS_ACTION_KEY_USED)
            datagram_begin(session, params);
    } else if (session->handshake_done) {
        receiver_begin_handshake(&session->receiver, pointer(params->input), params->input_size);
    } else {
        receiver_begin(&session->receiver, pointer(params->input), params->input_size);
    }
    request_begin_leg(session, params);
    if (state == RECORD_BAD)
        session_refuse(session, SEC_E_ILLEGAL_MESSAGE, view.alert, params);
    else
        run(session, level, alert, params);
    info_of_leg(session, params);
    params->consumed += (uint32_t)session->receiver.used;
    params->written = (uint32_t)session->sender.written;
    params->pending = (uint32_t)session->sender.pending_size;
    receiver_end(&session->receiver);
    sender_end(&session->sender);
    if (session->datagram) {
        params->pending = flight_pending(&session->flight);
        params->next_datagram = flight_next(&session->flight);
    }

    /* A session that failed at once lives on only if its alert still waits to be fetched. */
    if (created && !params->pending && atomic_load(&session->failure) != SEC_E_OK) {
        session_free(session);
        session = NULL;
    }
    params->session = (tls_u64)(uintptr_t)session;
}

void call_take_output(struct tls_take_output *params)
{
    struct session *session = pointer(params->session);

    params->written = params->pending = params->next_datagram = 0;
    if (!session)
        return;
    if (session->datagram) {
        params->written =
            flight_take(&session->flight, pointer(params->output), params->output_size);
        params->pending = flight_pending(&session->flight);
        params->next_datagram = flight_next(&session->flight);
        return;
    }
    sender_begin(&session->sender, pointer(params->output), params->output_size);
    params->written = (uint32_t)session->sender.written;
    params->pending = (uint32_t)session->sender.pending_size;
    sender_end(&session->sender);
}
