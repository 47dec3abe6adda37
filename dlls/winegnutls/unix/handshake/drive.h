/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Letting GnuTLS run. */
#ifndef UNIX_HANDSHAKE_DRIVE_H
#define UNIX_HANDSHAKE_DRIVE_H

#include "unix/state/session.h"

/* Lets GnuTLS go on with the handshake, and says in *params how far it got. */
void handshake_continue(struct session *session, struct tls_handshake *params);

#endif
