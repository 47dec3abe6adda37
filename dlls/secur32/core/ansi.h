/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For the A form of a call whose result has strings: replaces the wide strings in the structure by
 * ANSI ones and frees the wide ones. Attributes without strings stay as they are. When out of
 * memory (SEC_E_INSUFFICIENT_MEMORY) the structure holds no strings.
 */
#ifndef ASYNCSSPI_ANSI_H
#define ASYNCSSPI_ANSI_H

#include "core/sspitypes.h"

/* SECPKG_ATTR_ of QueryContextAttributes. */
SECURITY_STATUS context_attribute_to_ansi(ULONG attribute, void *buffer);
/* SECPKG_CRED_ATTR_ of QueryCredentialsAttributes. */
SECURITY_STATUS credentials_attribute_to_ansi(ULONG attribute, void *buffer);

#endif
