/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Going over to other credentials and settings in the life of a session.
 */
#include <stdlib.h>

#include "unix/base/engine.h"
#include "unix/credentials/credentials.h"
#include "unix/credentials/priority.h"
#include "unix/session/former.h"
#include "unix/state/session.h"

/* GnuTLS may point into what was replaced for as long as the session lives. */
struct former {
    struct former *next;
    struct credentials *credentials;
};

void former_free(struct session *session)
{
    struct former *former;

    while ((former = session->former)) {
        session->former = former->next;
        credentials_release(former->credentials);
        free(former);
    }
}

void session_without_tickets(struct session *session)
{
    struct priority *former = session->own_priority;
    struct priority *priority =
        priority_without_tickets(former ? former : session->credentials->priority);

    if (!priority)
        return;
    gnutls_priority_set(session->tls, priority_handle(priority));
    session->own_priority = priority;
    priority_release(former);
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
