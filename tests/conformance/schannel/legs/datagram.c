/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DTLS 1.0 and 1.2 between a client and a server in this process.
 */
#include "kit/datagrams.h"
#include "kit/other.h"
#include "kit/testcert.h"
#include "wine/test.h"

static void test_handshake(void)
{
    static const struct {
        const char *name;
        DWORD version, client, server, protocol;
        DWORD header;
    } cases[] = {
        {"SCHANNEL_CRED, DTLS 1.2", SCHANNEL_CRED_VERSION, SP_PROT_DTLS1_2_CLIENT,
         SP_PROT_DTLS1_2_SERVER, SP_PROT_DTLS1_2_CLIENT, 21},
        {"SCHANNEL_CRED, DTLS 1.0", SCHANNEL_CRED_VERSION, SP_PROT_DTLS1_0_CLIENT,
         SP_PROT_DTLS1_0_SERVER, SP_PROT_DTLS1_0_CLIENT, 29},
        {"SCHANNEL_CRED, both", SCHANNEL_CRED_VERSION, SP_PROT_DTLS1_X_CLIENT,
         SP_PROT_DTLS1_X_SERVER, SP_PROT_DTLS1_2_CLIENT, 21},
        {"SCH_CREDENTIALS, TLS and DTLS", SCH_CREDENTIALS_VERSION,
         SP_PROT_DTLS1_2_CLIENT | SP_PROT_TLS1_2_CLIENT,
         SP_PROT_DTLS1_2_SERVER | SP_PROT_TLS1_2_SERVER, SP_PROT_DTLS1_2_CLIENT, 21},
        {"SCH_CREDENTIALS, DTLS 1.2", SCH_CREDENTIALS_VERSION, SP_PROT_DTLS1_2_CLIENT,
         SP_PROT_DTLS1_2_SERVER, SP_PROT_DTLS1_2_CLIENT, 21},
        {"old server", SCHANNEL_CRED_VERSION, SP_PROT_DTLS1_X_CLIENT, SP_PROT_DTLS1_0_SERVER,
         SP_PROT_DTLS1_0_CLIENT, 29},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct datagram_options client = {.version = cases[i].version,
                                          .protocols = cases[i].client};
        struct datagram_options server = {.version = cases[i].version,
                                          .protocols = cases[i].server};
        SecPkgContext_ConnectionInfo info = {0};
        struct connection c;
        SECURITY_STATUS status;

        winetest_push_context("%s", cases[i].name);
        if (!connection_create(&c, &client, &server) || !connection_run(&c)) {
            ok(FALSE, "client %s, server %s\n", status_name(c.client.status),
               status_name(c.server.status));
            goto next;
        }
        ok(c.client.attributes == (DATAGRAM_CLIENT_FLAGS | ISC_RET_REPLAY_DETECT |
                                   ISC_RET_SEQUENCE_DETECT | ISC_RET_STREAM),
           "client attributes %#lx\n", c.client.attributes);
        ok(c.server.attributes == DATAGRAM_SERVER_FLAGS, "server attributes %#lx\n",
           c.server.attributes);
        ok(c.to_client.largest <= 1096 && c.to_server.largest <= 1096, "datagrams of %lu and %lu\n",
           c.to_client.largest, c.to_server.largest);
        ok(c.server.fragments > 0, "the server's flight is one datagram\n");
        status = QueryContextAttributesW(&c.client.context, SECPKG_ATTR_CONNECTION_INFO, &info);
        ok(status == SEC_E_OK, "CONNECTION_INFO: %s\n", status_name(status));
        ok(info.dwProtocol == cases[i].protocol, "protocol %#lx\n", info.dwProtocol);
        ok(c.client.sizes.cbHeader == cases[i].header, "header %lu\n", c.client.sizes.cbHeader);
        ok(end_transfer(&c.client, &c.server, 500), "data up\n");
        ok(end_transfer(&c.server, &c.client, 500), "data down\n");
        ok(end_transfer(&c.server, &c.client, c.server.sizes.cbMaximumMessage), "the maximum\n");
    next:
        connection_destroy(&c);
        winetest_pop_context();
    }
}

