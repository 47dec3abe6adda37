/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The attribute of DTLS contexts.
 *
 * Each function fills the structure of its attribute, or takes it in; strings are wide, buffers
 * inside are on the process heap, for FreeContextBuffer.
 */
#ifndef ASYNCSSPI_ATTRIBUTES_DATAGRAM_H
#define ASYNCSSPI_ATTRIBUTES_DATAGRAM_H

#include "schannel/base/context.h"

SECURITY_STATUS query_mtu(struct schannel_context *context, void *buffer);
SECURITY_STATUS set_mtu(struct schannel_context *context, const void *buffer);

#endif
