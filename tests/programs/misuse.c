/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * misuse [CERT.pem KEY.pem]: what must not work, and must do no harm, on Schannel contexts.
 *
 * Incomplete and damaged flights and records, messages of impossible shape, control tokens of all
 * kinds. Ends with `N passed, N failed, N skipped`.
 */
#include "kit/memory.h"

static void test_incomplete_hello(struct creds *creds)
{
    CtxtHandle untouched = {0x1234, 0x5678};
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    leg(&pair.client);
    pair.server.context = untouched;
    for (DWORD size = 0; size < pair.server.size; size += 37) {
        SecBuffer in[2] = {{size, SECBUFFER_TOKEN, pair.server.inbox}, {0, SECBUFFER_EMPTY, NULL}};
        SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
        SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 1, &out};

        check_status(call_leg(&pair.server, &input, &output), SEC_E_INCOMPLETE_MESSAGE);
        check(in[1].BufferType == SECBUFFER_MISSING && in[1].cbBuffer);
    }
    check(!memcmp(&pair.server.context, &untouched, sizeof(untouched)));
    check(handshake(&pair));
    pair_end(&pair);
}

static void test_bad_records(struct creds *creds)
{
    BYTE data[CHUNK], memory[8] = {23, 3, 3, 0, 0};
    struct pair pair;
    DWORD size;

    pair_begin(&pair, &creds->client, &creds->server);
    if (check(handshake(&pair))) {
        while (receive_data(&pair.client, data, &size) == SEC_E_OK)
            ;
        for (DWORD i = 0; i < 5; i++) {
            SecBuffer buffers[4] = {{i, SECBUFFER_DATA, memory}};
            SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

            check_status(DecryptMessage(&pair.client.context, &message, 0, NULL),
                         SEC_E_INCOMPLETE_MESSAGE);
            check(buffers[1].BufferType == SECBUFFER_MISSING && buffers[1].cbBuffer == 5 - i);
        }
        check_status(send_data(&pair.server, (const BYTE *)"hello", 5), SEC_E_OK);
        pair.client.inbox[pair.client.size - 1] ^= 1;
        check(receive_data(&pair.client, data, &size) < 0);
        check(receive_data(&pair.client, data, &size) < 0);
    }
    pair_end(&pair);
}

static SECURITY_STATUS apply(struct side *side, void *token, DWORD size)
{
    SecBuffer buffer = {size, SECBUFFER_TOKEN, token};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &buffer};

    return ApplyControlToken(&side->context, &input);
}

static void test_control_tokens(struct creds *creds)
{
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_ACCESS_DENIED};
    SCHANNEL_SESSION_TOKEN session = {SCHANNEL_SESSION, SSL_SESSION_DISABLE_RECONNECTS};
    DWORD unknown = 0x12345;
    BYTE data[CHUNK];
    struct pair pair;
    DWORD size;

    for (int i = 0; i < 2; i++) {
        pair_begin(&pair, &creds->client, &creds->server);
        pair.client.target = L"tokens.test";
        if (check(handshake(&pair))) {
            check(!was_resumed(&pair.client));
            check_status(apply(&pair.client, &session, sizeof(session)), SEC_E_OK);
            check_status(apply(&pair.client, &unknown, 4), SEC_E_UNSUPPORTED_FUNCTION);
            check_status(apply(&pair.client, &unknown, 3), SEC_E_UNSUPPORTED_FUNCTION);
            check_status(apply(&pair.client, &alert, 8), SEC_E_INVALID_TOKEN);
            both_ways(&pair);
            check_status(apply(&pair.client, &alert, sizeof(alert)), SEC_E_OK);
            check_status(leg(&pair.client), SEC_E_OK);
            check(pair.server.size > 0);
            check_status(receive_data(&pair.server, data, &size), SEC_E_LOGON_DENIED);
            check_status(send_data(&pair.client, data, 1), SEC_E_CONTEXT_EXPIRED);
        }
        pair_end(&pair);
    }
}

