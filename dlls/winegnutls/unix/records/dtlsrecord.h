/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record path of DTLS, and what it looks at for the handshake's. */
#ifndef UNIX_RECORDS_DTLSRECORD_H
#define UNIX_RECORDS_DTLSRECORD_H

#include "unix/state/session.h"
#include "unix/wire/wire.h"

/*
 * What a record of the handshake asks for once there is none: SEC_E_UNFINISHED_CONTEXT_DELETED for
 * our last flight again, SEC_I_RENEGOTIATE, or the status of one to pass over.
 */
int32_t dtls_judge(struct session *session, const uint8_t *record, const struct dtls_view *view);

void dtls_encrypt(struct session *session, struct tls_encrypt *params);
void dtls_decrypt(struct session *session, struct tls_decrypt *params);

/* Before it reads, GnuTLS may first drop what it had kept, a record at a time. */
#define DTLS_MAX_TURNS 16

/* gnutls_record_recv of the record that the receiver holds. */
ssize_t datagram_recv(struct session *session, uint8_t *data, size_t size);
/* Whether our messages were the last of the handshake, so that they may have to be repeated. */
bool sent_last_flight(const struct session *session);

#endif
