/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates and keys that were parsed before. */
#ifndef UNIX_CREDENTIALS_KEYCACHE_H
#define UNIX_CREDENTIALS_KEYCACHE_H

#include "unix/credentials/keyload.h"

/* The engine keeps no private key of that public key (TLS_KEY_KEPT). */
#define KEY_NOT_KEPT GNUTLS_E_INSUFFICIENT_CREDENTIALS

/* 0 with a reference to the parsed key, or a GnuTLS error. */
int key_get(const struct tls_key *source, uint32_t index, struct credential_key **key);
void key_release(struct credential_key *key);

#endif
