/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DTLS: handshakes and records over a network in memory that loses, repeats, reorders and cuts off
 * datagrams as a seed tells it. It changes none: what is sent in the clear nobody can protect.
 */
#include <gnutls/dtls.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/check.h"
#include "kit/support.h"

#define MAX_WAITING 256
#define BOTH        (TLS_PROTOCOL_DTLS1_2 | TLS_PROTOCOL_TLS1_2)
#define OLD         (TLS_PROTOCOL_DTLS1_0 | TLS_PROTOCOL_TLS1_0)

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

static void wire_add(struct wire *wire, const void *data, size_t size)
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
static struct queue wire_take(struct wire *wire, unsigned int which)
{
    struct queue datagram = wire->waiting[which];

    wire->count--;
    memmove(&wire->waiting[which], &wire->waiting[which + 1],
            (wire->count - which) * sizeof(datagram));
    return datagram;
}

static void wire_clear(struct wire *wire)
{
    while (wire->count) {
        struct queue datagram = wire_take(wire, 0);

        queue_free(&datagram);
    }
}

/* Sends all datagrams that wait in the session. */
static void send_flight(struct end *end, uint32_t next)
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

static int32_t end_leg(struct end *end, uint32_t action, const void *data, size_t size)
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
static int32_t end_receive(struct end *end, struct queue *datagram, struct queue *data)
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

static unsigned int chance(struct connection *connection)
{
    connection->seed = connection->seed * 1103515245u + 12345u;
    return connection->seed >> 16 & 0x7fff;
}

static void deliver(struct end *end, struct queue *datagram)
{
    if (end->status == SEC_E_OK)
        end_receive(end, datagram, NULL);
    else
        end_leg(end, TLS_ACTION_HANDSHAKE, datagram->data, datagram->size);
}

/* What happens to one datagram of a wire. */
static void carry(struct connection *connection, struct end *end)
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

static bool is_over(const struct end *end)
{
    return end->status != SEC_I_CONTINUE_NEEDED && end->status != SEC_E_INCOMPLETE_MESSAGE;
}

static void connection_open(struct connection *connection)
{
    connection->client.in = connection->server.out = &connection->to_client;
    connection->server.in = connection->client.out = &connection->to_server;
    if (!connection->server.address)
        connection->server.address = "127.0.0.1:4433";
    connection->server.status = SEC_E_INCOMPLETE_MESSAGE;
    end_leg(&connection->client, TLS_ACTION_HANDSHAKE, NULL, 0);
}

static bool connection_run(struct connection *connection)
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

static void end_close(struct end *end)
{
    struct tls_free params = {.object = end->session};

    engine_call(TLS_CALL_SESSION_FREE, &params);
    end->session = 0;
    end->status = SEC_I_CONTINUE_NEEDED;
}

static void connection_close(struct connection *connection)
{
    end_close(&connection->client);
    end_close(&connection->server);
    wire_clear(&connection->to_client);
    wire_clear(&connection->to_server);
}

static void connection_free(struct connection *connection)
{
    connection_close(connection);
    credentials_delete(connection->client.credentials);
    credentials_delete(connection->server.credentials);
}

static void keys_make(struct connection *connection, enum identity_kind kind, uint32_t protocols,
                      uint64_t disabled)
{
    connection->client.credentials =
        credentials_new(TLS_CLIENT, NULL, 0, protocols, disabled, 0, NULL);
    connection->server.credentials =
        credentials_new(TLS_SERVER, &kind, 1, protocols, disabled, 0, NULL);
}

/* `size` bytes as one datagram from one end to the other. */
static bool send_data(struct end *from, struct end *to, size_t size)
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

#define EVERY_AEAD                                                                                 \
    (TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_256_GCM | TLS_DISABLE_CHACHA20_POLY1305 |           \
     TLS_DISABLE_AES_CCM)

static const struct {
    const char *name;
    uint32_t protocols;
    uint64_t disabled;
    uint32_t version, header, least_trailer;
} suites[] = {
    {"1.2 AES-256-GCM", BOTH, 0, 0xfefd, 21, 16},
    {"1.2 AES-128-GCM", BOTH, TLS_DISABLE_AES_256_GCM, 0xfefd, 21, 16},
    {"1.2 ChaCha20", BOTH, EVERY_AEAD & ~TLS_DISABLE_CHACHA20_POLY1305, 0xfefd, 13, 16},
    {"1.2 AES-CCM", BOTH,
     (EVERY_AEAD & ~TLS_DISABLE_AES_CCM) | TLS_DISABLE_AES_256_CBC | TLS_DISABLE_AES_128_CBC,
     0xfefd, 21, 16},
    {"1.2 AES-CBC", BOTH, EVERY_AEAD, 0xfefd, 29, 20},
    {"1.0 AES-CBC", OLD, 0, 0xfeff, 29, 20},
};

