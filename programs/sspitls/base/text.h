/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text conversion. */
#ifndef SSPITLS_TEXT_H
#define SSPITLS_TEXT_H

#include <winsock2.h>
#include <windows.h>

/* UTF-8 to UTF-16, or NULL; release with free(). */
WCHAR *wide_text(const char *text);
/* Replaces control characters: text from outside must not steer the terminal. */
void clean_text(char *text);

#endif
