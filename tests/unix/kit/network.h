/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two ends of DTLS and a network in memory between them, which loses, repeats, reorders and cuts
 * off datagrams as a seed tells it. It changes none: what is sent in the clear nobody can protect.
 *
 *     struct connection c = {.seed = 7};
 *     keys_make(&c, IDENTITY_RSA, protocols, 0);
 *     connection_open(&c);
 *     check(connection_run(&c), ...);
 *     connection_free(&c);
 */
#ifndef NETWORK_H
#define NETWORK_H

#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

#define MAX_WAITING 256
#define BOTH        (TLS_PROTOCOL_DTLS1_2 | TLS_PROTOCOL_TLS1_2)
#define EVERY_AEAD                                                                                 \
    (TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_256_GCM | TLS_DISABLE_CHACHA20_POLY1305 |           \
     TLS_DISABLE_AES_CCM)

/* Datagrams on their way to one end. */
struct wire {
    struct queue waiting[MAX_WAITING];
    unsigned int count;
    unsigned int sent;
    size_t largest;
};

struct end {
    tls_u64 credentials;
    uint32_t flags;
    uint32_t mtu;
    uint32_t reject;     /* alert to answer TLS_VERIFY_PEER with */
    const char *address; /* server: the client's */
    const char *alpn;
    gnutls_datum_t resume;
    gnutls_datum_t srtp, identifier; /* profiles as on the wire, master key identifier */
    struct wire *in, *out;

    tls_u64 session;
    int32_t status;
    unsigned int verdicts;
    struct tls_handshake last;
};

struct connection {
    struct end client, server;
    struct wire to_client, to_server;
    unsigned int seed; /* 0: a perfect network */
    unsigned int timeouts;
};

static inline void wire_add(struct wire *wire, const void *data, size_t size)
{
    if (wire->count == MAX_WAITING)
        return;
    memset(&wire->waiting[wire->count], 0, sizeof(wire->waiting[0]));
    queue_add(&wire->waiting[wire->count++], data, size);
    wire->sent++;
    if (size > wire->largest)
        wire->largest = size;
}

/* Takes one out; the caller frees it. */
static inline struct queue wire_take(struct wire *wire, unsigned int which)
{
    struct queue datagram = wire->waiting[which];

    wire->count--;
    memmove(&wire->waiting[which], &wire->waiting[which + 1],
            (wire->count - which) * sizeof(datagram));
    return datagram;
}

static inline void wire_clear(struct wire *wire)
{
    while (wire->count) {
        struct queue datagram = wire_take(wire, 0);

        queue_free(&datagram);
    }
}

/* Sends all datagrams that wait in the session. */
static inline void send_flight(struct end *end, uint32_t next)
{
    while (end->session && next) {
        uint8_t *datagram = malloc(next);
        struct tls_take_output take = {
            .session = end->session, .output = address(datagram), .output_size = next};

        engine_call(TLS_CALL_TAKE_OUTPUT, &take);
        check_equal(take.written, next);
        wire_add(end->out, datagram, take.written);
        free(datagram);
        next = take.written ? take.next_datagram : 0;
    }
}

/* One leg, with verdicts, and what it sends; its status. */
static inline int32_t end_leg(struct end *end, uint32_t action, const void *data, size_t size)
{
    struct tls_handshake call = {.session = end->session,
                                 .credentials = end->credentials,
                                 .flags = end->flags | TLS_SESSION_DATAGRAM,
                                 .mtu = end->mtu,
                                 .alpn = address(end->alpn),
                                 .alpn_size = end->alpn ? (uint32_t)strlen(end->alpn) : 0,
                                 .client_address = address(end->address),
                                 .resume = address(end->resume.data),
                                 .resume_size = end->resume.size,
                                 .srtp_profiles = address(end->srtp.data),
                                 .srtp_profiles_size = end->srtp.size,
                                 .srtp_mki = address(end->identifier.data),
                                 .srtp_mki_size = end->identifier.size,
                                 .action = action,
                                 .input = address(data),
                                 .input_size = (uint32_t)size};
    uint8_t request[256];

    if (end->address)
        call.client_address_size = (uint32_t)strlen(end->address);
    call.output = address(request);
    call.output_size = sizeof(request);
    for (;;) {
        engine_call(TLS_CALL_HANDSHAKE, &call);
        end->session = call.session;
        if (call.written)
            wire_add(end->out, request, call.written);
        if (call.status != TLS_VERIFY_PEER)
            break;
        end->verdicts++;
        call.input += call.consumed;
        call.input_size -= call.consumed;
        call.action = TLS_ACTION_VERDICT;
        call.alert = end->reject;
    }
    end->status = call.status;
    end->last = call;
    send_flight(end, call.next_datagram);
    return call.status;
}

