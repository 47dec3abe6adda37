/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What was negotiated, told at the end of a leg and kept during a renegotiation. */
#ifndef UNIX_QUERIES_INFO_H
#define UNIX_QUERIES_INFO_H

#include "unix/state/session.h"

/* At the end of a leg: what of TLS_CALL_INFO the caller needs at once. */
void info_of_leg(const struct session *session, struct tls_handshake *params);
/* Before a renegotiation: GnuTLS knows then only what is being negotiated. */
void info_keep(struct session *session);
/* A handshake has ended. */
void info_renew(struct session *session);

#endif
