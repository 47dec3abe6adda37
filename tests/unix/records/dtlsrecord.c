/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Records of DTLS between two ends of the engine: suites and sizes, repeated, damaged and old ones,
 * several in a datagram.
 */
#include <gnutls/dtls.h>
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/network.h"

#define OLD (TLS_PROTOCOL_DTLS1_0 | TLS_PROTOCOL_TLS1_0)

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

int main(void)
{
    RUN(suites_and_sizes);
    RUN(replays);
    RUN(damage);
    RUN(epochs);
    RUN(wiped);
    RUN(records_in_a_datagram);
    RUN(data_in_a_leg);
    identities_free();
    return check_summary();
}
