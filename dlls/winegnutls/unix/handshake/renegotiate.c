/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Renegotiation: a handshake inside a connection, in TLS 1.2 and older.
 *
 * Either side may want one. A server says so with a HelloRequest (PHASE_REQUESTED), which changes
 * nothing yet; a client sends its ClientHello (PHASE_HELLO_SENT). The peer may still send data,
 * under the old keys, until its own hello comes. Then the handshake runs like the first one, under
 * the protection of the old keys and with GnuTLS as the owner of the connection (PHASE_RUNNING).
 *
 * It is done with peers that have RFC 5746 only: without, an attacker's handshake could be
 * continued by a victim's.
 *
 * Data must not get to GnuTLS while it is in a handshake, since it would keep it. So it is given
 * the records up to the next one of data only.
 */
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/handshake/drive.h"
#include "unix/handshake/reauth.h"
#include "unix/handshake/renegotiate.h"
#include "unix/queries/info.h"
#include "unix/records/keys.h"
#include "unix/records/open.h"
#include "unix/session/ending.h"
#include "unix/session/former.h"
#include "unix/session/request.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/transport/transport.h"
#include "unix/wire/wire.h"

bool renegotiation_wanted(const struct session *session)
{
    return !(session->flags & TLS_SESSION_NO_RENEGOTIATION) && !session->encrypt.closed &&
           gnutls_safe_renegotiation_status(session->tls);
}

int renegotiation_refuse(struct session *session)
{
    /* Nothing follows our close_notify. */
    if (session->encrypt.closed)
        return 0;
    return gnutls_alert_send(session->tls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
}

ssize_t renegotiation_discard(struct session *session)
{
    int error;

    session->discard_hello = true;
    error = gnutls_handshake(session->tls);
    session->discard_hello = false;
    if (error == GNUTLS_E_GOT_APPLICATION_DATA)
        return GNUTLS_E_REHANDSHAKE;
    return error < 0 ? error : GNUTLS_E_INTERNAL_ERROR;
}

/* Behind something that GnuTLS sent by itself. False: the session has failed. */
static bool take_back(struct session *session, int error, struct tls_handshake *params)
{
    if (error >= 0)
        error = keys_take(session);
    if (error < 0)
        session_fail(session, error, params);
    return error >= 0;
}

static void prepare(struct session *session, struct tls_handshake *params)
{
    session_take_credentials(session, params);
    session->verdict = VERDICT_NONE;
    session->record_limit = session->fragment_limit = 0;
    if (session->credentials->role == TLS_SERVER)
        gnutls_certificate_server_set_request(session->tls, params->flags & TLS_SESSION_REQUEST_CERT
                                                                ? GNUTLS_CERT_REQUEST
                                                                : GNUTLS_CERT_IGNORE);
}

void renegotiation_go_on(struct session *session, struct tls_handshake *params)
{
    const uint8_t *input = pointer(params->input);

    receiver_begin_handshake(&session->receiver, input ? input + params->consumed : NULL,
                             params->input_size - params->consumed);
    request_watch(session);
    handshake_continue(session, params);
    if (params->status == SEC_I_NO_RENEGOTIATION)
        session->phase = PHASE_CONNECTED;
    else if (session->phase == PHASE_HELLO_SENT && session->receiver.used)
        session->phase = PHASE_RUNNING;
    if (atomic_load(&session->failure) == SEC_E_OK && keys_take(session) < 0)
        session_refuse(session, SEC_E_INTERNAL_ERROR, ALERT_INTERNAL_ERROR,
                       "GnuTLS does not give out its keys", params);
}

void renegotiation_begin(struct session *session, struct tls_handshake *params)
{
    info_keep(session);
    prepare(session, params);
    keys_give(session);
    session->phase = session->credentials->role == TLS_SERVER ? PHASE_RUNNING : PHASE_HELLO_SENT;
    renegotiation_go_on(session, params);
}

void renegotiation_answer(struct session *session, struct tls_handshake *params)
{
    params->status = SEC_E_OK;
    if (renegotiation_wanted(session)) {
        renegotiation_begin(session, params);
        return;
    }
    keys_give(session);
    take_back(session, renegotiation_refuse(session), params);
}

void renegotiation_continue(struct session *session, struct tls_handshake *params)
{
    struct record_view view;

    receiver_end(&session->receiver);
    if (peer_has_closed(session, params))
        return;
    params->status = SEC_I_CONTINUE_NEEDED;
    if (!params->input_size || !input_begins_whole(session, params, &view))
        return;
    if (view.type != RECORD_DATA) {
        keys_give(session);
        renegotiation_go_on(session, params);
    } else if (session->phase == PHASE_RUNNING) {
        session_refuse(session, SEC_E_ILLEGAL_MESSAGE, ALERT_UNEXPECTED_MESSAGE,
                       "data came in the middle of a renegotiation", params);
    }
}

static void ask_tls12(struct session *session, struct tls_handshake *params)
{
    if (!renegotiation_wanted(session)) {
        params->status = SEC_I_NO_RENEGOTIATION;
        return;
    }
    params->input_size = 0;
    if (session->credentials->role == TLS_CLIENT) {
        renegotiation_begin(session, params);
        return;
    }
    keys_give(session);
    if (take_back(session, gnutls_rehandshake(session->tls), params))
        session->phase = PHASE_REQUESTED;
}

static void ask_tls13(struct session *session, struct tls_handshake *params)
{
    keys_give(session);
    take_back(session, gnutls_session_key_update(session->tls, GNUTLS_KU_PEER), params);
}

void renegotiation_ask(struct session *session, struct tls_handshake *params)
{
    params->status = SEC_E_OK;
    receiver_end(&session->receiver);
    if (session->encrypt.closed || session->decrypt.closed)
        params->status = SEC_I_CONTEXT_EXPIRED;
    else if (hello_request_take(session))
        renegotiation_answer(session, params);
    else if (session->format == FORMAT_TLS13 && session->credentials->role == TLS_SERVER &&
             params->flags & TLS_SESSION_REQUEST_CERT)
        reauth_ask(session, params);
    else if (session->format == FORMAT_TLS13)
        ask_tls13(session, params);
    else
        ask_tls12(session, params);
    if (session->sender.out_of_memory)
        session_refuse(session, SEC_E_INSUFFICIENT_MEMORY, ALERT_INTERNAL_ERROR, "out of memory",
                       params);
}

void renegotiation_await(struct session *session, struct tls_handshake *params)
{
    receiver_end(&session->receiver);
    params->status = session->encrypt.closed || session->decrypt.closed ? SEC_I_CONTEXT_EXPIRED
                                                                        : SEC_I_CONTINUE_NEEDED;
}
