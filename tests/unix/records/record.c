/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The record path: every suite and shape of record, in place, against the engine itself and against
 * GnuTLS; damaged, truncated and unexpected records; the end of a connection.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

#define ALL_CIPHERS  0x7full
#define ONLY(cipher) (ALL_CIPHERS & ~(uint64_t)(cipher))

struct suite {
    uint32_t protocol;
    uint64_t disabled;
    const char *native;
    uint32_t header, trailer; /* as TLS_CALL_INFO tells them */
};

static const struct suite suites[] = {
    {TLS_PROTOCOL_TLS1_3, ONLY(TLS_DISABLE_AES_128_GCM), "VERS-TLS1.3:+AES-128-GCM", 5, 17},
    {TLS_PROTOCOL_TLS1_3, ONLY(TLS_DISABLE_AES_256_GCM), "VERS-TLS1.3:+AES-256-GCM", 5, 17},
    {TLS_PROTOCOL_TLS1_3, ONLY(TLS_DISABLE_CHACHA20_POLY1305), "VERS-TLS1.3:+CHACHA20-POLY1305", 5,
     17},
    {TLS_PROTOCOL_TLS1_3, ONLY(TLS_DISABLE_AES_CCM), "VERS-TLS1.3:+AES-128-CCM", 5, 17},
    {TLS_PROTOCOL_TLS1_2, ONLY(TLS_DISABLE_AES_128_GCM), "VERS-TLS1.2:+AES-128-GCM", 13, 16},
    {TLS_PROTOCOL_TLS1_2, ONLY(TLS_DISABLE_AES_256_GCM), "VERS-TLS1.2:+AES-256-GCM", 13, 16},
    {TLS_PROTOCOL_TLS1_2, ONLY(TLS_DISABLE_CHACHA20_POLY1305), "VERS-TLS1.2:+CHACHA20-POLY1305", 5,
     16},
    {TLS_PROTOCOL_TLS1_2, ONLY(TLS_DISABLE_AES_CCM), "VERS-TLS1.2:+AES-128-CCM:+AES-256-CCM", 13,
     16},
    {TLS_PROTOCOL_TLS1_2, ONLY(TLS_DISABLE_AES_128_CBC), "VERS-TLS1.2:+AES-128-CBC", 21, 0},
    {TLS_PROTOCOL_TLS1_2, ONLY(TLS_DISABLE_AES_256_CBC), "VERS-TLS1.2:+AES-256-CBC", 21, 0},
    {TLS_PROTOCOL_TLS1_1, ONLY(TLS_DISABLE_AES_128_CBC), "VERS-TLS1.1:+AES-128-CBC", 21, 0},
    {TLS_PROTOCOL_TLS1_0, ONLY(TLS_DISABLE_AES_128_CBC), "VERS-TLS1.0:+AES-128-CBC", 5, 0},
};

#define SUITES (sizeof(suites) / sizeof(suites[0]))

static bool is_cbc(const struct suite *suite)
{
    return !suite->trailer;
}

static bool connect_pair(struct pair *pair, const struct suite *suite)
{
    enum identity_kind kind = IDENTITY_RSA;

    memset(pair, 0, sizeof(*pair));
    pair->client.credentials =
        credentials_new(TLS_CLIENT, NULL, 0, suite->protocol, suite->disabled, 0, NULL);
    pair->server.credentials = credentials_new(TLS_SERVER, &kind, 1, suite->protocol,
                                               suite->disabled, TLS_CREDENTIALS_NO_TICKETS, NULL);
    return check(pair_run(pair), "%s: client %x server %x", suite->native, pair->client.status,
                 pair->server.status);
}

