/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Legs after a DTLS handshake. */
#ifndef UNIX_HANDSHAKE_LATERDATAGRAM_H
#define UNIX_HANDSHAKE_LATERDATAGRAM_H

#include "unix/state/session.h"

/* TLS_ACTION_HANDSHAKE once the handshake is done. */
void datagram_posthandshake(struct session *session, struct tls_handshake *params);

#endif
