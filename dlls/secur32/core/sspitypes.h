/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Windows' own types of SSPI, as they look to the DLL that exports its functions.
 */
#ifndef ASYNCSSPI_SSPITYPES_H
#define ASYNCSSPI_SSPITYPES_H

#define SECURITY_WIN32
#define _NO_KSECDD_IMPORT_ /* we define what <sspi.h> would have us import */
#include <windows.h>
#include <rpc.h>
#include <sspi.h>
#include <stdbool.h>

/* What a logon session is told by: the SDK has any pointer there, Wine's own headers its type. */
#ifdef __WINESRC__
typedef LUID logon_id;
#else
typedef void logon_id;
#endif

#endif