static void sizes(void)
{
    static const size_t rows[] = {0, 1, 2, 15, 16, 17, 255, 256, 1000, 4096, 16383, 16384};
    struct tls_info info;
    struct pair pair;
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        connect_pair(&pair, &suites[i]);
        info_get(pair.client.session, &info);
        check(info.header_size == suites[i].header, "%s: header %u", suites[i].native,
              info.header_size);
        if (is_cbc(&suites[i]))
            check(info.trailer_size >= 36 && info.trailer_size <= 80, "%s: trailer %u",
                  suites[i].native, info.trailer_size);
        else
            check(info.trailer_size == suites[i].trailer, "%s: trailer %u", suites[i].native,
                  info.trailer_size);
        check_equal(info.max_data, 16384);
        for (j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            if (is_cbc(&suites[i]) && !rows[j])
                continue;
            check(transfer(&pair.client, &pair.server, rows[j]), "%s: %zu up", suites[i].native,
                  rows[j]);
            check(transfer(&pair.server, &pair.client, rows[j]), "%s: %zu down", suites[i].native,
                  rows[j]);
        }
        pair_release(&pair);
    }
}

/* A CBC suite makes no record of no data. */
static void nothing_to_send(void)
{
    struct queue wire = {0};
    struct pair pair;
    size_t i;

    for (i = 0; i < SUITES; i++) {
        if (!is_cbc(&suites[i]))
            continue;
        connect_pair(&pair, &suites[i]);
        check_equal(seal_record(pair.client.session, NULL, 0, &wire, 0), SEC_E_OK);
        check_equal(wire.size, 0);
        check(transfer(&pair.client, &pair.server, 10), "%s: still usable", suites[i].native);
        pair_release(&pair);
    }
    queue_free(&wire);
}

static void limits(void)
{
    uint8_t *data = calloc(1, 20000), buffers[3][64];
    struct tls_encrypt params;
    struct tls_info info;
    struct pair pair;
    size_t i;

    for (i = 0; i < SUITES; i++) {
        struct queue wire = {0};

        connect_pair(&pair, &suites[i]);
        info_get(pair.client.session, &info);
        check_equal(seal_record(pair.client.session, data, 16385, &wire, 0),
                    SEC_E_INVALID_PARAMETER);
        check_equal(wire.size, 0);

        memset(&params, 0, sizeof(params));
        params.session = pair.client.session;
        params.header = (tls_u64)(uintptr_t)buffers[0];
        params.data = (tls_u64)(uintptr_t)buffers[1];
        params.trailer = (tls_u64)(uintptr_t)buffers[2];
        params.data_size = 10;
        params.header_size = info.header_size - 1;
        params.trailer_size = info.trailer_size;
        engine_call(TLS_CALL_ENCRYPT, &params);
        check_equal(params.status, SEC_E_BUFFER_TOO_SMALL);
        params.header_size = info.header_size;
        params.trailer_size = info.trailer_size - 1;
        engine_call(TLS_CALL_ENCRYPT, &params);
        check_equal(params.status, SEC_E_BUFFER_TOO_SMALL);
        params.trailer = 0;
        params.trailer_size = info.trailer_size;
        engine_call(TLS_CALL_ENCRYPT, &params);
        check_equal(params.status, SEC_E_INVALID_PARAMETER);
        check(transfer(&pair.client, &pair.server, 10), "%s: still usable", suites[i].native);
        pair_release(&pair);
    }
    free(data);
}

