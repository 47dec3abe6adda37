/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating, configuring and freeing a session.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/base/engine.h"

#define EXTENSION_POST_HANDSHAKE_AUTH 49

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
static int on_peer_certificate(gnutls_session_t tls)
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
    session->answer_key_update = true;
    message->data[0] = KEY_UPDATE_NOT_REQUESTED;
}

static int on_message(gnutls_session_t tls, unsigned int type, unsigned int when,
                      unsigned int incoming, const gnutls_datum_t *message)
{
    struct session *session = gnutls_session_get_ptr(tls);

    (void)when;
    if (incoming)
        session->message_came = true;
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
        renegotiation_hello(session);
        break;
    case GNUTLS_HANDSHAKE_SERVER_HELLO:
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

static int set_server_name(struct session *session, const char *name, uint32_t size)
{
    if (memchr(name, 0, size))
        return GNUTLS_E_INVALID_REQUEST;
    session->server_name = (char *)(session + 1);
    memcpy(session->server_name, name, size);
    return gnutls_server_name_set(session->tls, GNUTLS_NAME_DNS, name, size);
}

static int configure_role(struct session *session, const struct tls_handshake *params)
{
    const struct credentials *credentials = session->credentials;
    int error = 0;

    if (credentials->role == TLS_CLIENT) {
        if (credentials->min_dh_bits)
            gnutls_dh_set_prime_bits(session->tls, credentials->min_dh_bits);
        if (params->server_name && params->server_name_size)
            error =
                set_server_name(session, pointer(params->server_name), params->server_name_size);
        if (error >= 0 && params->resume && params->resume_size &&
            !(params->flags & TLS_SESSION_NO_RESUME))
            resume_session(session, pointer(params->resume), params->resume_size);
        return error;
    }
    gnutls_certificate_server_set_request(session->tls, params->flags & TLS_SESSION_REQUEST_CERT
                                                            ? GNUTLS_CERT_REQUEST
                                                            : GNUTLS_CERT_IGNORE);
    issuers_apply(session);
    if (!(params->flags & TLS_SESSION_NO_RESUME))
        error = ticket_keys_enable(session, pointer(params->input), params->input_size);
    return error;
}

static int on_extension(void *context, unsigned int type, const unsigned char *data,
                        unsigned int size)
{
    bool *offered = context;

    (void)data;
    (void)size;
    if (type == EXTENSION_POST_HANDSHAKE_AUTH)
        *offered = true;
    return 0;
}

/* GnuTLS keeps a copy of all the handshake's messages for it, 2 KB, until the connection ends. */
static bool may_authenticate_later(const struct session *session,
                                   const struct tls_handshake *params)
{
    bool offered = false;

    if (session->datagram)
        return false;
    if (session->credentials->role == TLS_CLIENT)
        return params->flags & TLS_SESSION_LATER_REQUEST;
    if (session->credentials->protocols & TLS_PROTOCOL_TLS1_3)
        client_hello_extensions(pointer(params->input), params->input_size, on_extension, &offered);
    return offered;
}

static int configure(struct session *session, const struct tls_handshake *params)
{
    const struct credentials *credentials = session->credentials;
    unsigned int flags = credentials->role == TLS_SERVER ? GNUTLS_SERVER : GNUTLS_CLIENT;
    int error;

    flags |= GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
    if (params->flags & TLS_SESSION_NO_RESUME)
        flags |= GNUTLS_NO_TICKETS;
    if (session->datagram)
        flags |= GNUTLS_DATAGRAM;
    if (may_authenticate_later(session, params))
        flags |= GNUTLS_POST_HANDSHAKE_AUTH;
    if ((error = gnutls_init(&session->tls, flags)) < 0)
        return error;

    gnutls_session_set_ptr(session->tls, session);
    gnutls_transport_set_ptr2(session->tls, &session->receiver, &session->sender);
    gnutls_transport_set_pull_function(session->tls, transport_pull);
    gnutls_transport_set_push_function(session->tls, transport_push);
    if (session->datagram)
        datagram_configure(session, params);
    gnutls_session_set_verify_function(session->tls, on_peer_certificate);
    gnutls_handshake_set_hook_function(session->tls, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE,
                                       on_message);

    error = gnutls_priority_set(session->tls, priority_handle(credentials->priority));
    if (error >= 0)
        error = gnutls_credentials_set(session->tls, GNUTLS_CRD_CERTIFICATE, credentials->tls);
    if (error >= 0 && params->alpn && params->alpn_size)
        error = alpn_set(session, pointer(params->alpn), params->alpn_size, pointer(params->input),
                         params->input_size);
    if (error >= 0 && session->datagram)
        error = srtp_offer(session->tls, params);
    if (error >= 0)
        error = configure_role(session, params);
    return error;
}

struct session *session_create(struct tls_handshake *params)
{
    struct credentials *credentials = pointer(params->credentials);
    struct session *session;
    int error;

    if (!credentials) {
        params->status = SEC_E_INVALID_HANDLE;
        return NULL;
    }
    if (!(session = calloc(1, sizeof(*session) + params->server_name_size + 1))) {
        params->status = SEC_E_INSUFFICIENT_MEMORY;
        return NULL;
    }
    /* GnuTLS does not agree on SRTP again when it resumes. */
    if (params->srtp_profiles_size)
        params->flags |= TLS_SESSION_NO_RESUME;
    session->flags = params->flags;
    session->datagram = params->flags & TLS_SESSION_DATAGRAM;
    if (session->datagram)
        session->flags |= TLS_SESSION_NO_RENEGOTIATION;
    session->credentials = credentials;
    credentials_reference(credentials);

    error = configure(session, params);
    if (error >= 0)
        return session;

    if (error == GNUTLS_E_MEMORY_ERROR)
        params->status = SEC_E_INSUFFICIENT_MEMORY;
    else if (error == GNUTLS_E_UNIMPLEMENTED_FEATURE)
        params->status = SEC_E_UNSUPPORTED_FUNCTION;
    else
        params->status = SEC_E_INVALID_PARAMETER;
    session_free(session);
    return NULL;
}

/* GnuTLS may point into what was replaced for as long as the session lives. */
struct former {
    struct former *next;
    struct credentials *credentials;
};

static void free_former(struct session *session)
{
    struct former *former;

    while ((former = session->former)) {
        session->former = former->next;
        credentials_release(former->credentials);
        free(former);
    }
}

void session_take_credentials(struct session *session, struct tls_handshake *params)
{
    struct credentials *credentials = pointer(params->credentials);
    struct former *former;

    if (!credentials || credentials == session->credentials ||
        credentials->role != session->credentials->role || !(former = calloc(1, sizeof(*former))))
        return;
    if (gnutls_credentials_set(session->tls, GNUTLS_CRD_CERTIFICATE, credentials->tls) < 0) {
        free(former);
        return;
    }
    former->credentials = session->credentials;
    former->next = session->former;
    session->former = former;
    credentials_reference(credentials);
    session->credentials = credentials;
    params->credentials_taken = 1;
}

void session_free(struct session *session)
{
    if (!session)
        return;
    if (session->helper) {
        receiver_end(&session->receiver);
        sender_begin(&session->sender, NULL, 0);
        helper_abandon(session);
    }
    keys_wipe(session);
    if (session->tls)
        gnutls_deinit(session->tls);
    sender_free(&session->sender);
    flight_free(&session->flight);
    request_free(session);
    free_former(session);
    last_flight_free(session);
    info_renew(session);
    priority_release(session->later_priority);
    credentials_release(session->credentials);
    free(session);
}

void call_session_free(struct tls_free *params)
{
    session_free(pointer(params->object));
    params->object = 0;
}
