/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What Schannel makes of alerts, garbage and damaged flights, and the alerts it gives out itself.
 */
#include "kit/pair.h"
#include "kit/tally.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

/* The public table of Schannel's error codes for TLS alerts. */
static const struct {
    BYTE alert;
    SECURITY_STATUS status;
} alerts[] = {
    {TLS1_ALERT_UNEXPECTED_MESSAGE, SEC_E_ILLEGAL_MESSAGE},
    {TLS1_ALERT_BAD_RECORD_MAC, SEC_E_MESSAGE_ALTERED},
    {TLS1_ALERT_DECRYPTION_FAILED, SEC_E_DECRYPT_FAILURE},
    {TLS1_ALERT_RECORD_OVERFLOW, SEC_E_ILLEGAL_MESSAGE},
    {TLS1_ALERT_DECOMPRESSION_FAIL, SEC_E_MESSAGE_ALTERED},
    {TLS1_ALERT_HANDSHAKE_FAILURE, SEC_E_ILLEGAL_MESSAGE},
    {41 /* no_certificate */, SEC_E_CERT_UNKNOWN},
    {TLS1_ALERT_BAD_CERTIFICATE, SEC_E_CERT_UNKNOWN},
    {TLS1_ALERT_UNSUPPORTED_CERT, SEC_E_CERT_UNKNOWN},
    {TLS1_ALERT_CERTIFICATE_REVOKED, CRYPT_E_REVOKED},
    {TLS1_ALERT_CERTIFICATE_EXPIRED, SEC_E_CERT_EXPIRED},
    {TLS1_ALERT_CERTIFICATE_UNKNOWN, SEC_E_CERT_UNKNOWN},
    {TLS1_ALERT_ILLEGAL_PARAMETER, SEC_E_ILLEGAL_MESSAGE},
    {TLS1_ALERT_UNKNOWN_CA, SEC_E_UNTRUSTED_ROOT},
    {TLS1_ALERT_ACCESS_DENIED, SEC_E_LOGON_DENIED},
    {TLS1_ALERT_DECODE_ERROR, SEC_E_ILLEGAL_MESSAGE},
    {TLS1_ALERT_DECRYPT_ERROR, SEC_E_DECRYPT_FAILURE},
    {TLS1_ALERT_PROTOCOL_VERSION, SEC_E_UNSUPPORTED_FUNCTION},
    {TLS1_ALERT_INSUFFIENT_SECURITY, SEC_E_ALGORITHM_MISMATCH},
    {60 /* export_restriction */, SEC_E_ILLEGAL_MESSAGE},
    {TLS1_ALERT_INTERNAL_ERROR, SEC_E_INTERNAL_ERROR},
    {86 /* inappropriate_fallback */, SEC_E_UNSUPPORTED_FUNCTION},
    {TLS1_ALERT_USER_CANCELED, SEC_E_UNFINISHED_CONTEXT_DELETED},
    {109 /* missing_extension */, SEC_E_ILLEGAL_MESSAGE},
    {TLS1_ALERT_UNSUPPORTED_EXT, SEC_E_ILLEGAL_MESSAGE},
    {112 /* unrecognized_name */, SEC_E_WRONG_PRINCIPAL},
    {116 /* certificate_required */, SEC_E_NO_CREDENTIALS},
    {255, SEC_E_ILLEGAL_MESSAGE},
    {120 /* no_application_protocol */, SEC_E_APPLICATION_PROTOCOL_MISMATCH},
};

