/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is queried and set of contexts.
 */
#ifndef ASYNCSSPI_ATTRIBUTES_H
#define ASYNCSSPI_ATTRIBUTES_H

#include "schannel/base/context.h"

/* The operations query_context and set_context of core/package.h. */
SECURITY_STATUS schannel_query_context(struct context *context, ULONG attribute, void *buffer,
                                       ULONG size, bool ansi);
SECURITY_STATUS schannel_set_context(struct context *context, ULONG attribute, void *buffer,
                                     ULONG size, bool ansi);

/* Frees what set_context left in the context, for its destruction. */
void schannel_release_attributes(struct schannel_context *context);

#endif
