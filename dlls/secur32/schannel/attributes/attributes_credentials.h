/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is queried and set of credentials.
 */
#ifndef ASYNCSSPI_ATTRIBUTES_CREDENTIALS_H
#define ASYNCSSPI_ATTRIBUTES_CREDENTIALS_H

#include "core/package.h"

/* The operations of that name in core/package.h. */
SECURITY_STATUS schannel_query_credentials(struct credentials *credentials, ULONG attribute,
                                           void *buffer, ULONG size, bool ansi);
SECURITY_STATUS schannel_set_credentials(struct credentials *credentials, ULONG attribute,
                                         void *buffer, ULONG size, bool ansi);

#endif
