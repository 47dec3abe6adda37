/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The memory of contexts, kept for the next one.
 */
#ifndef ASYNCSSPI_SPARE_H
#define ASYNCSSPI_SPARE_H

#include "schannel/base/context.h"

/* Zeroed memory for a context and behind it target_size bytes; NULL without memory. */
struct schannel_context *spare_take(SIZE_T target_size);
/* Takes it back. */
void spare_give(struct schannel_context *context);
/* When the DLL is unloaded. */
void spare_free(void);

#endif