static void suites_and_sizes(void)
{
    static const size_t sizes[] = {1, 2, 100, 700};
    unsigned int i, j;

    for (i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        struct connection c = {0};
        struct tls_info info;

        check_context = suites[i].name;
        keys_make(&c, IDENTITY_RSA, suites[i].protocols, suites[i].disabled);
        connection_open(&c);
        check(connection_run(&c), "client 0x%x, server 0x%x", c.client.status, c.server.status);
        if (c.client.status || c.server.status) {
            connection_free(&c);
            continue;
        }
        check(c.to_client.largest <= TLS_DEFAULT_MTU && c.to_server.largest <= TLS_DEFAULT_MTU,
              "datagrams of %zu and %zu bytes", c.to_client.largest, c.to_server.largest);
        info_get(c.client.session, &info);
        check_equal(info.version, suites[i].version);
        check_equal(info.header_size, suites[i].header);
        check(info.trailer_size >= suites[i].least_trailer, "trailer %u", info.trailer_size);
        check(info.max_data <= TLS_DEFAULT_MTU - info.header_size && info.max_data > 1000,
              "maximum %u", info.max_data);
        for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
            check(send_data(&c.client, &c.server, sizes[j]), "%zu bytes up", sizes[j]);
            check(send_data(&c.server, &c.client, sizes[j]), "%zu bytes down", sizes[j]);
        }
        check(send_data(&c.server, &c.client, info.max_data), "%u bytes", info.max_data);
        check(!send_data(&c.server, &c.client, info.max_data + 1), "more than the maximum");
        connection_free(&c);
    }
    check_context = "";
}

/* Whatever the network does, the handshake ends, and data then passes. */
static void bad_networks(void)
{
    struct connection c = {0};
    unsigned int seed, timeouts = 0;

    keys_make(&c, IDENTITY_RSA, BOTH, 0);
    for (seed = 1; seed <= 200; seed++) {
        c.seed = seed * 7919;
        connection_open(&c);
        check(connection_run(&c), "seed %u: client 0x%x, server 0x%x", seed, c.client.status,
              c.server.status);
        timeouts += c.timeouts;
        c.timeouts = 0;
        if (!c.client.status && !c.server.status) {
            check(send_data(&c.client, &c.server, 100), "seed %u: data up", seed);
            check(send_data(&c.server, &c.client, 100), "seed %u: data down", seed);
        }
        connection_close(&c);
    }
    check(timeouts > 100, "only %u timeouts", timeouts);
    connection_free(&c);
}

/*
 * The same with small datagrams, client certificates, CBC, tickets and resumption. The server's
 * last flight is several datagrams then, and a client that got some of them only must go on
 * repeating.
 */
static void bad_networks_all_features(void)
{
    static const enum identity_kind client_kind = IDENTITY_P256;
    struct connection c = {0};
    unsigned int seed, resumed = 0;

    c.client.credentials = credentials_new(TLS_CLIENT, &client_kind, 1, BOTH, EVERY_AEAD, 0, NULL);
    c.server.credentials = credentials_new(TLS_SERVER, &client_kind, 1, BOTH, EVERY_AEAD, 0, NULL);
    c.client.flags = TLS_SESSION_VERIFY_PEER;
    c.server.flags = TLS_SESSION_VERIFY_PEER | TLS_SESSION_REQUEST_CERT;
    c.client.alpn = c.server.alpn = "\2h2";
    c.client.mtu = c.server.mtu = 300;
    for (seed = 1; seed <= 60; seed++) {
        uint8_t ticket[8192];
        struct tls_get_blob blob = {.buffer = address(ticket), .buffer_size = sizeof(ticket)};
        struct tls_info info;

        c.seed = seed * 104729;
        connection_open(&c);
        check(connection_run(&c), "seed %u: client 0x%x, server 0x%x", seed, c.client.status,
              c.server.status);
        if (!c.client.status && !c.server.status) {
            info_get(c.server.session, &info);
            check(info.alpn_size == 2, "seed %u: no ALPN", seed);
            resumed += !!(info.flags & TLS_INFO_RESUMED);
            check(send_data(&c.client, &c.server, 100), "seed %u: data up", seed);
            check(send_data(&c.server, &c.client, 100), "seed %u: data down", seed);
            blob.session = c.client.session;
            engine_call(TLS_CALL_RESUMPTION_DATA, &blob);
            check_equal(blob.status, SEC_E_OK);
        }
        check(c.to_client.largest <= 300 && c.to_server.largest <= 300, "datagrams of %zu, %zu",
              c.to_client.largest, c.to_server.largest);
        connection_close(&c);
        free(c.client.resume.data);
        c.client.resume.data = NULL;
        if (seed % 2 && blob.status == SEC_E_OK) {
            c.client.resume.data = malloc(blob.size);
            c.client.resume.size = blob.size;
            memcpy(c.client.resume.data, ticket, blob.size);
        }
    }
    check(resumed >= 25, "only %u resumed", resumed);
    free(c.client.resume.data);
    connection_free(&c);
}

