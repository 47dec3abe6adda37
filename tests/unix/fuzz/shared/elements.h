/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DER: writing it, and scripts that change it element by element, so that random bytes get beyond
 * the first length that does not fit.
 */
#ifndef ASYNCSSPI_FUZZ_ELEMENTS_H
#define ASYNCSSPI_FUZZ_ELEMENTS_H

#include "kit/support.h"

void element_put(struct queue *out, uint8_t tag, const void *content, size_t size);
/* Everything behind `start` becomes the content of an element. */
void element_wrap(struct queue *out, size_t start, uint8_t tag);
/* The element at the start of data: its header's and whole size. False when there is none. */
bool element_look(const uint8_t *data, size_t size, size_t *header, size_t *whole);

/*
 * Appends the original to `out`, with changes of four bytes each (which element, what, with what,
 * how much) and the bytes it brings with it.
 */
void elements_change(struct queue *out, const struct queue *original, const uint8_t *data,
                     size_t size);

#endif
