/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a certificate is for the server that was meant.
 */
#ifndef ASYNCSSPI_NAMES_H
#define ASYNCSSPI_NAMES_H

#include "schannel/base/schanneltypes.h"

/* target: host name or address as a program gives it to InitializeSecurityContext, or NULL. */
bool certificate_is_for(const CERT_CONTEXT *certificate, const SEC_WCHAR *target);

#endif
