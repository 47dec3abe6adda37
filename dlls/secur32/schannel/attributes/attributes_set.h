/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes that a program sets.
 *
 * Each function fills the structure of its attribute, or takes it in; strings are wide, buffers
 * inside are on the process heap, for FreeContextBuffer.
 */
#ifndef ASYNCSSPI_ATTRIBUTES_SET_H
#define ASYNCSSPI_ATTRIBUTES_SET_H

#include "schannel/base/context.h"

SECURITY_STATUS query_application_data(struct schannel_context *context, void *buffer);
SECURITY_STATUS set_application_data(struct schannel_context *context, const void *buffer);
/* With the context. */
void release_application_data(struct schannel_context *context);
SECURITY_STATUS set_eap_prf_info(struct schannel_context *context, const void *buffer);
SECURITY_STATUS set_early_start(struct schannel_context *context, const void *buffer);
SECURITY_STATUS set_ui_info(struct schannel_context *context, const void *buffer);

#endif
