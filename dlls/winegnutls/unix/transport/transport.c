/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The caller's input and output as GnuTLS's transport.
 *
 * Reading hands out whole records only: `size` ends where the last whole record ends, and behind it
 * stands EAGAIN, so that a partial record is never half taken. Writing fills the caller's spans and
 * keeps the rest in `pending`; once something is pending everything later goes there too, so that
 * the order holds. DTLS writes its handshake into a queue of datagrams instead
 * (transport/flight.c). The receiving and the sending half share nothing, and would-block is told
 * through errno, which is per thread, not through the GnuTLS session, which is not.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unix/base/engine.h"
#include "unix/transport/flight.h"
#include "unix/transport/transport.h"
#include "unix/wire/wire.h"

static void begin(struct receiver *receiver, const uint8_t *data, size_t size, bool stop_at_data)
{
    struct record_view view;

    receiver->data = data;
    receiver->size = receiver->used = receiver->boundary = 0;
    while (receiver->size < size &&
           record_look(data + receiver->size, size - receiver->size, RECORD_MAX_EXPANSION, &view) ==
               RECORD_WHOLE &&
           !(stop_at_data && view.type == RECORD_DATA))
        receiver->size += view.size;
}

void receiver_begin(struct receiver *receiver, const uint8_t *data, size_t size)
{
    begin(receiver, data, size, false);
}

void receiver_begin_handshake(struct receiver *receiver, const uint8_t *data, size_t size)
{
    begin(receiver, data, size, true);
}

void receiver_begin_one(struct receiver *receiver, const uint8_t *data, size_t size)
{
    receiver->data = data;
    receiver->size = size;
    receiver->used = 0;
}

void receiver_end(struct receiver *receiver)
{
    receiver->data = NULL;
    receiver->size = receiver->used = receiver->boundary = 0;
    receiver->watch = NULL;
}

/* At the beginning of a record: whether it may be handed out. */
static bool may_be_given(struct receiver *receiver)
{
    const uint8_t *record = receiver->data + receiver->used;
    size_t size;

    if (receiver->used != receiver->boundary)
        return true;
    size = RECORD_HEADER_SIZE + ((size_t)record[3] << 8 | record[4]);
    if (!receiver->watch(receiver->context, record, size))
        return false;
    receiver->boundary += size;
    return true;
}

ssize_t transport_pull(gnutls_transport_ptr_t pointer, void *data, size_t size)
{
    struct receiver *receiver = pointer;
    size_t end;

    if (receiver->used == receiver->size) {
        errno = EAGAIN;
        return -1;
    }
    if (receiver->watch && !may_be_given(receiver)) {
        errno = EAGAIN;
        return -1;
    }
    end = receiver->watch ? receiver->boundary : receiver->size;
    if (size > end - receiver->used)
        size = end - receiver->used;
    memcpy(data, receiver->data + receiver->used, size);
    receiver->used += size;
    return (ssize_t)size;
}

int transport_wait(gnutls_transport_ptr_t pointer, unsigned int milliseconds)
{
    const struct receiver *receiver = pointer;

    (void)milliseconds;
    return receiver->used != receiver->size;
}

static void wipe_pending(struct sender *sender)
{
    if (sender->pending)
        gnutls_memset(sender->pending, 0, sender->pending_capacity);
    free(sender->pending);
    sender->pending = NULL;
    sender->pending_start = sender->pending_size = sender->pending_capacity = 0;
}

/* Grows without realloc, which would leave an unwiped copy behind. */
static bool keep(struct sender *sender, const uint8_t *data, size_t size)
{
    size_t needed = sender->pending_size + size, capacity;
    uint8_t *larger;

    if (needed > sender->pending_capacity - sender->pending_start) {
        capacity = needed < 2048 ? 4096 : 2 * needed;
        if (!(larger = malloc(capacity)))
            return false;
        if (sender->pending_size)
            memcpy(larger, sender->pending + sender->pending_start, sender->pending_size);
        needed = sender->pending_size;
        wipe_pending(sender);
        sender->pending = larger;
        sender->pending_size = needed;
        sender->pending_capacity = capacity;
    }
    memcpy(sender->pending + sender->pending_start + sender->pending_size, data, size);
    sender->pending_size += size;
    return true;
}

/* Copies as much as fits into the spans and returns that number. */
static size_t fill(struct sender *sender, const uint8_t *data, size_t size)
{
    size_t done = 0, part;

    while (done < size && sender->current < 3) {
        struct span *span = &sender->spans[sender->current];

        part = span->size - sender->filled;
        if (!part) {
            sender->current++;
            sender->filled = 0;
            continue;
        }
        if (part > size - done)
            part = size - done;
        memcpy(span->data + sender->filled, data + done, part);
        sender->filled += part;
        done += part;
    }
    sender->written += done;
    return done;
}

static void drain_pending(struct sender *sender)
{
    size_t done = fill(sender, sender->pending + sender->pending_start, sender->pending_size);

    sender->pending_start += done;
    sender->pending_size -= done;
    if (!sender->pending_size)
        wipe_pending(sender);
}

void sender_begin_spans(struct sender *sender, const struct span spans[3])
{
    memcpy(sender->spans, spans, sizeof(sender->spans));
    sender->current = 0;
    sender->filled = sender->written = 0;
    sender->out_of_memory = false;
    sender->to_spans = true;
    if (sender->pending_size)
        drain_pending(sender);
}

void sender_begin(struct sender *sender, uint8_t *output, size_t size)
{
    const struct span spans[3] = {{output, output ? size : 0}};

    sender_begin_spans(sender, spans);
    sender->to_spans = false;
}

void sender_write(struct sender *sender, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    size_t done = 0;

    if (sender->flight && !sender->to_spans) {
        if (!flight_write(sender->flight, data, size))
            sender->out_of_memory = true;
        return;
    }
    if (!sender->pending_size)
        done = fill(sender, bytes, size);
    if (done < size && !keep(sender, bytes + done, size - done))
        sender->out_of_memory = true;
}

bool sender_hold(struct sender *sender)
{
    const size_t size = sender->written + sender->pending_size;
    uint8_t *held;

    if (!sender->written)
        return true;
    if (!(held = malloc(size)))
        return false;
    memcpy(held, sender->spans[0].data, sender->written);
    if (sender->pending_size)
        memcpy(held + sender->written, sender->pending + sender->pending_start,
               sender->pending_size);
    wipe_pending(sender);
    sender->pending = held;
    sender->pending_size = sender->pending_capacity = size;
    return true;
}

void sender_end(struct sender *sender)
{
    memset(sender->spans, 0, sizeof(sender->spans));
    sender->current = 3;
    sender->filled = sender->written = 0;
}

void sender_free(struct sender *sender)
{
    wipe_pending(sender);
}

ssize_t transport_push(gnutls_transport_ptr_t pointer, const void *data, size_t size)
{
    struct sender *sender = pointer;

    if (sender->before.size) {
        sender_write(sender, sender->before.data, sender->before.size);
        sender->before.size = 0;
    }
    sender_write(sender, data, size);
    if (sender->out_of_memory) {
        errno = ENOMEM;
        return -1;
    }
    return (ssize_t)size;
}
