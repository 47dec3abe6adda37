/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS 1.3 within the rules of Wine's winhttp and wininet, which are those of TLS 1.2: the call that
 * returns SEC_E_OK has no output and no EXTRA, DecryptMessage knows data and the end, and a record
 * is what header, data and trailer together say, from the start of one buffer.
 *
 * The client's credential is acquired by code of a winhttp.dll. On Windows it ends at TLS 1.2.
 */
#include "kit/namesake.h"
#include "kit/secrets.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

#define EXTENSION_POST_HANDSHAKE_AUTH 49

#define TAG_SIZE    17 /* of a record of TLS 1.3, with the content's type */
#define RECORD_SIZE (WIRE_HEADER_SIZE + TAG_SIZE)

static struct namesake winhttp;

static BOOL create(struct pair *pair, const struct side_options *server)
{
    static const struct side_options client = {.flags = WINENET_FLAGS};
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION};

    return namesake_create_pair(&winhttp, pair, &data, &client, server);
}

static BOOL query_sizes(struct side *side)
{
    SECURITY_STATUS status =
        QueryContextAttributesW(&side->context, SECPKG_ATTR_STREAM_SIZES, &side->sizes);

    ok(status == SEC_E_OK, "no stream sizes: %s\n", status_name(status));
    return status == SEC_E_OK;
}

/* Until the client has the server's last flight, but for its own next call. */
static BOOL approach(struct pair *pair)
{
    side_leg(&pair->client);
    side_leg(&pair->server);
    return pair->client.status == SEC_I_CONTINUE_NEEDED &&
           pair->server.status == SEC_I_CONTINUE_NEEDED && pair->client.inbox_size;
}

/* The client's last call: it is done, and the server is not told. */
static BOOL finish_client(struct pair *pair)
{
    side_leg(&pair->client);
    ok(pair->client.status == SEC_E_OK, "client %s, server %s\n", status_name(pair->client.status),
       status_name(pair->server.status));
    ok(!pair->server.inbox_size, "%lu bytes come with SEC_E_OK\n", pair->server.inbox_size);
    ok(!pair->client.inbox_size, "EXTRA of %lu bytes\n", pair->client.inbox_size);
    return pair->client.status == SEC_E_OK && query_sizes(&pair->client);
}

static BOOL finish_server(struct pair *pair)
{
    side_leg(&pair->server);
    ok(pair->server.status == SEC_E_OK, "server %s\n", status_name(pair->server.status));
    return pair->server.status == SEC_E_OK && query_sizes(&pair->server);
}

static BOOL connect_client(struct pair *pair)
{
    return create(pair, NULL) && approach(pair) && finish_client(pair);
}

static void check_received(struct side *side, const char *expected)
{
    BYTE bytes[64];
    DWORD size;
    SECURITY_STATUS status = side_receive(side, bytes, sizeof(bytes), &size);

    ok(status == SEC_E_OK && size == strlen(expected) && !memcmp(bytes, expected, size),
       "%s, %lu bytes for \"%s\"\n", status_name(status), size, expected);
}

static void send_text(struct side *side, const char *text)
{
    SECURITY_STATUS status = side_send(side, text, (DWORD)strlen(text));

    ok(status == SEC_E_OK, "EncryptMessage: %s\n", status_name(status));
}

static BOOL connect_both(struct pair *pair)
{
    if (!connect_client(pair))
        return FALSE;
    send_text(&pair->client, "hello");
    if (!finish_server(pair))
        return FALSE;
    check_received(&pair->server, "hello");
    return TRUE;
}

/* The server's KeyUpdate, which wants an answer. */
static void update_keys(struct pair *pair)
{
    const DWORD before = pair->client.inbox_size;
    SECURITY_STATUS status = side_leg(&pair->server);

    ok(status == SEC_E_OK, "the server's KeyUpdate: %s\n", status_name(status));
    ok(pair->client.inbox_size > before, "the server's KeyUpdate is missing\n");
}

