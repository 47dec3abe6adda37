/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `sspitls server --www` speaks on a connection. */
#ifndef SSPITLS_HTTP_H
#define SSPITLS_HTTP_H

#include "server/connection.h"

/* Files are those of the settings' `www`. */
extern const struct application http_application;

#endif