static unsigned int count_records(const struct queue *datagram)
{
    unsigned int count = 0;
    size_t at = 0;

    for (; at + 13 <= datagram->size; count++)
        at += 13u + (size_t)(datagram->data[at + 11] << 8 | datagram->data[at + 12]);
    return count;
}

/* A datagram lost, the timer, the same flight again: no more and no less. */
static void retransmission(void)
{
    struct connection c = {0};
    struct queue datagram;
    unsigned int flight;

    keys_make(&c, IDENTITY_RSA, BOTH, 0);
    connection_open(&c);
    check_equal(c.client.out->count, 1);
    wire_clear(&c.to_server);
    end_leg(&c.client, TLS_ACTION_HANDSHAKE, NULL, 0);
    check_equal(c.client.status, SEC_I_CONTINUE_NEEDED);
    check_equal(c.to_server.count, 1);

    carry(&c, &c.server); /* the request for a cookie */
    check(!c.server.session, "a session without a cookie");
    check_equal(c.server.status, SEC_I_CONTINUE_NEEDED);
    carry(&c, &c.client);
    carry(&c, &c.server);
    check(c.server.session != 0, "no session behind the cookie");
    flight = c.to_client.count;
    check(flight == 2, "a flight of %u datagrams", flight);

    /* The server's flight is lost twice, then its timer runs out. */
    wire_clear(&c.to_client);
    end_leg(&c.server, TLS_ACTION_HANDSHAKE, NULL, 0);
    check_equal(c.to_client.count, flight);
    wire_clear(&c.to_client);
    /* The client's timer runs out as well: the server repeats itself once. */
    end_leg(&c.client, TLS_ACTION_HANDSHAKE, NULL, 0);
    check_equal(c.to_server.count, 1);
    carry(&c, &c.server);
    check_equal(c.server.status, SEC_I_CONTINUE_NEEDED);
    check_equal(c.to_client.count, flight);

    /* Nonsense moves nobody. */
    end_leg(&c.server, TLS_ACTION_HANDSHAKE, "nonsense nonsense nonsense", 26);
    check_equal(c.server.status, SEC_I_CONTINUE_NEEDED);
    check_equal(c.to_client.count, flight);

    /* What comes in another order repeats nothing, either. */
    datagram = wire_take(&c.to_client, 1);
    end_leg(&c.client, TLS_ACTION_HANDSHAKE, datagram.data, datagram.size);
    check_equal(c.client.status, SEC_I_CONTINUE_NEEDED);
    check_equal(c.to_server.count, 0);
    queue_free(&datagram);

    while (c.to_client.count)
        carry(&c, &c.client);
    check_equal(c.client.status, SEC_I_CONTINUE_NEEDED);
    check_equal(c.to_server.count, 1);
    check_equal(count_records(&c.to_server.waiting[0]), 3); /* its key, new keys, Finished */
    wire_clear(&c.to_server);
    end_leg(&c.client, TLS_ACTION_HANDSHAKE, NULL, 0);
    check_equal(c.to_server.count, 1);
    carry(&c, &c.server);
    check_equal(c.server.status, SEC_E_OK);
    check_equal(c.to_client.count, 1);

    /* The server's last flight is lost: the client's again, and the server's in answer. */
    wire_clear(&c.to_client);
    end_leg(&c.client, TLS_ACTION_HANDSHAKE, NULL, 0);
    check_equal(c.to_server.count, 1);
    datagram = wire_take(&c.to_server, 0);
    check_equal(end_receive(&c.server, &datagram, NULL), SEC_E_UNFINISHED_CONTEXT_DELETED);
    queue_free(&datagram);
    check_equal(c.to_client.count, 1);
    carry(&c, &c.client);
    check_equal(c.client.status, SEC_E_OK);
    check_equal(c.to_server.count, 0);
    check(send_data(&c.client, &c.server, 10) && send_data(&c.server, &c.client, 10), "data");
    connection_free(&c);
}

