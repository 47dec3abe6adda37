/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Default credentials.
 */
#ifndef ASYNCSSPI_DEFAULT_H
#define ASYNCSSPI_DEFAULT_H

#include "schannel/credentials/credentials.h"
#include "schannel/base/context.h"

/* Credentials with a certificate of the user's that the server asks for, the caller's reference;
 * NULL: there is none, or the program does not want any. */
struct schannel_credentials *schannel_default_credentials(const struct schannel_context *context);

#endif
