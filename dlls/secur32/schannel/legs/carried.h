/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Wine's winhttp and wininet would lose of TLS 1.3.
 */
#ifndef ASYNCSSPI_CARRIED_H
#define ASYNCSSPI_CARRIED_H

#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "winegnutls/unixlib.h"

/* Behind the engine: if the handshake is over and something is to be carried, this begins, with the
 * rest of the leg's input. */
void carried_begin(const struct leg *leg, struct tls_handshake *call);
/* A record has been sealed in these buffers, whose header had header_size bytes of room: what is
 * held goes in front of it, and all of it to the front of the header. Under both locks. */
SECURITY_STATUS carried_lead(struct schannel_context *context, SecBuffer *header, ULONG header_size,
                             SecBuffer *data, SecBuffer *trailer);
/* TLS_CALL_DECRYPT with what is kept in front of the program's input. call->buffer becomes where
 * the record stands, of all sizes 0 when there is no data yet; call->consumed counts the program's
 * input alone. Under the lock of the receiving side. As engine_call. */
SECURITY_STATUS carried_open(struct schannel_context *context, struct tls_decrypt *call);
/* With the context. */
void carried_free(struct schannel_context *context);

#endif
