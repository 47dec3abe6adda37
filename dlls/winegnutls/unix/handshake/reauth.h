/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Authentication after the handshake, TLS 1.3. */
#ifndef UNIX_HANDSHAKE_REAUTH_H
#define UNIX_HANDSHAKE_REAUTH_H

#include "unix/state/session.h"

void reauth_ask(struct session *session, struct tls_handshake *params);
/* Lets GnuTLS go on with it: 0, GNUTLS_E_AGAIN, or params->status says how the leg ends. */
bool reauth_continue(struct session *session, struct tls_handshake *params);

#endif
