/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes derived from the session's secrets.
 *
 * Each function fills the structure of its attribute, or takes it in; strings are wide, buffers
 * inside are on the process heap, for FreeContextBuffer.
 */
#ifndef ASYNCSSPI_ATTRIBUTES_SECRET_H
#define ASYNCSSPI_ATTRIBUTES_SECRET_H

#include "schannel/base/context.h"

SECURITY_STATUS query_unique_bindings(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_endpoint_bindings(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_eap_key_block(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_keying_material(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_keying_material_inproc(struct schannel_context *context, void *buffer);
SECURITY_STATUS set_keying_material_info(struct schannel_context *context, const void *buffer);

/* With the context. */
void release_keying_request(struct schannel_context *context);

#endif
