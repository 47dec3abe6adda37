/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * EncryptMessage and DecryptMessage for Schannel: buffers, sizes, post-handshake messages, damage,
 * closing, threads.
 */
#include "kit/pair.h"
#include "kit/tally.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

static BOOL connect_quick_pair(struct pair *pair, DWORD version)
{
    struct side_options client = {.protocols = version};
    struct side_options server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};

    return pair_connect(pair, &client, &server);
}

/* Takes tickets and the like off the client's inbox, with which the records would mix. */
static void drain(struct side *side)
{
    BYTE byte;
    DWORD size;

    if (side->inbox_size) {
        const SECURITY_STATUS status = side_receive(side, &byte, sizeof(byte), &size);

        ok(status == SEC_E_INCOMPLETE_MESSAGE && !side->inbox_size, "%s, %lu bytes are left\n",
           status_name(status), side->inbox_size);
    }
}

static void set_buffer(SecBuffer *buffer, ULONG type, void *bytes, ULONG size)
{
    buffer->BufferType = type;
    buffer->pvBuffer = bytes;
    buffer->cbBuffer = size;
}

static BYTE pattern(DWORD index)
{
    return (BYTE)(index * 31 + index / 509);
}

/* Rule 3: in place, DATA keeps its length, the sum of the sizes is the record. */
static void test_rule3_encrypt(DWORD version)
{
    static const DWORD sizes[] = {0, 1, 15, 16, 17, 255, 1000, 16383, 16384};
    const SecPkgContext_StreamSizes *stream;
    struct pair pair;
    unsigned int i;

    if (connect_quick_pair(&pair, version)) {
        stream = &pair.client.sizes;
        drain(&pair.client);
        for (i = 0; i < ARRAY_SIZE(sizes); i++) {
            const DWORD size = sizes[i];
            BYTE *memory = malloc(stream->cbHeader + size + stream->cbTrailer + 1);
            BYTE *back = malloc(size + 1);
            SecBuffer buffers[4] = {0};
            SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
            SECURITY_STATUS status;
            DWORD j, total, got;

            winetest_push_context("%lu bytes", size);
            set_buffer(&buffers[0], SECBUFFER_STREAM_HEADER, memory, stream->cbHeader);
            set_buffer(&buffers[1], SECBUFFER_DATA, memory + stream->cbHeader, size);
            set_buffer(&buffers[2], SECBUFFER_STREAM_TRAILER, memory + stream->cbHeader + size,
                       stream->cbTrailer);
            for (j = 0; j < size; j++)
                memory[stream->cbHeader + j] = pattern(j);
            memory[stream->cbHeader + size + stream->cbTrailer] = 0xcc;
            status = EncryptMessage(&pair.client.context, 0, &message, 0);
            ok(status == SEC_E_OK, "EncryptMessage: %s\n", status_name(status));
            ok(buffers[0].BufferType == SECBUFFER_STREAM_HEADER &&
                   buffers[1].BufferType == SECBUFFER_DATA &&
                   buffers[2].BufferType == SECBUFFER_STREAM_TRAILER &&
                   buffers[3].BufferType == SECBUFFER_EMPTY,
               "the types have changed\n");
            ok(buffers[0].pvBuffer == memory && buffers[1].pvBuffer == memory + stream->cbHeader &&
                   buffers[2].pvBuffer == memory + stream->cbHeader + size,
               "the buffers have moved\n");
            ok(buffers[0].cbBuffer == stream->cbHeader, "header of %lu bytes\n",
               buffers[0].cbBuffer);
            ok(buffers[1].cbBuffer == size, "data of %lu bytes\n", buffers[1].cbBuffer);
            ok(buffers[2].cbBuffer <= stream->cbTrailer, "trailer of %lu bytes\n",
               buffers[2].cbBuffer);
            ok(memory[stream->cbHeader + size + stream->cbTrailer] == 0xcc, "written beyond\n");
            total = buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer;
            ok(wire_record_size(memory, total) == total && memory[0] == WIRE_DATA,
               "not one record\n");

            side_deliver(&pair.server, memory, total);
            memset(back, 0xcc, size + 1);
            status = side_receive(&pair.server, back, size, &got);
            ok(status == SEC_E_OK && got == size, "%s, %lu bytes\n", status_name(status), got);
            for (j = 0; j < size && back[j] == pattern(j); j++)
                ;
            ok(j == size, "byte %lu differs\n", j);
            free(memory);
            free(back);
            winetest_pop_context();
        }
    }
    pair_destroy(&pair);
}

