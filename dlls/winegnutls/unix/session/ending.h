/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How a session ends, and looks at input that can end one. */
#ifndef UNIX_SESSION_ENDING_H
#define UNIX_SESSION_ENDING_H

#include "unix/state/session.h"
#include "unix/wire/wire.h"

/* Writes an alert through GnuTLS, which has to have the sequence numbers (keys_give), and takes
 * them back; before there are keys also when GnuTLS cannot any more. */
void alert_write(struct session *session, uint32_t level, uint32_t alert);
/* A handshake has ended: nothing of a message has come, or of what follows it. */
void account_begin(struct session *session);
/* Counts input that completed no message; GNUTLS_E_HANDSHAKE_TOO_LARGE when it is too much. */
int account_input(struct session *session, size_t size);
/* Ends the session over a GnuTLS error: fills alert and status, writes the alert to send. */
void session_fail(struct session *session, int error, struct tls_handshake *params);
/* Ends it over something that GnuTLS has not seen or does not mind; `reason` as in base/reason.h.
 */
void session_refuse(struct session *session, int32_t status, uint32_t alert, const char *reason,
                    struct tls_handshake *params);
/* Ends it over a record that record_look found bad. What comes instead of the first message and is
 * no TLS at all is an invalid token, as on Windows, and nobody is told. */
void session_refuse_record(struct session *session, const struct record_view *view,
                           struct tls_handshake *params);
/* After the peer's goodbye no leg goes on: true, and the leg ends with that status. */
bool peer_has_closed(const struct session *session, struct tls_handshake *params);
/* What record_look has found. False when the record is not whole or cannot be one: the leg ends
 * with that status. */
bool record_is_whole(struct session *session, enum record_state state,
                     const struct record_view *view, struct tls_handshake *params);
/* The same for the first record of the input. */
bool input_begins_whole(struct session *session, struct tls_handshake *params,
                        struct record_view *view);

#endif