/* Records from GnuTLS are opened, and GnuTLS opens ours, in both directions and many times. */
static void against_gnutls(void)
{
    uint8_t data[3000], seen[3000];
    char priority[200];
    size_t i, j;

    for (i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7);
    for (i = 0; i < SUITES; i++) {
        struct queue up = {0}, down = {0}, received = {0};
        struct native native = {.input = &up, .output = &down};
        struct peer peer = {.input = &down, .output = &up};
        struct tls_decrypt params;

        snprintf(priority, sizeof(priority), "NORMAL:-VERS-ALL:-CIPHER-ALL:+%s", suites[i].native);
        native_init(&native, GNUTLS_SERVER, priority, identity_get(IDENTITY_RSA));
        peer.credentials = credentials_new(TLS_CLIENT, NULL, 0, suites[i].protocol, 0, 0, NULL);
        check(native_run(&native, &peer), "%s: %x", suites[i].native, peer.status);
        for (j = 1; j < 40; j++) {
            size_t size = (j * 977) % sizeof(data) + 1;

            check_equal(seal_record(peer.session, data, size, &up, j % 4), SEC_E_OK);
            if (gnutls_record_recv(native.tls, seen, sizeof(seen)) != (ssize_t)size ||
                memcmp(seen, data, size))
                check(false, "%s: GnuTLS did not open record %zu", suites[i].native, j);
            if (gnutls_record_send(native.tls, data, size) != (ssize_t)size)
                check(false, "%s: GnuTLS did not send", suites[i].native);
            check_equal(open_record(peer.session, &down, &received, &params), SEC_E_OK);
            check(received.size == size && !memcmp(received.data, data, size),
                  "%s: did not open record %zu", suites[i].native, j);
            queue_drop(&received, received.size);
        }
        peer_free(&peer);
        credentials_delete(peer.credentials);
        native_free(&native);
        queue_free(&up);
        queue_free(&down);
        queue_free(&received);
    }
}

/* TLS 1.3 padding of the peer's choice disappears. */
static void padding(void)
{
    struct queue up = {0}, down = {0}, received = {0};
    struct native native = {.input = &up, .output = &down};
    struct peer peer = {.input = &down, .output = &up};
    struct tls_decrypt params;
    size_t pad;

    native_init(&native, GNUTLS_SERVER, "NORMAL:-VERS-ALL:+VERS-TLS1.3",
                identity_get(IDENTITY_RSA));
    peer.credentials = credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_3, 0, 0, NULL);
    check(native_run(&native, &peer), "%x", peer.status);
    for (pad = 0; pad < 2000; pad += 99) {
        check_equal(gnutls_record_send2(native.tls, "hello", 5, pad, 0), 5);
        check_equal(down.size, 5 + 5 + pad + 17);
        check_equal(open_record(peer.session, &down, &received, &params), SEC_E_OK);
        check(received.size == 5 && !memcmp(received.data, "hello", 5), "pad %zu", pad);
        check_equal(params.trailer_size, pad + 17);
        queue_drop(&received, received.size);
    }
    peer_free(&peer);
    credentials_delete(peer.credentials);
    native_free(&native);
    queue_free(&up);
    queue_free(&down);
    queue_free(&received);
}

/* Every prefix of a record asks for more and leaves everything as it was. */
static void truncated(void)
{
    struct tls_decrypt params;
    struct pair pair;
    size_t i, cut;

    for (i = 0; i < SUITES; i++) {
        struct queue wire = {0}, part = {0}, received = {0};
        unsigned int wrong = 0;

        connect_pair(&pair, &suites[i]);
        check_equal(seal_record(pair.client.session, "0123456789", 10, &wire, 0), SEC_E_OK);
        for (cut = 0; cut < wire.size; cut++) {
            queue_add(&part, wire.data, cut);
            if (open_record(pair.server.session, &part, NULL, &params) !=
                    SEC_E_INCOMPLETE_MESSAGE ||
                params.consumed || params.missing != (cut < 5 ? 5 - cut : wire.size - cut))
                wrong++;
            queue_drop(&part, part.size);
        }
        check(!wrong, "%s: %u of %zu prefixes", suites[i].native, wrong, wire.size);
        check_equal(open_record(pair.server.session, &wire, &received, &params), SEC_E_OK);
        check(received.size == 10 && !memcmp(received.data, "0123456789", 10), "%s: data",
              suites[i].native);
        queue_free(&wire);
        queue_free(&part);
        queue_free(&received);
        pair_release(&pair);
    }
}

