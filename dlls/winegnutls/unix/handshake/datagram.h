/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handshakes over datagrams. */
#ifndef UNIX_HANDSHAKE_DATAGRAM_H
#define UNIX_HANDSHAKE_DATAGRAM_H

#include "unix/state/session.h"

/* A server's first datagram: true when a session is to be made for it. */
bool datagram_hello(struct tls_handshake *params, gnutls_dtls_prestate_st *prestate);
/* gnutls_handshake over the records of a datagram; its result. */
int datagram_drive(struct session *session, struct tls_handshake *params);
/* Before a leg with that input. */
void datagram_begin(struct session *session, const struct tls_handshake *params);

#endif
