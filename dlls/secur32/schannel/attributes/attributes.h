/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The attributes of a Schannel context, by subject. Each function fills the structure of its
 * attribute, strings wide; buffers inside are on the process heap, for FreeContextBuffer.
 */
#ifndef ASYNCSSPI_ATTRIBUTES_H
#define ASYNCSSPI_ATTRIBUTES_H

#include "schannel/base/schannel.h"

/* Newer than the headers of mingw-w64 12. */
#ifndef SECPKG_ATTR_SESSION_TICKET_KEYS
#define SECPKG_ATTR_SESSION_TICKET_KEYS 0x73
#define SESSION_TICKET_INFO_VERSION     0

typedef struct _SecPkgCred_SessionTicketKey {
    DWORD TicketInfoVersion;
    BYTE KeyId[16];
    BYTE KeyingMaterial[64];
    BYTE KeyingMaterialSize; /* 32 to 64 */
} SecPkgCred_SessionTicketKey;

typedef struct _SecPkgCred_SessionTicketKeys {
    DWORD cSessionTicketKeys;
    SecPkgCred_SessionTicketKey *pSessionTicketKeys;
} SecPkgCred_SessionTicketKeys;
#endif

#ifndef SECPKG_ATTR_CERT_CHECK_RESULT
#define SECPKG_ATTR_CERT_CHECK_RESULT        0x71
#define SECPKG_ATTR_CERT_CHECK_RESULT_INPROC 0x72
#endif
#ifndef SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT
#define SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT_INPROC 0x74
#define SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT        0x75
#endif

/* SecPkgContext_CertificateValidationResult, under a name that no header takes. */
struct certificate_check {
    DWORD dwChainErrorStatus;
    HRESULT hrVerifyChainStatus;
};

/* APP_DATA: more is a mistake. */
#define MAX_APPLICATION_DATA 0x100000

/* A call on the context's session while no record is being sealed or opened. */
SECURITY_STATUS session_call(struct schannel_context *context, enum tls_call code, void *params);

/* What was negotiated, of a connected context. */
SECURITY_STATUS connection_info(struct schannel_context *context, struct tls_info *info);

/* attributes_connection.c */
SECURITY_STATUS query_connection_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_connection_info_ex(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_cipher_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_key_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_session_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_application_protocol(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_tls_extensions(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_signatures(struct schannel_context *context, void *buffer);

/* attributes_cert.c */
SECURITY_STATUS query_remote_certificate(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_remote_certificates(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_local_certificate(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_local_certificate_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_issuers(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_lifespan(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_names(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_authority(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_check_result(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_serialized_certificate(struct schannel_context *context, void *buffer);

/* attributes_secret.c */
SECURITY_STATUS query_unique_bindings(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_endpoint_bindings(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_eap_key_block(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_keying_material(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_keying_material_inproc(struct schannel_context *context, void *buffer);
SECURITY_STATUS set_keying_material_info(struct schannel_context *context, const void *buffer);
void release_keying_request(struct schannel_context *context);

/* attributes_datagram.c */
SECURITY_STATUS query_mtu(struct schannel_context *context, void *buffer);
SECURITY_STATUS set_mtu(struct schannel_context *context, const void *buffer);

/* srtp.c */
SECURITY_STATUS query_srtp_parameters(struct schannel_context *context, void *buffer);
void srtp_release(struct schannel_context *context);

/* attributes_set.c */
SECURITY_STATUS query_application_data(struct schannel_context *context, void *buffer);
SECURITY_STATUS set_application_data(struct schannel_context *context, const void *buffer);
void release_application_data(struct schannel_context *context);
SECURITY_STATUS set_eap_prf_info(struct schannel_context *context, const void *buffer);
SECURITY_STATUS set_early_start(struct schannel_context *context, const void *buffer);
SECURITY_STATUS set_ui_info(struct schannel_context *context, const void *buffer);

#endif
