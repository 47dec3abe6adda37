/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a session gives away in bytes. */
#ifndef UNIX_QUERIES_BINDING_H
#define UNIX_QUERIES_BINDING_H

#include "unix/state/session.h"

/* Takes what TLS_CALL_RESUMPTION_DATA gave, before the handshake. */
void resume_session(struct session *session, const uint8_t *data, size_t size);

#endif
