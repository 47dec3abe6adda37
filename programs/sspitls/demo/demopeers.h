/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The demonstration's connections with programs of others. */
#ifndef SSPITLS_DEMOPEERS_H
#define SSPITLS_DEMOPEERS_H

#include "demo/demoparts.h"

/* openssl s_server, openssl s_client, curl. */
void demo_peers(struct demo *demo);

#endif