/* Several records in one buffer come out one by one. */
static void several(void)
{
    struct tls_decrypt params;
    struct pair pair;
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        struct queue wire = {0}, received = {0};

        connect_pair(&pair, &suites[i]);
        for (j = 0; j < 5; j++)
            seal_record(pair.server.session, "abcdefgh", j + 1, &wire, 0);
        queue_add(&wire, "\x17\x03", 2);
        for (j = 0; j < 5; j++) {
            check_equal(open_record(pair.client.session, &wire, &received, &params), SEC_E_OK);
            check_equal(params.data_size, j + 1);
        }
        check(received.size == 15 && !memcmp(received.data, "aababcabcdabcde", 15), "%s: data",
              suites[i].native);
        check_equal(open_record(pair.client.session, &wire, &received, &params),
                    SEC_E_INCOMPLETE_MESSAGE);
        queue_free(&wire);
        queue_free(&received);
        pair_release(&pair);
    }
}

/* A flipped bit anywhere behind the header is a forgery, and the session is done for. */
static void forged(void)
{
    struct tls_decrypt params;
    int32_t status;
    struct pair pair;
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        size_t offsets[] = {suites[i].header, 5, 0};

        for (j = 0; j < 3; j++) {
            struct queue wire = {0}, copy = {0};

            connect_pair(&pair, &suites[i]);
            seal_record(pair.client.session, "0123456789", 10, &wire, 0);
            queue_add(&copy, wire.data, wire.size);
            copy.data[j == 2 ? copy.size - 1 : offsets[j]] ^= 0x20;
            status = open_record(pair.server.session, &copy, NULL, &params);
            check(status == SEC_E_MESSAGE_ALTERED, "%s/%zu: %x", suites[i].native, j, status);
            check_equal(params.alert, 20);
            status = open_record(pair.server.session, &wire, NULL, &params);
            check(status == SEC_E_MESSAGE_ALTERED, "%s/%zu: then %x", suites[i].native, j, status);
            check_equal(seal_record(pair.server.session, "x", 1, &wire, 0), SEC_E_CONTEXT_EXPIRED);
            /* The peer can still be told. */
            peer_action(&pair.server, TLS_ACTION_ALERT, 2, 20);
            check_equal(open_record(pair.client.session, &pair.to_client, NULL, &params),
                        SEC_E_MESSAGE_ALTERED);
            check_equal(params.alert, 20);
            queue_free(&wire);
            queue_free(&copy);
            pair_release(&pair);
        }
    }
}

/* A record that is repeated, or that comes before its turn, is a forgery as well. */
static void out_of_order(void)
{
    struct tls_decrypt params;
    struct pair pair;
    size_t i;

    for (i = 0; i < SUITES; i++) {
        struct queue first = {0}, second = {0};

        connect_pair(&pair, &suites[i]);
        seal_record(pair.client.session, "first", 5, &first, 0);
        queue_add(&second, first.data, first.size);
        check_equal(open_record(pair.server.session, &first, NULL, &params), SEC_E_OK);
        check_equal(open_record(pair.server.session, &second, NULL, &params),
                    SEC_E_MESSAGE_ALTERED);
        queue_free(&first);
        queue_free(&second);
        pair_release(&pair);
    }
}

