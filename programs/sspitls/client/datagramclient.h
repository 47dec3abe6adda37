/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls client --dtls */
#ifndef SSPITLS_DATAGRAMCLIENT_H
#define SSPITLS_DATAGRAMCLIENT_H

#include "base/output.h"
#include "client/tell.h"

int datagram_client(const struct tell *tell, const struct tls_credentials *credentials,
                    struct output *output);

#endif
