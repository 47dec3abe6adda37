/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why the engine has refused something, in its own words.
 */
#ifndef ASYNCSSPI_REASON_H
#define ASYNCSSPI_REASON_H

#include "winegnutls/unixlib.h"

/* Of this thread's last call that failed: reason's text, empty when the status says it all. On the
 * channel gnutls it is a line of its own. */
const char *engine_reason(struct tls_reason *reason);

#endif