static void malformed(void)
{
    static const struct {
        const char *bytes;
        size_t size;
        int32_t status;
        uint32_t alert;
    } rows[] = {
        {"\x20\x03\x03\x00\x01z", 6, SEC_E_ILLEGAL_MESSAGE, 10},
        {"\x17\x02\x03\x00\x01z", 6, SEC_E_ILLEGAL_MESSAGE, 70},
        {"\x17\x03\x03\xff\xff", 5, SEC_E_ILLEGAL_MESSAGE, 22},
        {"\x14\x03\x03\x00\x01\x01", 6, SEC_E_ILLEGAL_MESSAGE, 10}, /* ChangeCipherSpec */
        {"\x18\x03\x03\x00\x01\x01", 6, SEC_E_ILLEGAL_MESSAGE, 10}, /* heartbeat */
        {"\x17\x03\x03\x00\x00", 5, SEC_E_MESSAGE_ALTERED, 20},
        {"\x17\x03\x03\x00\x08\0\0\0\0\0\0\0\0", 13, SEC_E_MESSAGE_ALTERED, 20},
    };
    struct tls_decrypt params;
    struct pair pair;
    int32_t status;
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        for (j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            struct queue wire = {0};

            connect_pair(&pair, &suites[i]);
            queue_add(&wire, rows[j].bytes, rows[j].size);
            status = open_record(pair.server.session, &wire, NULL, &params);
            /* To a TLS 1.0 session the version of these headers is wrong as well. */
            if (suites[i].protocol == TLS_PROTOCOL_TLS1_0 && params.alert == 70)
                check_equal(status, j == 1 ? SEC_E_ILLEGAL_MESSAGE : SEC_E_UNSUPPORTED_FUNCTION);
            else
                check(status == rows[j].status && params.alert == rows[j].alert,
                      "%s/%zu: %x, alert %u", suites[i].native, j, status, params.alert);
            queue_free(&wire);
            pair_release(&pair);
        }
    }
}

/* What a good tag can hide. */
static void strange_content(void)
{
    /* RFC 8446 5.1 forbids it as such; before, it is one that cannot be read. */
    enum { EMPTY_ALERT = 0xffff };
    static const uint8_t zeros[17000];
    static const struct {
        const char *what;
        uint8_t type;
        const char *data;
        size_t size, pad;
        bool tls13_only;
        int32_t status;
        uint32_t alert;
    } rows[] = {
        {"nothing but padding", 0, NULL, 0, 30, true, SEC_E_ILLEGAL_MESSAGE, 10},
        /* 23 bytes with the tag: the byte in front of them is a type, too. */
        {"a little padding", 0, NULL, 0, 6, true, SEC_E_ILLEGAL_MESSAGE, 10},
        {"an error told as a warning", 21, "\1\x28", 2, 0, true, SEC_E_ILLEGAL_MESSAGE, 40},
        {"an unknown type", 99, "x", 1, 0, true, SEC_E_ILLEGAL_MESSAGE, 10},
        {"a hidden ChangeCipherSpec", 20, "\1", 1, 0, true, SEC_E_ILLEGAL_MESSAGE, 10},
        {"an empty handshake record", 22, NULL, 0, 3, true, SEC_E_ILLEGAL_MESSAGE, 10},
        {"an alert of 1 byte", 21, "\2", 1, 0, false, SEC_E_ILLEGAL_MESSAGE, 50},
        {"two alerts", 21, "\1\0\1\0", 4, 0, false, SEC_E_ILLEGAL_MESSAGE, 50},
        {"an empty alert", 21, NULL, 0, 0, false, SEC_E_ILLEGAL_MESSAGE, EMPTY_ALERT},
        {"too much data", 23, (const char *)zeros, 16385, 0, false, SEC_E_ILLEGAL_MESSAGE, 22},
        {"too much padding", 23, "x", 1, 16384, true, SEC_E_ILLEGAL_MESSAGE, 22},
        {"a full record", 23, (const char *)zeros, 16384, 0, false, SEC_E_OK, TLS_NO_ALERT},
        {"full of padding", 23, "x", 1, 16383, true, SEC_E_OK, TLS_NO_ALERT},
        {"no data", 23, NULL, 0, 0, false, SEC_E_OK, TLS_NO_ALERT},
        {"a handshake record", 22, "\x18\0\0", 3, 0, false, SEC_I_RENEGOTIATE, TLS_NO_ALERT},
    };
    uint32_t alert;
    struct tls_decrypt params;
    struct pair pair;
    int32_t status;
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        for (j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            struct queue wire = {0};

            if (is_cbc(&suites[i]) ||
                (rows[j].tls13_only && suites[i].protocol != TLS_PROTOCOL_TLS1_3))
                continue;
            connect_pair(&pair, &suites[i]);
            seal_anything(pair.client.session, rows[j].type, rows[j].data, rows[j].size,
                          rows[j].pad, &wire);
            status = open_record(pair.server.session, &wire, NULL, &params);
            alert = rows[j].alert;
            if (alert == EMPTY_ALERT)
                alert = suites[i].protocol == TLS_PROTOCOL_TLS1_3 ? 10 : 50;
            check(status == rows[j].status && params.alert == alert, "%s: %s: %x, alert %u",
                  suites[i].native, rows[j].what, status, params.alert);
            check(params.data_size == (status == SEC_E_OK ? rows[j].size : 0), "%s: %s: %u bytes",
                  suites[i].native, rows[j].what, params.data_size);
            queue_free(&wire);
            pair_release(&pair);
        }
    }
}

