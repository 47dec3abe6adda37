/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys and certificates, made on the spot. */
#ifndef ASYNCSSPI_IDENTITY_MAKE_H
#define ASYNCSSPI_IDENTITY_MAKE_H

#include "unix/found.h"

/* A chain of so many certificates; returns enum identity_status. found_free in any case. */
int32_t make_identity(uint32_t kind, uint32_t length, struct found *found);

#endif
