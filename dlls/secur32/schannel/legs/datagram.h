/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is different in a leg of DTLS.
 */
#ifndef ASYNCSSPI_DATAGRAM_H
#define ASYNCSSPI_DATAGRAM_H

#include "schannel/base/buffers.h"
#include "schannel/base/context.h"

/* Before the engine is asked, whether it has to be (SEC_E_OK) or what the answer is. */
SECURITY_STATUS datagram_prepare(const struct leg *leg, struct tls_handshake *call);
/* The engine has made no session and no output of the datagram: what to answer. */
SECURITY_STATUS datagram_refused(const struct leg *leg, const struct tls_handshake *call);
/* Behind the engine: gives the first datagram to send; the status to answer. */
SECURITY_STATUS datagram_deliver(const struct leg *leg, const struct tls_handshake *call);
/* A later call: the next datagram. */
SECURITY_STATUS datagram_next(const struct leg *leg);
/* Whether datagrams of an earlier leg come first. */
bool datagram_waits(const struct schannel_context *context);

#endif
