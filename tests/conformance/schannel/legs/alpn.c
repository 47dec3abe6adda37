/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of application protocols beyond the usual: longer ones and more of them than GnuTLS has.
 */
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

/* Names beyond GnuTLS's limits: a client says so, a server chooses all the same. */
static void test_long_alpn(void)
{
    static const struct {
        const char *client, *server;
        SECURITY_STATUS expected;
    } cases[] = {
        {"a b c d e f g h", "z h", SEC_E_OK},
        {"a b c d e f g h i", "i", SEC_E_UNSUPPORTED_FUNCTION},
        {"abcdefghijklmnopqrstuvwxyz01234", "abcdefghijklmnopqrstuvwxyz01234", SEC_E_OK},
        {"abcdefghijklmnopqrstuvwxyz012345", "a", SEC_E_UNSUPPORTED_FUNCTION},
        {"l", "a b c d e f g h i j k l", SEC_E_OK},
        {"l", "a b abcdefghijklmnopqrstuvwxyz0123456789 l", SEC_E_OK},
        {"l", "abcdefghijklmnopqrstuvwxyz0123456789 l", SEC_E_OK},
        {"x", "a b c d e f g h i j k l", SEC_E_APPLICATION_PROTOCOL_MISMATCH},
    };
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct side_options client = {.alpn = cases[i].client};
        struct side_options server = {.alpn = cases[i].server};
        struct pair pair;

        if (pair_create(&pair, &client, &server)) {
            pair_handshake(&pair);
            ok(pair.client.status == cases[i].expected, "%s and %s: client %s, server %s\n",
               cases[i].client, cases[i].server, status_name(pair.client.status),
               status_name(pair.server.status));
        }
        pair_destroy(&pair);
    }
}

/* SEC_APPLICATION_PROTOCOLS with one list of that size: long names, "h2" at last. */
static DWORD write_longest_alpn(BYTE *buffer, USHORT list_size)
{
    const ULONG lists_size = 6 + list_size;
    const SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT alpn = SecApplicationProtocolNegotiationExt_ALPN;
    DWORD at = 10, end = 10 + list_size - 3, size;

    memcpy(buffer, &lists_size, 4);
    memcpy(buffer + 4, &alpn, 4);
    memcpy(buffer + 8, &list_size, 2);
    while (at < end) {
        size = min(255, end - at - 1);
        buffer[at] = size;
        memset(buffer + at + 1, 'x', size);
        at += 1 + size;
    }
    memcpy(buffer + end, "\2h2", 3);
    return end + 3;
}

/* A server's list may be as long as the structure can say. */
static void test_longest_server_alpn(void)
{
    static BYTE list[10 + 65535];
    const struct side_options options = {.alpn = "h2"};
    SecPkgContext_ApplicationProtocol protocol;
    SECURITY_STATUS status;
    struct pair pair;
    struct leg leg;

    if (pair_create(&pair, &options, &options)) {
        side_leg(&pair.client);
        leg_begin(&pair.server, &leg);
        ok(leg.in[2].BufferType == SECBUFFER_APPLICATION_PROTOCOLS, "no list\n");
        leg.in[2].pvBuffer = list;
        leg.in[2].cbBuffer = write_longest_alpn(list, 65535);
        ok(leg.in[2].cbBuffer == sizeof(list), "%lu bytes\n", leg.in[2].cbBuffer);
        status = leg_call(&pair.server, &leg);
        leg_end(&pair.server, &leg, status);
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        status = QueryContextAttributesW(&pair.server.context, SECPKG_ATTR_APPLICATION_PROTOCOL,
                                         &protocol);
        ok(status == SEC_E_OK && protocol.ProtocolIdSize == 2 &&
               !memcmp(protocol.ProtocolId, "h2", 2),
           "%s, %u bytes\n", status_name(status), protocol.ProtocolIdSize);
    }
    pair_destroy(&pair);
}

static void add_to(BYTE *number, unsigned int bytes, DWORD more)
{
    while (bytes--) {
        more += number[bytes];
        number[bytes] = (BYTE)more;
        more >>= 8;
    }
}

/* Adds ALPN to the ClientHello in the server's inbox, whose extensions are its last part. */
static void offer_names(struct side *server, const BYTE *names, DWORD size)
{
    const BYTE header[] = {0, 16, (size + 2) >> 8, (BYTE)(size + 2), size >> 8, (BYTE)size};
    const DWORD more = sizeof(header) + size;
    BYTE *at = server->inbox + WIRE_HEADER_SIZE + 4 + 34;

    at += 1 + at[0];                /* session id */
    at += 2 + (at[0] << 8 | at[1]); /* suites */
    at += 1 + at[0];                /* compression */
    add_to(at, 2, more);
    add_to(server->inbox + 3, 2, more);
    add_to(server->inbox + WIRE_HEADER_SIZE + 1, 3, more);
    side_deliver(server, header, sizeof(header));
    side_deliver(server, names, size);
}

/* A client of another make may offer more and longer names than GnuTLS has itself. */
static void test_long_client_alpn(void)
{
    static const struct {
        const char *server;
        SECURITY_STATUS expected;
    } cases[] = {
        {"h2", SEC_I_CONTINUE_NEEDED},
        {"other h2", SEC_I_CONTINUE_NEEDED},
        {"other", SEC_E_APPLICATION_PROTOCOL_MISMATCH},
    };
    static BYTE names[10 + 12000];
    unsigned int i;

    write_longest_alpn(names, 12000);
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct side_options client = {.protocols = SIDE_TLS1_2};
        const struct side_options server = {.alpn = cases[i].server};
        SECURITY_STATUS status;
        struct pair pair;

        if (pair_create(&pair, &client, &server)) {
            side_leg(&pair.client);
            offer_names(&pair.server, names + 10, 12000);
            status = side_leg(&pair.server);
            ok(status == cases[i].expected, "%s: %s\n", cases[i].server, status_name(status));
        }
        pair_destroy(&pair);
    }
}

START_TEST(schannel_legs_alpn)
{
    test_long_alpn();
    test_longest_server_alpn();
    test_long_client_alpn();
}
