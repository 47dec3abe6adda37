/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calls of Schannel's table of operations (core/package.h) that work on a context's session.
 */
#ifndef ASYNCSSPI_CALLS_H
#define ASYNCSSPI_CALLS_H

#include "core/package.h"

/* calls/context.c */
SECURITY_STATUS schannel_initialize(struct credentials *credentials, struct context **context,
                                    const struct initialize_args *args);
SECURITY_STATUS schannel_accept(struct credentials *credentials, struct context **context,
                                const struct accept_args *args);

/* calls/record.c */
SECURITY_STATUS schannel_encrypt(struct context *context, ULONG qop, SecBufferDesc *message,
                                 ULONG sequence);
SECURITY_STATUS schannel_decrypt(struct context *context, SecBufferDesc *message, ULONG sequence,
                                 ULONG *qop);

/* calls/control.c */
SECURITY_STATUS schannel_apply_control_token(struct context *context, SecBufferDesc *input);

#endif
