/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Passwords that do not stand in the command line. */
#ifndef SSPITLS_PASSWORD_H
#define SSPITLS_PASSWORD_H

#include <stdbool.h>

/*
 * From where `source` says, as openssl's options have it: "pass:PASSWORD", "env:VARIABLE",
 * "file:FILE" or "stdin", of which it is the first line. False after a line on stderr.
 */
bool password_get(const char *source, char **password);
/* Wipes and releases it; NULL is none. */
void password_free(char *password);

#endif
