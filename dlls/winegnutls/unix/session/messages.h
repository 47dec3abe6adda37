/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GnuTLS's callbacks: handshake messages and the peer's certificate. */
#ifndef UNIX_SESSION_MESSAGES_H
#define UNIX_SESSION_MESSAGES_H

#include "unix/base/engine.h"

/* For gnutls_session_set_verify_function and gnutls_handshake_set_hook_function. */
int on_peer_certificate(gnutls_session_t tls);
int on_message(gnutls_session_t tls, unsigned int type, unsigned int when, unsigned int incoming,
               const gnutls_datum_t *message);

#endif
