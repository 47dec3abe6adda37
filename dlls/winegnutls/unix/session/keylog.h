/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The secrets of all connections in a file, for who asks for it to read a recording (Wireshark).
 */
#ifndef UNIX_SESSION_KEYLOG_H
#define UNIX_SESSION_KEYLOG_H

#include <gnutls/gnutls.h>

/* Of a new session: once a file has been given, its secrets go there. */
void keylog_use(gnutls_session_t tls);

#endif
