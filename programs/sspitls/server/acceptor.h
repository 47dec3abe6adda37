/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes in the connections of a listening socket. */
#ifndef SSPITLS_ACCEPTOR_H
#define SSPITLS_ACCEPTOR_H

#include <winsock2.h>

struct acceptor;

/* Takes the socket over; called on the acceptor's thread. */
typedef void acceptor_sink(void *data, SOCKET socket, const struct sockaddr *address,
                           int address_size);

/* The socket listens, at an address of that family. NULL after a line on stderr. */
struct acceptor *acceptor_start(SOCKET listener, int family, acceptor_sink *accepted, void *data);
/* Does not close the listener; NULL is nothing. */
void acceptor_stop(struct acceptor *acceptor);

#endif
