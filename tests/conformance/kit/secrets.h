/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking for secrets in all memory of the process: what was freed without being wiped, and what
 * functions have left on the stack.
 *
 * What is looked for is kept with its bits inverted, so that nothing finds the test's own copy. How
 * often a secret may stand somewhere is for the test to say, by what it counts before.
 */
#ifndef SECRETS_H
#define SECRETS_H

#include <windows.h>

#define SECRET_MAX 64

struct secret {
    BYTE inverted[SECRET_MAX];
    DWORD size;
};

/* Takes a secret of at most SECRET_MAX bytes; what is given stays as it is. */
struct secret secret_of(const void *bytes, DWORD size);
/* The same, and wipes what is given. */
struct secret secret_take(void *bytes, DWORD size);
/* Fills bytes at random. */
void secret_make(void *bytes, DWORD size);
/* In how many places it stands. Uses little of the stack, so as to see what is left there. */
unsigned int secret_places(const struct secret *secret);
/* A check that it stands in so many. */
void secret_check_places(const struct secret *secret, unsigned int expected, const char *what);
/* Whether it stands in these bytes. */
BOOL secret_in(const struct secret *secret, const void *bytes, SIZE_T size);
/* Overwrites what earlier calls have left on the stack. */
void secret_clear_stack(void);

#endif
