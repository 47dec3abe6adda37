/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server's request for a certificate of the client. */
#ifndef UNIX_SESSION_REQUEST_H
#define UNIX_SESSION_REQUEST_H

#include "unix/state/session.h"

/* What a leg's flags and credentials mean for a request, one that waits for an answer or to come.
 */
void request_begin_leg(struct session *session, struct tls_handshake *params);
/* Has the leg's records looked at before GnuTLS gets them, as far as a request is watched for. */
void request_watch(struct session *session);
/* In TLS 1.3 it may come behind the handshake. */
void request_came_later(struct session *session);
/* Whether the one that came later is answered now; false: the program has to find a certificate. */
bool request_may_be_answered(struct session *session);
void request_keep(struct session *session, const uint8_t *body, size_t size);
void request_free(struct session *session);

#endif
