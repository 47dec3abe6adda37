/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * GnuTLS's callbacks: the peer's certificate, and every handshake message that comes or goes.
 */
#include "unix/session/former.h"
#include "unix/session/messages.h"
#include "unix/session/peerhello.h"
#include "unix/session/request.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/transport/flight.h"

enum { KEY_UPDATE_NOT_REQUESTED, KEY_UPDATE_REQUESTED };

/* The bounds that the registry sets for RSA keys of servers. */
static int check_rsa_bits(const struct credentials *credentials, const gnutls_datum_t *leaf)
{
    gnutls_x509_crt_t certificate = NULL;
    unsigned int bits = 0;
    int error;

    if (credentials->role != TLS_CLIENT ||
        (!credentials->min_rsa_bits && !credentials->max_rsa_bits))
        return 0;
    error = gnutls_x509_crt_init(&certificate);
    if (error >= 0)
        error = gnutls_x509_crt_import(certificate, leaf, GNUTLS_X509_FMT_DER);
    if (error >= 0)
        error = gnutls_x509_crt_get_pk_algorithm(certificate, &bits);
    if ((error == GNUTLS_PK_RSA || error == GNUTLS_PK_RSA_PSS) &&
        (bits < credentials->min_rsa_bits ||
         (credentials->max_rsa_bits && bits > credentials->max_rsa_bits)))
        error = GNUTLS_E_INSUFFICIENT_SECURITY;
    if (certificate)
        gnutls_x509_crt_deinit(certificate);
    return error < 0 ? error : 0;
}

/*
 * Runs inside gnutls_handshake when the peer's certificate is known. GNUTLS_E_INTERRUPTED leaves
 * the handshake where it is, and the next gnutls_handshake comes here again: that is how the
 * verdict of the caller is awaited without a thread that waits.
 */
int on_peer_certificate(gnutls_session_t tls)
{
    struct session *session = gnutls_session_get_ptr(tls);
    const gnutls_datum_t *chain;
    unsigned int count = 0;
    int error;

    chain = gnutls_certificate_get_peers(tls, &count);
    if (!chain || !count)
        return 0;
    error = check_rsa_bits(session->credentials, chain);
    if (error < 0 || !(session->flags & TLS_SESSION_VERIFY_PEER))
        return error;

    switch (session->verdict) {
    case VERDICT_ACCEPTED:
        return 0;
    case VERDICT_REJECTED:
        return GNUTLS_E_CERTIFICATE_ERROR;
    default:
        session->verdict = VERDICT_WAITING;
        return GNUTLS_E_INTERRUPTED;
    }
}

/*
 * GnuTLS would answer a request with its next data record, but those are ours. And when our own
 * request is on its way, it takes the peer's for a wrong answer, although the two may cross (RFC
 * 8446 4.6.3). So it is not told that this is a request.
 */
static void take_key_update(struct session *session, const gnutls_datum_t *message)
{
    if (message->size != 1 || message->data[0] != KEY_UPDATE_REQUESTED)
        return;
    session->key_updates++;
    message->data[0] = KEY_UPDATE_NOT_REQUESTED;
}

/*
 * A server resumes no session in a renegotiation: the certificate that it asks for would not come,
 * and GnuTLS sends a ticket behind its Finished then, which fails. Nor does it send one to a client
 * that does not speak of tickets any more, as GnuTLS would if the first handshake had one. But a
 * client that only wants a ticket gets one, since GnuTLS as a client waits for it whenever it got
 * one before.
 */
static void take_hello(struct session *session)
{
    if (is_connected(session) && (session->ticket_offered || !session->ticket_known))
        session_without_tickets(session);
}

/*
 * And a client waits for a ticket only when this hello promises one; GnuTLS would because an
 * earlier one did.
 */
static void take_answer(struct session *session)
{
    if (is_connected(session) && !session->ticket_announced)
        session_without_tickets(session);
}

int on_message(gnutls_session_t tls, unsigned int type, unsigned int when, unsigned int incoming,
               const gnutls_datum_t *message)
{
    struct session *session = gnutls_session_get_ptr(tls);

    (void)when;
    if (incoming)
        session->messages++;
    if (incoming && type == GNUTLS_HANDSHAKE_CLIENT_HELLO && session->discard_hello)
        return GNUTLS_E_GOT_APPLICATION_DATA;
    if (!incoming)
        flight_renew(&session->flight);
    if (!incoming && type == GNUTLS_HANDSHAKE_FINISHED)
        session->finished_sent = true;
    if (!message || !message->data)
        return 0;
    if (type == GNUTLS_HANDSHAKE_SERVER_HELLO)
        hello_session_id(session, message);
    if (!incoming)
        return 0;
    switch (type) {
    case GNUTLS_HANDSHAKE_CLIENT_HELLO:
        hello_suites(session, message);
        hello_record_limit(session, type, message);
        take_hello(session);
        break;
    case GNUTLS_HANDSHAKE_SERVER_HELLO:
        hello_record_limit(session, type, message);
        take_answer(session);
        break;
    case GNUTLS_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        hello_record_limit(session, type, message);
        break;
    case GNUTLS_HANDSHAKE_CERTIFICATE_REQUEST:
        request_keep(session, message->data, message->size);
        break;
    case GNUTLS_HANDSHAKE_KEY_UPDATE:
        take_key_update(session, message);
        break;
    }
    return 0;
}
