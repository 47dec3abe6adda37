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
#include <stdlib.h>
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/reason.h"
#include "unix/base/status.h"
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
#include "unix/state/credentials.h"
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

/*
 * A verdict or a key is there. What arrived behind the certificate may end in the middle of a
 * record. That is not looked at here: the leg has consumed the records in front of it, so it is not
 * an incomplete one.
 */
static void go_on_later(struct session *session, struct tls_handshake *params)
{
    if (reauth_continue(session, params))
        posthandshake(session, params);
}

static void take_later(struct session *session, struct tls_handshake *params)
{
    if (session->datagram)
        datagram_posthandshake(session, params);
    else
        posthandshake(session, params);
}

/* The alert that *params names. */
static void send_alert(struct session *session, struct tls_handshake *params)
{
    keys_give(session);
    alert_write(session, params->alert_level, params->alert);
    if (params->alert == ALERT_CLOSE_NOTIFY || params->alert_level == GNUTLS_AL_FATAL)
        session->encrypt.closed = true;
    params->status = session->sender.out_of_memory ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_OK;
}

static void say_goodbye(struct session *session, struct tls_handshake *params)
{
    params->status = SEC_E_OK;
    /* A fatal alert was the last word. */
    if (session->encrypt.closed && atomic_load(&session->failure) != SEC_E_OK)
        return;
    params->alert_level = GNUTLS_AL_WARNING;
    params->alert = ALERT_CLOSE_NOTIFY;
    send_alert(session, params);
}

/* What DecryptMessage's failure has left to say. */
static void send_due(struct session *session, struct tls_handshake *params)
{
    params->alert_level = GNUTLS_AL_FATAL;
    params->alert = session->alert_due;
    session->alert_due = 0;
    send_alert(session, params);
    params->status = atomic_load(&session->failure);
}

static void out_of_sequence(struct session *session, struct tls_handshake *params)
{
    (void)session;
    params->status = SEC_E_OUT_OF_SEQUENCE;
}

typedef void step(struct session *session, struct tls_handshake *params);

/* Drawn in docs/architecture.md, which tests/layout compares with it. */
/* clang-format off */
static step *const steps[TLS_ACTION_COUNT][PHASE_COUNT] = {
    [TLS_ACTION_HANDSHAKE] = {
        [PHASE_HANDSHAKE] = take_input,
        [PHASE_CONNECTED] = take_later,
        [PHASE_REQUESTED] = take_later,
        [PHASE_HELLO_SENT] = renegotiation_continue,
        [PHASE_RUNNING] = renegotiation_continue,
        [PHASE_REAUTH_ASKED] = take_later,
        [PHASE_REAUTH_RUNNING] = take_later,
    },
    [TLS_ACTION_VERDICT] = {
        [PHASE_HANDSHAKE] = handshake_continue,
        [PHASE_CONNECTED] = out_of_sequence,
        [PHASE_REQUESTED] = out_of_sequence,
        [PHASE_HELLO_SENT] = renegotiation_go_on,
        [PHASE_RUNNING] = renegotiation_go_on,
        [PHASE_REAUTH_ASKED] = go_on_later,
        [PHASE_REAUTH_RUNNING] = go_on_later,
    },
    [TLS_ACTION_KEY_USED] = {
        [PHASE_HANDSHAKE] = handshake_continue,
        [PHASE_CONNECTED] = go_on_later,
        [PHASE_REQUESTED] = out_of_sequence,
        [PHASE_HELLO_SENT] = renegotiation_go_on,
        [PHASE_RUNNING] = renegotiation_go_on,
        [PHASE_REAUTH_ASKED] = go_on_later,
        [PHASE_REAUTH_RUNNING] = go_on_later,
    },
    [TLS_ACTION_RENEGOTIATE] = {
        [PHASE_HANDSHAKE] = out_of_sequence,
        [PHASE_CONNECTED] = renegotiation_ask,
        [PHASE_REQUESTED] = renegotiation_await,
        [PHASE_HELLO_SENT] = renegotiation_await,
        [PHASE_RUNNING] = renegotiation_await,
        [PHASE_REAUTH_ASKED] = renegotiation_ask,
        [PHASE_REAUTH_RUNNING] = renegotiation_ask,
    },
    [TLS_ACTION_SHUTDOWN] = {
        [PHASE_HANDSHAKE] = say_goodbye,
        [PHASE_CONNECTED] = say_goodbye,
        [PHASE_REQUESTED] = say_goodbye,
        [PHASE_HELLO_SENT] = say_goodbye,
        [PHASE_RUNNING] = say_goodbye,
        [PHASE_REAUTH_ASKED] = say_goodbye,
        [PHASE_REAUTH_RUNNING] = say_goodbye,
    },
    [TLS_ACTION_ALERT] = {
        [PHASE_HANDSHAKE] = send_alert,
        [PHASE_CONNECTED] = send_alert,
        [PHASE_REQUESTED] = send_alert,
        [PHASE_HELLO_SENT] = send_alert,
        [PHASE_RUNNING] = send_alert,
        [PHASE_REAUTH_ASKED] = send_alert,
        [PHASE_REAUTH_RUNNING] = send_alert,
    },
};
/* clang-format on */

