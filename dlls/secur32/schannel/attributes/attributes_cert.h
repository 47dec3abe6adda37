/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes about certificates: the peer's, ours, and how long they last.
 *
 * Each function fills the structure of its attribute, or takes it in; strings are wide, buffers
 * inside are on the process heap, for FreeContextBuffer.
 */
#ifndef ASYNCSSPI_ATTRIBUTES_CERT_H
#define ASYNCSSPI_ATTRIBUTES_CERT_H

#include "schannel/base/context.h"

/* Newer than the headers of mingw-w64 12. */
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

SECURITY_STATUS query_remote_certificate(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_remote_certificates(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_local_certificate(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_local_certificate_info(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_issuers(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_lifespan(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_names(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_authority(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_check_result(struct schannel_context *context, void *buffer);
SECURITY_STATUS query_serialized_chain(struct schannel_context *context, void *buffer);

#endif