/* What cannot be a message leaves the connection as it was. */
static void test_message_shapes(struct creds *creds)
{
    static const ULONG types[4] = {SECBUFFER_STREAM_TRAILER, SECBUFFER_EMPTY, SECBUFFER_DATA,
                                   SECBUFFER_STREAM_HEADER};
    SecPkgContext_StreamSizes sizes;
    static BYTE memory[4][CHUNK + 64];
    SecBuffer buffers[5];
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};
    CtxtHandle *context;
    struct pair pair;

    pair_begin(&pair, &creds->client, &creds->server);
    context = &pair.client.context;
    if (!check(handshake(&pair)))
        goto done;
    check_status(QueryContextAttributesW(context, SECPKG_ATTR_STREAM_SIZES, &sizes), SEC_E_OK);
    check(sizes.cbMaximumMessage == CHUNK);
    for (int i = 0; i < 4; i++)
        buffers[i] = (SecBuffer){64, types[i], memory[i]};

    buffers[2].cbBuffer = sizes.cbMaximumMessage + 1;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_ENCRYPT_FAILURE);
    buffers[2].cbBuffer = 10;
    buffers[0].cbBuffer = sizes.cbTrailer - 1;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL);
    buffers[0].cbBuffer = sizes.cbTrailer;
    buffers[3].cbBuffer = sizes.cbHeader - 1;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_BUFFER_TOO_SMALL);
    buffers[3].cbBuffer = sizes.cbHeader;
    check_status(EncryptMessage(context, SECQOP_WRAP_NO_ENCRYPT, &message, 0),
                 SEC_E_QOP_NOT_SUPPORTED);
    buffers[1].BufferType = SECBUFFER_DATA;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_INVALID_TOKEN);
    buffers[1].BufferType = SECBUFFER_EMPTY;
    buffers[2].BufferType = SECBUFFER_EMPTY;
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_INVALID_TOKEN);
    check_status(DecryptMessage(context, &message, 0, NULL), SEC_E_INVALID_TOKEN);
    buffers[2].BufferType = SECBUFFER_DATA | SECBUFFER_READONLY_WITH_CHECKSUM;
    message.cBuffers = 3;
    check_status(DecryptMessage(context, &message, 0, NULL), SEC_E_INVALID_TOKEN);
    message.cBuffers = 4;

    /* Any order, apart in memory. */
    check_status(EncryptMessage(context, 0, &message, 0), SEC_E_OK);
    deliver(&pair.server, buffers[3].pvBuffer, buffers[3].cbBuffer);
    deliver(&pair.server, buffers[2].pvBuffer, buffers[2].cbBuffer);
    deliver(&pair.server, buffers[0].pvBuffer, buffers[0].cbBuffer);
    message.cBuffers = 5;
    for (int i = 0; i < 5; i++)
        buffers[i] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    buffers[4] = (SecBuffer){pair.server.size, SECBUFFER_DATA, pair.server.inbox};
    check_status(DecryptMessage(&pair.server.context, &message, 0, NULL), SEC_E_OK);
    check(buffers[1].BufferType == SECBUFFER_DATA && buffers[1].cbBuffer == 10 &&
          buffers[3].BufferType == SECBUFFER_EMPTY && buffers[4].BufferType == SECBUFFER_EMPTY);
    pair.server.size = 0;
    both_ways(&pair);
done:
    pair_end(&pair);
}

static DWORD random_number(DWORD *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

/* Damaged flights end in an error or, rarely, do not matter; they never do worse. */
static void test_damage(struct creds *creds)
{
    DWORD state = 1, failures = 0;
    struct pair pair;

    for (int round = 0; round < 200; round++) {
        pair_begin(&pair, &creds->client, &creds->server);
        pair.client.target = L"damage.test";
        for (int i = 0; i < 6 && pair.client.status >= 0 && pair.server.status >= 0; i++) {
            struct side *side = i & 1 ? &pair.server : &pair.client;

            if (side->size && random_number(&state) % 2)
                side->inbox[random_number(&state) % side->size] ^=
                    (BYTE)(1 + random_number(&state) % 255);
            if (wants_leg(side, !i))
                leg(side);
        }
        failures += pair.client.status < 0 || pair.server.status < 0;
        pair_end(&pair);
    }
    check(failures > 100);
}

static void tests(struct creds *creds, bool tls13)
{
    (void)tls13;
    test_incomplete_hello(creds);
    test_bad_records(creds);
    test_control_tokens(creds);
    test_message_shapes(creds);
    test_damage(creds);
}

int main(int count, char **arguments)
{
    return run(count, arguments, tests);
}