/* Whatever the network does, the handshake ends, and data then passes. */
static void test_bad_network(const struct datagram_options *client,
                             const struct datagram_options *server, unsigned int first)
{
    struct connection c;
    unsigned int seed, timeouts = 0;

    if (!connection_create(&c, client, server))
        goto done;
    for (seed = first; seed < first + 20; seed++) {
        winetest_push_context("seed %u", seed);
        c.seed = seed * 7919;
        ok(connection_run(&c), "client %s, server %s\n", status_name(c.client.status),
           status_name(c.server.status));
        if (!c.client.status && !c.server.status) {
            ok(end_transfer(&c.client, &c.server, 100), "data up\n");
            ok(end_transfer(&c.server, &c.client, 100), "data down\n");
        }
        timeouts += c.timeouts;
        connection_close(&c);
        winetest_pop_context();
    }
    ok(timeouts > 5, "only %u timeouts\n", timeouts);
done:
    connection_destroy(&c);
}

static void test_bad_networks(void)
{
    struct datagram_options client = {.alpn = "coap", .mtu = 400};
    struct datagram_options server = {.alpn = "coap", .mtu = 400};
    struct datagram_options old_client = {.protocols = SP_PROT_DTLS1_0_CLIENT};
    struct datagram_options old_server = {.protocols = SP_PROT_DTLS1_0_SERVER};

    test_bad_network(NULL, NULL, 1);
    client.certificate = test_cert_localhost(TEST_KEY_ECDSA);
    server.flags = DATAGRAM_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH;
    test_bad_network(&client, &server, 100);
    test_bad_network(&old_client, &old_server, 200);
}

/* The first call of a server: what it takes for a hello, and the cookie. */
static void test_cookie(void)
{
    static const char nonsense[] = "nonsense";
    struct connection c;
    struct datagram hello = {0};
    SECURITY_STATUS status;

    if (!connection_create(&c, NULL, NULL))
        goto done;
    status = end_call(&c.server, nonsense, sizeof(nonsense));
    ok(status == SEC_E_INCOMPLETE_MESSAGE, "nonsense: %s\n", status_name(status));
    ok(!c.server.have_context, "a context for nonsense\n");

    status = end_leg(&c.client, NULL, 0);
    ok(status == SEC_I_CONTINUE_NEEDED, "first leg: %s\n", status_name(status));
    ok(c.to_server.count == 1, "%u datagrams\n", c.to_server.count);
    hello = wire_take(&c.to_server, 0);
    status = end_leg(&c.server, hello.data, hello.size);
    ok(status == SEC_I_CONTINUE_NEEDED, "hello: %s\n", status_name(status));
    ok(c.to_client.count == 1, "%u datagrams\n", c.to_client.count);
    ok(c.to_client.count && c.to_client.waiting[0].data[13] == 3, "no HelloVerifyRequest\n");
    ok(c.to_client.largest < hello.size, "an answer larger than the question\n");
    datagram_free(&hello);

    hello = wire_take(&c.to_client, 0);
    end_leg(&c.client, hello.data, hello.size);
    datagram_free(&hello);
    hello = wire_take(&c.to_server, 0);
    /* Somebody else cannot use the cookie. */
    c.server.address = "192.0.2.2:4433";
    status = end_leg(&c.server, hello.data, hello.size);
    ok(status == SEC_I_CONTINUE_NEEDED, "another address: %s\n", status_name(status));
    ok(c.to_client.count == 1, "%u datagrams\n", c.to_client.count);
    datagram_free(&c.to_client.waiting[0]);
    c.to_client.count = 0;
    /* A server that keeps nothing begins with a NULL context again. */
    c.server.address = "192.0.2.1:4433";
    DeleteSecurityContext(&c.server.context);
    c.server.have_context = FALSE;
    status = end_leg(&c.server, hello.data, hello.size);
    ok(status == SEC_I_CONTINUE_NEEDED, "the cookie: %s\n", status_name(status));
    ok(c.to_client.count > 1, "%u datagrams\n", c.to_client.count);
    ok(connection_run(&c), "client %s, server %s\n", status_name(c.client.status),
       status_name(c.server.status));
done:
    datagram_free(&hello);
    connection_destroy(&c);
}

