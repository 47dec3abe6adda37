/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls demo */
#ifndef SSPITLS_DEMO_H
#define SSPITLS_DEMO_H

#include "command/options.h"

int demo_main(const struct options *options);

#endif