static void close_notify(void)
{
    struct queue received = {0};
    struct tls_decrypt params;
    struct pair pair;
    size_t i;

    for (i = 0; i < SUITES; i++) {
        connect_pair(&pair, &suites[i]);
        check(transfer(&pair.client, &pair.server, 100), "%s: data", suites[i].native);
        check_equal(peer_action(&pair.client, TLS_ACTION_SHUTDOWN, 0, 0), SEC_E_OK);
        check_equal(seal_record(pair.client.session, "x", 1, &pair.to_server, 0),
                    SEC_E_CONTEXT_EXPIRED);
        check_equal(open_record(pair.server.session, &pair.to_server, NULL, &params),
                    SEC_I_CONTEXT_EXPIRED);
        check_equal(params.alert, 0);
        check_equal(params.data_size, 0);
        check_equal(pair.to_server.size, 0);
        check_equal(open_record(pair.server.session, &pair.to_server, NULL, &params),
                    SEC_I_CONTEXT_EXPIRED);
        /* Asked for again, it is said again. */
        check_equal(peer_action(&pair.client, TLS_ACTION_SHUTDOWN, 0, 0), SEC_E_OK);
        check(pair.to_server.size > 5, "%s: %zu bytes", suites[i].native, pair.to_server.size);
        /* The other half stays open until it is closed as well. */
        check(seal_record(pair.server.session, "last", 4, &pair.to_client, 0) == SEC_E_OK,
              "%s: last words", suites[i].native);
        check_equal(open_record(pair.client.session, &pair.to_client, &received, &params),
                    SEC_E_OK);
        check_equal(received.size, 4);
        queue_drop(&received, received.size);
        check_equal(peer_action(&pair.server, TLS_ACTION_SHUTDOWN, 0, 0), SEC_E_OK);
        check_equal(open_record(pair.client.session, &pair.to_client, NULL, &params),
                    SEC_I_CONTEXT_EXPIRED);
        pair_release(&pair);
    }
    queue_free(&received);
}

