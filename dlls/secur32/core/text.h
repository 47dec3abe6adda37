/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Strings in the forms that callers have them, and as wide characters with a NUL behind them, which
 * is what the core works with. Copies are on the process heap.
 */
#ifndef ASYNCSSPI_TEXT_H
#define ASYNCSSPI_TEXT_H

#include "core/sspitypes.h"

enum text_form {
    TEXT_WIDE,    /* SEC_WCHAR * */
    TEXT_ANSI,    /* SEC_CHAR * */
    TEXT_COUNTED, /* SECURITY_STRING *, as kernel mode has it */
};

/* NULL for NULL or out of memory. */
SEC_WCHAR *wide_from_ansi(const char *text);
char *ansi_from_wide(const SEC_WCHAR *text);

/* False for half a character, more than its buffer has, no buffer, or a NUL, behind which nobody
 * would see the rest. */
bool is_counted_text(const SECURITY_STRING *text);

/* Copies a counted string. *copy is NULL for NULL and for a string that has neither length nor
 * buffer. One that is no text gives the status `malformed`. SEC_E_INSUFFICIENT_MEMORY. */
SECURITY_STATUS wide_from_counted(const SECURITY_STRING *text, SECURITY_STATUS malformed,
                                  SEC_WCHAR **copy);

/* The same for a string that is not TEXT_WIDE. */
SECURITY_STATUS wide_from(const void *text, enum text_form form, SECURITY_STATUS malformed,
                          SEC_WCHAR **copy);

#endif
