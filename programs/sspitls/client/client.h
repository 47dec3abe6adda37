/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls client */
#ifndef SSPITLS_CLIENT_H
#define SSPITLS_CLIENT_H

#include "command/options.h"

int client_main(const struct options *options);

#endif
