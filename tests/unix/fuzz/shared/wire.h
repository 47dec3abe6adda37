/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Changes to bytes between two ends, as a script has them.
 */
#ifndef ASYNCSSPI_FUZZ_WIRE_H
#define ASYNCSSPI_FUZZ_WIRE_H

#include "kit/support.h"

#define WIRE_CHANGE_SIZE 4

/* One change: where (two bytes), what (low bits of the third) and with what. */
void wire_change(struct queue *wire, const uint8_t change[WIRE_CHANGE_SIZE]);

#endif