/* A server needs the client's address, or at least a buffer for it. */
static void test_no_address(void)
{
    struct connection c;
    BYTE token[2048];
    SecBuffer in[3], out = {sizeof(token), SECBUFFER_TOKEN, token};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, in}, output = {SECBUFFER_VERSION, 1, &out};
    CtxtHandle context;
    SECURITY_STATUS status;
    ULONG attributes;
    TimeStamp expiry;

    if (!connection_create(&c, NULL, NULL))
        goto done;
    end_leg(&c.client, NULL, 0);
    in[0].BufferType = SECBUFFER_TOKEN;
    in[0].cbBuffer = c.to_server.waiting[0].size;
    in[0].pvBuffer = c.to_server.waiting[0].data;
    status = AcceptSecurityContext(&c.server.credentials, NULL, &input, ASC_REQ_DATAGRAM, 0,
                                   &context, &output, &attributes, &expiry);
    ok(status == SEC_E_INVALID_PARAMETER, "no EXTRA: %s\n", status_name(status));
    in[1].BufferType = SECBUFFER_EXTRA;
    in[1].cbBuffer = 0;
    in[1].pvBuffer = NULL;
    input.cBuffers = 2;
    status = AcceptSecurityContext(&c.server.credentials, NULL, &input, ASC_REQ_DATAGRAM, 0,
                                   &context, &output, &attributes, &expiry);
    ok(status == SEC_I_CONTINUE_NEEDED, "empty EXTRA: %s\n", status_name(status));
    ok(attributes == ASC_RET_DATAGRAM, "attributes %#lx\n", attributes);
    if (status == SEC_I_CONTINUE_NEEDED)
        DeleteSecurityContext(&context);
    in[1].cbBuffer = 4;
    status = AcceptSecurityContext(&c.server.credentials, NULL, &input, ASC_REQ_DATAGRAM, 0,
                                   &context, &output, &attributes, &expiry);
    ok(status == SEC_E_INVALID_TOKEN, "EXTRA without memory: %s\n", status_name(status));
done:
    connection_destroy(&c);
}

/* The first call of a client, with buffers of its own, and the same flight once more. */
static void test_first_calls(void)
{
    const ULONG flags = ISC_REQ_MANUAL_CRED_VALIDATION | ISC_REQ_EXTENDED_ERROR | ISC_REQ_DATAGRAM |
                        ISC_REQ_USE_SUPPLIED_CREDS | ISC_REQ_CONFIDENTIALITY |
                        ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT;
    BYTE bytes[1420], first[1420], alert[16];
    USHORT mtu = 1024;
    SecBuffer in = {sizeof(mtu), SECBUFFER_DTLS_MTU, &mtu};
    SecBuffer out[2] = {{sizeof(bytes), SECBUFFER_TOKEN, bytes},
                        {sizeof(alert), SECBUFFER_ALERT, alert}};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 2, out};
    CtxtHandle context, unused = {0x1111, 0x2222};
    TimeStamp expiry = {.LowPart = 0x12345678, .HighPart = 9};
    struct connection c;
    SECURITY_STATUS status;
    ULONG attributes, size;

    if (!connection_create(&c, NULL, NULL))
        goto done;
    status =
        InitializeSecurityContextW(&c.client.credentials, NULL, (SEC_WCHAR *)L"localhost", flags, 0,
                                   0, &input, 0, &context, &output, &attributes, &expiry);
    ok(status == SEC_I_CONTINUE_NEEDED, "the first call: %s\n", status_name(status));
    if (status != SEC_I_CONTINUE_NEEDED)
        goto done;
    ok(attributes == (flags | ISC_RET_STREAM), "attributes %#lx\n", attributes);
    ok(!expiry.LowPart && !expiry.HighPart, "expiry %lx%08lx\n", expiry.HighPart, expiry.LowPart);
    ok(!out[1].cbBuffer, "an alert of %lu bytes\n", out[1].cbBuffer);
    size = out[0].cbBuffer;
    memcpy(first, bytes, size);

    out[0] = (SecBuffer){sizeof(bytes), SECBUFFER_TOKEN, bytes};
    out[1] = (SecBuffer){0, SECBUFFER_ALERT, alert};
    status = InitializeSecurityContextW(&c.client.credentials, &context, NULL, flags, 0, 0, NULL, 0,
                                        &unused, &output, &attributes, NULL);
    ok(status == SEC_E_INSUFFICIENT_MEMORY, "an ALERT of 0 bytes: %s\n", status_name(status));
    ok(unused.dwLower == 0x1111, "a handle was given\n");
    out[1].cbBuffer = sizeof(alert);
    status = InitializeSecurityContextW(&c.client.credentials, &context, NULL, flags, 0, 0, NULL, 0,
                                        &unused, &output, &attributes, NULL);
    ok(status == SEC_I_CONTINUE_NEEDED, "once more: %s\n", status_name(status));
    ok(out[0].cbBuffer == size, "%lu bytes, not %lu\n", out[0].cbBuffer, size);
    ok(bytes[10] == 1 && !memcmp(bytes + 11, first + 11, size - 11), "another flight, number %u\n",
       bytes[10]);
    DeleteSecurityContext(&context);
