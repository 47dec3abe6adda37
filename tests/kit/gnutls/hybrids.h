/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A GnuTLS that has the hybrid groups, or one that has not, whatever the installed one is.
 *
 * hybrids.c stands in front of the two functions that the engine asks about them. Who links it says
 * which GnuTLS it is.
 */
#ifndef HYBRIDS_H
#define HYBRIDS_H

#include <stdbool.h>

bool hybrids_are_there(void);
/* What the engine asks for. The real GnuTLS gets it without the hybrids, which it may not know. */
void hybrids_asked_for(const char *priority);

#endif