/*
 * One call of DecryptMessage with at most `feed` bytes of the inbox, as winhttp makes it: statuses
 * but OK and INCOMPLETE_MESSAGE are its connection's end.
 */
static SECURITY_STATUS decrypt_once(struct side *side, DWORD feed, BYTE *bytes, DWORD *size)
{
    const DWORD fed = min(feed, side->inbox_size);
    BYTE *copy = malloc(fed + 1);
    SecBuffer buffers[4] = {{fed, SECBUFFER_DATA, copy}};
    SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
    SECURITY_STATUS status;

    *size = 0;
    memcpy(copy, side->inbox, fed);
    status = DecryptMessage(&side->context, &message, 0, NULL);
    if (status == SEC_E_OK) {
        ok(buffers[0].BufferType == SECBUFFER_STREAM_HEADER &&
               buffers[1].BufferType == SECBUFFER_DATA &&
               buffers[2].BufferType == SECBUFFER_STREAM_TRAILER,
           "buffers %lu %lu %lu\n", buffers[0].BufferType, buffers[1].BufferType,
           buffers[2].BufferType);
        *size = buffers[1].cbBuffer;
        memcpy(bytes, buffers[1].pvBuffer, *size);
        if (buffers[3].BufferType == SECBUFFER_EXTRA) {
            ok(buffers[3].cbBuffer <= fed &&
                   !memcmp(buffers[3].pvBuffer, side->inbox + fed - buffers[3].cbBuffer,
                           buffers[3].cbBuffer),
               "EXTRA of %lu bytes is not the input's end\n", buffers[3].cbBuffer);
            side_consume(side, fed - buffers[3].cbBuffer);
        } else {
            side_consume(side, fed);
        }
    }
    RtlSecureZeroMemory(copy, fed);
    free(copy);
    return status;
}

/* The first record takes the client's last flight along, later ones are alone at the front. */
static void test_first_record(void)
{
    struct pair pair;

    if (connect_client(&pair)) {
        send_text(&pair.client, "first");
        ok(pair.server.inbox_size > RECORD_SIZE + 5 &&
               pair.server.inbox_size <= pair.client.sizes.cbHeader + 5 + TAG_SIZE,
           "%lu bytes, a header has %lu\n", pair.server.inbox_size, pair.client.sizes.cbHeader);
        ok(wire_is_records(pair.server.inbox, pair.server.inbox_size), "no records\n");
        send_text(&pair.client, "second");
        if (finish_server(&pair)) {
            ok(pair.server.inbox_size == 2 * RECORD_SIZE + 5 + 6, "%lu bytes are left\n",
               pair.server.inbox_size);
            check_received(&pair.server, "first");
            check_received(&pair.server, "second");
            pair_exchange(&pair.client, &pair.server, 50000);
            pair_exchange(&pair.server, &pair.client, 50000);
        }
    }
    pair_destroy(&pair);
}

/* EncryptMessage in buffers of any places; what they say goes to the server. */
static SECURITY_STATUS seal(struct side *side, SecBuffer *buffers, const char *text)
{
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    SECURITY_STATUS status;
    unsigned int i;

    memcpy(buffers[1].pvBuffer, text, buffers[1].cbBuffer);
    status = EncryptMessage(&side->context, 0, &message, 0);
    if (status == SEC_E_OK)
        for (i = 0; i < 3; i++)
            side_deliver(side->peer, buffers[i].pvBuffer, buffers[i].cbBuffer);
    return status;
}