/* The cookie belongs to the address. */
static void cookies(void)
{
    struct connection c = {0};
    struct queue hello;

    keys_make(&c, IDENTITY_P256, BOTH, 0);
    connection_open(&c);
    carry(&c, &c.server);
    carry(&c, &c.client);
    check_equal(c.to_server.count, 1);
    hello = wire_take(&c.to_server, 0);

    c.server.address = "127.0.0.2:4433";
    end_leg(&c.server, TLS_ACTION_HANDSHAKE, hello.data, hello.size);
    check_equal(c.server.status, SEC_I_CONTINUE_NEEDED);
    check(!c.server.session, "the cookie of another address");
    check(c.server.last.written > 0, "no new request");

    /* A hello that was touched is another one. */
    hello.data[hello.size - 1] ^= 1;
    c.server.address = "127.0.0.1:4433";
    end_leg(&c.server, TLS_ACTION_HANDSHAKE, hello.data, hello.size - 1);
    check_equal(c.server.status, SEC_E_INCOMPLETE_MESSAGE);
    check(!c.server.session, "a session of half a hello");
    hello.data[hello.size - 1] ^= 1;

    end_leg(&c.server, TLS_ACTION_HANDSHAKE, hello.data, hello.size);
    check(c.server.session != 0, "the right cookie is refused");
    queue_free(&hello);
    connection_free(&c);
}

static void no_hello(void)
{
    static const struct {
        const char *data;
        size_t size;
    } inputs[] = {
        {"", 0},
        {"x", 1},
        {"\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\0", 13},
        {"\x16\xfe\xfd\0\0\0\0\0\0\0\0\0\x0c\x01\0\0\0\0\0\0\0\0\0\0\0", 25},
        {"\x17\xfe\xfd\0\1\0\0\0\0\0\0\0\1x", 14},
        {"\x16\x03\x03\0\4\x01\0\0\0", 9},
        {"\x15\xfe\xfd\0\0\0\0\0\0\0\0\0\2\2\x28", 15},
    };
    struct connection c = {0};
    unsigned int i;

    keys_make(&c, IDENTITY_P256, BOTH, 0);
    c.server.in = &c.to_server;
    c.server.out = &c.to_client;
    for (i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        end_leg(&c.server, TLS_ACTION_HANDSHAKE, inputs[i].data, inputs[i].size);
        check(c.server.status == SEC_E_INCOMPLETE_MESSAGE && !c.server.session, "input %u: 0x%x", i,
              c.server.status);
        check_equal(c.to_client.count, 0);
    }
    connection_free(&c);
}

/* The window of RFC 6347 4.1.2.6. */
static void replays(void)
{
    enum { COUNT = 200 };
    struct queue records[COUNT] = {{0}};
    unsigned int i, suite;

    for (suite = 0; suite < 2; suite++) {
        struct connection c = {0};

        keys_make(&c, IDENTITY_P256, BOTH, suite ? EVERY_AEAD : 0);
        connection_open(&c);
        check(connection_run(&c), "no connection");
        for (i = 0; i < COUNT; i++)
            seal_record(c.client.session, &i, sizeof(i), &records[i], 0);

        /* In order and again. */
        check_equal(end_receive(&c.server, &records[0], NULL), SEC_E_OK);
        check_equal(end_receive(&c.server, &records[0], NULL), SEC_E_OUT_OF_SEQUENCE);
        /* Out of order within the window, each once. */
        check_equal(end_receive(&c.server, &records[64], NULL), SEC_E_OK);
        check_equal(end_receive(&c.server, &records[1], NULL), SEC_E_OK);
        check_equal(end_receive(&c.server, &records[1], NULL), SEC_E_OUT_OF_SEQUENCE);
        check_equal(end_receive(&c.server, &records[63], NULL), SEC_E_OK);
        check_equal(end_receive(&c.server, &records[64], NULL), SEC_E_OUT_OF_SEQUENCE);
        /* Left of it. */
        check_equal(end_receive(&c.server, &records[100], NULL), SEC_E_OK);
        check_equal(end_receive(&c.server, &records[36], NULL), SEC_E_OUT_OF_SEQUENCE);
        check_equal(end_receive(&c.server, &records[37], NULL), SEC_E_OK);
        /* Far ahead; all before is gone. */
        check_equal(end_receive(&c.server, &records[199], NULL), SEC_E_OK);
        check_equal(end_receive(&c.server, &records[101], NULL), SEC_E_OUT_OF_SEQUENCE);
        for (i = 136; i < 199; i++)
            check_equal(end_receive(&c.server, &records[i], NULL), SEC_E_OK);
        for (i = 0; i < COUNT; i++)
            check_equal(end_receive(&c.server, &records[i], NULL), SEC_E_OUT_OF_SEQUENCE);
        for (i = 0; i < COUNT; i++)
            queue_free(&records[i]);
        connection_free(&c);
    }
}

