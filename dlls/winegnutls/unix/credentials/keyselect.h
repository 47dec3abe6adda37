/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which of a credential's keys a session presents, and which one it has presented. */
#ifndef UNIX_CREDENTIALS_KEYSELECT_H
#define UNIX_CREDENTIALS_KEYSELECT_H

#include "unix/credentials/keyload.h"

struct session;

/* Which of the credentials' keys we presented, on a resumed session in its first handshake. */
int32_t session_key_index(const struct session *session);

/* GnuTLS's callbacks. */
gnutls_certificate_retrieve_function3 select_client_key;
gnutls_certificate_retrieve_function3 select_server_key;
/* Those in which a server may use the key for what its certificate says: GnuTLS refuses anything
 * else, but only in the middle of a handshake. Without the right to sign RSA key exchange is left.
 */
uint32_t key_usage_protocols(const struct credential_key *key, uint32_t protocols);

#endif