done:
    connection_destroy(&c);
}

/* Caller's buffers: one datagram each; too small ones lose nothing. */
static void test_small_output(void)
{
    struct datagram_options server = {.flags = DATAGRAM_SERVER_FLAGS & ~ASC_REQ_ALLOCATE_MEMORY};
    struct datagram_options client = {.flags = DATAGRAM_CLIENT_FLAGS & ~ISC_REQ_ALLOCATE_MEMORY};
    struct connection c;
    struct datagram datagram;
    SECURITY_STATUS status;

    if (!connection_create(&c, &client, &server))
        goto done;
    c.client.options.output_size = 20;
    status = end_call(&c.client, NULL, 0);
    ok(status == SEC_E_BUFFER_TOO_SMALL, "20 bytes: %s\n", status_name(status));
    ok(!c.client.have_context, "a context\n");
    c.client.options.output_size = 0;
    end_leg(&c.client, NULL, 0);

    datagram = wire_take(&c.to_server, 0);
    c.server.options.output_size = 20;
    status = end_call(&c.server, datagram.data, datagram.size);
    ok(status == SEC_E_BUFFER_TOO_SMALL, "cookie, 20 bytes: %s\n", status_name(status));
    ok(!c.server.have_context, "a context\n");
    c.server.options.output_size = 0;
    end_leg(&c.server, datagram.data, datagram.size);
    datagram_free(&datagram);
    datagram = wire_take(&c.to_client, 0);
    end_leg(&c.client, datagram.data, datagram.size);
    datagram_free(&datagram);

    datagram = wire_take(&c.to_server, 0);
    c.server.options.output_size = 500;
    status = end_call(&c.server, datagram.data, datagram.size);
    ok(status == SEC_E_BUFFER_TOO_SMALL, "flight, 500 bytes: %s\n", status_name(status));
    status = end_call(&c.server, datagram.data, datagram.size);
    ok(status == SEC_E_BUFFER_TOO_SMALL, "again: %s\n", status_name(status));
    ok(!c.to_client.count, "%u datagrams\n", c.to_client.count);
    c.server.options.output_size = 0;
    status = end_leg(&c.server, datagram.data, datagram.size);
    ok(status == SEC_I_CONTINUE_NEEDED, "flight: %s\n", status_name(status));
    ok(!c.server.extra, "%lu bytes left over\n", c.server.extra);
    datagram_free(&datagram);
    ok(connection_run(&c), "client %s, server %s\n", status_name(c.client.status),
       status_name(c.server.status));
done:
    connection_destroy(&c);
}

