/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Handshakes of DTLS over a network that loses, repeats, reorders and cuts off: timers, cookies,
 * MTU, fragments, SRTP. Its records are records/dtlsrecord.c's here.
 */
#include <gnutls/dtls.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/check.h"
#include "kit/network.h"

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
    RUN(bad_networks);
    RUN(bad_networks_all_features);
    RUN(retransmission);
    RUN(cookies);
    RUN(no_hello);
    RUN(closing);
    RUN(rejected_certificate);
    RUN(mtu);
    RUN(fragments_of_a_byte);
    RUN(srtp);
    RUN(wrong_credentials);
    identities_free();
    return check_summary();
}