/* Whatever is done to a record, it is passed over, and the connection goes on. */
static void damage(void)
{
    unsigned int i, suite;

    for (suite = 0; suite < 2; suite++) {
        struct connection c = {0};
        struct queue record = {0};

        keys_make(&c, IDENTITY_P256, BOTH, suite ? EVERY_AEAD : 0);
        connection_open(&c);
        check(connection_run(&c), "no connection");
        seal_record(c.client.session, "hello", 5, &record, 0);
        for (i = 0; i < record.size * 8; i++) {
            int32_t status;

            record.data[i / 8] ^= 1u << i % 8;
            status = end_receive(&c.server, &record, NULL);
            /* With CBC it is GnuTLS that sees, in the leg that follows, that it is no Finished. */
            check(status == SEC_E_INVALID_TOKEN || status == SEC_E_OUT_OF_SEQUENCE ||
                      (suite && i == 0 && status == SEC_E_UNFINISHED_CONTEXT_DELETED),
                  "bit %u: 0x%x", i, status);
            record.data[i / 8] ^= 1u << i % 8;
        }
        for (i = 0; i < record.size; i++) {
            struct queue part = {0};

            queue_add(&part, record.data, i);
            check_equal(end_receive(&c.server, &part, NULL), SEC_E_INVALID_TOKEN);
            queue_free(&part);
        }
        check_equal(end_receive(&c.server, &record, NULL), SEC_E_OK);
        queue_free(&record);
        connection_free(&c);
    }
}

/* Records of the epoch before are old ones, and those of the next cannot be. */
static void epochs(void)
{
    static const struct {
        uint8_t epoch;
        int32_t status;
    } rows[] = {{0, SEC_E_OUT_OF_SEQUENCE}, {2, SEC_E_INVALID_TOKEN}};

    for (unsigned int suite = 0; suite < 2; suite++) {
        struct connection c = {0};
        struct queue record = {0};

        keys_make(&c, IDENTITY_P256, BOTH, suite ? EVERY_AEAD : 0);
        connection_open(&c);
        check(connection_run(&c), "no connection");
        seal_record(c.client.session, "hello", 5, &record, 0);
        for (size_t i = 0; i < 2; i++) {
            for (uint8_t type = 20; type <= 23; type++) {
                struct queue other = {0};

                queue_add(&other, record.data, record.size);
                other.data[0] = type;
                other.data[4] = rows[i].epoch;
                other.data[9] = 99; /* a number far ahead */
                check_equal(end_receive(&c.server, &other, NULL), rows[i].status);
                queue_free(&other);
            }
        }
        check_equal(end_receive(&c.server, &record, NULL), SEC_E_OK);
        queue_free(&record);
        connection_free(&c);
    }
}

/* What is not authentic leaves no text behind. */
static void wiped(void)
{
    static const char text[] = "attack at dawn, which was never authenticated";
    struct tls_decrypt params = {0};
    struct connection c = {0};
    struct queue record = {0};

    keys_make(&c, IDENTITY_P256, BOTH, 0);
    connection_open(&c);
    check(connection_run(&c), "no connection");
    seal_record(c.client.session, text, sizeof(text), &record, 0);
    record.data[record.size - 1] ^= 1;
    params.session = c.server.session;
    params.buffer = address(record.data);
    params.buffer_size = (uint32_t)record.size;
    engine_call(TLS_CALL_DECRYPT, &params);
    check_equal(params.status, SEC_E_INVALID_TOKEN);
    check(!memmem(record.data, record.size, text, 8), "the text is there");
    queue_free(&record);
    connection_free(&c);
}

