/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One leg of a handshake.
 */
#ifndef ASYNCSSPI_LEG_H
#define ASYNCSSPI_LEG_H

#include "schannel/base/buffers.h"

/* Runs it, fills the buffers, moves the context's state. leg->context is locked meanwhile. */
SECURITY_STATUS leg_run(struct leg *leg);

#endif