/* Rule 3: more than the maximum is an error and no record is lost by it. */
static void test_rule3_too_much(DWORD version)
{
    struct pair pair;

    if (connect_quick_pair(&pair, version)) {
        const DWORD size = pair.client.sizes.cbMaximumMessage + 1;
        BYTE *data = calloc(1, size);
        SECURITY_STATUS status;
        DWORD before;

        drain(&pair.client);
        before = pair.server.inbox_size;
        status = side_send(&pair.client, data, size);
        ok(status == SEC_E_ENCRYPT_FAILURE || broken(FAILED(status)),
           "EncryptMessage of %lu bytes: %s\n", size, status_name(status));
        ok(pair.server.inbox_size == before, "there is output\n");
        pair_exchange(&pair.client, &pair.server, 100);
        free(data);
    }
    pair_destroy(&pair);
}

/* Missing and short buffers. */
static void test_encrypt_errors(DWORD version)
{
    BYTE memory[256];
    struct pair pair;
    ULONG types;

    if (connect_quick_pair(&pair, version)) {
        const SecPkgContext_StreamSizes *stream = &pair.client.sizes;
        SecBuffer buffers[4];
        SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
        SECURITY_STATUS status;

        drain(&pair.client);
        /* Each of HEADER, DATA and TRAILER is needed. */
        for (types = 0; types < 7; types++) {
            memset(buffers, 0, sizeof(buffers));
            set_buffer(&buffers[0], types & 1 ? SECBUFFER_STREAM_HEADER : SECBUFFER_EMPTY, memory,
                       stream->cbHeader);
            set_buffer(&buffers[1], types & 2 ? SECBUFFER_DATA : SECBUFFER_EMPTY,
                       memory + stream->cbHeader, 10);
            set_buffer(&buffers[2], types & 4 ? SECBUFFER_STREAM_TRAILER : SECBUFFER_EMPTY,
                       memory + stream->cbHeader + 10, stream->cbTrailer);
            status = EncryptMessage(&pair.client.context, 0, &message, 0);
            ok(FAILED(status), "set %lu of the buffers: %s\n", types, status_name(status));
        }
        set_buffer(&buffers[0], SECBUFFER_STREAM_HEADER, memory, stream->cbHeader - 1);
        set_buffer(&buffers[1], SECBUFFER_DATA, memory + stream->cbHeader, 10);
        set_buffer(&buffers[2], SECBUFFER_STREAM_TRAILER, memory + stream->cbHeader + 10,
                   stream->cbTrailer);
        status = EncryptMessage(&pair.client.context, 0, &message, 0);
        ok(status == SEC_E_BUFFER_TOO_SMALL, "short header: %s\n", status_name(status));
        message.cBuffers = 0;
        status = EncryptMessage(&pair.client.context, 0, &message, 0);
        ok(FAILED(status), "no buffers: %s\n", status_name(status));
        pair_exchange(&pair.client, &pair.server, 100);
    }
    pair_destroy(&pair);
}

/* One encrypted record of size bytes; returns the record's size. */
static DWORD make_record(struct side *side, BYTE *record, DWORD size)
{
    BYTE *data = malloc(size ? size : 1);
    DWORD i, record_size;

    for (i = 0; i < size; i++)
        data[i] = pattern(i);
    side_send(side, data, size);
    free(data);
    record_size = side->peer->inbox_size;
    memcpy(record, side->peer->inbox, record_size);
    side_consume(side->peer, record_size);
    return record_size;
}

