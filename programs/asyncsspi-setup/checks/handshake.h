/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A TLS connection between two ends in this process. */
#ifndef PROBE_HANDSHAKE_H
#define PROBE_HANDSHAKE_H

#include "checks/finding.h"

/* Makes one and sends a record each way; says which version it has, or where it has failed. */
void check_handshake(struct finding *finding);

#endif
