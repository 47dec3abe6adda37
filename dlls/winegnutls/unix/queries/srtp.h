/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The use_srtp extension of DTLS. */
#ifndef UNIX_QUERIES_SRTP_H
#define UNIX_QUERIES_SRTP_H

#include "unix/base/engine.h"

/* On creation of a session: offers what *params names. 0 or a GnuTLS error. */
int srtp_offer(gnutls_session_t tls, const struct tls_handshake *params);

#endif