static void alerts(void)
{
    static const struct {
        uint32_t alert;
        int32_t status;
    } rows[] = {{10, SEC_E_ILLEGAL_MESSAGE},
                {20, SEC_E_MESSAGE_ALTERED},
                {21, SEC_E_DECRYPT_FAILURE},
                {22, SEC_E_ILLEGAL_MESSAGE},
                {40, SEC_E_ILLEGAL_MESSAGE},
                {42, SEC_E_CERT_UNKNOWN},
                {44, CRYPT_E_REVOKED},
                {45, SEC_E_CERT_EXPIRED},
                {47, SEC_E_ILLEGAL_MESSAGE},
                {48, SEC_E_UNTRUSTED_ROOT},
                {49, SEC_E_LOGON_DENIED},
                {51, SEC_E_DECRYPT_FAILURE},
                {70, SEC_E_UNSUPPORTED_FUNCTION},
                {71, SEC_E_ALGORITHM_MISMATCH},
                {80, SEC_E_INTERNAL_ERROR},
                {120, SEC_E_APPLICATION_PROTOCOL_MISMATCH}};
    struct tls_decrypt params;
    int32_t status;
    struct pair pair;
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        for (j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            connect_pair(&pair, &suites[i]);
            check_equal(peer_action(&pair.client, TLS_ACTION_ALERT, 2, rows[j].alert), SEC_E_OK);
            status = open_record(pair.server.session, &pair.to_server, NULL, &params);
            check(status == rows[j].status, "%s: alert %u: %x", suites[i].native, rows[j].alert,
                  status);
            check_equal(params.alert, rows[j].alert);
            pair_release(&pair);
        }
        /* A warning to be ignored: user_canceled. */
        connect_pair(&pair, &suites[i]);
        check_equal(peer_action(&pair.client, TLS_ACTION_ALERT, 1, 90), SEC_E_OK);
        status = open_record(pair.server.session, &pair.to_server, NULL, &params);
        check(status == SEC_E_OK, "%s: warning: %x", suites[i].native, status);
        check_equal(params.data_size, 0);
        check_equal(params.alert, 90);
        check_equal(pair.to_server.size, 0);
        check(transfer(&pair.client, &pair.server, 100), "%s: data", suites[i].native);
        check_equal(peer_action(&pair.client, TLS_ACTION_ALERT, 3, 90), SEC_E_INVALID_PARAMETER);
        pair_release(&pair);
    }
}

/* Ours reach GnuTLS and GnuTLS's reach us with the sequence numbers right, after plenty of data. */
static void alerts_against_gnutls(void)
{
    char priority[200];
    uint8_t seen[100];
    size_t i, j;

    for (i = 0; i < SUITES; i++) {
        struct queue up = {0}, down = {0};
        struct native native = {.input = &up, .output = &down};
        struct peer peer = {.input = &down, .output = &up};
        struct tls_decrypt params;

        snprintf(priority, sizeof(priority), "NORMAL:-VERS-ALL:-CIPHER-ALL:+%s", suites[i].native);
        native_init(&native, GNUTLS_SERVER, priority, identity_get(IDENTITY_RSA));
        peer.credentials = credentials_new(TLS_CLIENT, NULL, 0, suites[i].protocol, 0, 0, NULL);
        check(native_run(&native, &peer), "%s: %x", suites[i].native, peer.status);
        for (j = 0; j < 10; j++) {
            seal_record(peer.session, "data", 4, &up, 0);
            check_equal(gnutls_record_recv(native.tls, seen, sizeof(seen)), 4);
        }
        /* To GnuTLS every other alert of TLS 1.3 is fatal. */
        if (suites[i].protocol != TLS_PROTOCOL_TLS1_3) {
            peer_action(&peer, TLS_ACTION_ALERT, 1, 90);
            check_equal(gnutls_record_recv(native.tls, seen, sizeof(seen)),
                        GNUTLS_E_WARNING_ALERT_RECEIVED);
        }
        seal_record(peer.session, "more", 4, &up, 0);
        check_equal(gnutls_record_recv(native.tls, seen, sizeof(seen)), 4);
        peer_action(&peer, TLS_ACTION_SHUTDOWN, 0, 0);
        check_equal(gnutls_record_recv(native.tls, seen, sizeof(seen)), 0);
        check_equal(gnutls_bye(native.tls, GNUTLS_SHUT_WR), 0);
        check_equal(open_record(peer.session, &down, NULL, &params), SEC_I_CONTEXT_EXPIRED);
        peer_free(&peer);
        credentials_delete(peer.credentials);
        native_free(&native);
        queue_free(&up);
        queue_free(&down);
    }
}

