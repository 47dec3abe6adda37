/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The caller's buffers as GnuTLS's transport. */
#ifndef UNIX_TRANSPORT_TRANSPORT_H
#define UNIX_TRANSPORT_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <gnutls/gnutls.h>

#include "unix/transport/flight.h"

/* Sees a record before GnuTLS gets it: whether GnuTLS may have it. */
typedef bool receiver_watch(void *context, const uint8_t *record, size_t size);

struct receiver {
    const uint8_t *data;
    size_t size; /* whole records only */
    size_t used;
    size_t boundary;       /* where the next record begins that GnuTLS has not begun */
    receiver_watch *watch; /* or NULL */
    void *context;         /* what `watch` gets */
};

struct span {
    uint8_t *data;
    size_t size;
};

struct sender {
    struct span spans[3]; /* where output goes, in this order */
    unsigned int current; /* span being filled */
    size_t filled;        /* bytes in it */
    size_t written;       /* bytes in all of them */
    struct span before;   /* goes out in front of GnuTLS's next bytes */
    uint8_t *pending;     /* what did not fit */
    size_t pending_start;
    size_t pending_size;
    size_t pending_capacity;
    bool out_of_memory;
    struct datagram_queue
        *flight; /* DTLS: what GnuTLS writes goes there, but not while spans are filled */
    bool to_spans;
};

void receiver_begin(struct receiver *receiver, const uint8_t *data, size_t size);
/* Likewise, but only up to the first record of data. */
void receiver_begin_handshake(struct receiver *receiver, const uint8_t *data, size_t size);
void receiver_begin_one(struct receiver *receiver, const uint8_t *data, size_t size);
void receiver_end(struct receiver *receiver);

void sender_begin(struct sender *sender, uint8_t *output, size_t size);
void sender_begin_spans(struct sender *sender, const struct span spans[3]);
void sender_write(struct sender *sender, const void *data, size_t size);
/* Takes back what was written since sender_begin, for the next output; false: no memory for it. */
bool sender_hold(struct sender *sender);
void sender_end(struct sender *sender);
void sender_free(struct sender *sender);

ssize_t transport_pull(gnutls_transport_ptr_t receiver, void *data, size_t size);
int transport_wait(gnutls_transport_ptr_t receiver, unsigned int milliseconds);
ssize_t transport_push(gnutls_transport_ptr_t sender, const void *data, size_t size);

#endif
