/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The attributes of a Schannel context, by subject. Each function fills the structure of its
 * attribute, strings wide; buffers inside are on the process heap, for FreeContextBuffer.
 */
#ifndef ASYNCSSPI_ATTRIBUTES_H
#define ASYNCSSPI_ATTRIBUTES_H

#include "schannel.h"

/* A call on the context's session while no record is being sealed or opened. */
SECURITY_STATUS session_call(struct schannel_context *context, enum tls_call code, void *params);

/* attributes_connection.c */
SECURITY_STATUS query_connection_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_connection_info_ex(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_cipher_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_key_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_session_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_application_protocol(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_tls_extensions(struct schannel_context *context, void *buffer);

/* attributes_cert.c */
SECURITY_STATUS query_remote_certificate(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_remote_certificates(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_local_certificate(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_local_certificate_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_lifespan(struct schannel_context *context, void *buffer);

/* attributes_secret.c */
SECURITY_STATUS query_unique_bindings(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_endpoint_bindings(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_keying_material(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_keying_material_inproc(struct schannel_context *context, void *buffer);
SECURITY_STATUS set_keying_material_info(struct schannel_context *context, const void *buffer);
void release_keying_request(struct schannel_context *context);

#endif
