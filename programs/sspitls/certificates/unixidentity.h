/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The way to winegnutlsidentity, where GnuTLS reads and makes certificates with their keys. */
#ifndef SSPITLS_UNIXIDENTITY_H
#define SSPITLS_UNIXIDENTITY_H

#include <stdbool.h>
#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>

#include "base/buffer.h"
#include "winegnutlsidentity/identity.h"

/* The module is there. */
bool unix_identity_there(void);
/*
 * Each adds the certificates to `store`; *leaf (a reference) carries its key in the PKCS#8 property
 * (see asyncsspi.h). `key_file` and `password` may be NULL.
 */
enum identity_status unix_identity_read(enum identity_format format, const struct buffer *file,
                                        const struct buffer *key_file, const char *password,
                                        HCERTSTORE store, PCCERT_CONTEXT *leaf);
/* A chain of so many certificates. */
enum identity_status unix_identity_make(enum identity_kind kind, unsigned length, HCERTSTORE store,
                                        PCCERT_CONTEXT *leaf);

#endif
