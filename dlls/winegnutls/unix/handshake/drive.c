/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Letting GnuTLS run until it would have to wait: for input, for the verdict on the peer's
 * certificate, for one of the caller's keys. The first handshake and renegotiations come through
 * here.
 */
#include "unix/base/engine.h"
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
        session->phase = PHASE_CONNECTED;
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
