/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The clock. */
#ifndef SSPITLS_CLOCK_H
#define SSPITLS_CLOCK_H

/* Microseconds on a clock that only runs forward. */
double clock_us(void);

#endif
