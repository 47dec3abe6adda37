/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Makefile.in puts in the place of functions of the C library whose characters are wider than
 * those of Windows.
 */
#ifndef ASYNCSSPI_KIT_WINDOWS_TEXT_H
#define ASYNCSSPI_KIT_WINDOWS_TEXT_H

#include <windows.h>

/* wcsnlen */
size_t wide_length(const WCHAR *text, size_t most);

/* wcslen */
size_t wide_text_length(const WCHAR *text);

#endif
