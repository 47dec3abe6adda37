/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a trace says of handshakes.
 */
#ifndef ASYNCSSPI_REPORT_H
#define ASYNCSSPI_REPORT_H

#include "schannel/base/context.h"

void report_connected(const struct schannel_context *context);

/* call: how the engine's part of the leg has ended. */
void report_failed(const struct schannel_context *context, const struct tls_handshake *call);

/* DecryptMessage has, with that status. */
void report_refused_record(const struct schannel_context *context, SECURITY_STATUS status);

#endif