/* Rule 1: the four buffers of a success, with and without something behind the record. */
static void check_decrypted(struct pair *pair, DWORD size, DWORD extra, unsigned int count,
                            unsigned int position)
{
    BYTE *memory = malloc(SIDE_INBOX_SIZE);
    SecBuffer buffers[8] = {0};
    SecBufferDesc message = {SECBUFFER_VERSION, count, buffers};
    SECURITY_STATUS status;
    const BYTE *data;
    DWORD record_size, i;

    winetest_push_context("%lu bytes, %lu extra, data is %u of %u", size, extra, position, count);
    record_size = make_record(&pair->client, memory, size);
    memset(memory + record_size, 0xee, extra);
    set_buffer(&buffers[position], SECBUFFER_DATA, memory, record_size + extra);
    status = DecryptMessage(&pair->server.context, &message, 0, NULL);
    ok(status == SEC_E_OK, "DecryptMessage: %s\n", status_name(status));
    ok(buffers[0].BufferType == SECBUFFER_STREAM_HEADER, "buffer 0: type %lu\n",
       buffers[0].BufferType);
    ok(buffers[1].BufferType == SECBUFFER_DATA, "buffer 1: type %lu\n", buffers[1].BufferType);
    ok(buffers[2].BufferType == SECBUFFER_STREAM_TRAILER, "buffer 2: type %lu\n",
       buffers[2].BufferType);
    ok(buffers[3].BufferType == (extra ? SECBUFFER_EXTRA : SECBUFFER_EMPTY), "buffer 3: type %lu\n",
       buffers[3].BufferType);
    data = buffers[1].pvBuffer;
    ok(data >= memory && data + size <= memory + record_size, "the data is not in the input\n");
    ok(buffers[1].cbBuffer == size, "%lu bytes of data\n", buffers[1].cbBuffer);
    for (i = 0; i < size && data[i] == pattern(i); i++)
        ;
    ok(i == size, "byte %lu differs\n", i);
    if (extra) {
        ok(buffers[3].pvBuffer == memory + record_size, "the extra bytes moved\n");
        ok(buffers[3].cbBuffer == extra, "%lu bytes extra\n", buffers[3].cbBuffer);
        for (i = 0; i < extra && memory[record_size + i] == 0xee; i++)
            ;
        ok(i == extra, "the extra bytes have changed\n");
    }
    free(memory);
    winetest_pop_context();
}

static void test_rule1_decrypt(DWORD version)
{
    static const DWORD sizes[] = {0, 1, 16, 1000, 16384};
    struct pair pair;
    unsigned int i, position;

    if (connect_quick_pair(&pair, version)) {
        drain(&pair.client);
        for (i = 0; i < ARRAY_SIZE(sizes); i++) {
            check_decrypted(&pair, sizes[i], 0, 4, 0);
            check_decrypted(&pair, sizes[i], 1, 4, 0);
            check_decrypted(&pair, sizes[i], 20000, 4, 0);
        }
        for (position = 0; position < 4; position++)
            check_decrypted(&pair, 100, 7, 4, position);
        for (position = 0; position < 8; position++)
            check_decrypted(&pair, 100, 7, 8, position);
    }
    pair_destroy(&pair);
}

/* Rule 1: a part of a record leaves the input as it is and says how much is missing. */
static void test_rule1_incomplete(DWORD version)
{
    static BYTE record[20000];
    struct pair pair;
    DWORD record_size, cut;

    if (connect_quick_pair(&pair, version)) {
        drain(&pair.client);
        record_size = make_record(&pair.client, record, 300);
        for (cut = 0; cut < record_size; cut++) {
            /* Memory of just that size: reading beyond it is found by checking allocators. */
            BYTE *memory = malloc(cut ? cut : 1);
            SecBuffer buffers[4] = {{cut, SECBUFFER_DATA, memory}};
            SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
            SECURITY_STATUS status;
            const SecBuffer *missing = &buffers[0];

            winetest_push_context("%lu of %lu bytes", cut, record_size);
            memcpy(memory, record, cut);
            status = DecryptMessage(&pair.server.context, &message, 0, NULL);
            ok(status == SEC_E_INCOMPLETE_MESSAGE, "%s\n", status_name(status));
            ok(!memcmp(memory, record, cut), "the input has changed\n");
            /* Programs look for it in the place of the input, or behind it. */
            ok(missing->BufferType == SECBUFFER_MISSING && missing->pvBuffer == memory,
               "buffer 0 has type %lu\n", missing->BufferType);
            ok(buffers[1].BufferType == SECBUFFER_MISSING &&
                   buffers[1].cbBuffer == missing->cbBuffer,
               "buffer 1 has type %lu, size %lu\n", buffers[1].BufferType, buffers[1].cbBuffer);
            ok(buffers[2].BufferType == SECBUFFER_EMPTY && buffers[3].BufferType == SECBUFFER_EMPTY,
               "more buffers have changed\n");
            if (cut >= WIRE_HEADER_SIZE)
                ok(missing->cbBuffer == record_size - cut, "%lu are missing\n", missing->cbBuffer);
            else
                ok(missing->cbBuffer && missing->cbBuffer <= record_size - cut, "%lu are missing\n",
                   missing->cbBuffer);
            free(memory);
            winetest_pop_context();
        }
        /* The whole record is still good. */
        side_deliver(&pair.server, record, record_size);
        ok(side_receive(&pair.server, record, sizeof(record), &cut) == SEC_E_OK && cut == 300,
           "%lu bytes\n", cut);
    }
    pair_destroy(&pair);
}

