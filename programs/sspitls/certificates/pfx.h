/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PFX files as Windows programs read them. */
#ifndef SSPITLS_PFX_H
#define SSPITLS_PFX_H

#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>

#include "base/buffer.h"

/* A store with the file's certificates and *leaf, which has a key; NULL when there is none. */
HCERTSTORE pfx_import(const struct buffer *file, const char *password, PCCERT_CONTEXT *leaf);

#endif
