/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `sspitls server` does without --www: every byte goes back. */
#ifndef SSPITLS_ECHO_H
#define SSPITLS_ECHO_H

#include "server/connection.h"

extern const struct application echo_application;

#endif