static bool take_verdict(struct session *session, uint32_t alert)
{
    if (session->verdict != VERDICT_WAITING || (alert > 255 && alert != TLS_NO_ALERT))
        return false;
    session->verdict = alert ? VERDICT_REJECTED : VERDICT_ACCEPTED;
    session->verdict_alert = alert == TLS_NO_ALERT ? ALERT_BAD_CERTIFICATE : alert;
    return true;
}

static bool name_alert(uint32_t level, uint32_t alert, struct tls_handshake *params)
{
    if ((level != GNUTLS_AL_WARNING && level != GNUTLS_AL_FATAL) || alert > 255)
        return false;
    params->alert_level = level;
    params->alert = alert;
    return true;
}

/* What the caller brings beside the input; false when it is none of what the action takes. */
static bool take_argument(struct session *session, uint32_t level, uint32_t alert,
                          struct tls_handshake *params)
{
    switch (params->action) {
    case TLS_ACTION_VERDICT:
        return take_verdict(session, alert);
    case TLS_ACTION_ALERT:
        return name_alert(level, alert, params);
    default:
        return params->action < TLS_ACTION_COUNT;
    }
}

/* Those that a session which has failed only answers with its failure. A suspended step ends first,
 * and farewells are said in any case. */
static bool ends_with_session(uint32_t action)
{
    return action == TLS_ACTION_HANDSHAKE || action == TLS_ACTION_VERDICT ||
           action == TLS_ACTION_RENEGOTIATE;
}

static void run(struct session *session, uint32_t level, uint32_t alert,
                struct tls_handshake *params)
{
    int32_t failure = atomic_load(&session->failure);

    if ((params->action == TLS_ACTION_KEY_USED) != !!session->helper)
        params->status = SEC_E_OUT_OF_SEQUENCE;
    else if (session->alert_due)
        send_due(session, params);
    else if (failure != SEC_E_OK && ends_with_session(params->action))
        params->status = failure;
    else if (!take_argument(session, level, alert, params))
        params->status = SEC_E_INVALID_PARAMETER;
    else
        steps[params->action][session->phase](session, params);
}

static struct session *begin_datagrams(struct tls_handshake *params)
{
    const struct credentials *credentials = pointer(params->credentials);
    gnutls_dtls_prestate_st prestate;
    struct session *session;

