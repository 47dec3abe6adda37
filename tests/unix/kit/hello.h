/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ClientHellos that no library would send: one of a client of ours with more in it.
 */
#ifndef ASYNCSSPI_TESTS_HELLO_H
#define ASYNCSSPI_TESTS_HELLO_H

#include "kit/support.h"

/* The records of the hello with so many more suites that nobody knows, and one more extension. */
struct queue hello_with(const struct queue *hello, size_t suites, uint16_t extension,
                        const void *body, size_t size);
/* The body of an extension of the ServerHello that `data` begins with; NULL: it has none such. */
const uint8_t *hello_answer_extension(const uint8_t *data, size_t size, uint16_t extension,
                                      size_t *body_size);

#endif