/* Several records in one datagram, bad ones among them. */
static void records_in_a_datagram(void)
{
    struct connection c = {0};
    struct queue datagram = {0}, old = {0}, data = {0};
    struct tls_decrypt params;

    keys_make(&c, IDENTITY_P256, BOTH, 0);
    connection_open(&c);
    check(connection_run(&c), "no connection");
    seal_record(c.client.session, "old", 3, &old, 0);
    check_equal(end_receive(&c.server, &old, NULL), SEC_E_OK);

    queue_add(&datagram, old.data, old.size);
    seal_record(c.client.session, "one", 3, &datagram, 0);
    seal_record(c.client.session, "bad", 3, &datagram, 0);
    datagram.data[datagram.size - 1] ^= 1;
    seal_record(c.client.session, "two", 3, &datagram, 0);
    queue_add(&datagram, "rest", 4);
    check_equal(open_record(c.server.session, &datagram, &data, &params), SEC_E_OK);
    check_equal(open_record(c.server.session, &datagram, &data, &params), SEC_E_OK);
    check(data.size == 6 && !memcmp(data.data, "onetwo", 6), "other data");
    check_equal(open_record(c.server.session, &datagram, &data, &params), SEC_E_INVALID_TOKEN);
    queue_free(&datagram);
    queue_free(&old);
    queue_free(&data);
    connection_free(&c);
}

/* A leg takes no data: that is left for who decrypts. */
static void data_in_a_leg(void)
{
    struct connection c = {0};
    struct queue datagram = {0}, data = {0};
    struct tls_decrypt params;

    keys_make(&c, IDENTITY_P256, BOTH, 0);
    connection_open(&c);
    check(connection_run(&c), "no connection");
    check_equal(seal_record(c.client.session, "data", 4, &datagram, 0), SEC_E_OK);
    check_equal(end_leg(&c.server, TLS_ACTION_HANDSHAKE, datagram.data, datagram.size), SEC_E_OK);
    check_equal(c.server.last.consumed, 0);
    check_equal(open_record(c.server.session, &datagram, &data, &params), SEC_E_OK);
    check_equal(data.size, 4);
    queue_free(&datagram);
    queue_free(&data);
    connection_free(&c);
}

static void closing(void)
{
    unsigned int suite;

    for (suite = 0; suite < 2; suite++) {
        struct connection c = {0};
        struct queue datagram;

        keys_make(&c, IDENTITY_P256, BOTH, suite ? EVERY_AEAD : 0);
        connection_open(&c);
        check(connection_run(&c), "no connection");
        check(send_data(&c.client, &c.server, 5), "data");
        end_leg(&c.client, TLS_ACTION_SHUTDOWN, NULL, 0);
        check_equal(c.client.status, SEC_E_OK);
        check_equal(c.to_server.count, 1);
        datagram = wire_take(&c.to_server, 0);
        check_equal(end_receive(&c.server, &datagram, NULL), SEC_I_CONTEXT_EXPIRED);
        check(send_data(&c.server, &c.client, 5), "data the other way");
        check(seal_record(c.client.session, "x", 1, &datagram, 0) == SEC_E_CONTEXT_EXPIRED,
              "data behind our close_notify");
        queue_free(&datagram);
        end_leg(&c.client, TLS_ACTION_SHUTDOWN, NULL, 0);
        check_equal(c.to_server.count, 1);
        connection_free(&c);
    }
}

static void rejected_certificate(void)
{
    struct connection c = {0};

    keys_make(&c, IDENTITY_P256, BOTH, 0);
    c.client.flags = TLS_SESSION_VERIFY_PEER;
    c.client.reject = 48;
    connection_open(&c);
    check(!connection_run(&c), "connected");
    check_equal(c.client.verdicts, 1);
    check_equal(c.client.last.alert, 48);
    check_equal(c.client.status, SEC_E_CERT_UNKNOWN);
    check_equal(c.server.status, SEC_E_UNTRUSTED_ROOT);
    check_equal(c.server.last.alert_received, 1);
    connection_free(&c);
}

static struct tls_srtp srtp_get(tls_u64 session)
{
    struct tls_srtp params = {.session = session, .profile = 77};

    engine_call(TLS_CALL_SRTP, &params);
    return params;
}

