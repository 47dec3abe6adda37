/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A leg's output on its way to the caller: allocated, in the caller's memory, or put aside.
 */
#ifndef ASYNCSSPI_OUTPUT_H
#define ASYNCSSPI_OUTPUT_H

#include "schannel/base/buffers.h"
#include "winegnutls/unixlib.h"

/* Gives the caller what the leg wrote, of which the first call->written bytes are at start; the
 * leg's final status. */
SECURITY_STATUS output_deliver(const struct leg *leg, const struct tls_handshake *call,
                               const BYTE *start);
/* The caller came again after SEC_E_BUFFER_TOO_SMALL. */
SECURITY_STATUS output_replay(const struct leg *leg);
/* With the context. */
void output_free(struct schannel_context *context);

#endif
