/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's own secur32, loaded on first need. All give NULL when it cannot be loaded.
 */
#ifndef ASYNCSSPI_DELEGATE_H
#define ASYNCSSPI_DELEGATE_H

#include "core/sspitypes.h"

const SecurityFunctionTableW *delegate_table(void);
FARPROC delegate_function(const char *name);

#endif
