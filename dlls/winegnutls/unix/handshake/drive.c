/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Letting GnuTLS run until it would have to wait: for input, for the verdict on the peer's
 * certificate, for one of the caller's keys. The first handshake and renegotiations come through
 * here.
 */
#include "unix/base/engine.h"
#include "unix/base/reason.h"
#include "unix/base/status.h"
#include "unix/credentials/helper.h"
#include "unix/handshake/datagram.h"
#include "unix/handshake/drive.h"
#include "unix/queries/info.h"
#include "unix/records/keys.h"
#include "unix/session/ending.h"
#include "unix/session/session.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/wire/hello.h"

/* GnuTLS forgets its own ClientHello then, and would begin once more. */
static bool renegotiation_denied(struct session *session, int error)
{
    return error == GNUTLS_E_WARNING_ALERT_RECEIVED && is_connected(session) &&
           gnutls_alert_get(session->tls) == GNUTLS_A_NO_RENEGOTIATION;
}

/* GnuTLS comes back after a record that did not end a message, although the next one is there. */
static int step_to_the_end(struct session *session)
{
    const struct receiver *receiver = &session->receiver;
    size_t before;
    int error;

    do {
        before = receiver->used;
        error = session_step(session, gnutls_handshake);
    } while (error == GNUTLS_E_AGAIN && receiver->used != before &&
             receiver->used != receiver->size && !session->request.unanswered);
    return error;
}

static int drive(struct session *session, struct tls_handshake *params)
{
    int error, turns = 0;

    if (session->datagram) {
        error = datagram_drive(session, params);
        goto done;
    }
    do {
        error = step_to_the_end(session);
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
    struct client_hello hello = {.records = pointer(params->input), .size = params->input_size};
    bool mismatch =
        (error == GNUTLS_E_NO_CIPHER_SUITES || error == GNUTLS_E_UNKNOWN_CIPHER_SUITE) &&
        session->credentials->role == TLS_SERVER &&
        !client_hello_shares_version(&hello, session->credentials->protocols);

    client_hello_free(&hello);
    return mismatch;
}

/*
 * A client that refuses our ServerHello or what follows has no key to say so with, or not yet, and
 * we read with one already: GnuTLS would take its alert for a forged record (RFC 8446 allows
 * either). Only before the handshake has ended, when nothing is authenticated anyhow.
 */
static bool refused_in_the_clear(struct session *session, struct tls_handshake *params)
{
    const struct receiver *receiver = &session->receiver;
    const uint8_t *record = receiver->data;
    struct record_view view = {.size = 0};
    size_t at;

    /* Only where nothing of GnuTLS's is suspended: it would stay so. */
    if (params->action != TLS_ACTION_HANDSHAKE || session->datagram ||
        session->phase != PHASE_HANDSHAKE || session->credentials->role != TLS_SERVER ||
        receiver->used || gnutls_protocol_get_version(session->tls) != GNUTLS_TLS1_3)
        return false;
    for (at = 0; at < receiver->size; at += view.size, record += view.size) {
        record_look(record, receiver->size - at, 0, &view);
        if (view.type == RECORD_ALERT && view.size == RECORD_HEADER_SIZE + 2 &&
            record[RECORD_HEADER_SIZE + 1] != ALERT_USER_CANCELED)
            break;
        if (view.type != RECORD_CHANGE_CIPHER_SPEC)
            return false;
    }
    if (at >= receiver->size)
        return false;
    params->alert_level = record[RECORD_HEADER_SIZE];
    params->alert = record[RECORD_HEADER_SIZE + 1];
    params->alert_received = 1;
    reason_alert(params->alert);
    params->status = status_from_alert(params->alert);
    params->consumed += (uint32_t)(at + view.size);
    atomic_store(&session->failure, params->status);
    return true;
}

void handshake_continue(struct session *session, struct tls_handshake *params)
{
    int error;

    if (refused_in_the_clear(session, params))
        return;
    error = drive(session, params);
    if (error == GNUTLS_E_SUCCESS) {
        session->phase = PHASE_CONNECTED;
        session->format = FORMAT_NONE;
        account_begin(session);
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
