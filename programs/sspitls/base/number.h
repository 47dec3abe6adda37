/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers in text. */
#ifndef SSPITLS_NUMBER_H
#define SSPITLS_NUMBER_H

#include <stdbool.h>

/*
 * Reads the decimal digits that `text` begins with; *end is behind them. false: there are none, or
 * the number is above `most`.
 */
bool read_number(const char *text, const char **end, unsigned long long most,
                 unsigned long long *number);

#endif
