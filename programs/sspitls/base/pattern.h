/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The data that the server generates and the demonstration checks. */
#ifndef SSPITLS_PATTERN_H
#define SSPITLS_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Byte number i of /bytes/N is i modulo this prime. */
#define PATTERN_PERIOD 251
/* Fills bytes number `offset` and on; true if bytes that came are those. */
void pattern_fill(unsigned char *bytes, unsigned long long offset, size_t size);
bool pattern_matches(const unsigned char *bytes, unsigned long long offset, size_t size);

#endif
