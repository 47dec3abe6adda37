/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DTLS over UDP: one end of a connection, its legs, its timer and its records. */
#ifndef SSPITLS_DATAGRAM_H
#define SSPITLS_DATAGRAM_H

#include "tls/tls.h"

#define DATAGRAM_MAX 65536

/* Data that came; false ends the receiving. */
typedef bool datagram_sink(void *data, const unsigned char *bytes, size_t size);

struct datagram_end {
    struct tls tls;
    SOCKET socket;
    struct sockaddr_storage address; /* the peer's */
    int address_size;
    bool answered;  /* the last call had something to send */
    ULONGLONG due;  /* when the last flight is sent again; 0: it need not be */
    DWORD interval; /* milliseconds, doubled each time (RFC 6347 4.2.4.1) */
};

SECURITY_STATUS datagram_init(struct datagram_end *end, const struct tls_credentials *credentials,
                              const char *target, SOCKET socket, const void *address,
                              int address_size);
/* A client's first flight. */
enum tls_event datagram_begin(struct datagram_end *end);
/*
 * What a datagram brings: a step of the handshake, or data. TLS_NEED_INPUT, TLS_CLOSED or
 * TLS_FAILED, TLS_CONNECTED once.
 */
enum tls_event datagram_take(struct datagram_end *end, const void *bytes, size_t size,
                             datagram_sink *sink, void *data);
/* Sends the last flight again if its time has come. */
enum tls_event datagram_tick(struct datagram_end *end);
/* Milliseconds until datagram_tick has something to do, `most` at most. */
DWORD datagram_patience(const struct datagram_end *end, DWORD most);
/* One datagram; not more than cbMaximumMessage of tls.sizes. */
bool datagram_send(struct datagram_end *end, const void *bytes, size_t size);
/* Our close_notify. */
void datagram_shutdown(struct datagram_end *end);
void datagram_free(struct datagram_end *end);

#endif
