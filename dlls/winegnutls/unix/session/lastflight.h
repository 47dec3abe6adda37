/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Receiving the last flight of a DTLS handshake. */
#ifndef UNIX_SESSION_LASTFLIGHT_H
#define UNIX_SESSION_LASTFLIGHT_H

#include "unix/state/session.h"
#include "unix/wire/wire.h"

typedef int datagram_taker(struct session *session, const uint8_t *record,
                           const struct dtls_view *view, struct tls_handshake *params);

/* Whether the record is kept until the flight is whole, rather than given to GnuTLS at once. */
bool last_flight_hold(struct session *session, const uint8_t *record, const struct dtls_view *view);
bool last_flight_whole(const struct session *session);
/* Gives all of it to GnuTLS, in the order of the flight; what `take` returned last. */
int last_flight_give(struct session *session, datagram_taker *take, struct tls_handshake *params);
void last_flight_free(struct session *session);

#endif
