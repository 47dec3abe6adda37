/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Application protocols. */
#ifndef UNIX_SESSION_ALPN_H
#define UNIX_SESSION_ALPN_H

#include "unix/state/session.h"

/* The ProtocolNameList body of a new session; hello is what a server's client begins with.
 * GNUTLS_E_UNIMPLEMENTED_FEATURE: a list, or a choice, that GnuTLS cannot do. */
int alpn_set(struct session *session, const uint8_t *list, uint32_t size, const uint8_t *hello,
             size_t hello_size);

#endif
