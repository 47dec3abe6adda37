/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking for secrets in all memory of the process: what was freed without being wiped, and what
 * functions have left on the stack. AddressSanitizer helps, as it puts freed memory aside instead
 * of using it again, and with detect_stack_use_after_return the frames of functions, too.
 *
 * What is looked for is kept with its bits inverted, so that nothing finds the test's own copy.
 */
#ifndef ASYNCSSPI_TESTS_SECRETS_H
#define ASYNCSSPI_TESTS_SECRETS_H

#include <stddef.h>
#include <stdint.h>

#define SECRET_MAX 64

struct secret {
    uint8_t inverted[SECRET_MAX];
    size_t size;
};

/* Takes a secret of at most SECRET_MAX bytes; what is given stays as it is. */
struct secret secret_of(const void *bytes, size_t size);
/* The same, and wipes what is given. */
struct secret secret_take(void *bytes, size_t size);
/* In how many places it stands; -1 when memory cannot be read. */
int secret_places(const struct secret *secret);

#endif
