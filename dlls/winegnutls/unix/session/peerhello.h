/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a session notes of the hello messages that pass. */
#ifndef UNIX_SESSION_PEERHELLO_H
#define UNIX_SESSION_PEERHELLO_H

#include "unix/state/session.h"

/* Notes what the peer's ClientHello, ServerHello or EncryptedExtensions says of record sizes. */
void hello_record_limit(struct session *session, unsigned int type, const gnutls_datum_t *message);
/* Notes which kinds of keys sign in the enabled suites of a ClientHello. */
void hello_suites(struct session *session, const gnutls_datum_t *message);
/* Notes the session id of a ServerHello, the peer's or ours. */
void hello_session_id(struct session *session, const gnutls_datum_t *message);

#endif