static void test_mtu(void)
{
    struct datagram_options options = {.mtu = 600};
    struct connection c;
    SEC_DTLS_MTU mtu = {0};
    ULONG wide = 1400;
    SECURITY_STATUS status;
    struct datagram record = {0};
    static const BYTE data[2000];

    if (!connection_create(&c, &options, &options) || !connection_run(&c))
        goto done;
    ok(c.to_client.largest <= 600 && c.to_server.largest <= 600, "datagrams of %lu and %lu\n",
       c.to_client.largest, c.to_server.largest);
    status = QueryContextAttributesW(&c.client.context, SECPKG_ATTR_DTLS_MTU, &mtu);
    ok(status == SEC_E_OK && mtu.PathMTU == 600, "%s, MTU %u\n", status_name(status), mtu.PathMTU);
    ok(c.client.sizes.cbMaximumMessage == 600 - 37, "maximum %lu\n",
       c.client.sizes.cbMaximumMessage);

    status = SetContextAttributesW(&c.client.context, SECPKG_ATTR_DTLS_MTU, &wide, sizeof(wide));
    ok(status == SEC_E_OK, "set: %s\n", status_name(status));
    QueryContextAttributesW(&c.client.context, SECPKG_ATTR_DTLS_MTU, &mtu);
    ok(mtu.PathMTU == 1400, "MTU %u\n", mtu.PathMTU);
    QueryContextAttributesW(&c.client.context, SECPKG_ATTR_STREAM_SIZES, &c.client.sizes);
    ok(c.client.sizes.cbMaximumMessage == 1400 - 37, "maximum %lu\n",
       c.client.sizes.cbMaximumMessage);
    ok(end_transfer(&c.client, &c.server, 1400 - 37), "the maximum\n");
    status = end_encrypt(&c.client, data, 1400 - 36, &record);
    ok(status == SEC_E_ENCRYPT_FAILURE, "more than the maximum: %s\n", status_name(status));
    datagram_free(&record);

    mtu.PathMTU = 199;
    status = SetContextAttributesW(&c.client.context, SECPKG_ATTR_DTLS_MTU, &mtu, sizeof(mtu));
    ok(status == SEC_E_INVALID_PARAMETER, "199: %s\n", status_name(status));
    status = SetContextAttributesW(&c.client.context, SECPKG_ATTR_DTLS_MTU, &mtu, 1);
    ok(status == SEC_E_BUFFER_TOO_SMALL, "one byte: %s\n", status_name(status));
    QueryContextAttributesW(&c.client.context, SECPKG_ATTR_DTLS_MTU, &mtu);
    ok(mtu.PathMTU == 1400, "MTU %u\n", mtu.PathMTU);
done:
    connection_destroy(&c);
}

