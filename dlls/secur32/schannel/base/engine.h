/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The one way to the TLS engine, whose contract is winegnutls/unixlib.h.
 */
#ifndef ASYNCSSPI_ENGINE_H
#define ASYNCSSPI_ENGINE_H

#include "schannel/base/context.h"

/* SEC_E_OK, SEC_E_INSUFFICIENT_MEMORY, or when it is not installed PACKAGE_ABSENT; with
 * ASYNCSSPI_REQUIRE=1 SEC_E_SECPKG_NOT_FOUND. */
SECURITY_STATUS engine_load(void);

/* After engine_load. SEC_E_OK, then the call's own status is in params; a fault on the other side
 * becomes SEC_E_INTERNAL_ERROR. */
SECURITY_STATUS engine_call(enum tls_call code, void *params);

/* A call for a blob whose size is not known: params, which comes without a buffer, gets one on the
 * process heap for the caller to free. An empty blob, and any other status, leaves it without. */
SECURITY_STATUS engine_get_blob(enum tls_call code, struct tls_get_blob *params);

/* engine_call on the context's session while no record is being sealed or opened. */
SECURITY_STATUS session_call(struct schannel_context *context, enum tls_call code, void *params);

/* What was negotiated, of a connected context. */
SECURITY_STATUS connection_info(struct schannel_context *context, struct tls_info *info);

#endif
