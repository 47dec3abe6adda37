/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Private keys that are used with OpenSSL's libcrypto. */
#ifndef UNIX_CREDENTIALS_LIBCRYPTO_H
#define UNIX_CREDENTIALS_LIBCRYPTO_H

#include "unix/base/engine.h"

/*
 * Another handle for the private key `own`, which has to outlive it: the same key, the same answers
 * and errors, sooner. NULL where libcrypto is not to be had, must not be used or knows nothing of
 * such a key.
 */
gnutls_privkey_t libcrypto_import(gnutls_privkey_t own);

#endif