/* Records in any order, once each; what is damaged or old does no harm. */
static void test_records(void)
{
    struct datagram records[70] = {{0}}, both;
    struct connection c;
    SecBuffer buffers[4];
    SECURITY_STATUS status;
    unsigned int i;

    if (!connection_create(&c, NULL, NULL) || !connection_run(&c))
        goto done;
    for (i = 0; i < ARRAY_SIZE(records); i++)
        end_encrypt(&c.client, "hello", 5, &records[i]);
    for (i = 0; i < records[0].size; i++) {
        both.size = records[0].size;
        both.data = malloc(both.size);
        memcpy(both.data, records[0].data, both.size);
        both.data[i] ^= 0x10;
        status = end_decrypt(&c.server, &both, buffers);
        ok(status == SEC_E_INVALID_TOKEN || status == SEC_E_OUT_OF_SEQUENCE, "byte %u: %s\n", i,
           status_name(status));
        datagram_free(&both);
    }
    /* Two in one datagram, the second before the first of others. */
    both.size = records[68].size + records[1].size;
    both.data = malloc(both.size);
    memcpy(both.data, records[68].data, records[68].size);
    memcpy(both.data + records[68].size, records[1].data, records[1].size);
    status = end_decrypt(&c.server, &both, buffers);
    ok(status == SEC_E_OK, "first: %s\n", status_name(status));
    ok(buffers[0].cbBuffer == 21 && buffers[1].cbBuffer == 5 && buffers[2].cbBuffer == 16,
       "sizes %lu, %lu, %lu\n", buffers[0].cbBuffer, buffers[1].cbBuffer, buffers[2].cbBuffer);
    ok(buffers[3].BufferType == SECBUFFER_EXTRA && buffers[3].cbBuffer == records[0].size,
       "EXTRA: type %lu, %lu bytes\n", buffers[3].BufferType, buffers[3].cbBuffer);
    datagram_free(&both);

    status = end_decrypt(&c.server, &records[67], buffers);
    ok(status == SEC_E_OK, "late: %s\n", status_name(status));
    status = end_decrypt(&c.server, &records[68], buffers);
    ok(status == SEC_E_OUT_OF_SEQUENCE, "again: %s\n", status_name(status));
    status = end_decrypt(&c.server, &records[2], buffers);
    ok(status == SEC_E_OUT_OF_SEQUENCE, "too late: %s\n", status_name(status));
    status = end_decrypt(&c.server, &records[69], buffers);
    ok(status == SEC_E_OK, "the last: %s\n", status_name(status));
    ok(end_transfer(&c.client, &c.server, 0), "no data\n");
done:
    for (i = 0; i < ARRAY_SIZE(records); i++)
        datagram_free(&records[i]);
    connection_destroy(&c);
}

static void test_shutdown(void)
{
    DWORD kind = SCHANNEL_SHUTDOWN;
    SecBuffer token = {sizeof(kind), SECBUFFER_TOKEN, &kind}, buffers[4];
    SecBufferDesc description = {SECBUFFER_VERSION, 1, &token};
    struct datagram datagram = {0};
    struct connection c;
    SECURITY_STATUS status;

    if (!connection_create(&c, NULL, NULL) || !connection_run(&c))
        goto done;
    status = ApplyControlToken(&c.client.context, &description);
    ok(status == SEC_E_OK, "ApplyControlToken: %s\n", status_name(status));
    status = end_leg(&c.client, NULL, 0);
    ok(status == SEC_E_OK, "shutdown leg: %s\n", status_name(status));
    ok(c.to_server.count == 1, "%u datagrams\n", c.to_server.count);
    if (c.to_server.count) {
        datagram = wire_take(&c.to_server, 0);
        status = end_decrypt(&c.server, &datagram, buffers);
        ok(status == SEC_I_CONTEXT_EXPIRED, "close_notify: %s\n", status_name(status));
        datagram_free(&datagram);
    }
    status = end_encrypt(&c.client, "x", 1, &datagram);
    ok(status == SEC_E_CONTEXT_EXPIRED, "data after it: %s\n", status_name(status));
    datagram_free(&datagram);
done:
    connection_destroy(&c);
}

static void test_resumption(void)
{
    struct connection c;
    SecPkgContext_SessionInfo info;
    unsigned int i;

    if (!connection_create(&c, NULL, NULL))
        goto done;
    for (i = 0; i < 3; i++) {
        c.seed = i == 2 ? 4711 : 0;
        ok(connection_run(&c), "%u: client %s, server %s\n", i, status_name(c.client.status),
           status_name(c.server.status));
        memset(&info, 0, sizeof(info));
        QueryContextAttributesW(&c.client.context, SECPKG_ATTR_SESSION_INFO, &info);
        ok(!!(info.dwFlags & SSL_SESSION_RECONNECT) == !!i, "%u: flags %#lx\n", i, info.dwFlags);
        ok(end_transfer(&c.client, &c.server, 50), "%u: data up\n", i);
        ok(end_transfer(&c.server, &c.client, 50), "%u: data down\n", i);
        connection_close(&c);
    }
done:
    connection_destroy(&c);
}