static void test_decrypt_errors(DWORD version)
{
    static BYTE record[20000];
    struct pair pair;

    if (connect_quick_pair(&pair, version)) {
        SecBuffer buffers[4] = {0};
        SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
        SECURITY_STATUS status;
        DWORD record_size;

        drain(&pair.client);
        record_size = make_record(&pair.client, record, 10);
        status = DecryptMessage(&pair.server.context, &message, 0, NULL);
        ok(status == SEC_E_INVALID_TOKEN, "no DATA: %s\n", status_name(status));
        set_buffer(&buffers[0], SECBUFFER_DATA, record, record_size);
        set_buffer(&buffers[1], SECBUFFER_DATA, record, record_size);
        status = DecryptMessage(&pair.server.context, &message, 0, NULL);
        ok(status == SEC_E_INVALID_TOKEN, "two DATA: %s\n", status_name(status));
        set_buffer(&buffers[1], SECBUFFER_EMPTY, NULL, 0);
        message.cBuffers = 3;
        status = DecryptMessage(&pair.server.context, &message, 0, NULL);
        ok(status == SEC_E_INVALID_TOKEN, "three buffers: %s\n", status_name(status));
        message.cBuffers = 4;
        set_buffer(&buffers[2], SECBUFFER_EXTRA, NULL, 0);
        status = DecryptMessage(&pair.server.context, &message, 0, NULL);
        ok(status == SEC_E_INVALID_TOKEN, "only two EMPTY: %s\n", status_name(status));
        set_buffer(&buffers[2], SECBUFFER_EMPTY, NULL, 0);
        set_buffer(&buffers[0], SECBUFFER_DATA, record, record_size - 5);
        status = DecryptMessage(&pair.server.context, &message, 0, NULL);
        ok(status == SEC_E_INCOMPLETE_MESSAGE, "five bytes too few: %s\n", status_name(status));
        ok(buffers[0].BufferType == SECBUFFER_MISSING && buffers[0].cbBuffer == 5,
           "type %lu, %lu bytes\n", buffers[0].BufferType, buffers[0].cbBuffer);
        set_buffer(&buffers[0], SECBUFFER_DATA, record, record_size);
        set_buffer(&buffers[1], SECBUFFER_EMPTY, NULL, 0);
        status = DecryptMessage(&pair.server.context, &message, 0, NULL);
        ok(status == SEC_E_OK, "at last: %s\n", status_name(status));
    }
    pair_destroy(&pair);
}