/* Buffers that do not follow each other stay where they are. */
static void test_apart(void)
{
    static const struct {
        const char *name;
        DWORD data, trailer; /* where they stand behind the header and the data */
    } places[] = {{"data apart", 100, 0}, {"trailer apart", 0, 100}, {"all apart", 50, 50}};
    unsigned int i, round;

    for (i = 0; i < ARRAY_SIZE(places); i++) {
        struct pair pair;

        winetest_push_context("%s", places[i].name);
        if (connect_client(&pair)) {
            const DWORD header = pair.client.sizes.cbHeader, trailer = pair.client.sizes.cbTrailer;
            BYTE memory[1024];

            for (round = 0; round < 2; round++) {
                BYTE *data = memory + header + places[i].data;
                SecBuffer buffers[4] = {
                    {header, SECBUFFER_STREAM_HEADER, memory},
                    {4, SECBUFFER_DATA, data},
                    {trailer, SECBUFFER_STREAM_TRAILER, data + 4 + places[i].trailer}};
                SECURITY_STATUS status = seal(&pair.client, buffers, round ? "more" : "some");

                ok(status == SEC_E_OK, "EncryptMessage: %s\n", status_name(status));
                ok(buffers[1].pvBuffer == data &&
                       buffers[2].pvBuffer == data + 4 + places[i].trailer,
                   "the buffers have moved\n");
            }
            if (finish_server(&pair)) {
                check_received(&pair.server, "some");
                check_received(&pair.server, "more");
            }
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* A header of less than was announced: nothing is sealed, nothing lost. */
static void test_small_header(void)
{
    struct pair pair;

    if (connect_client(&pair)) {
        BYTE memory[1024];
        const DWORD header = pair.client.sizes.cbHeader, trailer = pair.client.sizes.cbTrailer;
        SecBuffer buffers[4] = {{header - 1, SECBUFFER_STREAM_HEADER, memory},
                                {4, SECBUFFER_DATA, memory + header},
                                {trailer, SECBUFFER_STREAM_TRAILER, memory + header + 4}};
        SECURITY_STATUS status = seal(&pair.client, buffers, "some");

        ok(status == SEC_E_BUFFER_TOO_SMALL, "EncryptMessage: %s\n", status_name(status));
        ok(!memcmp(memory + header, "some", 4), "the data has changed\n");
        send_text(&pair.client, "more");
        if (finish_server(&pair))
            check_received(&pair.server, "more");
    }
    pair_destroy(&pair);
}

/* SHUTDOWN takes along what is held: the last flight, the answer to a KeyUpdate. */
static void test_shutdown(void)
{
    SECURITY_STATUS status;
    struct pair pair;
    DWORD size;

    if (connect_client(&pair)) {
        status = side_shutdown(&pair.client);
        ok(status == SEC_E_OK, "SHUTDOWN: %s\n", status_name(status));
        if (finish_server(&pair)) {
            ok(pair.server.inbox_size == RECORD_SIZE + 2, "%lu bytes are left\n",
               pair.server.inbox_size);
            status = side_receive(&pair.server, NULL, 0, &size);
            ok(status == SEC_I_CONTEXT_EXPIRED, "close_notify: %s\n", status_name(status));
        }
        status = side_send(&pair.client, "x", 1);
        ok(status == SEC_E_CONTEXT_EXPIRED, "EncryptMessage: %s\n", status_name(status));
    }
    pair_destroy(&pair);
    if (connect_both(&pair)) {
        update_keys(&pair);
        status = side_receive(&pair.client, NULL, 0, &size);
        ok(status == SEC_E_OK && !size, "KeyUpdate: %s, %lu bytes\n", status_name(status), size);
        ok(!pair.server.inbox_size, "%lu bytes without a call\n", pair.server.inbox_size);
        status = side_shutdown(&pair.client);
        ok(status == SEC_E_OK, "SHUTDOWN: %s\n", status_name(status));
        ok(pair.server.inbox_size == 2 * RECORD_SIZE + 5 + 2, "%lu bytes\n",
           pair.server.inbox_size);
        status = side_receive(&pair.server, NULL, 0, &size);
        ok(status == SEC_I_CONTEXT_EXPIRED, "close_notify: %s\n", status_name(status));
    }
    pair_destroy(&pair);
}

/* Each KeyUpdate is SEC_E_OK without data; the next record takes one answer along. */
static void test_key_update(void)
{
    unsigned int i, updates;
    SECURITY_STATUS status;
    struct pair pair;
    DWORD size;

    if (connect_both(&pair)) {
        for (updates = 1; updates <= 3; updates++) {
            winetest_push_context("%u KeyUpdates", updates);
            for (i = 0; i < updates; i++) {
                update_keys(&pair);
                status = side_receive(&pair.client, NULL, 0, &size);
                ok(status == SEC_E_OK && !size && !pair.client.inbox_size,
                   "%s, %lu bytes, %lu are left\n", status_name(status), size,
                   pair.client.inbox_size);
            }
            ok(!pair.server.inbox_size, "%lu bytes without a call\n", pair.server.inbox_size);
            send_text(&pair.client, "answer");
            ok(pair.server.inbox_size == 2 * RECORD_SIZE + 5 + 6, "%lu bytes\n",
               pair.server.inbox_size);
            send_text(&pair.client, "more");
            check_received(&pair.server, "answer");
            check_received(&pair.server, "more");
            pair_exchange(&pair.server, &pair.client, 100);
            winetest_pop_context();
        }
    }
    pair_destroy(&pair);
}

/* New keys and data in one input: the data comes in the same call. */
static void test_key_update_and_data(void)
{
    struct pair pair;

    if (connect_both(&pair)) {
        update_keys(&pair);
        send_text(&pair.server, "one");
        update_keys(&pair);
        send_text(&pair.server, "two");
        check_received(&pair.client, "one");
        check_received(&pair.client, "two");
        send_text(&pair.client, "answer");
        check_received(&pair.server, "answer");
    }
    pair_destroy(&pair);
}

/* What is no data in two pieces, and in front of half a record of data. No ticket comes from a
 * server that keeps to what the client offers; other servers' are in tests/programs/wine_tls13.py.
 */
static void test_pieces(void)
{
    SECURITY_STATUS status;
    BYTE bytes[64];
    struct pair pair;
    DWORD size, update;

    if (connect_both(&pair)) {
        ok(!pair.client.inbox_size, "a ticket of %lu bytes\n", pair.client.inbox_size);
        update_keys(&pair);
        update = pair.client.inbox_size;
        status = decrypt_once(&pair.client, update - 1, bytes, &size);
        ok(status == SEC_E_INCOMPLETE_MESSAGE, "%s, %lu bytes\n", status_name(status), size);
        send_text(&pair.server, "one");
        status = decrypt_once(&pair.client, update + 7, bytes, &size);
        ok(status == SEC_E_OK && !size, "%s, %lu bytes\n", status_name(status), size);
        ok(pair.client.inbox_size == RECORD_SIZE + 3, "%lu bytes are left\n",
           pair.client.inbox_size);
        status = decrypt_once(&pair.client, 7, bytes, &size);
        ok(status == SEC_E_INCOMPLETE_MESSAGE, "%s\n", status_name(status));
        check_received(&pair.client, "one");
    }
    pair_destroy(&pair);
}

/* The first bytes of the server's next record, in the same input as its Finished, are kept. */
static void test_kept(void)
{
    static const BYTE header[WIRE_HEADER_SIZE] = {WIRE_DATA, 3, 3, 0, TAG_SIZE + 4};
    static const DWORD feeds[] = {1, 3, SIDE_INBOX_SIZE};
    DWORD kept, size, calls, i;
    SECURITY_STATUS status;
    BYTE bytes[64];

    for (kept = 1; kept <= sizeof(header); kept++) {
        for (i = 0; i < ARRAY_SIZE(feeds); i++) {
            struct pair pair;

            winetest_push_context("%lu bytes kept, %lu at once", kept, feeds[i]);
            if (create(&pair, NULL) && approach(&pair)) {
                side_deliver(&pair.client, header, kept);
                if (finish_client(&pair)) {
                    send_text(&pair.client, "hello");
                    finish_server(&pair);
                    check_received(&pair.server, "hello");
                    send_text(&pair.server, "kept");
                    ok(!memcmp(pair.client.inbox, header, kept), "another record\n");
                    side_consume(&pair.client, kept);
                    for (calls = 0, size = 0; !size && calls < 100; calls++) {
                        status = decrypt_once(&pair.client, feeds[i], bytes, &size);
                        ok(status == SEC_E_OK, "%s\n", status_name(status));
                    }
                    ok(size == 4 && !memcmp(bytes, "kept", 4), "%lu bytes\n", size);
                    ok(!pair.client.inbox_size, "%lu bytes are left\n", pair.client.inbox_size);
                    send_text(&pair.server, "next");
                    check_received(&pair.client, "next");
                }
            }
            pair_destroy(&pair);
            winetest_pop_context();
        }
    }
}

/* What stands behind a kept record in the program's input stays there. */
static void test_kept_and_more(void)
{
    static const BYTE header[WIRE_HEADER_SIZE] = {WIRE_DATA, 3, 3, 0, TAG_SIZE + 4};
    struct pair pair;

    if (create(&pair, NULL) && approach(&pair)) {
        side_deliver(&pair.client, header, sizeof(header));
        if (finish_client(&pair)) {
            send_text(&pair.client, "hello");
            finish_server(&pair);
            send_text(&pair.server, "kept");
            send_text(&pair.server, "next");
            send_text(&pair.server, "last");
            side_consume(&pair.client, sizeof(header));
            check_received(&pair.client, "kept");
            ok(pair.client.inbox_size == 2 * (RECORD_SIZE + 4), "%lu bytes are left\n",
               pair.client.inbox_size);
            check_received(&pair.client, "next");
            check_received(&pair.client, "last");
        }
    }
    pair_destroy(&pair);
}

/* A kept record that is a KeyUpdate is taken when it is whole. */
static void test_kept_messages(void)
{
    static const BYTE header[WIRE_HEADER_SIZE] = {WIRE_DATA, 3, 3, 0, TAG_SIZE + 5};
    struct pair pair;

    if (create(&pair, NULL) && approach(&pair)) {
        side_deliver(&pair.client, header, sizeof(header));
        if (finish_client(&pair)) {
            send_text(&pair.client, "hello");
            finish_server(&pair);
            check_received(&pair.server, "hello");
            update_keys(&pair);
            ok(!memcmp(pair.client.inbox, header, sizeof(header)), "another record\n");
            send_text(&pair.server, "data");
            side_consume(&pair.client, sizeof(header));
            check_received(&pair.client, "data");
            send_text(&pair.client, "answer");
            ok(pair.server.inbox_size == 2 * RECORD_SIZE + 5 + 6, "%lu bytes\n",
               pair.server.inbox_size);
            check_received(&pair.server, "answer");
        }
    }
    pair_destroy(&pair);
}

/* A record that is none, behind the Finished: the handshake succeeds, DecryptMessage does not. */
static void test_kept_forgery(void)
{
    static const BYTE record[WIRE_HEADER_SIZE + 32] = {WIRE_DATA, 3, 3, 0, 32};
    SECURITY_STATUS status, usual;
    struct pair pair;
    DWORD size;

    if (!connect_both(&pair))
        goto done;
    side_deliver(&pair.client, record, sizeof(record));
    usual = side_receive(&pair.client, NULL, 0, &size);
    ok(FAILED(usual), "%s\n", status_name(usual));
    pair_destroy(&pair);
    if (create(&pair, NULL) && approach(&pair)) {
        side_deliver(&pair.client, record, sizeof(record));
        if (finish_client(&pair)) {
            status = side_receive(&pair.client, NULL, 0, &size);
            ok(status == usual, "%s, not %s\n", status_name(status), status_name(usual));
        }
    }
done:
    pair_destroy(&pair);
}

/* Overwrites what earlier calls have left on the stack, and on the one that GnuTLS runs on. */
static void clear_stacks(void)
{
    static const BYTE zeros[64];
    BYTE back[sizeof(zeros)];
    struct pair pair;
    DWORD size;

    if (connect_both(&pair)) {
        side_send(&pair.server, zeros, sizeof(zeros));
        side_receive(&pair.client, back, sizeof(back), &size);
    }
    pair_destroy(&pair);
    secret_clear_stack();
}

/* Data that was opened where it was kept is nowhere in memory once the context is gone. */
static void test_kept_secret(BOOL read_on)
{
    static const BYTE header[WIRE_HEADER_SIZE] = {WIRE_DATA, 3, 3, 0, TAG_SIZE + 64};
    struct secret secret;
    struct pair pair;
    BYTE bytes[64];
    DWORD size;

    winetest_push_context(read_on ? "behind the next record" : "behind the context");
    if (create(&pair, NULL) && approach(&pair)) {
        side_deliver(&pair.client, header, sizeof(header));
        if (finish_client(&pair)) {
            send_text(&pair.client, "hello");
            finish_server(&pair);
            secret_make(bytes, sizeof(bytes));
            side_send(&pair.server, bytes, sizeof(bytes));
            /* Not from its start, where the heap keeps its list of what is free. */
            secret = secret_take(bytes + 32, 32);
            side_consume(&pair.client, sizeof(header));
            size = 0;
            decrypt_once(&pair.client, SIDE_INBOX_SIZE, bytes, &size);
            ok(size == sizeof(bytes) && secret_in(&secret, bytes, size), "%lu bytes\n", size);
            RtlSecureZeroMemory(bytes, sizeof(bytes));
            ok(secret_places(&secret) > 0, "it is not even where the record was kept\n");
            if (read_on) {
                send_text(&pair.server, "next");
                check_received(&pair.client, "next");
            } else {
                side_disconnect(&pair.client);
            }
            clear_stacks();
            secret_check_places(&secret, 0, "afterwards");
        }
    }
    pair_destroy(&pair);
    winetest_pop_context();
}

/* A server may ask later those that offer it: not them, though they have a certificate. */
static void test_later_authentication(void)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = &certificate};
    struct side_options client = {.flags = WINENET_FLAGS};
    struct side_options other = {.certificates = {certificate}};
    SECURITY_STATUS status;
    struct pair pair;
    DWORD size;

    if (pair_create(&pair, &other, NULL)) {
        side_leg(&pair.client);
        ok(wire_hello_extension(pair.server.inbox, pair.server.inbox_size,
                                EXTENSION_POST_HANDSHAKE_AUTH, &size) != NULL,
           "others do not offer it\n");
    }
    pair_destroy(&pair);
    if (namesake_create_pair(&winhttp, &pair, &data, &client, NULL)) {
        side_leg(&pair.client);
        ok(!wire_hello_extension(pair.server.inbox, pair.server.inbox_size,
                                 EXTENSION_POST_HANDSHAKE_AUTH, &size),
           "it is offered\n");
        side_leg(&pair.server);
        if (finish_client(&pair)) {
            send_text(&pair.client, "hello");
            finish_server(&pair);
            check_received(&pair.server, "hello");
            pair.server.options.flags |= ASC_REQ_MUTUAL_AUTH;
            status = side_leg(&pair.server);
            ok(status == SEC_I_NO_RENEGOTIATION, "the server's request: %s\n", status_name(status));
        }
    }
    pair_destroy(&pair);
}

/* The certificate that the handshake asks for is a part of the flight that is held. */
static void test_client_certificate(void)
{
    static const enum test_key_type types[] = {TEST_KEY_RSA, TEST_KEY_ECDSA};
    static const struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                               .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    struct side_options client = {.flags = WINENET_FLAGS};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(types); i++) {
        const CERT_CONTEXT *certificate = test_cert_localhost(types[i]);
        SCHANNEL_CRED data = {
            .dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = &certificate};
        struct pair pair;

        winetest_push_context("key %u", types[i]);
        if (namesake_create_pair(&winhttp, &pair, &data, &client, &server) && approach(&pair) &&
            finish_client(&pair)) {
            ok(pair.client.sizes.cbHeader > certificate->cbCertEncoded, "a header of %lu bytes\n",
               pair.client.sizes.cbHeader);
            send_text(&pair.client, "hello");
            if (finish_server(&pair)) {
                ok(side_has_peer_certificate(&pair.server), "no certificate\n");
                check_received(&pair.server, "hello");
                pair_exchange(&pair.client, &pair.server, 40000);
                pair_exchange(&pair.server, &pair.client, 40000);
            }
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* EncryptMessage makes no alerts here: they would overtake what is held. */
static void test_alerts(void)
{
    BYTE memory[512];
    struct pair pair;

    if (connect_client(&pair)) {
        const DWORD header = pair.client.sizes.cbHeader, trailer = pair.client.sizes.cbTrailer;
        SecBuffer buffers[4] = {{header, SECBUFFER_STREAM_HEADER, memory},
                                {2, SECBUFFER_DATA, memory + header},
                                {trailer, SECBUFFER_STREAM_TRAILER, memory + header + 2}};
        SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
        SECURITY_STATUS status;

        memory[header] = TLS1_ALERT_WARNING;
        memory[header + 1] = TLS1_ALERT_USER_CANCELED;
        status = EncryptMessage(&pair.client.context, SECQOP_WRAP_OOB_DATA, &message, 0);
        ok(status == SEC_E_QOP_NOT_SUPPORTED, "%s\n", status_name(status));
        send_text(&pair.client, "hello");
        if (finish_server(&pair))
            check_received(&pair.server, "hello");
    }
    pair_destroy(&pair);
}

static void test_peer_closes(void)
{
    SECURITY_STATUS status;
    struct pair pair;
    BYTE bytes[64];
    DWORD size;

    if (connect_both(&pair)) {
        send_text(&pair.server, "last");
        side_shutdown(&pair.server);
        check_received(&pair.client, "last");
        status = decrypt_once(&pair.client, SIDE_INBOX_SIZE, bytes, &size);
        ok(status == SEC_I_CONTEXT_EXPIRED, "%s\n", status_name(status));
    }
    pair_destroy(&pair);
}

/* In TLS 1.2 nothing is held, and all is as for others. */
static void test_tls1_2(void)
{
    const struct side_options server = {.protocols = SIDE_TLS1_2};
    const struct side_options client = {.protocols = SIDE_TLS1_2};
    SecPkgContext_StreamSizes sizes;
    struct pair pair;

    if (pair_connect(&pair, &client, &server))
        sizes = pair.client.sizes;
    pair_destroy(&pair);
    if (create(&pair, &server)) {
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        ok(!memcmp(&sizes, &pair.client.sizes, sizeof(sizes)), "a header of %lu bytes, not %lu\n",
           pair.client.sizes.cbHeader, sizes.cbHeader);
        pair_exchange(&pair.client, &pair.server, 40000);
        pair_exchange(&pair.server, &pair.client, 40000);
    }
    pair_destroy(&pair);
}

/* Whether it is Wine's, with TLS 1.3 for them. */
static BOOL is_carried(void)
{
    SecPkgContext_ConnectionInfo info = {0};
    struct pair pair;

    if (create(&pair, NULL) && approach(&pair) && side_leg(&pair.client) == SEC_E_OK)
        QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CONNECTION_INFO, &info);
    pair_destroy(&pair);
    return info.dwProtocol == SP_PROT_TLS1_3_CLIENT;
}

START_TEST(schannel_legs_carried)
{
    if (!namesake_load(&winhttp, L"winhttp.dll")) {
        namesake_unload(&winhttp);
        return;
    }
    if (!is_carried()) {
        win_skip("no TLS 1.3 with SCHANNEL_CRED\n");
        namesake_unload(&winhttp);
        return;
    }
    test_first_record();
    test_apart();
    test_small_header();
    test_shutdown();
    test_key_update();
    test_key_update_and_data();
    test_pieces();
    test_kept();
    test_kept_and_more();
    test_kept_messages();
    test_kept_forgery();
    test_kept_secret(FALSE);
    test_kept_secret(TRUE);
    test_later_authentication();
    test_client_certificate();
    test_alerts();
    test_peer_closes();
    test_tls1_2();
    namesake_unload(&winhttp);
}
