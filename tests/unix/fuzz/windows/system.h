/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The headers of Windows in a Linux program: the names of the system's functions are our own.
 */
#ifndef ASYNCSSPI_FUZZ_SYSTEM_H
#define ASYNCSSPI_FUZZ_SYSTEM_H

#define WIN32_LEAN_AND_MEAN
#include <string.h>
#include <windows.h>

#include "windows/text.h"

#endif