/* A fatal alert instead of the server's first flight. */
static void test_rule11_received_alerts(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(alerts); i++) {
        const BYTE record[] = {WIRE_ALERT, 3, 3, 0, 2, TLS1_ALERT_FATAL, alerts[i].alert};
        SECURITY_STATUS status;
        struct pair pair;

        winetest_push_context("alert %u", alerts[i].alert);
        if (pair_create_quick(&pair, 0)) {
            side_leg(&pair.client);
            side_deliver(&pair.client, record, sizeof(record));
            status = side_leg(&pair.client);
            ok(status == alerts[i].status, "%s, expected %s\n", status_name(status),
               status_name(alerts[i].status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* The same on a connection: sent by ApplyControlToken, read by DecryptMessage. */
static void test_rule11_alerts_on_connection(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(alerts); i++) {
        SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_FATAL, alerts[i].alert};
        SecBuffer buffer = {sizeof(alert), SECBUFFER_TOKEN, &alert};
        SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};
        SECURITY_STATUS status;
        struct pair pair;
        BYTE bytes[16];
        DWORD size;

        winetest_push_context("alert %u, %s", alerts[i].alert, version_name(versions[i % 2]));
        if (pair_create_quick(&pair, versions[i % 2]) && pair_handshake(&pair)) {
            status = ApplyControlToken(&pair.server.context, &token);
            ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
            side_leg(&pair.server);
            status = side_receive(&pair.client, bytes, sizeof(bytes), &size);
            ok(status == alerts[i].status, "%s, expected %s\n", status_name(status),
               status_name(alerts[i].status));
            status = side_send(&pair.client, "x", 1);
            ok(FAILED(status), "the connection goes on\n");
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* A token that ApplyControlToken turns into an alert, and what the peer makes of it. */
static void test_rule11_sent_alert(void)
{
    SCHANNEL_ALERT_TOKEN alert = {SCHANNEL_ALERT, TLS1_ALERT_FATAL, TLS1_ALERT_UNKNOWN_CA};
    SecBuffer buffer = {sizeof(alert), SECBUFFER_TOKEN, &alert};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status;
    BYTE bytes[16];
    unsigned int i;
    DWORD size;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        struct side_options client = {.protocols = versions[i]};
        struct pair pair;

        winetest_push_context("%s", version_name(versions[i]));
        if (pair_connect(&pair, &client, NULL)) {
            pair.server.inbox_size = 0;
            status = ApplyControlToken(&pair.client.context, &token);
            ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
            side_leg(&pair.client);
            ok(pair.server.inbox_size > WIRE_HEADER_SIZE, "no alert\n");
            status = side_receive(&pair.server, bytes, sizeof(bytes), &size);
            ok(status == SEC_E_UNTRUSTED_ROOT, "DecryptMessage: %s\n", status_name(status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

static void test_bad_control_tokens(void)
{
    DWORD type = 0x7fff;
    SecBuffer buffer = {sizeof(type), SECBUFFER_TOKEN, &type};
    SecBufferDesc token = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status;
    struct pair pair;

    if (pair_connect(&pair, NULL, NULL)) {
        status = ApplyControlToken(&pair.client.context, &token);
        ok(FAILED(status), "unknown type: %s\n", status_name(status));
        buffer.cbBuffer = 2;
        type = SCHANNEL_SHUTDOWN;
        status = ApplyControlToken(&pair.client.context, &token);
        ok(FAILED(status), "half a type: %s\n", status_name(status));
        buffer.cbBuffer = sizeof(type);
        type = SCHANNEL_ALERT;
        status = ApplyControlToken(&pair.client.context, &token);
        ok(FAILED(status), "alert without its number: %s\n", status_name(status));
        pair_exchange(&pair.client, &pair.server, 10);
    }
    pair_destroy(&pair);
}

static const struct {
    const char *name, *bytes;
    DWORD size;
    BOOL foreign; /* no TLS at all: there is nobody to send an alert to */
} garbage[] = {
#define GARBAGE(name, bytes)                                                                       \
    {                                                                                              \
        name, bytes, sizeof(bytes) - 1, FALSE                                                      \
    }
#define FOREIGN(name, bytes)                                                                       \
    {                                                                                              \
        name, bytes, sizeof(bytes) - 1, TRUE                                                       \
    }
    FOREIGN("HTTP", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    FOREIGN("SMTP", "220 mail.example.org ESMTP\r\n"),
    FOREIGN("SSH", "SSH-2.0-OpenSSH_9.2\r\n"),
    GARBAGE("data first", "\x17\x03\x03\x00\x05\x01\x02\x03\x04\x05"),
    FOREIGN("unknown record type", "\x63\x03\x03\x00\x05\x01\x02\x03\x04\x05"),
    GARBAGE("too long a record", "\x16\x03\x03\xff\xff\x01\x02\x03\x04\x05"),
    GARBAGE("empty handshake record", "\x16\x03\x03\x00\x00"),
    GARBAGE("unknown handshake message", "\x16\x03\x03\x00\x04\x63\x00\x00\x00"),
    GARBAGE("Finished first", "\x16\x03\x03\x00\x08\x14\x00\x00\x04\x01\x02\x03\x04"),
    GARBAGE("short ClientHello", "\x16\x03\x03\x00\x06\x01\x00\x00\x02\x03\x03"),
    FOREIGN("zeroes", "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
#undef GARBAGE
#undef FOREIGN
};

/* Instead of a ClientHello: an error and no context. */
static void test_server_garbage(void)
{
    const CtxtHandle untouched = {0x1111, 0x2222};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(garbage); i++) {
        SECURITY_STATUS status;
        struct pair pair;
        struct leg leg;

        winetest_push_context("%s", garbage[i].name);
        if (pair_create_quick(&pair, 0)) {
            side_deliver(&pair.server, garbage[i].bytes, garbage[i].size);
            leg_begin(&pair.server, &leg);
            leg.new_context = untouched;
            status = leg_call(&pair.server, &leg);
            ok(FAILED(status) && status != SEC_E_INCOMPLETE_MESSAGE, "%s\n", status_name(status));
            ok(!garbage[i].foreign || status == SEC_E_INVALID_TOKEN, "no TLS: %s\n",
               status_name(status));
            ok(!garbage[i].foreign || !leg.out[0].cbBuffer, "%lu bytes of output\n",
               leg.out[0].cbBuffer);
            ok(!memcmp(&leg.new_context, &untouched, sizeof(untouched)), "there is a context\n");
            if (leg.out[0].pvBuffer)
                ok(wire_is_records(leg.out[0].pvBuffer, leg.out[0].cbBuffer) &&
                       *(BYTE *)leg.out[0].pvBuffer == WIRE_ALERT,
                   "the output is no alert\n");
            leg_end(&pair.server, &leg, status);
            /* The credentials are as good as before. */
            pair.client.inbox_size = pair.server.inbox_size = 0;
            pair.server.status = SEC_I_CONTINUE_NEEDED;
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* Instead of the server's flight: an error that stays. */
static void test_client_garbage(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(garbage); i++) {
        SECURITY_STATUS status;
        struct pair pair;

        winetest_push_context("%s", garbage[i].name);
        if (pair_create_quick(&pair, 0)) {
            side_leg(&pair.client);
            pair.server.inbox_size = 0;
            side_deliver(&pair.client, garbage[i].bytes, garbage[i].size);
            status = side_leg(&pair.client);
            ok(FAILED(status) && status != SEC_E_INCOMPLETE_MESSAGE, "%s\n", status_name(status));
            ok(!garbage[i].foreign || status == SEC_E_INVALID_TOKEN, "no TLS: %s\n",
               status_name(status));
            ok(!garbage[i].foreign || !pair.server.inbox_size, "%lu bytes of output\n",
               pair.server.inbox_size);
            if (pair.server.inbox_size)
                ok(wire_is_records(pair.server.inbox, pair.server.inbox_size) &&
                       pair.server.inbox[0] == WIRE_ALERT,
                   "the output is no alert\n");
            side_deliver(&pair.client, "\x16\x03\x03", 3);
            status = side_leg(&pair.client);
            ok(FAILED(status), "a dead context goes on: %s\n", status_name(status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* Our alert comes out in TOKEN and, where there is one, in an ALERT buffer. */
static void check_alert_output(ULONG flags, BOOL alert_buffer)
{
    static const char unknown[] = "\x16\x03\x03\x00\x04\x63\x00\x00\x00";
    struct side_options options = {.flags = flags};
    BYTE memory[2] = {0xcc, 0xcc};
    SECURITY_STATUS status;
    const BYTE *alert;
    struct side client;
    struct leg leg;

    winetest_push_context("flags %#lx, ALERT buffer %d", flags, alert_buffer);
    status = side_acquire(&client, SIDE_CLIENT, &options);
    ok(status == SEC_E_OK, "no credentials: %s\n", status_name(status));
    side_leg(&client);
    side_deliver(&client, unknown, sizeof(unknown) - 1);
    leg_begin(&client, &leg);
    if (alert_buffer) {
        leg.out[1].BufferType = SECBUFFER_ALERT;
        if (!(flags & ISC_REQ_ALLOCATE_MEMORY)) {
            leg.out[1].pvBuffer = memory;
            leg.out[1].cbBuffer = sizeof(memory);
        }
        leg.output.cBuffers = 2;
    }
    status = leg_call(&client, &leg);
    ok(FAILED(status) && status != SEC_E_INCOMPLETE_MESSAGE, "%s\n", status_name(status));
    if (flags & ISC_REQ_EXTENDED_ERROR) {
        alert = leg.out[0].pvBuffer;
        ok(alert && leg.out[0].cbBuffer == WIRE_HEADER_SIZE + 2, "%lu bytes in TOKEN\n",
           leg.out[0].cbBuffer);
        if (alert && leg.out[0].cbBuffer == WIRE_HEADER_SIZE + 2) {
            ok(alert[0] == WIRE_ALERT && alert[5] == TLS1_ALERT_FATAL, "no fatal alert in TOKEN\n");
            ok(alert[6] == TLS1_ALERT_UNEXPECTED_MESSAGE || alert[6] == TLS1_ALERT_DECODE_ERROR,
               "alert %u\n", alert[6]);
        }
    } else {
        ok(!leg.out[0].cbBuffer, "%lu bytes in TOKEN\n", leg.out[0].cbBuffer);
    }
    if (alert_buffer) {
        alert = leg.out[1].pvBuffer;
        ok(leg.out[1].BufferType == SECBUFFER_ALERT, "type %lu\n", leg.out[1].BufferType);
        ok(alert && leg.out[1].cbBuffer == 2, "%lu bytes in ALERT\n", leg.out[1].cbBuffer);
        if (alert && leg.out[1].cbBuffer == 2)
            ok(alert[0] == TLS1_ALERT_FATAL && (alert[1] == TLS1_ALERT_UNEXPECTED_MESSAGE ||
                                                alert[1] == TLS1_ALERT_DECODE_ERROR),
               "alert %u, %u\n", alert[0], alert[1]);
        if (alert && alert != memory)
            FreeContextBuffer((void *)alert);
    }
    leg_end(&client, &leg, status);
    side_free(&client);
    winetest_pop_context();
}

/* One that does not fit into its buffer is left out. */
static void test_small_alert_buffer(void)
{
    static const char unknown[] = "\x16\x03\x03\x00\x04\x63\x00\x00\x00";
    const struct side_options options = {.flags = SIDE_CLIENT_FLAGS & ~ISC_REQ_ALLOCATE_MEMORY,
                                         .alert = TRUE};
    SECURITY_STATUS status;
    struct side client;
    struct leg leg;

    if (!side_acquire(&client, SIDE_CLIENT, &options)) {
        side_leg(&client);
        side_deliver(&client, unknown, sizeof(unknown) - 1);
        leg_begin(&client, &leg);
        leg.alert[1] = 0xcc;
        leg.out[1].cbBuffer = 1;
        status = leg_call(&client, &leg);
        ok(FAILED(status) && status != SEC_E_INCOMPLETE_MESSAGE, "%s\n", status_name(status));
        ok(!leg.out[1].cbBuffer && leg.alert[1] == 0xcc, "%lu bytes in ALERT\n",
           leg.out[1].cbBuffer);
        leg_end(&client, &leg, status);
    }
    side_free(&client);
}

static void test_rule11_alert_output(void)
{
    const ULONG flags = ISC_REQ_STREAM | ISC_REQ_CONFIDENTIALITY;

    check_alert_output(flags | ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY, FALSE);
    check_alert_output(flags | ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY, TRUE);
    check_alert_output(flags | ISC_REQ_EXTENDED_ERROR, FALSE);
    check_alert_output(flags | ISC_REQ_EXTENDED_ERROR, TRUE);
    check_alert_output(flags | ISC_REQ_ALLOCATE_MEMORY, FALSE);
    check_alert_output(flags | ISC_REQ_ALLOCATE_MEMORY, TRUE);
}

/* What DecryptMessage has found wrong is told by the next leg, once, whatever that was to be. */
static void check_due_alert(DWORD version, ULONG flags, BOOL shut_down, BYTE *wrong, int alert)
{
    const struct side_options client = {.protocols = version, .flags = flags, .alert = TRUE};
    DWORD token = SCHANNEL_SHUTDOWN, size;
    SecBuffer buffer = {sizeof(token), SECBUFFER_TOKEN, &token};
    SecBufferDesc message = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status, failure;
    struct pair pair;
    BYTE bytes[64];

    if (pair_connect(&pair, &client, NULL)) {
        pair_exchange(&pair.server, &pair.client, 10);
        if (wrong) {
            side_deliver(&pair.client, wrong, WIRE_HEADER_SIZE + wrong[4]);
        } else {
            side_send(&pair.server, "x", 1);
            pair.client.inbox[pair.client.inbox_size - 1] ^= 1;
        }
        failure = side_receive(&pair.client, bytes, sizeof(bytes), &size);
        ok(FAILED(failure) && failure != SEC_E_INCOMPLETE_MESSAGE, "%s\n", status_name(failure));
        pair.client.inbox_size = pair.server.inbox_size = 0;
        if (shut_down) {
            status = ApplyControlToken(&pair.client.context, &message);
            ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
        }
        status = side_leg(&pair.client);
        ok(status == failure, "the leg: %s, expected %s\n", status_name(status),
           status_name(failure));
        ok(pair.client.alert == alert, "alert %d, expected %d\n", pair.client.alert, alert);
        ok(pair.server.inbox_size > WIRE_HEADER_SIZE, "nothing to send\n");
        status = side_receive(&pair.server, bytes, sizeof(bytes), &size);
        ok(FAILED(status) && status != SEC_E_INCOMPLETE_MESSAGE, "the peer hears %s\n",
           status_name(status));
        pair.server.inbox_size = 0;
        status = side_leg(&pair.client);
        ok(status == failure, "a later leg: %s\n", status_name(status));
        ok(!pair.server.inbox_size && pair.client.alert == -1, "it is told again\n");
    }
    pair_destroy(&pair);
}

static void test_rule11_due_alert(void)
{
    static BYTE handshake[] = {WIRE_CCS, 3, 3, 0, 1, 2};
    const ULONG all = SIDE_CLIENT_FLAGS;
    unsigned int i;

    for (i = 0; i < 8; i++) {
        const DWORD version = versions[i % 2];
        const ULONG flags = i & 2 ? all : all & ~(ULONG)ISC_REQ_EXTENDED_ERROR;

        winetest_push_context("%s, flags %#lx%s", version_name(version), flags,
                              i & 4 ? ", shut down" : "");
        check_due_alert(version, flags, i & 4, NULL, TLS1_ALERT_BAD_RECORD_MAC);
        if (version == SIDE_TLS1_3)
            check_due_alert(version, flags, i & 4, handshake, TLS1_ALERT_UNEXPECTED_MESSAGE);
        winetest_pop_context();
    }
}

/* Offset of the next byte of handshake or encrypted data at or behind offset; size: none. */
static DWORD next_body_byte(const BYTE *flight, DWORD size, DWORD offset)
{
    DWORD at = 0, record_size;

    while ((record_size = wire_record_size(flight + at, size - at))) {
        if (flight[at] != WIRE_CCS && offset < at + record_size)
            return offset < at + WIRE_HEADER_SIZE ? at + WIRE_HEADER_SIZE : offset;
        at += record_size;
    }
    return size;
}

/*
 * A changed bit in any flight keeps the handshake from finishing. Record headers may change
 * unnoticed, and so may what comes behind a side's Finished: only the first flights are tried.
 */
static void check_damaged_flight(DWORD version, BOOL from_server)
{
    DWORD offset = 0, size = 1, tried = 0;

    for (;; offset += 11) {
        struct pair pair;
        struct side *target = from_server ? &pair.client : &pair.server;

        if (!pair_create_quick(&pair, version)) {
            pair_destroy(&pair);
            return;
        }
        side_leg(&pair.client);
        if (from_server)
            side_leg(&pair.server);
        size = target->inbox_size;
        /* TLS 1.3's tickets at the end are no part of the handshake. */
        if (from_server && version == SIDE_TLS1_3)
            size = size < 700 ? size : 700;
        offset = next_body_byte(target->inbox, target->inbox_size, offset);
        if (offset >= size) {
            pair_destroy(&pair);
            break;
        }
        winetest_push_context("%s, the %s's byte %lu", version_name(version),
                              from_server ? "server" : "client", offset);
        target->inbox[offset] ^= 1 << offset % 8;
        ok(!pair_handshake(&pair), "both sides are content\n");
        tried++;
        pair_destroy(&pair);
        winetest_pop_context();
    }
    ok(tried > 10, "%lu bytes tried\n", tried);
}

static void test_damaged_flights(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        if (!pair_supports(versions[i])) {
            win_skip("no %s\n", version_name(versions[i]));
            continue;
        }
        check_damaged_flight(versions[i], FALSE);
        check_damaged_flight(versions[i], TRUE);
    }
}

START_TEST(schannel_legs_alerts)
{
    tally("rule 11");
    test_rule11_received_alerts();
    test_rule11_alerts_on_connection();
    test_rule11_sent_alert();
    test_bad_control_tokens();
    tally(NULL);
    test_server_garbage();
    test_client_garbage();
    tally("rule 11");
    test_rule11_alert_output();
    test_small_alert_buffer();
    test_rule11_due_alert();
    tally(NULL);
    test_damaged_flights();
    tally_report();
}