/* A datagram for an end that is connected: data or a repeated flight. */
static inline int32_t end_receive(struct end *end, struct queue *datagram, struct queue *data)
{
    struct tls_decrypt params;
    struct queue copy = {0};
    int32_t status;

    queue_add(&copy, datagram->data, datagram->size);
    status = open_record(end->session, &copy, data, &params);
    if (status == SEC_E_UNFINISHED_CONTEXT_DELETED || status == SEC_I_RENEGOTIATE)
        check_equal(end_leg(end, TLS_ACTION_HANDSHAKE, datagram->data, datagram->size), SEC_E_OK);
    queue_free(&copy);
    return status;
}

static inline unsigned int chance(struct connection *connection)
{
    connection->seed = connection->seed * 1103515245u + 12345u;
    return connection->seed >> 16 & 0x7fff;
}

static inline void deliver(struct end *end, struct queue *datagram)
{
    if (end->status == SEC_E_OK)
        end_receive(end, datagram, NULL);
    else
        end_leg(end, TLS_ACTION_HANDSHAKE, datagram->data, datagram->size);
}

/* What happens to one datagram of a wire. */
static inline void carry(struct connection *connection, struct end *end)
{
    struct wire *wire = end->in;
    unsigned int which = connection->seed ? chance(connection) % wire->count : 0;
    struct queue datagram = wire_take(wire, which);
    unsigned int fate = connection->seed ? chance(connection) % 100 : 100;

    if (fate < 15)
        goto done; /* lost */
    if (fate < 25)
        wire_add(wire, datagram.data, datagram.size); /* twice */
    else if (fate < 35 && datagram.size)
        datagram.size = chance(connection) % datagram.size; /* cut off */
    deliver(end, &datagram);
done:
    queue_free(&datagram);
}

static inline bool is_over(const struct end *end)
{
    return end->status != SEC_I_CONTINUE_NEEDED && end->status != SEC_E_INCOMPLETE_MESSAGE;
}

/* The client's first leg. */
static inline void connection_open(struct connection *connection)
{
    connection->client.in = connection->server.out = &connection->to_client;
    connection->server.in = connection->client.out = &connection->to_server;
    if (!connection->server.address)
        connection->server.address = "127.0.0.1:4433";
    connection->server.status = SEC_E_INCOMPLETE_MESSAGE;
    end_leg(&connection->client, TLS_ACTION_HANDSHAKE, NULL, 0);
}

/* Until both ends are over, or nothing moves. True: both are connected. */
static inline bool connection_run(struct connection *connection)
{
    unsigned int steps;

    for (steps = 0; steps < 20000; steps++) {
        if (connection->to_server.count)
            carry(connection, &connection->server);
        else if (connection->to_client.count)
            carry(connection, &connection->client);
        else if (is_over(&connection->client) && is_over(&connection->server))
            break;
        else if (connection->seed) {
            connection->timeouts++;
            if (!is_over(&connection->client))
                end_leg(&connection->client, TLS_ACTION_HANDSHAKE, NULL, 0);
            if (!is_over(&connection->server) && connection->server.session)
                end_leg(&connection->server, TLS_ACTION_HANDSHAKE, NULL, 0);
        } else {
            break;
        }
    }
    return connection->client.status == SEC_E_OK && connection->server.status == SEC_E_OK;
}

static inline void end_close(struct end *end)
{
    struct tls_free params = {.object = end->session};

    engine_call(TLS_CALL_SESSION_FREE, &params);
    end->session = 0;
    end->status = SEC_I_CONTINUE_NEEDED;
}

/* Its sessions and datagrams; the credentials stay. */
static inline void connection_close(struct connection *connection)
{
    end_close(&connection->client);
    end_close(&connection->server);
    wire_clear(&connection->to_client);
    wire_clear(&connection->to_server);
}

static inline void connection_free(struct connection *connection)
{
    connection_close(connection);
    credentials_delete(connection->client.credentials);
    credentials_delete(connection->server.credentials);
}

/* Credentials of both ends. */
static inline void keys_make(struct connection *connection, enum identity_kind kind,
                             uint32_t protocols, uint64_t disabled)
{
    connection->client.credentials =
        credentials_new(TLS_CLIENT, NULL, 0, protocols, disabled, 0, NULL);
    connection->server.credentials =
        credentials_new(TLS_SERVER, &kind, 1, protocols, disabled, 0, NULL);
}

/* `size` bytes as one datagram from one end to the other. */
static inline bool send_data(struct end *from, struct end *to, size_t size)
{
    struct queue record = {0}, received = {0};
    uint8_t *data = malloc(size + 1);
    bool good;
    size_t i;

    for (i = 0; i < size; i++)
        data[i] = (uint8_t)(i * 7 + size);
    good = seal_record(from->session, data, size, &record, size % 2) == SEC_E_OK &&
           end_receive(to, &record, &received) == SEC_E_OK && received.size == size &&
           (!size || !memcmp(received.data, data, size));
    free(data);
    queue_free(&record);
    queue_free(&received);
    return good;
}

#endif
