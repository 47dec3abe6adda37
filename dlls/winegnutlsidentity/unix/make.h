/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys and self-signed certificates, made on the spot. */
#ifndef ASYNCSSPI_IDENTITY_MAKE_H
#define ASYNCSSPI_IDENTITY_MAKE_H

#include "unix/found.h"

/* Returns enum identity_status; found_free in any case. */
int32_t make_identity(uint32_t kind, struct found *found);

#endif
