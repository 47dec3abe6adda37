/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PEM files (RFC 7468, and the encryption of RFC 1421 as OpenSSL does it). */
#ifndef ASYNCSSPI_IDENTITY_PEM_H
#define ASYNCSSPI_IDENTITY_PEM_H

#include "unix/found.h"

/*
 * The files of certificates and key may be the same; `password` may be NULL. Returns enum
 * identity_status; found_free in any case.
 */
int32_t pem_read(const gnutls_datum_t *certificates, const gnutls_datum_t *key,
                 const char *password, struct found *found);

#endif
