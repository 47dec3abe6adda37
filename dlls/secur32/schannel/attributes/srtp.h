/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SRTP over DTLS.
 */
#ifndef ASYNCSSPI_SRTP_H
#define ASYNCSSPI_SRTP_H

#include "schannel/base/buffers.h"
#include "schannel/base/context.h"

/* DTLS, before there is a session: what is offered to the peer, kept from the call that had the
 * buffers. SEC_E_INVALID_PARAMETER: malformed. */
SECURITY_STATUS srtp_prepare(const struct leg *leg, struct tls_handshake *call);
/* SECPKG_ATTR_SRTP_PARAMETERS; the identifier is on the process heap, for FreeContextBuffer. */
SECURITY_STATUS query_srtp_parameters(struct schannel_context *context, void *buffer);
/* With the context. */
void srtp_release(struct schannel_context *context);

#endif
