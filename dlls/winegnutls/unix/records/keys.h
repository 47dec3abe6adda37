/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Handing the connection to and fro between GnuTLS and the record path. */
#ifndef UNIX_RECORDS_KEYS_H
#define UNIX_RECORDS_KEYS_H

#include "unix/state/session.h"

/* After a handshake or after GnuTLS spoke: takes keys and sequence numbers; 0 or a GnuTLS error. */
int keys_take(struct session *session);
/* Before GnuTLS speaks: gives it the sequence numbers. */
void keys_give(struct session *session);
/* The most plaintext in one record. */
uint32_t session_max_data(const struct session *session);
void keys_wipe(struct session *session);
int direction_make_cipher(const struct session *session, struct direction *direction);
/*
 * Before a direction's cipher is used: 0 or a GnuTLS error. It is set up with the first record, as
 * that takes a microsecond of the handshake and 750 bytes for as long as the connection is there.
 */
static inline int direction_ready(const struct session *session, struct direction *direction)
{
    return direction->aead ? 0 : direction_make_cipher(session, direction);
}
/* Whether the record path does records of this cipher. */
bool record_cipher_is_aead(gnutls_cipher_algorithm_t cipher);

#endif
