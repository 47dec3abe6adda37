/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Creating and freeing a session. */
#ifndef UNIX_SESSION_SESSION_H
#define UNIX_SESSION_SESSION_H

#include "unix/credentials/helper.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"

/* Runs a call of GnuTLS's that may need a key: its result, or HELPER_SUSPENDED. */
static inline int session_step(struct session *session, helper_step *step)
{
    return session->credentials->external ? helper_run(session, step) : step(session->tls);
}

void session_free(struct session *session);
/* Creates a session as *params asks for; NULL and params->status on failure. */
struct session *session_create(struct tls_handshake *params);

#endif
