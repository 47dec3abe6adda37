/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates to trust. */
#ifndef SSPITLS_ROOTS_H
#define SSPITLS_ROOTS_H

#include <stdbool.h>
#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>

/* All certificates of a PEM or DER file as a store to trust, or NULL after a line on stderr. */
HCERTSTORE load_roots(const char *path);
/* Adds those that the system trusts; false after a line on stderr. */
bool add_system_roots(HCERTSTORE store);

#endif