/* A changed bit anywhere in a record is found. */
static void test_damaged_records(DWORD version)
{
    static BYTE record[1024];
    DWORD record_size = WIRE_HEADER_SIZE + 1, at;

    for (at = WIRE_HEADER_SIZE; at < record_size; at += 3) {
        SecBuffer buffers[4] = {0};
        SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
        SECURITY_STATUS status;
        struct pair pair;

        winetest_push_context("byte %lu", at);
        if (connect_quick_pair(&pair, version)) {
            drain(&pair.client);
            record_size = make_record(&pair.client, record, 20);
            record[at] ^= 1 << at % 8;
            set_buffer(&buffers[0], SECBUFFER_DATA, record, record_size);
            status = DecryptMessage(&pair.server.context, &message, 0, NULL);
            ok(status == SEC_E_MESSAGE_ALTERED || status == SEC_E_DECRYPT_FAILURE, "%s\n",
               status_name(status));
        } else {
            record_size = 0;
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* A record that is given twice, or out of its turn. */
static void test_replayed_records(DWORD version)
{
    static BYTE first[1024], copy[1024];
    struct pair pair;

    if (connect_quick_pair(&pair, version)) {
        SecBuffer buffers[4] = {0};
        SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
        SECURITY_STATUS status;
        DWORD size;

        drain(&pair.client);
        size = make_record(&pair.client, first, 20);
        memcpy(copy, first, size);
        set_buffer(&buffers[0], SECBUFFER_DATA, first, size);
        status = DecryptMessage(&pair.server.context, &message, 0, NULL);
        ok(status == SEC_E_OK, "%s\n", status_name(status));
        memset(buffers, 0, sizeof(buffers));
        set_buffer(&buffers[0], SECBUFFER_DATA, copy, size);
        status = DecryptMessage(&pair.server.context, &message, 0, NULL);
        ok(status == SEC_E_MESSAGE_ALTERED || status == SEC_E_DECRYPT_FAILURE, "again: %s\n",
           status_name(status));
    }
    pair_destroy(&pair);
}

/* Rule 2: tickets come out as SEC_I_RENEGOTIATE, go into InitializeSecurityContext, and are gone.
 */
static void test_rule2_post_handshake(void)
{
    unsigned int rounds = 0;
    struct pair pair;
    BYTE byte;
    DWORD size;

    if (!pair_supports(SIDE_TLS1_3)) {
        win_skip("no TLS 1.3\n");
        return;
    }
    if (connect_quick_pair(&pair, SIDE_TLS1_3)) {
        ok(pair.client.inbox_size, "the server sent no ticket\n");
        ok(side_send(&pair.server, "x", 1) == SEC_E_OK, "no record\n");
        while (rounds++ < 10) {
            const DWORD available = pair.client.inbox_size;
            SecBuffer buffers[4] = {{available, SECBUFFER_DATA, pair.client.inbox}};
            SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
            SECURITY_STATUS status = DecryptMessage(&pair.client.context, &message, 0, NULL);
            const SecBuffer *extra = NULL;
            struct leg leg;
            unsigned int i;

            if (status == SEC_E_OK) {
                ok(buffers[1].cbBuffer == 1 && *(BYTE *)buffers[1].pvBuffer == 'x', "other data\n");
                ok(buffers[3].BufferType == SECBUFFER_EMPTY, "something is left\n");
                break;
            }
            ok(status == SEC_I_RENEGOTIATE, "DecryptMessage: %s\n", status_name(status));
            if (status != SEC_I_RENEGOTIATE)
                break;
            for (i = 0; i < ARRAY_SIZE(buffers); i++)
                if (buffers[i].BufferType == SECBUFFER_EXTRA)
                    extra = &buffers[i];
            ok(extra != NULL, "no EXTRA\n");
            if (!extra)
                break;
            side_consume(&pair.client, available - extra->cbBuffer);
            leg_begin(&pair.client, &leg);
            status = leg_call(&pair.client, &leg);
            ok(status == SEC_E_OK, "InitializeSecurityContext: %s\n", status_name(status));
            /* The record of data behind the tickets is all that may be left. */
            ok(leg.in[1].BufferType == SECBUFFER_EXTRA, "the record is gone\n");
            leg_end(&pair.client, &leg, status);
        }
        ok(rounds > 1 && rounds < 10, "%u rounds\n", rounds);
        pair.client.inbox_size = 0;

        /* And with nothing behind them. */
        pair_exchange(&pair.client, &pair.server, 10);
        pair_exchange(&pair.server, &pair.client, 10);
    }
    pair_destroy(&pair);

    if (connect_quick_pair(&pair, SIDE_TLS1_3)) {
        SECURITY_STATUS status = side_receive(&pair.client, &byte, sizeof(byte), &size);

        ok(status == SEC_E_INCOMPLETE_MESSAGE, "only tickets: %s\n", status_name(status));
        ok(!pair.client.inbox_size, "%lu bytes of the tickets are left\n", pair.client.inbox_size);
    }
    pair_destroy(&pair);
}

/* Rule 11: closing, by either side and then by the other. */
static void check_shutdown(struct side *from, struct side *to)
{
    SECURITY_STATUS status;
    BYTE bytes[16];
    DWORD size;

    ok(side_send(from, "last", 4) == SEC_E_OK, "no record\n");
    status = side_shutdown(from);
    ok(status == SEC_E_OK || status == SEC_I_CONTEXT_EXPIRED, "shutdown: %s\n",
       status_name(status));
    status = side_receive(to, bytes, sizeof(bytes), &size);
    ok(status == SEC_E_OK && size == 4, "data before the end: %s, %lu bytes\n", status_name(status),
       size);
    status = side_receive(to, bytes, sizeof(bytes), &size);
    ok(status == SEC_I_CONTEXT_EXPIRED, "the end: %s\n", status_name(status));
    ok(!to->inbox_size, "%lu bytes are left\n", to->inbox_size);
    status = side_send(from, "more", 4);
    ok(status == SEC_E_CONTEXT_EXPIRED, "a record after the end: %s\n", status_name(status));

    /* The other direction is open until its own end. */
    if (to->role == SIDE_SERVER || to->options.protocols == SIDE_TLS1_3) {
        status = side_send(to, "back", 4);
        ok(status == SEC_E_OK, "the other direction: %s\n", status_name(status));
    }
    status = side_shutdown(to);
    ok(status == SEC_E_OK || status == SEC_I_CONTEXT_EXPIRED, "answer: %s\n", status_name(status));
    ok(from->inbox_size > 0, "the answer is empty\n");
}

static void test_rule11_shutdown(DWORD version)
{
    struct pair pair;

    winetest_push_context("by the client");
    if (connect_quick_pair(&pair, version)) {
        drain(&pair.client);
        check_shutdown(&pair.client, &pair.server);
    }
    pair_destroy(&pair);
    winetest_pop_context();

    winetest_push_context("by the server");
    if (connect_quick_pair(&pair, version)) {
        drain(&pair.client);
        check_shutdown(&pair.server, &pair.client);
    }
    pair_destroy(&pair);
    winetest_pop_context();
}

/* Records before the handshake is over. */
static void test_too_early(void)
{
    SecBuffer buffers[4] = {0};
    SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
    SECURITY_STATUS status;
    BYTE memory[200];
    struct pair pair;

    if (pair_create(&pair, NULL, NULL)) {
        side_leg(&pair.client);
        set_buffer(&buffers[0], SECBUFFER_STREAM_HEADER, memory, 13);
        set_buffer(&buffers[1], SECBUFFER_DATA, memory + 13, 10);
        set_buffer(&buffers[2], SECBUFFER_STREAM_TRAILER, memory + 23, 100);
        status = EncryptMessage(&pair.client.context, 0, &message, 0);
        ok(FAILED(status), "EncryptMessage: %s\n", status_name(status));
        memset(buffers, 0, sizeof(buffers));
        set_buffer(&buffers[0], SECBUFFER_DATA, memory, sizeof(memory));
        status = DecryptMessage(&pair.client.context, &message, 0, NULL);
        ok(FAILED(status), "DecryptMessage: %s\n", status_name(status));
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
    }
    pair_destroy(&pair);
}

static void test_version(DWORD version)
{
    tally("rule 1");
    test_rule1_decrypt(version);
    test_rule1_incomplete(version);
    tally("rule 3");
    test_rule3_encrypt(version);
    test_rule3_too_much(version);
    test_encrypt_errors(version);
    tally("rule 1");
    test_decrypt_errors(version);
    tally(NULL);
    test_damaged_records(version);
    test_replayed_records(version);
    tally("rule 11");
    test_rule11_shutdown(version);
}

START_TEST(schannel_calls_record)
{
    for_each_version(test_version);
    tally("rule 2");
    test_rule2_post_handshake();
    tally(NULL);
    test_too_early();
    tally_report();
}
