/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Legs after the handshake. */
#ifndef UNIX_HANDSHAKE_LATER_H
#define UNIX_HANDSHAKE_LATER_H

#include "unix/state/session.h"

/* Lets GnuTLS process one record. False when the leg ends here. */
bool posthandshake_feed(struct session *session, const uint8_t *record, size_t size,
                        struct tls_handshake *params);
/* TLS_ACTION_HANDSHAKE once the handshake is done. */
void posthandshake(struct session *session, struct tls_handshake *params);

#endif