/* Which credentials can make which contexts. */
static void test_credentials(void)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    struct datagram_options client = {.protocols = SP_PROT_TLS1_2_CLIENT};
    struct datagram_options server = {.protocols = SP_PROT_DTLS1_2_SERVER,
                                      .certificate = certificate};
    struct end end;
    static struct wire wire;
    SECURITY_STATUS status;

    status = end_acquire(&end, SIDE_CLIENT, &client);
    ok(status == SEC_E_OK, "TLS only: %s\n", status_name(status));
    end.out = &wire;
    status = end_call(&end, NULL, 0);
    ok(status == SEC_E_ALGORITHM_MISMATCH, "DTLS of it: %s\n", status_name(status));
    ok(!end.have_context, "a context\n");
    FreeCredentialsHandle(&end.credentials);

    client.protocols = SP_PROT_DTLS1_2_CLIENT;
    client.flags = DATAGRAM_CLIENT_FLAGS & ~ISC_REQ_DATAGRAM;
    status = end_acquire(&end, SIDE_CLIENT, &client);
    ok(status == SEC_E_OK, "DTLS only: %s\n", status_name(status));
    end.out = &wire;
    status = end_call(&end, NULL, 0);
    ok(status == SEC_E_ALGORITHM_MISMATCH, "TLS of it: %s\n", status_name(status));
    ok(!end.have_context && !wire.count, "a context\n");
    FreeCredentialsHandle(&end.credentials);

    client.cred_flags = SCH_USE_DTLS_ONLY;
    client.protocols = SP_PROT_TLS1_2_CLIENT;
    status = end_acquire(&end, SIDE_CLIENT, &client);
    ok(status == SEC_E_ALGORITHM_MISMATCH, "SCH_USE_DTLS_ONLY without DTLS: %s\n",
       status_name(status));
    client.version = SCH_CREDENTIALS_VERSION;
    client.protocols = SP_PROT_TLS1_2_CLIENT | SP_PROT_DTLS1_2_CLIENT;
    status = end_acquire(&end, SIDE_CLIENT, &client);
    ok(status == SEC_E_OK, "SCH_USE_DTLS_ONLY: %s\n", status_name(status));
    end.out = &wire;
    status = end_call(&end, NULL, 0);
    ok(status == SEC_E_ALGORITHM_MISMATCH, "TLS of it: %s\n", status_name(status));
    FreeCredentialsHandle(&end.credentials);

    status = end_acquire(&end, SIDE_SERVER, &server);
    ok(status == SEC_E_OK, "server: %s\n", status_name(status));
    FreeCredentialsHandle(&end.credentials);
}

/* What fails says so to the peer. */
static void test_failures(void)
{
    struct datagram_options client = {.alpn = "one"}, server = {.alpn = "other"};
    struct connection c;

    if (connection_create(&c, &client, &server)) {
        ok(!connection_run(&c), "connected\n");
        ok(c.server.status == SEC_E_APPLICATION_PROTOCOL_MISMATCH, "server %s\n",
           status_name(c.server.status));
        ok(c.server.alert[0] == 2 && c.server.alert[1] == 120, "alert %u %u\n", c.server.alert[0],
           c.server.alert[1]);
        ok(c.client.status == SEC_E_APPLICATION_PROTOCOL_MISMATCH, "client %s\n",
           status_name(c.client.status));
    }
    connection_destroy(&c);

    memset(&client, 0, sizeof(client));
    client.cred_flags = SCH_CRED_AUTO_CRED_VALIDATION;
    if (connection_create(&c, &client, NULL)) {
        ok(!connection_run(&c), "connected\n");
        ok(c.client.status == SEC_E_UNTRUSTED_ROOT, "client %s\n", status_name(c.client.status));
        ok(c.server.status == SEC_E_UNTRUSTED_ROOT, "server %s\n", status_name(c.server.status));
    }
    connection_destroy(&c);
}

START_TEST(schannel_legs_datagram)
{
    RUN(test_handshake);
    RUN(test_bad_networks);
    RUN_APART(test_cookie);
    RUN(test_no_address);
    RUN(test_first_calls);
    RUN(test_small_output);
    RUN(test_mtu);
    RUN(test_records);
    RUN(test_shutdown);
    RUN(test_resumption);
    RUN(test_credentials);
    RUN(test_failures);
}
