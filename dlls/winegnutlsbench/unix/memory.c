/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Two GnuTLS sessions with memory between them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unix/native.h"

#define PAGE 4096u

/*
 * Some processors copy many times slower when the distance of the two places, modulo a page, is a
 * few bytes. Where a record lands must not depend on that: half a page away, always.
 */
static ssize_t overwrite(struct bench_pipe *pipe, const void *data, size_t size)
{
    size_t place = ((uintptr_t)data + PAGE / 2 - (uintptr_t)pipe->data) % PAGE;

    if (size > pipe->capacity - place)
        return -1;
    memcpy(pipe->data + place, data, size);
    return (ssize_t)size;
}

static ssize_t push(gnutls_transport_ptr_t transport, const void *data, size_t size)
{
    struct bench_end *end = transport;
    struct bench_pipe *pipe = end->outgoing;

    if (pipe->overwrite)
        return overwrite(pipe, data, size);
    if (size > pipe->capacity - pipe->written) {
        gnutls_transport_set_errno(end->session, EIO);
        return -1;
    }
    memcpy(pipe->data + pipe->written, data, size);
    pipe->written += size;
    return (ssize_t)size;
}

static ssize_t pull(gnutls_transport_ptr_t transport, void *data, size_t size)
{
    struct bench_end *end = transport;
    struct bench_pipe *pipe = end->incoming;
    size_t available = pipe->written - pipe->read;

    if (!available) {
        gnutls_transport_set_errno(end->session, EAGAIN);
        return -1;
    }
    if (size > available)
        size = available;
    memcpy(data, pipe->data + pipe->read, size);
    pipe->read += size;
    if (pipe->read == pipe->written)
        pipe->read = pipe->written = 0;
    return (ssize_t)size;
}

int bench_pair_init(struct bench_native_pair *pair, size_t capacity)
{
    memset(pair, 0, sizeof(*pair));
    pair->to_client.capacity = pair->to_server.capacity = capacity;
    pair->to_client.data = malloc(capacity);
    pair->to_server.data = malloc(capacity);
    pair->client.incoming = pair->server.outgoing = &pair->to_client;
    pair->server.incoming = pair->client.outgoing = &pair->to_server;
    return pair->to_client.data && pair->to_server.data ? 0 : GNUTLS_E_MEMORY_ERROR;
}

void bench_pair_release(struct bench_native_pair *pair)
{
    bench_disconnect(pair);
    free(pair->to_client.data);
    free(pair->to_server.data);
}

static int start(struct bench_end *end, unsigned int flags, gnutls_priority_t priority,
                 gnutls_certificate_credentials_t credentials)
{
    int error = gnutls_init(&end->session, flags | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL);

    if (error < 0)
        return error;
    gnutls_transport_set_ptr(end->session, end);
    gnutls_transport_set_push_function(end->session, push);
    gnutls_transport_set_pull_function(end->session, pull);
    error = gnutls_priority_set(end->session, priority);
    if (error >= 0)
        error = gnutls_credentials_set(end->session, GNUTLS_CRD_CERTIFICATE, credentials);
    end->done = 0;
    return error;
}

int bench_start_client(struct bench_native_pair *pair,
                       const struct bench_native_credentials *credentials, int tickets,
                       const gnutls_datum_t *resume)
{
    static const char name[] = "localhost";
    int error = start(&pair->client, GNUTLS_CLIENT | (tickets ? 0 : GNUTLS_NO_TICKETS),
                      priority_handle(credentials->client_priority), credentials->client);

    if (error >= 0)
        error = gnutls_server_name_set(pair->client.session, GNUTLS_NAME_DNS, name, strlen(name));
    if (credentials->checks)
        gnutls_session_set_verify_cert(pair->client.session, name, 0);
    if (error >= 0 && resume)
        error = gnutls_session_set_data(pair->client.session, resume->data, resume->size);
    return error;
}

int bench_start_server(struct bench_native_pair *pair,
                       const struct bench_native_credentials *credentials, int tickets)
{
    int error = start(&pair->server, GNUTLS_SERVER | (tickets ? 0 : GNUTLS_NO_TICKETS),
                      priority_handle(credentials->server_priority), credentials->server);

    if (error >= 0 && tickets)
        error = gnutls_session_ticket_enable_server(pair->server.session, &credentials->ticket_key);
    return error;
}

int bench_step(struct bench_end *end)
{
    uint64_t start = bench_now(CLOCK_MONOTONIC);
    int error = gnutls_handshake(end->session);

    end->ns += bench_now(CLOCK_MONOTONIC) - start;
    if (error >= 0)
        end->done = 1;
    else if (error == GNUTLS_E_AGAIN || !gnutls_error_is_fatal(error))
        error = 0;
    return error < 0 ? error : 0;
}

int bench_connect(struct bench_native_pair *pair,
                  const struct bench_native_credentials *credentials, int tickets,
                  const gnutls_datum_t *resume)
{
    uint64_t start = bench_now(CLOCK_MONOTONIC);
    unsigned int steps;
    int error;

    pair->to_client.read = pair->to_client.written = 0;
    pair->to_server.read = pair->to_server.written = 0;
    error = bench_start_client(pair, credentials, tickets, resume);
    pair->client.ns += bench_now(CLOCK_MONOTONIC) - start;
    start = bench_now(CLOCK_MONOTONIC);
    if (error >= 0)
        error = bench_start_server(pair, credentials, tickets);
    pair->server.ns += bench_now(CLOCK_MONOTONIC) - start;
    for (steps = 0; error >= 0 && !(pair->client.done && pair->server.done); steps++) {
        if (steps == 16)
            return GNUTLS_E_INTERNAL_ERROR;
        if (!pair->client.done)
            error = bench_step(&pair->client);
        if (error >= 0 && !pair->server.done)
            error = bench_step(&pair->server);
    }
    return error;
}

static void end_session(struct bench_end *end)
{
    uint64_t start = bench_now(CLOCK_MONOTONIC);

    if (end->session)
        gnutls_deinit(end->session);
    end->session = NULL;
    end->ns += bench_now(CLOCK_MONOTONIC) - start;
}

void bench_disconnect(struct bench_native_pair *pair)
{
    end_session(&pair->client);
    end_session(&pair->server);
}
