/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Input that a program gives twice.
 */
#ifndef ASYNCSSPI_HELD_H
#define ASYNCSSPI_HELD_H

#include "schannel/base/context.h"

/* Before the engine has a leg's input, which may become another one. SEC_E_OK, or
 * SEC_E_INSUFFICIENT_MEMORY and nothing has changed. */
SECURITY_STATUS held_begin(struct schannel_context *context, struct tls_handshake *call);
/* Behind it: call->consumed becomes what the program's own input counts for. */
void held_end(struct schannel_context *context, struct tls_handshake *call);
/* With the context. */
void held_free(struct schannel_context *context);

#endif
