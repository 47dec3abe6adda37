/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine's part of a leg.
 */
#ifndef ASYNCSSPI_DRIVE_H
#define ASYNCSSPI_DRIVE_H

#include "schannel/base/buffers.h"
#include "winegnutls/unixlib.h"

/* Runs the engine until it needs the peer or the program. The counts in call become those of the
 * whole leg; its status is the leg's. */
void leg_drive(const struct leg *leg, struct tls_handshake *call);

#endif
