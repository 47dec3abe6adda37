/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Authentication after the handshake (RFC 8446 4.6.2): a TLS 1.3 server asks a client that has
 * offered it for a certificate, at any time.
 *
 * Nothing of it changes keys or holds up data. GnuTLS takes the client's answer (Certificate,
 * CertificateVerify, Finished) in gnutls_reauth, which comes back for the rest and for the verdict
 * like gnutls_handshake does; records go to it one by one (handshake/later.c).
 */
#include "unix/base/status.h"
#include "unix/credentials/helper.h"
#include "unix/handshake/reauth.h"
#include "unix/records/keys.h"
#include "unix/session/ending.h"
#include "unix/session/former.h"
#include "unix/session/session.h"
#include "unix/state/session.h"

static int step(gnutls_session_t tls)
{
    return gnutls_reauth(tls, 0);
}

/* Ends the part of a leg that was GnuTLS's. False: the leg is over, params->status says how. */
static bool settle(struct session *session, int error, size_t size, struct tls_handshake *params)
{
    bool done = error == GNUTLS_E_SUCCESS, more = false;

    if (error == GNUTLS_E_AGAIN)
        error = account_input(session, size);
    if (error == HELPER_SUSPENDED) {
        params->status = TLS_KEY_WANTED;
        error = 0;
    } else if (error == GNUTLS_E_INTERRUPTED && session->verdict == VERDICT_WAITING) {
        params->status = TLS_VERIFY_PEER;
        error = 0;
    } else if (error >= 0) {
        params->status = SEC_E_OK;
        more = true;
    }
    if (error >= 0)
        error = keys_take(session);
    if (error < 0) {
        session_fail(session, error, params);
        return false;
    }
    if (done) {
        session->phase = PHASE_CONNECTED;
        params->renewed = 1;
    }
    return more;
}

bool reauth_continue(struct session *session, struct tls_handshake *params)
{
    size_t size = session->receiver.size;

    keys_give(session);
    return settle(session, session_step(session, step), size, params);
}

void reauth_ask(struct session *session, struct tls_handshake *params)
{
    if (!(gnutls_session_get_flags(session->tls) & GNUTLS_SFLAGS_POST_HANDSHAKE_AUTH)) {
        params->status = SEC_I_NO_RENEGOTIATION;
        return;
    }
    if (session->phase != PHASE_CONNECTED) {
        params->status = SEC_I_CONTINUE_NEEDED;
        return;
    }
    session_take_credentials(session, params);
    gnutls_certificate_server_set_request(session->tls, GNUTLS_CERT_REQUEST);
    session->verdict = VERDICT_NONE;
    session->phase = PHASE_REAUTH_ASKED;
    reauth_continue(session, params);
}
