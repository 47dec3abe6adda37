/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands for functions that are not there. Most of it is called through the export table only.
 */
#ifndef ASYNCSSPI_UNSUPPORTED_H
#define ASYNCSSPI_UNSUPPORTED_H

#include "core/sspitypes.h"

/* ChangeAccountPassword, for the function tables of InitSecurityInterface. */
SECURITY_STATUS WINAPI sspi_unsupported8(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d,
                                         ULONG_PTR e, ULONG_PTR f, ULONG_PTR g, ULONG_PTR h);

#endif
