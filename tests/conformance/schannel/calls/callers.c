/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Callers inside Wine that get answers of their own, and that nobody else gets them. wldap32 here;
 * wininet and winhttp are tests/programs/loopback.c's.
 *
 * What Windows answers is in broken(): there these callers do not exist.
 */
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

#define WLDAP32_FLAGS                                                                              \
    (ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM | ISC_REQ_USE_SUPPLIED_CREDS |                       \
     ISC_REQ_ALLOCATE_MEMORY)
#define DATA_SIZE   16384
#define RECORD_SIZE (DATA_SIZE + 512)

static struct test_cert ca, trusted;

/* A pair whose client has wldap32's flags and, with cred_flags 0, its credentials. */
static BOOL create_pair(struct pair *pair, const CERT_CONTEXT *certificate, DWORD cred_flags)
{
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .dwFlags = cred_flags};
    struct side_options client = {.flags = WLDAP32_FLAGS, .alert = TRUE};
    struct side_options server = {.certificates = {certificate}};
    WCHAR package[] = UNISP_NAME_W;
    SECURITY_STATUS status;

    if (!pair_create(pair, &client, &server))
        return FALSE;
    FreeCredentialsHandle(&pair->client.credentials);
    status = AcquireCredentialsHandleW(NULL, package, SECPKG_CRED_OUTBOUND, NULL, &data, NULL, NULL,
                                       &pair->client.credentials, NULL);
    ok(status == SEC_E_OK, "AcquireCredentialsHandle: %s\n", status_name(status));
    pair->client.have_credentials = status == SEC_E_OK;
    return pair->client.have_credentials;
}

/* One record as wldap32 reads it: its header, then as much as MISSING says, never more. */
static void read_handshake_record(struct side *client)
{
    const DWORD size = wire_record_size(client->inbox, client->inbox_size);
    SECURITY_STATUS status;
    struct leg leg;

    client->feed = WIRE_HEADER_SIZE;
    leg_begin(client, &leg);
    status = leg_call(client, &leg);
    ok(status == SEC_E_INCOMPLETE_MESSAGE && leg.in[1].BufferType == SECBUFFER_MISSING &&
           leg.in[1].cbBuffer == size - WIRE_HEADER_SIZE,
       "%s, buffer %lu of %lu bytes for a record of %lu\n", status_name(status),
       leg.in[1].BufferType, leg.in[1].cbBuffer, size);
    leg_end(client, &leg, status);
    client->feed = size;
    side_leg(client);
    client->feed = 0;
}

/* Until the client is done or has failed. */
static SECURITY_STATUS handshake(struct pair *pair)
{
    unsigned int rounds;

    side_leg(&pair->client);
    for (rounds = 0; pair->client.status == SEC_I_CONTINUE_NEEDED && rounds < 20; rounds++) {
        if (!pair->client.inbox_size)
            side_leg(&pair->server);
        if (wire_record_size(pair->client.inbox, pair->client.inbox_size))
            read_handshake_record(&pair->client);
    }
    return pair->client.status;
}

static SECURITY_STATUS decrypt(struct side *side, BYTE *bytes, DWORD size, SecBuffer *buffers)
{
    SecBufferDesc message = {SECBUFFER_VERSION, 4, buffers};

    memset(buffers, 0, 4 * sizeof(*buffers));
    buffers[0] = (SecBuffer){.BufferType = SECBUFFER_DATA, .pvBuffer = bytes, .cbBuffer = size};
    return DecryptMessage(&side->context, &message, 0, NULL);
}

/* wldap32's tlsw_sb_read: it reads on only as long as it has less than MISSING says. */
static void read_record(struct side *client, DWORD step, const BYTE *data, DWORD data_size)
{
    const DWORD header = client->sizes.cbHeader;
    DWORD have = 0, expected = max(step, header), calls = 0;
    static BYTE copy[RECORD_SIZE];
    SECURITY_STATUS status;
    SecBuffer buffers[4];

    do {
        have = max(have, min(expected, client->inbox_size));
        memcpy(copy, client->inbox, have);
        status = decrypt(client, copy, have, buffers);
        if (status == SEC_E_INCOMPLETE_MESSAGE) {
            const DWORD size = wire_record_size(client->inbox, client->inbox_size);

            ok(buffers[1].BufferType == SECBUFFER_MISSING, "type %lu\n", buffers[1].BufferType);
            ok(buffers[1].cbBuffer == size || broken(buffers[1].cbBuffer == size - have),
               "%lu of %lu bytes: MISSING is %lu\n", have, size, buffers[1].cbBuffer);
            /* Where it is Windows', wldap32 would read nothing more and stay in here. */
            expected = buffers[1].cbBuffer == size ? size : have + buffers[1].cbBuffer;
        }
    } while (status == SEC_E_INCOMPLETE_MESSAGE && ++calls < 3);
    ok(status == SEC_E_OK, "%s\n", status_name(status));
    if (status)
        return;
    ok(buffers[0].BufferType == SECBUFFER_STREAM_HEADER &&
           buffers[1].BufferType == SECBUFFER_DATA && buffers[3].BufferType == SECBUFFER_EMPTY,
       "types %lu %lu %lu\n", buffers[0].BufferType, buffers[1].BufferType, buffers[3].BufferType);
    ok((BYTE *)buffers[1].pvBuffer == (BYTE *)buffers[0].pvBuffer + header, "header size\n");
    ok(buffers[1].cbBuffer == data_size && !memcmp(buffers[1].pvBuffer, data, data_size),
       "%lu of %lu bytes\n", buffers[1].cbBuffer, data_size);
    side_consume(client, have);
}

