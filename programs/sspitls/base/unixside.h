/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Modules of ours whose other half is a unix library. */
#ifndef SSPITLS_UNIXSIDE_H
#define SSPITLS_UNIXSIDE_H

#include <winsock2.h>
#include <windows.h>

/* A call by its number; below 0 when it did not get there. */
typedef LONG(WINAPI *unix_side)(unsigned int code, void *params);

/* NAME_call of NAME.dll, which lies beside this program; NULL: it is not there. */
unix_side unix_side_load(const char *name);

#endif
