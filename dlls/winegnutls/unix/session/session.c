/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Creating, configuring and freeing a session.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/reason.h"
#include "unix/base/status.h"
#include "unix/credentials/credentials.h"
#include "unix/credentials/helper.h"
#include "unix/credentials/issuers.h"
#include "unix/credentials/priority.h"
#include "unix/credentials/sessioncache.h"
#include "unix/credentials/tickets.h"
#include "unix/queries/binding.h"
#include "unix/queries/info.h"
#include "unix/queries/srtp.h"
#include "unix/records/keys.h"
#include "unix/session/alpn.h"
#include "unix/session/former.h"
#include "unix/session/keylog.h"
#include "unix/session/lastflight.h"
#include "unix/session/messages.h"
#include "unix/session/request.h"
#include "unix/session/session.h"
#include "unix/state/session.h"
#include "unix/transport/flight.h"
#include "unix/transport/transport.h"
#include "unix/wire/hello.h"

#define EXTENSION_POST_HANDSHAKE_AUTH 49
/* 24 days. 0 is not "for ever" but "at once" in GnuTLS 3.7. */
#define NEVER                         0x7fffffff
/* What GnuTLS takes of a handshake when it is not told. */
#define MAX_OTHER_MESSAGES            (128 * 1024)

static int set_server_name(struct session *session, const char *name, uint32_t size)
{
    if (memchr(name, 0, size))
        return GNUTLS_E_INVALID_REQUEST;
    session->server_name = (char *)(session + 1);
    memcpy(session->server_name, name, size);
    return gnutls_server_name_set(session->tls, GNUTLS_NAME_DNS, name, size);
}

/* The GnuTLS session's transport and timers. */
static void configure_datagrams(struct session *session, const struct tls_handshake *params)
{
    session->flight.mtu = params->mtu ? params->mtu : TLS_DEFAULT_MTU;
    session->sender.flight = &session->flight;
    gnutls_transport_set_pull_timeout_function(session->tls, transport_wait);
    gnutls_dtls_set_timeouts(session->tls, 0, NEVER);
    gnutls_dtls_set_mtu(session->tls, session->flight.mtu);
}

static int configure_role(struct session *session, const struct tls_handshake *params,
                          struct client_hello *hello)
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
    /* GnuTLS counts all messages of the handshake together. */
    gnutls_handshake_set_max_packet_length(session->tls, MAX_CLIENT_HELLO + MAX_OTHER_MESSAGES);
    issuers_apply(session);
    if (!(params->flags & TLS_SESSION_NO_RESUME))
        error = ticket_keys_enable(session, hello);
    if (!(params->flags & TLS_SESSION_NO_RESUME))
        session_cache_use(session);
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
                                   const struct tls_handshake *params, struct client_hello *hello)
{
    bool offered = false;

    if (session->datagram)
        return false;
    if (session->credentials->role == TLS_CLIENT)
        return params->flags & TLS_SESSION_LATER_REQUEST;
    if (session->credentials->protocols & TLS_PROTOCOL_TLS1_3)
        client_hello_extensions(hello, on_extension, &offered);
    return offered;
}

static int set_priority(struct session *session, const struct tls_handshake *params)
{
    const struct priority *priority = session->credentials->priority;

    if (params->flags & TLS_SESSION_NO_TLS1_3) {
        priority = session->own_priority = priority_without_tls13(priority);
        if (!priority)
            return GNUTLS_E_NO_PRIORITIES_WERE_SET;
    }
    return gnutls_priority_set(session->tls, priority_handle(priority));
}

/* `hello` is that of a server's client. */
static int configure(struct session *session, const struct tls_handshake *params,
                     struct client_hello *hello)
{
    const struct credentials *credentials = session->credentials;
    unsigned int flags = credentials->role == TLS_SERVER ? GNUTLS_SERVER : GNUTLS_CLIENT;
    int error;

    flags |= GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
    if (params->flags & TLS_SESSION_NO_RESUME)
        flags |= GNUTLS_NO_TICKETS;
    if (session->datagram)
        flags |= GNUTLS_DATAGRAM;
    if (may_authenticate_later(session, params, hello))
        flags |= GNUTLS_POST_HANDSHAKE_AUTH;
    if ((error = gnutls_init(&session->tls, flags)) < 0)
        return error;

    gnutls_session_set_ptr(session->tls, session);
    gnutls_transport_set_ptr2(session->tls, &session->receiver, &session->sender);
    gnutls_transport_set_pull_function(session->tls, transport_pull);
    gnutls_transport_set_push_function(session->tls, transport_push);
    if (session->datagram)
        configure_datagrams(session, params);
    keylog_use(session->tls);
    gnutls_session_set_verify_function(session->tls, on_peer_certificate);
    gnutls_handshake_set_hook_function(session->tls, GNUTLS_HANDSHAKE_ANY, GNUTLS_HOOK_PRE,
                                       on_message);

    error = set_priority(session, params);
    if (error >= 0)
        error = gnutls_credentials_set(session->tls, GNUTLS_CRD_CERTIFICATE, credentials->tls);
    if (error >= 0 && params->alpn && params->alpn_size)
        error = alpn_set(session, pointer(params->alpn), params->alpn_size, hello);
    if (error >= 0 && session->datagram)
        error = srtp_offer(session->tls, params);
    if (error >= 0)
        error = configure_role(session, params, hello);
    return error;
}

struct session *session_create(struct tls_handshake *params)
{
    struct credentials *credentials = pointer(params->credentials);
    struct client_hello hello = {.records = pointer(params->input), .size = params->input_size};
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
    session->policy = params->policy;
    session->datagram = params->flags & TLS_SESSION_DATAGRAM;
    if (session->datagram)
        session->flags |= TLS_SESSION_NO_RENEGOTIATION;
    session->credentials = credentials;
    credentials_reference(credentials);

    error = configure(session, params, &hello);
    client_hello_free(&hello);
    if (error >= 0)
        return session;

    reason_error(error);
    if (error == GNUTLS_E_MEMORY_ERROR)
        params->status = SEC_E_INSUFFICIENT_MEMORY;
    else if (error == GNUTLS_E_NO_PRIORITIES_WERE_SET)
        params->status = SEC_E_ALGORITHM_MISMATCH;
    else if (error == GNUTLS_E_UNIMPLEMENTED_FEATURE)
        params->status = SEC_E_UNSUPPORTED_FUNCTION;
    else
        params->status = SEC_E_INVALID_PARAMETER;
    session_free(session);
    return NULL;
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
    former_free(session);
    last_flight_free(session);
    info_renew(session);
    priority_release(session->own_priority);
    credentials_release(session->credentials);
    free(session);
}

void call_session_free(struct tls_free *params)
{
    session_free(pointer(params->object));
    params->object = 0;
}
