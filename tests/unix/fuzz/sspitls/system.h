/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What sspitls calls of Windows, in a Linux program: standard input is given to it, standard error
 * goes nowhere.
 */
#ifndef ASYNCSSPI_FUZZ_SSPITLS_SYSTEM_H
#define ASYNCSSPI_FUZZ_SSPITLS_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

/* What ReadFile gives out, at most `piece` bytes at once. */
void system_set_input(const uint8_t *data, size_t size, size_t piece);
/* How many lines have gone to standard error since the last call. */
unsigned int system_lines_said(void);

#endif
