/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Application protocols. */
#ifndef UNIX_SESSION_ALPN_H
#define UNIX_SESSION_ALPN_H

#include "unix/state/session.h"

struct client_hello;

/* The ProtocolNameList body of a new session; hello is that of a server's client.
 * GNUTLS_E_UNIMPLEMENTED_FEATURE: a list, or a choice, that GnuTLS cannot do. */
int alpn_set(struct session *session, const uint8_t *list, uint32_t size,
             struct client_hello *hello);

#endif