    if (!(credentials->protocols & TLS_PROTOCOL_ANY_DTLS)) {
        reason_say("the credentials have no version of DTLS, and a datagram is asked for");
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
        reason_say("the credentials have versions of DTLS only");
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

/*
 * A helper's thread is none of Wine's, so it may touch neither the caller's input nor its output,
 * whose pages may have a handler (write watches, guards). Its legs read a copy, and what they write
 * waits in the session until they have ended.
 */
static bool runs_apart(const struct session *session, const struct tls_handshake *params)
{
    const struct credentials *brought = pointer(params->credentials);

    return session->credentials->external || (brought && brought->external);
}

static void point_transport(struct session *session, const struct tls_handshake *params)
{
    const uint8_t *input = pointer(params->input);

    if (session->datagram) {
        if (params->action != TLS_ACTION_VERDICT && params->action != TLS_ACTION_KEY_USED)
            datagram_begin(session, params);
    } else if (is_connected(session)) {
        receiver_begin_handshake(&session->receiver, input, params->input_size);
    } else {
        receiver_begin(&session->receiver, input, params->input_size);
    }
}

/*
 * Whether what the leg wrote waits for the next one. Nothing comes out with
 * SEC_I_INCOMPLETE_CREDENTIALS; what TLS 1.3 has to say already goes with the answer. A caller that
 * sends nothing behind the handshake loses nothing either of what came out on the way to its end.
 */
static bool output_is_held(const struct session *session, const struct tls_handshake *params)
{
    if (session->datagram)
        return false;
    if (params->status == SEC_I_INCOMPLETE_CREDENTIALS)
        return true;
    return session->flags & TLS_SESSION_HOLD_LAST &&
           (params->status == SEC_E_OK || params->status == TLS_VERIFY_PEER ||
            params->status == TLS_KEY_WANTED) &&
           (params->action == TLS_ACTION_HANDSHAKE || params->action == TLS_ACTION_VERDICT ||
            params->action == TLS_ACTION_KEY_USED);
}

/* One leg of a session over the caller's memory, or a copy of it; `bad`: it begins with such a
 * record. */
static void do_leg(struct session *session, uint32_t level, uint32_t alert,
                   const struct record_view *bad, struct tls_handshake *params)
{
    const bool apart = runs_apart(session, params);
    const tls_u64 input = params->input;
    uint8_t *copy = NULL;

    if (apart && params->input_size) {
        if (!(copy = malloc(params->input_size))) {
            params->status = SEC_E_INSUFFICIENT_MEMORY;
            return;
        }
        memcpy(copy, pointer(input), params->input_size);
        params->input = (tls_u64)(uintptr_t)copy;
    }
    sender_begin(&session->sender, apart ? NULL : pointer(params->output), params->output_size);
    point_transport(session, params);
    request_begin_leg(session, params);
    if (bad)
        session_refuse_record(session, bad, params);
    else
        run(session, level, alert, params);
    info_of_leg(session, params);
    params->consumed += (uint32_t)session->receiver.used;
    receiver_end(&session->receiver);
    if (apart)
        sender_begin(&session->sender, pointer(params->output), params->output_size);
    if (output_is_held(session, params)) {
        if (!sender_hold(&session->sender))
            params->status = SEC_E_INSUFFICIENT_MEMORY;
        params->held = (uint32_t)session->sender.pending_size;
    } else {
        params->written = (uint32_t)session->sender.written;
        params->pending = (uint32_t)session->sender.pending_size;
    }
    sender_end(&session->sender);
    if (session->datagram) {
        params->pending = flight_pending(&session->flight);
        params->next_datagram = flight_next(&session->flight);
    }
    params->input = input;
    free(copy);
}

void call_handshake(struct tls_handshake *params)
{
    struct session *session = pointer(params->session);
    uint32_t level = params->alert_level, alert = params->alert;
    bool created = !session;
    struct record_view view;
    enum record_state state = RECORD_WHOLE;

    reason_forget();
    params->consumed = params->written = params->pending = params->missing = 0;
    params->alert_level = 0;
    params->alert = TLS_NO_ALERT;
    params->alert_received = params->renewed = params->credentials_taken = 0;
    params->peer_certificate = params->new_session = params->held = 0;
    params->next_datagram = 0;
    if (!params->input)
        params->input_size = 0;
    if (created && !(session = begin(params, &view, &state)))
        return;

    do_leg(session, level, alert, state == RECORD_BAD ? &view : NULL, params);

    /* A session that failed at once lives on only if its alert still waits to be fetched. */
    if (created && !params->pending &&
        (atomic_load(&session->failure) != SEC_E_OK ||
         params->status == SEC_E_INSUFFICIENT_MEMORY)) {
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