/* A peer that limits its records (RFC 8449) is not sent larger ones. */
static void record_size_limit(void)
{
    static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};
    static const char *const priorities[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                             "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
    uint8_t data[2000] = {0}, seen[2000];
    struct tls_info info;
    int i;

    for (i = 0; i < 2; i++) {
        struct queue up = {0}, down = {0};
        struct native native = {.input = &up, .output = &down};
        struct peer peer = {.input = &down, .output = &up};

        native_init(&native, GNUTLS_SERVER, priorities[i], identity_get(IDENTITY_RSA));
        check_equal(gnutls_record_set_max_recv_size(native.tls, 1000), 0);
        peer.credentials = credentials_new(TLS_CLIENT, NULL, 0, protocols[i], 0, 0, NULL);
        check(native_run(&native, &peer), "%x", peer.status);
        info_get(peer.session, &info);
        if (!check_equal(info.max_data, 1000))
            continue;
        check_equal(seal_record(peer.session, data, info.max_data + 1, &up, 0),
                    SEC_E_INVALID_PARAMETER);
        check_equal(seal_record(peer.session, data, info.max_data, &up, 0), SEC_E_OK);
        check_equal(gnutls_record_recv(native.tls, seen, sizeof(seen)), info.max_data);
        peer_free(&peer);
        credentials_delete(peer.credentials);
        native_free(&native);
        queue_free(&up);
        queue_free(&down);
    }
}

/* Before and outside of a handshake there are no records. */
static void no_session(void)
{
    tls_u64 credentials = credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_3, 0, 0, NULL);
    struct queue up = {0}, down = {0};
    struct peer peer = {.credentials = credentials, .input = &down, .output = &up};
    struct tls_encrypt encrypt = {0};
    struct tls_decrypt decrypt = {0};
    struct tls_info info;

    engine_call(TLS_CALL_ENCRYPT, &encrypt);
    check_equal(encrypt.status, SEC_E_INVALID_HANDLE);
    engine_call(TLS_CALL_DECRYPT, &decrypt);
    check_equal(decrypt.status, SEC_E_INVALID_HANDLE);
    peer_leg(&peer);
    encrypt.session = decrypt.session = peer.session;
    engine_call(TLS_CALL_ENCRYPT, &encrypt);
    check_equal(encrypt.status, SEC_E_INVALID_HANDLE);
    engine_call(TLS_CALL_DECRYPT, &decrypt);
    check_equal(decrypt.status, SEC_E_INVALID_HANDLE);
    info_get(peer.session, &info);
    check_equal(info.status, SEC_E_OK);
    check_equal(info.flags & TLS_INFO_HANDSHAKE_DONE, 0);
    info_get(0, &info);
    check_equal(info.status, SEC_E_INVALID_HANDLE);
    peer_free(&peer);
    credentials_delete(credentials);
    queue_free(&up);
    queue_free(&down);
}

/* What nobody has authenticated is not left behind. */
static void wiped(void)
{
    static const char text[] = "attack at dawn, which was never authenticated";
    struct tls_decrypt params = {0};
    struct pair pair;

    for (size_t i = 0; i < SUITES; i++) {
        struct queue wire = {0};

        if (is_cbc(&suites[i]))
            continue;
        connect_pair(&pair, &suites[i]);
        seal_record(pair.client.session, text, sizeof(text), &wire, 0);
        wire.data[wire.size - 1] ^= 1;
        params.session = pair.server.session;
        params.buffer = address(wire.data);
        params.buffer_size = (uint32_t)wire.size;
        engine_call(TLS_CALL_DECRYPT, &params);
        check_equal(params.status, SEC_E_MESSAGE_ALTERED);
        check(!memmem(wire.data, wire.size, text, 8), "%s: the text is there", suites[i].native);
        queue_free(&wire);
        pair_release(&pair);
    }
}

int main(void)
{
    RUN(sizes);
    RUN(nothing_to_send);
    RUN(limits);
    RUN(against_gnutls);
    RUN(padding);
    RUN(truncated);
    RUN(several);
    RUN(forged);
    RUN(out_of_order);
    RUN(malformed);
    RUN(strange_content);
    RUN(wiped);
    RUN(close_notify);
    RUN(alerts);
    RUN(alerts_against_gnutls);
    RUN(record_size_limit);
    RUN(no_session);
    identities_free();
    return check_summary();
}
