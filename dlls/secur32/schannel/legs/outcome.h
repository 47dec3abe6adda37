/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What becomes of a context: the one place that moves its state. All under both of its locks.
 */
#ifndef ASYNCSSPI_OUTCOME_H
#define ASYNCSSPI_OUTCOME_H

#include "schannel/base/context.h"

/* A control token asks the next leg for this: one of the SCHANNEL_..._REQUESTED. */
void leg_request(struct schannel_context *context, enum schannel_state requested);
/* The leg that a renegotiation was asked of has begun. */
void leg_renegotiates(struct schannel_context *context);
/* The engine has come back from a leg. */
void leg_driven(struct schannel_context *context, const struct tls_handshake *call);
/* A close_notify of ours has been made, with this status. */
void leg_shutdown_sent(struct schannel_context *context, SECURITY_STATUS status);
/* An alert of ours, context->alert, has been made, with this status. */
void leg_alert_sent(struct schannel_context *context, SECURITY_STATUS status);
/* The context has come to its end; later legs return that status. */
void leg_fail(struct schannel_context *context, SECURITY_STATUS status);

static inline bool leg_failed(SECURITY_STATUS status)
{
    return status < 0 && status != SEC_E_INCOMPLETE_MESSAGE;
}

#endif
