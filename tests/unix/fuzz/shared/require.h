/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a fuzz target demands of the code it calls.
 */
#ifndef ASYNCSSPI_FUZZ_REQUIRE_H
#define ASYNCSSPI_FUZZ_REQUIRE_H

#include <stdbool.h>

/* Ends the process, which libFuzzer reports as a crash, unless the condition holds. */
void require(bool condition, const char *what);

#endif
