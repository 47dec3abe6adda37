/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strings between ANSI and wide characters. Copies are on the process heap: NULL for NULL or out of
 * memory.
 */
#ifndef ASYNCSSPI_TEXT_H
#define ASYNCSSPI_TEXT_H

#include "core/sspitypes.h"

SEC_WCHAR *wide_from_ansi(const char *text);
char *ansi_from_wide(const SEC_WCHAR *text);

#endif
