/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* DTLS output: a queue of datagrams. */
#ifndef UNIX_TRANSPORT_FLIGHT_H
#define UNIX_TRANSPORT_FLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct datagram_queue {
    uint8_t *data; /* (u32 size, datagram)... */
    size_t start, end, capacity;
    size_t last;       /* where the last datagram's size stands, when there is one */
    uint32_t mtu;      /* largest datagram */
    bool muted;        /* messages of the handshake are dropped, see flight_write */
    uint8_t first[13]; /* tells the first record written since flight_begin, first[0] 0: none yet */
};

/* A leg begins: nothing waits any more. */
void flight_begin(struct datagram_queue *flight, bool muted);
/* New messages follow, which are sent whatever was sent before. */
void flight_renew(struct datagram_queue *flight);
/* Adds a record, to the last datagram if there is room. False: no memory. */
bool flight_write(struct datagram_queue *flight, const uint8_t *record, size_t size);
/* Takes the first datagram if it fits into `size` bytes; its size, or 0. */
uint32_t flight_take(struct datagram_queue *flight, uint8_t *output, size_t size);
uint32_t flight_next(const struct datagram_queue *flight);    /* size of the first datagram, or 0 */
uint32_t flight_pending(const struct datagram_queue *flight); /* bytes in all datagrams */
void flight_free(struct datagram_queue *flight);

#endif
