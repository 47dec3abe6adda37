/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which certificate of a chain it was that we did not take, and why. */
#ifndef SSPITLS_REFUSAL_H
#define SSPITLS_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>
#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>

/* A status that is a verdict on the peer's certificate. */
bool is_refusal(LONG status);
/*
 * What that status has to do with one certificate of the chain, "" when nothing is known of it.
 * `depth` 0 is the peer's own; `last` the one behind which no further was shown.
 */
void refusal_describe(LONG status, PCCERT_CONTEXT certificate, unsigned depth, bool last,
                      char *text, size_t size);

#endif