static void test_wldap32_reads(void)
{
    static const DWORD sizes[] = {1, 14, 6000, DATA_SIZE};
    static BYTE data[DATA_SIZE];
    struct pair pair;
    unsigned int i;

    for (i = 0; i < sizeof(data); i++)
        data[i] = (BYTE)(i * 7 + i / 253);
    if (create_pair(&pair, trusted.context, 0) && handshake(&pair) == SEC_E_OK &&
        pair_handshake(&pair)) {
        for (i = 0; i < ARRAY_SIZE(sizes); i++)
            side_send(&pair.server, data, sizes[i]);
        for (i = 0; i < ARRAY_SIZE(sizes); i++)
            read_record(&pair.client, 8, data, sizes[i]);
        ok(!pair.client.inbox_size, "%lu bytes are left\n", pair.client.inbox_size);
    } else {
        ok(FALSE, "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
    }
    pair_destroy(&pair);
}

/* MISSING of others is what is missing, down to a header that is not all there. */
static void test_other_reads(DWORD cred_flags, DWORD more_flags)
{
    struct pair pair;
    BYTE copy[64];
    DWORD size, have;

    winetest_push_context("credential flags %lx, more flags %lx", cred_flags, more_flags);
    if (create_pair(&pair, trusted.context, cred_flags)) {
        pair.client.options.flags |= more_flags;
        ok(pair_handshake(&pair), "%s\n", status_name(pair.client.status));
        side_send(&pair.server, "x", 1);
        size = wire_record_size(pair.client.inbox, pair.client.inbox_size);
        ok(size && size <= sizeof(copy), "a record of %lu bytes\n", size);
        for (have = WIRE_HEADER_SIZE; have < min(size, sizeof(copy)); have++) {
            SecBuffer buffers[4];
            SECURITY_STATUS status;

            memcpy(copy, pair.client.inbox, have);
            status = decrypt(&pair.client, copy, have, buffers);
            ok(status == SEC_E_INCOMPLETE_MESSAGE && buffers[1].BufferType == SECBUFFER_MISSING &&
                   buffers[1].cbBuffer == size - have,
               "%lu of %lu bytes: %s, MISSING is %lu\n", have, size, status_name(status),
               buffers[1].cbBuffer);
        }
    }
    pair_destroy(&pair);
    winetest_pop_context();
}

/* A first call over what is in *context. Its token is dropped. */
static SECURITY_STATUS begin_again(struct side *client, CtxtHandle *context, DWORD *token_size)
{
    SecBuffer token = {.BufferType = SECBUFFER_TOKEN};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
    WCHAR target[] = L"localhost";
    SECURITY_STATUS status;
    ULONG attributes;

    status = InitializeSecurityContextW(&client->credentials, NULL, target, client->options.flags,
                                        0, 0, NULL, 0, context, &output, &attributes, NULL);
    *token_size = token.cbBuffer;
    if (token.pvBuffer)
        FreeContextBuffer(token.pvBuffer);
    return status;
}

static void check_begins(struct side *client, CtxtHandle context, const char *what)
{
    const CtxtHandle before = context;
    SECURITY_STATUS status;
    DWORD token_size;

    status = begin_again(client, &context, &token_size);
    ok(status == SEC_I_CONTINUE_NEEDED && token_size, "%s: %s, %lu bytes\n", what,
       status_name(status), token_size);
    ok(memcmp(&context, &before, sizeof(context)), "%s: the same handle\n", what);
    if (status == SEC_I_CONTINUE_NEEDED)
        DeleteSecurityContext(&context);
}

/* Nothing gets through a context whose handshake has failed, whatever was said about it. */
static void check_dead(struct side *client)
{
    BYTE header[64], data[16] = "a password", trailer[64];
    SecBuffer sealed[] = {{sizeof(header), SECBUFFER_STREAM_HEADER, header},
                          {10, SECBUFFER_DATA, data},
                          {sizeof(trailer), SECBUFFER_STREAM_TRAILER, trailer},
                          {0, SECBUFFER_EMPTY, NULL}},
              opened[4];
    SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(sealed), sealed};
    SecPkgContext_StreamSizes sizes;
    SECURITY_STATUS status;

    status = QueryContextAttributesW(&client->context, SECPKG_ATTR_STREAM_SIZES, &sizes);
    ok(status == SEC_E_INVALID_HANDLE, "stream sizes: %s\n", status_name(status));
    status = EncryptMessage(&client->context, 0, &message, 0);
    ok(status == SEC_E_OUT_OF_SEQUENCE, "EncryptMessage: %s\n", status_name(status));
    ok(!memcmp(data, "a password", 10), "the data was changed\n");
    status = decrypt(client, header, sizeof(header), opened);
    ok(status == SEC_E_OUT_OF_SEQUENCE, "DecryptMessage: %s\n", status_name(status));
}

