/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys that stay with the caller, as GnuTLS sees them. */
#ifndef UNIX_CREDENTIALS_EXTERNAL_H
#define UNIX_CREDENTIALS_EXTERNAL_H

#include "unix/base/engine.h"

struct external_key;

/* Makes an empty `handle` such a key of the certificate `leaf`; 0 or a GnuTLS error. *key lives as
 * long as the handle. */
int external_import(gnutls_privkey_t handle, uint32_t index, uint32_t abilities,
                    gnutls_x509_crt_t leaf, struct external_key **key);
bool external_can_sign(const struct external_key *key, gnutls_sign_algorithm_t algorithm);
/* Whether nothing in TLS that needs decryption would fail for lack of it. */
bool external_can_decrypt(const struct external_key *key);
/* Those of `protocols` in which the key can sign. */
uint32_t external_protocols(const struct external_key *key, uint32_t protocols);

#endif
