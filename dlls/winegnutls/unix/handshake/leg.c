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

#include "unix/base/engine.h"

/* GnuTLS collects a message of up to 16 MB before it looks at it; no honest peer sends such. */
#define MAX_UNFINISHED_INPUT (256 * 1024)

int account_input(struct session *session, size_t size)
{
    if (session->message_came)
        session->unfinished_input = 0;
    else if (size > MAX_UNFINISHED_INPUT - session->unfinished_input)
        return GNUTLS_E_HANDSHAKE_TOO_LARGE;
    else
        session->unfinished_input += (uint32_t)size;
    session->message_came = false;
    return 0;
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
    if (session->handshake_done && keys_take(session) < 0)
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
    } else if (error == GNUTLS_E_SESSION_EOF) {
        params->alert_level = GNUTLS_AL_WARNING;
        params->alert = ALERT_CLOSE_NOTIFY;
        params->alert_received = 1;
        params->status = SEC_I_CONTEXT_EXPIRED;
        session->peer_closed = true;
    } else {
        params->alert = alert_from_error(error);
        if (session->verdict == VERDICT_REJECTED)
            params->alert = session->verdict_alert;
        params->status =
            session->key_failure != SEC_E_OK ? session->key_failure : status_from_error(error);
        alert_write(session, GNUTLS_AL_FATAL, params->alert);
    }
    atomic_store(&session->failure, params->status);
}

void session_refuse(struct session *session, int32_t status, uint32_t alert,
                    struct tls_handshake *params)
{
    params->status = status;
    params->alert_level = GNUTLS_AL_FATAL;
    params->alert = alert;
    drop_flight(session);
    keys_give(session);
    alert_write(session, GNUTLS_AL_FATAL, alert);
    atomic_store(&session->failure, status);
}

/* GnuTLS forgets its own ClientHello then, and would begin once more. */
static bool renegotiation_denied(struct session *session, int error)
{
    return error == GNUTLS_E_WARNING_ALERT_RECEIVED && session->handshake_done &&
           gnutls_alert_get(session->tls) == GNUTLS_A_NO_RENEGOTIATION;
}

static int drive(struct session *session, struct tls_handshake *params)
{
    int error, turns = 0;

    if (session->datagram) {
        error = datagram_drive(session, params);
        goto done;
    }
    do {
        error = session_step(session, gnutls_handshake);
        if (error == GNUTLS_E_WARNING_ALERT_RECEIVED) {
            params->alert_level = GNUTLS_AL_WARNING;
            params->alert = (uint32_t)gnutls_alert_get(session->tls);
            params->alert_received = 1;
        }
        /* A stream of warnings is not a reason to stay here for ever. */
    } while (error == GNUTLS_E_WARNING_ALERT_RECEIVED && !renegotiation_denied(session, error) &&
             ++turns < 16);

    if (error == GNUTLS_E_AGAIN && account_input(session, session->receiver.used) < 0)
        error = GNUTLS_E_HANDSHAKE_TOO_LARGE;

done:
    if (!session->sender.out_of_memory)
        return error;
    helper_abandon(session);
    return GNUTLS_E_MEMORY_ERROR;
}

static bool is_version_mismatch(const struct session *session, int error,
                                const struct tls_handshake *params)
{
    return (error == GNUTLS_E_NO_CIPHER_SUITES || error == GNUTLS_E_UNKNOWN_CIPHER_SUITE) &&
           session->credentials->role == TLS_SERVER &&
           !client_hello_shares_version(pointer(params->input), params->input_size,
                                        session->credentials->protocols);
}

void handshake_continue(struct session *session, struct tls_handshake *params)
{
    int error = drive(session, params);

    if (error == GNUTLS_E_SUCCESS) {
        session->handshake_done = true;
        session->exchange = EXCHANGE_NONE;
        session->format = FORMAT_NONE;
        info_renew(session);
        params->renewed = 1;
        error = keys_take(session);
    }
    if (error == GNUTLS_E_SUCCESS)
        params->status = SEC_E_OK;
    else if (error == GNUTLS_E_AGAIN)
        params->status =
            session->request.unanswered ? SEC_I_INCOMPLETE_CREDENTIALS : SEC_I_CONTINUE_NEEDED;
    else if (error == HELPER_SUSPENDED)
        params->status = TLS_KEY_WANTED;
    else if (error == GNUTLS_E_INTERRUPTED && session->verdict == VERDICT_WAITING)
        params->status = TLS_VERIFY_PEER;
    else if (renegotiation_denied(session, error))
        params->status = SEC_I_NO_RENEGOTIATION;
    else if (is_version_mismatch(session, error, params))
        session_fail(session, GNUTLS_E_UNSUPPORTED_VERSION_PACKET, params);
    else
        session_fail(session, error, params);
}

bool record_is_whole(struct session *session, enum record_state state,
                     const struct record_view *view, struct tls_handshake *params)
{
    switch (state) {
    case RECORD_BAD:
        session_refuse(session, SEC_E_ILLEGAL_MESSAGE, view->alert, params);
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
