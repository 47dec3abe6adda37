/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls client --dtls */
#ifndef SSPITLS_DATAGRAMCLIENT_H
#define SSPITLS_DATAGRAMCLIENT_H

#include "base/output.h"
#include "command/options.h"
#include "tls/credentials.h"

int datagram_client(const struct options *options, const struct tls_credentials *credentials,
                    const char *host, const char *port, struct output *output);

#endif
