/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls server --dtls */
#ifndef SSPITLS_DATAGRAMSERVER_H
#define SSPITLS_DATAGRAMSERVER_H

#include "command/options.h"
#include "server/log.h"
#include "tls/credentials.h"

/* Serves at the address until it is told to stop; `host` may be NULL. */
int datagram_server(const struct options *options, const struct tls_credentials *credentials,
                    const char *host, const char *port, struct log *log);

#endif
