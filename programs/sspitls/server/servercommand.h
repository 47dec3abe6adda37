/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls server */
#ifndef SSPITLS_SERVERCOMMAND_H
#define SSPITLS_SERVERCOMMAND_H

#include "command/options.h"

int server_main(const struct options *options);

#endif