/* use_srtp: the client's first profile that the server has. Such sessions are not resumed. */
static void srtp(void)
{
    static uint8_t offered[] = {0, 7, 0, 2, 0, 1, 0, 5, 0, 6}, known[] = {0, 1, 0, 2},
                   other[] = {0, 6};
    static uint8_t identifier[] = {1, 2, 3};
    uint8_t ticket[4096];
    struct tls_get_blob ticket_blob = {.buffer = address(ticket), .buffer_size = sizeof(ticket)};
    struct connection c = {0};
    struct tls_srtp found;
    int i;

    check_equal(srtp_get(0).status, SEC_E_INVALID_HANDLE);
    keys_make(&c, IDENTITY_P256, BOTH, 0);
    connection_open(&c);
    check(connection_run(&c), "client 0x%x, server 0x%x", c.client.status, c.server.status);
    check_equal(srtp_get(c.client.session).status, SEC_E_UNSUPPORTED_FUNCTION);
    ticket_blob.session = c.client.session;
    engine_call(TLS_CALL_RESUMPTION_DATA, &ticket_blob);
    check_equal(ticket_blob.status, SEC_E_OK);
    connection_close(&c);
    c.client.resume = (gnutls_datum_t){ticket, ticket_blob.size};
    for (i = 0; i < 2; i++) {
        struct tls_get_blob blob = {0};
        struct tls_info info;

        c.client.srtp = (gnutls_datum_t){offered, sizeof(offered)};
        c.server.srtp = (gnutls_datum_t){known, sizeof(known)};
        c.client.identifier = c.server.identifier =
            (gnutls_datum_t){identifier, sizeof(identifier)};
        /* The fifth profile of the client does not count. */
        if (i == 1)
            c.server.srtp = (gnutls_datum_t){other, sizeof(other)};
        connection_open(&c);
        check(connection_run(&c), "client 0x%x, server 0x%x", c.client.status, c.server.status);
        info_get(c.client.session, &info);
        check_equal(info.flags & TLS_INFO_RESUMED, 0);
        found = srtp_get(c.client.session);
        check_equal(found.status, i == 1 ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK);
        check_equal(found.profile, i == 1 ? 0 : 2);
        check_equal(found.mki_size, i == 1 ? 0 : sizeof(identifier));
        found = srtp_get(c.server.session);
        check_equal(found.status, i == 1 ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK);
        check_equal(found.profile, i == 1 ? 0 : 2);
        check(i == 1 || !memcmp(found.mki, identifier, sizeof(identifier)), "identifier");
        blob.session = c.client.session;
        engine_call(TLS_CALL_RESUMPTION_DATA, &blob);
        check_equal(blob.status, SEC_E_UNSUPPORTED_FUNCTION);
        connection_close(&c);
    }
    /* Half a profile. */
    c.client.srtp.size = 3;
    connection_open(&c);
    check_equal(c.client.status, SEC_E_INVALID_PARAMETER);
    connection_free(&c);
}

static void mtu(void)
{
    static const uint32_t sizes[] = {200, 512, 1400, 9000, 20000};
    struct connection c = {0};
    struct tls_set_mtu set = {0};
    struct tls_info info;
    unsigned int i;

    keys_make(&c, IDENTITY_RSA, BOTH, 0);
    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        c.client.mtu = c.server.mtu = sizes[i];
        c.to_client.largest = c.to_server.largest = 0;
        connection_open(&c);
        check(connection_run(&c), "MTU %u: client 0x%x, server 0x%x", sizes[i], c.client.status,
              c.server.status);
        check(c.to_client.largest <= sizes[i] && c.to_server.largest <= sizes[i],
              "MTU %u: datagrams of %zu, %zu", sizes[i], c.to_client.largest, c.to_server.largest);
        info_get(c.client.session, &info);
        check(info.max_data == (sizes[i] > 16384 ? 16384 : sizes[i]) - 37, "MTU %u: maximum %u",
              sizes[i], info.max_data);
        check(send_data(&c.client, &c.server, info.max_data), "MTU %u: data", sizes[i]);
        set.session = c.client.session;
        set.mtu = 600;
        engine_call(TLS_CALL_SET_MTU, &set);
        check_equal(set.status, SEC_E_OK);
        check_equal(set.max_data, 600 - 37);
        check(send_data(&c.client, &c.server, 600 - 37), "data");
        check(!send_data(&c.client, &c.server, 600 - 36), "too much data");
        set.mtu = 199;
        engine_call(TLS_CALL_SET_MTU, &set);
        check_equal(set.status, SEC_E_INVALID_PARAMETER);
        connection_close(&c);
    }
    connection_free(&c);
}