/* A handshake that fails; wldap32 begins again over the same handle until it is told SEC_E_OK. */
static void test_wldap32_tries_again(void)
{
    CtxtHandle before;
    SECURITY_STATUS status;
    struct pair pair;
    DWORD token_size;

    if (!create_pair(&pair, test_cert_localhost(TEST_KEY_ECDSA), 0))
        goto done;
    status = handshake(&pair);
    ok(status == SEC_E_UNTRUSTED_ROOT, "%s\n", status_name(status));
    before = pair.client.context;
    check_begins(&pair.client, (CtxtHandle){0}, "another variable");
    status = begin_again(&pair.client, &pair.client.context, &token_size);
    if (broken(status == SEC_I_CONTINUE_NEEDED))
        goto done;
    ok(status == SEC_E_OK && !token_size, "%s, %lu bytes\n", status_name(status), token_size);
    ok(!memcmp(&before, &pair.client.context, sizeof(before)), "another handle\n");
    check_dead(&pair.client);
    status = DeleteSecurityContext(&pair.client.context);
    ok(status == SEC_E_OK, "DeleteSecurityContext: %s\n", status_name(status));
    pair.client.have_context = FALSE;
    check_begins(&pair.client, before, "deleted");
done:
    pair_destroy(&pair);
}

/* Who is not like wldap32, or has a connection, may write over any handle. */
static void test_others_begin(void)
{
    struct pair pair;

    if (create_pair(&pair, test_cert_localhost(TEST_KEY_ECDSA), SCH_CRED_NO_DEFAULT_CREDS)) {
        ok(handshake(&pair) == SEC_E_UNTRUSTED_ROOT, "%s\n", status_name(pair.client.status));
        check_begins(&pair.client, pair.client.context, "other credential flags");
    }
    pair_destroy(&pair);
    if (create_pair(&pair, test_cert_localhost(TEST_KEY_ECDSA), 0)) {
        pair.client.options.flags |= ISC_REQ_REPLAY_DETECT;
        ok(handshake(&pair) == SEC_E_UNTRUSTED_ROOT, "%s\n", status_name(pair.client.status));
        check_begins(&pair.client, pair.client.context, "other flags");
    }
    pair_destroy(&pair);
    if (create_pair(&pair, trusted.context, 0)) {
        ok(handshake(&pair) == SEC_E_OK, "%s\n", status_name(pair.client.status));
        check_begins(&pair.client, pair.client.context, "connected");
        check_begins(&pair.client, pair.server.context, "the server's");
    }
    pair_destroy(&pair);
}

static BOOL create_certificates(void)
{
    struct test_cert_options options = {.type = TEST_KEY_ECDSA, .uses = TEST_CERT_CA};
    char name[64];

    snprintf(name, sizeof(name), "Test Callers Root %lu %lu", GetCurrentProcessId(),
             GetTickCount());
    options.name = name;
    if (!test_cert_create(&options, &ca))
        return FALSE;
    options = (struct test_cert_options){
        .type = TEST_KEY_ECDSA, .name = "localhost", .uses = TEST_CERT_SERVER, .issuer = &ca};
    if (test_cert_create(&options, &trusted))
        return TRUE;
    test_cert_free(&ca);
    return FALSE;
}

START_TEST(schannel_calls_callers)
{
    if (!create_certificates())
        return;
    if (test_cert_trust(&ca)) {
        test_wldap32_reads();
        test_other_reads(SCH_CRED_NO_DEFAULT_CREDS, 0);
        test_other_reads(0, ISC_REQ_REPLAY_DETECT);
        test_other_reads(0, ISC_REQ_EXTENDED_ERROR);
        test_others_begin();
        test_cert_distrust(&ca);
    }
    test_wldap32_tries_again();
    test_cert_free(&trusted);
    test_cert_free(&ca);
}
