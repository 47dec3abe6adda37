/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names for status codes, and what a user can do about them. */
#ifndef SSPITLS_ERROR_H
#define SSPITLS_ERROR_H

#include <winsock2.h>
#include <windows.h>

/* "SEC_E_UNTRUSTED_ROOT", or NULL for a code the table does not know. */
const char *error_name(LONG status);
/* One sentence on what to do, or NULL. */
const char *error_advice(LONG status);
/* "SEC_E_UNTRUSTED_ROOT (0x80090325)" in a buffer of the calling thread. */
const char *error_text(LONG status);

/* "sspitls: WHAT: NAME (code)" and the advice on a second line, on stderr. */
void report_status(const char *what, LONG status);
/* The same for a Winsock or Win32 error number. */
void report_system(const char *what, DWORD error);
/* What was reported first in this process, for those who tell it in another form; "": nothing. */
const char *reported_first(void);
/* "sspitls: ..." on stderr. */
void report(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

#endif
