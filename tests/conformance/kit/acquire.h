/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's credentials from structures that a test fills itself.
 */
#ifndef ACQUIRE_H
#define ACQUIRE_H

#include "kit/pair.h"

SECURITY_STATUS acquire(ULONG use, void *data, CredHandle *credentials);
/* The status of acquiring and nothing else. */
SECURITY_STATUS try_acquire(ULONG use, void *data);

#endif
