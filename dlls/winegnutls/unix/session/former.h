/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Going over to other credentials. */
#ifndef UNIX_SESSION_FORMER_H
#define UNIX_SESSION_FORMER_H

#include "unix/state/session.h"

/* Goes over to the credentials that the leg brings, if it does and they are others. */
void session_take_credentials(struct session *session, struct tls_handshake *params);
/* From now on the session neither takes nor gives out tickets. */
void session_without_tickets(struct session *session);
void former_free(struct session *session);

#endif
