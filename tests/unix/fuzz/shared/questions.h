/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every question a program may ask about a session, at any time.
 */
#ifndef ASYNCSSPI_FUZZ_QUESTIONS_H
#define ASYNCSSPI_FUZZ_QUESTIONS_H

#include <stdint.h>

#include "unixlib.h"

/* The answers are given up to `room` * 16 bytes of memory. */
void ask_everything(tls_u64 session, uint8_t room);

#endif
