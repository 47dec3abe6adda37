/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A handshake inside a connection, in TLS 1.2 and older. */
#ifndef UNIX_HANDSHAKE_RENEGOTIATE_H
#define UNIX_HANDSHAKE_RENEGOTIATE_H

#include "unix/state/session.h"

/* Answers a HelloRequest that TLS_CALL_DECRYPT took. */
void renegotiation_answer(struct session *session, struct tls_handshake *params);
/* TLS_ACTION_RENEGOTIATE: asks for what the version has of it, and when that was done already. */
void renegotiation_ask(struct session *session, struct tls_handshake *params);
void renegotiation_await(struct session *session, struct tls_handshake *params);
bool renegotiation_wanted(const struct session *session);
/* Tells the peer that its wish is refused (RFC 5246 7.2.2): 0 or a GnuTLS error. */
int renegotiation_refuse(struct session *session);
/*
 * Takes a ClientHello that will be refused: GNUTLS_E_REHANDSHAKE, GNUTLS_E_AGAIN or another error.
 * gnutls_record_recv would keep it for the handshake to follow, and take no data before; so that is
 * begun, and given up over the hello (session/messages.c) in the way that leaves no trace.
 */
ssize_t renegotiation_discard(struct session *session);
/* Starts it, with the input behind params->consumed. */
void renegotiation_begin(struct session *session, struct tls_handshake *params);
/* Lets GnuTLS have that input, or go on where it was stopped. */
void renegotiation_go_on(struct session *session, struct tls_handshake *params);
/* Goes on with it, likewise. */
void renegotiation_continue(struct session *session, struct tls_handshake *params);

#endif