static void wrong_credentials(void)
{
    struct connection c = {0};

    keys_make(&c, IDENTITY_RSA, TLS_PROTOCOL_TLS1_2, 0);
    connection_open(&c);
    check_equal(c.client.status, SEC_E_ALGORITHM_MISMATCH);
    check(!c.client.session, "a session");
    end_leg(&c.server, TLS_ACTION_HANDSHAKE, "x", 1);
    check_equal(c.server.status, SEC_E_ALGORITHM_MISMATCH);
    connection_free(&c);
}

static size_t put_record(uint8_t *out, uint8_t type, uint64_t number, const void *body, size_t size)
{
    const uint8_t header[13] = {type,
                                0xfe,
                                0xfd,
                                (uint8_t)(number >> 56),
                                (uint8_t)(number >> 48),
                                (uint8_t)(number >> 40),
                                (uint8_t)(number >> 32),
                                (uint8_t)(number >> 24),
                                (uint8_t)(number >> 16),
                                (uint8_t)(number >> 8),
                                (uint8_t)number,
                                (uint8_t)(size >> 8),
                                (uint8_t)size};

    memcpy(out, header, sizeof(header));
    memcpy(out + sizeof(header), body, size);
    return sizeof(header) + size;
}

static uint64_t thread_time(void)
{
    struct timespec time;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

/* The time that a client spends on a ticket which comes in `count` fragments of a byte, behind what
 * looks like the end of the handshake. */
static uint64_t take_fragments(unsigned int count)
{
    static const uint8_t change = 1, junk[40];
    static const uint8_t behind_the_end[12 + 8] = {4, 0, 0xff, 0xff, 0, 3, 0, 0xff, 0xff, 0, 0, 8};
    struct connection connection = {0};
    uint8_t datagram[1400];
    uint64_t number = 100, began;
    unsigned int done = 0;
    size_t size;

    keys_make(&connection, IDENTITY_P256, TLS_PROTOCOL_DTLS1_2, 0);
    connection_open(&connection);
    while (connection.server.status != SEC_E_OK &&
           (connection.to_server.count || connection.to_client.count))
        carry(&connection, connection.to_server.count ? &connection.server : &connection.client);
    wire_clear(&connection.to_client);
    size = put_record(datagram, 20, number++, &change, 1);
    end_leg(&connection.client, TLS_ACTION_HANDSHAKE, datagram, size);
    size = put_record(datagram, 22, 1ull << 48, junk, sizeof(junk));
    end_leg(&connection.client, TLS_ACTION_HANDSHAKE, datagram, size);
    size = put_record(datagram, 22, number++, behind_the_end, sizeof(behind_the_end));
    end_leg(&connection.client, TLS_ACTION_HANDSHAKE, datagram, size);
    began = thread_time();
    while (done < count) {
        for (size = 0; done < count && size + 26 <= sizeof(datagram); done++) {
            const uint8_t message[13] = {
                4, 0, 0xff, 0xff, 0, 3, (uint8_t)(done >> 16), (uint8_t)(done >> 8), (uint8_t)done,
                0, 0, 1,    0x5a};

            size += put_record(datagram + size, 22, number++, message, sizeof(message));
        }
        end_leg(&connection.client, TLS_ACTION_HANDSHAKE, datagram, size);
    }
    began = thread_time() - began;
    check_equal(connection.client.status, SEC_I_CONTINUE_NEEDED);
    connection_free(&connection);
    return began;
}

/* Twice the fragments are twice the work, not eight times. */
static void fragments_of_a_byte(void)
{
    uint64_t best[2] = {UINT64_MAX, UINT64_MAX}, took;

    for (int i = 0; i < 6; i++) {
        took = take_fragments(1200u << i % 2);
        if (took < best[i % 2])
            best[i % 2] = took;
    }
    check(best[1] < 5 * best[0], "%llu ns, and %llu for twice as many", (unsigned long long)best[0],
          (unsigned long long)best[1]);
}

int main(void)
{
    RUN(suites_and_sizes);
    RUN(bad_networks);
    RUN(bad_networks_all_features);
    RUN(retransmission);
    RUN(cookies);
    RUN(no_hello);
    RUN(replays);
    RUN(damage);
    RUN(epochs);
    RUN(wiped);
    RUN(records_in_a_datagram);
    RUN(data_in_a_leg);
    RUN(closing);
    RUN(rejected_certificate);
    RUN(mtu);
    RUN(fragments_of_a_byte);
    RUN(srtp);
    RUN(wrong_credentials);
    identities_free();
    return check_summary();
}
