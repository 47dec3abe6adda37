/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes that say what was negotiated.
 *
 * Each function fills the structure of its attribute, or takes it in; strings are wide, buffers
 * inside are on the process heap, for FreeContextBuffer.
 */
#ifndef ASYNCSSPI_ATTRIBUTES_CONNECTION_H
#define ASYNCSSPI_ATTRIBUTES_CONNECTION_H

#include "schannel/base/context.h"

SECURITY_STATUS query_connection_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_connection_info_ex(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_cipher_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_key_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_session_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_application_protocol(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_tls_extensions(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_signatures(struct schannel_context *context, void *buffer);

#endif
