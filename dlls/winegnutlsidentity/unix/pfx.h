/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PFX files (PKCS#12, RFC 7292). */
#ifndef ASYNCSSPI_IDENTITY_PFX_H
#define ASYNCSSPI_IDENTITY_PFX_H

#include "unix/found.h"

/* `password` may be NULL. Returns enum identity_status; found_free in any case. */
int32_t pfx_read(const gnutls_datum_t *file, const char *password, struct found *found);

#endif
