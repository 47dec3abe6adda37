/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the two ends agree on, or fail to: ALPN, server names, versions, algorithms; and credentials
 * and parameters that cannot work.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/hello.h"
#include "kit/support.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};

static void alpn(void)
{
    static const char client[] = "\2h2\10http/1.1", server[] = "\3foo\10http/1.1";
    struct tls_names names;
    int i;

    for (i = 0; i < 2; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair.client.alpn = client;
        pair.client.alpn_size = sizeof(client) - 1;
        pair.server.alpn = server;
        pair.server.alpn_size = sizeof(server) - 1;
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        names_get(pair.client.session, &names);
        check(names.alpn_size == 8 && !memcmp(names.alpn, "http/1.1", 8), "size %u",
              names.alpn_size);
        names_get(pair.server.session, &names);
        check(names.alpn_size == 8 && !memcmp(names.alpn, "http/1.1", 8), "size %u",
              names.alpn_size);
        pair_release(&pair);
    }
}

static void alpn_mismatch(void)
{
    int i;

    for (i = 0; i < 2; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair.client.alpn = "\2h2";
        pair.client.alpn_size = 3;
        pair.server.alpn = "\3foo";
        pair.server.alpn_size = 4;
        check(!pair_run(&pair), "no common protocol");
        check_equal(pair.server.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
        check_equal(pair.server.last.alert, 120);
        check_equal(pair.server.session, 0);
        check_equal(pair.client.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
        check_equal(pair.client.last.alert_received, 1);
        pair_release(&pair);
    }
}

/* One side that knows nothing of ALPN is no mismatch. */
static void alpn_one_sided(void)
{
    struct tls_info info;
    int i;

    for (i = 0; i < 4; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i & 1]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        if (i & 2) {
            pair.client.alpn = "\2h2";
            pair.client.alpn_size = 3;
        } else {
            pair.server.alpn = "\3foo";
            pair.server.alpn_size = 4;
        }
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        info_get(pair.client.session, &info);
        check_equal(info.alpn_size, 0);
        pair_release(&pair);
    }
}

/* GnuTLS's limits for a client: 8 names of 31 bytes. */
static void alpn_limits(void)
{
    tls_u64 credentials = client_credentials(BOTH);
    struct tls_handshake params;
    struct tls_free session = {0};
    uint8_t list[256];
    uint32_t length;

    for (length = 1; length < 64; length++) {
        list[0] = (uint8_t)length;
        memset(list + 1, 'x', length);
        memset(&params, 0, sizeof(params));
        params.credentials = credentials;
        params.alpn = (tls_u64)(uintptr_t)list;
        params.alpn_size = length + 1;
        engine_call(TLS_CALL_HANDSHAKE, &params);
        check(params.status == (length < 32 ? SEC_I_CONTINUE_NEEDED : SEC_E_UNSUPPORTED_FUNCTION),
              "length %u: %x", length, params.status);
        session.object = params.session;
        engine_call(TLS_CALL_SESSION_FREE, &session);
    }
    memset(list, 1, sizeof(list)); /* names of one byte */
    for (length = 1; length < 20; length++) {
        memset(&params, 0, sizeof(params));
        params.credentials = credentials;
        params.alpn = (tls_u64)(uintptr_t)list;
        params.alpn_size = 2 * length;
        engine_call(TLS_CALL_HANDSHAKE, &params);
        check(params.status == (length <= 8 ? SEC_I_CONTINUE_NEEDED : SEC_E_UNSUPPORTED_FUNCTION),
              "%u names: %x", length, params.status);
        session.object = params.session;
        engine_call(TLS_CALL_SESSION_FREE, &session);
    }
    credentials_delete(credentials);
}

/* A server's list may be longer; it is the server's order that counts. */
static void alpn_long_server_list(void)
{
    static const char long_name[] = "\50abcdefghijabcdefghijabcdefghijabcdefghij";
    static const struct {
        const char *client, *chosen;
        int32_t server_status;
    } rows[] = {
        {"\1x\1j", "j", SEC_E_OK},
        {"\1l\1b\1k", "b", SEC_E_OK},
        {"\1z\2jj", NULL, SEC_E_APPLICATION_PROTOCOL_MISMATCH},
        {NULL, NULL, SEC_E_OK},
    };
    char list[100] = {0};
    size_t size = 0, i;
    int j, k;

    for (k = 0; k < 2; k++) {
        size = 0;
        for (i = 0; i < 12; i++) {
            list[size++] = 1;
            list[size++] = (char)('a' + i);
        }
        if (k) {
            memcpy(list + size, long_name, sizeof(long_name) - 1);
            size += sizeof(long_name) - 1;
        }
        for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
            for (j = 0; j < 2; j++) {
                struct pair pair = {0};
                struct tls_names names = {0};

                pair.client.credentials =
                    client_credentials(j ? TLS_PROTOCOL_TLS1_3 : TLS_PROTOCOL_TLS1_2);
                pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
                pair.client.alpn = rows[i].client;
                pair.client.alpn_size = rows[i].client ? (uint32_t)strlen(rows[i].client) : 0;
                pair.server.alpn = list;
                pair.server.alpn_size = (uint32_t)size;
                pair_run(&pair);
                check_equal(pair.server.status, rows[i].server_status);
                if (pair.server.status == SEC_E_OK) {
                    names_get(pair.client.session, &names);
                    check(names.alpn_size == (rows[i].chosen ? 1 : 0) &&
                              (!rows[i].chosen || names.alpn[0] == rows[i].chosen[0]),
                          "size %u", names.alpn_size);
                }
                pair_release(&pair);
            }
        }
    }
}

#define ALPN 16

/* What a server of that list answers a client of TLS 1.2 that offers those names; "": nothing. */
static void check_choice(const char *what, const void *own, size_t own_size, const uint8_t *names,
                         size_t names_size, const char *chosen, int32_t status)
{
    struct queue extension = {0}, hello;
    struct pair pair = {0};
    const uint8_t *answer;
    size_t size = 0;
    uint8_t length[2] = {(uint8_t)(names_size >> 8), (uint8_t)names_size};

    pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
    pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
    pair_join(&pair);
    pair.server.alpn = own;
    pair.server.alpn_size = (uint32_t)own_size;
    peer_leg(&pair.client);
    queue_add(&extension, length, sizeof(length));
    queue_add(&extension, names, names_size);
    hello = hello_with(&pair.to_server, 0, ALPN, extension.data, extension.size);
    queue_free(&pair.to_server);
    pair.to_server = hello;
    peer_leg(&pair.server);
    check(pair.server.status == status, "%s: %x", what, pair.server.status);
    answer = hello_answer_extension(pair.to_client.data, pair.to_client.size, ALPN, &size);
    if (*chosen)
        check(answer && size == 3 + strlen(chosen) && answer[2] == strlen(chosen) &&
                  !memcmp(answer + 3, chosen, strlen(chosen)),
              "%s: %zu bytes, expected %s", what, size, chosen);
    else
        check(!answer, "%s: a name of %zu bytes", what, size);
    queue_free(&extension);
    pair_release(&pair);
}

/* A client may offer as many and as long names as the format allows (65,535 bytes); the server
 * chooses by its own order, among what GnuTLS can answer with. */
static void alpn_long_client_list(void)
{
    static const char few[] = "\2h2\10http/1.1", both[] = "\50abcdefghijabcdefghijabcdefghij"
                                                          "abcdefghij\2h2";
    static const char longest[] = "\37abcdefghijabcdefghijabcdefghija";
    static uint8_t names[65535];
    size_t size, i;

    for (size = 0; size + 3 + 256 < sizeof(names) - 20; size += 256) {
        names[size] = 255;
        memset(names + size + 1, 'x', 255);
    }
    memcpy(names + size, "\10http/1.1", 9);
    check_choice("long names", few, sizeof(few) - 1, names, size + 9, "http/1.1",
                 SEC_I_CONTINUE_NEEDED);
    memcpy(names + size + 9, "\2h2", 3);
    check_choice("long names, two in common", few, sizeof(few) - 1, names, size + 12, "h2",
                 SEC_I_CONTINUE_NEEDED);
    check_choice("long names, none in common", few, sizeof(few) - 1, names, size, "",
                 SEC_E_APPLICATION_PROTOCOL_MISMATCH);

    for (i = 0; i + 1 < sizeof(names); i += 2) {
        names[i] = 1;
        names[i + 1] = 'y';
    }
    check_choice("many names, none in common", few, sizeof(few) - 1, names, 65000, "",
                 SEC_E_APPLICATION_PROTOCOL_MISMATCH);
    memcpy(names + 60000, "\2h2", 3);
    check_choice("many names", few, sizeof(few) - 1, names, 60003, "h2", SEC_I_CONTINUE_NEEDED);

    check_choice("as long as GnuTLS can answer", longest, sizeof(longest) - 1,
                 (const uint8_t *)longest, sizeof(longest) - 1, longest + 1, SEC_I_CONTINUE_NEEDED);
    check_choice("a longer one is passed over", both, sizeof(both) - 1, (const uint8_t *)both,
                 sizeof(both) - 1, "h2", SEC_I_CONTINUE_NEEDED);
    check_choice("nothing but a longer one", both, 41, (const uint8_t *)both, 41, "",
                 SEC_E_UNSUPPORTED_FUNCTION);
}

/* A ClientHello of TLS 1.2 that ends with this list of protocols. */
static size_t write_hello(uint8_t *out, const char *names, size_t size)
{
    const uint8_t fixed[] = {0, 0, 2, 0xc0, 0x30, 1, 0}; /* no session, a suite, no compression */
    const size_t extension = 2 + size, body = 2 + 32 + sizeof(fixed) + 2 + 4 + extension;
    uint8_t *at = out;

    *at++ = 22;
    *at++ = 3;
    *at++ = 3;
    *at++ = (uint8_t)((body + 4) >> 8);
    *at++ = (uint8_t)(body + 4);
    *at++ = 1;
    *at++ = 0;
    *at++ = (uint8_t)(body >> 8);
    *at++ = (uint8_t)body;
    *at++ = 3;
    *at++ = 3;
    memset(at, 7, 32);
    at += 32;
    memcpy(at, fixed, sizeof(fixed));
    at += sizeof(fixed);
    *at++ = 0;
    *at++ = (uint8_t)(4 + extension);
    *at++ = 0;
    *at++ = 16; /* application_layer_protocol_negotiation */
    *at++ = 0;
    *at++ = (uint8_t)extension;
    *at++ = 0;
    *at++ = (uint8_t)size;
    memcpy(at, names, size);
    return (size_t)(at - out) + size;
}

/* A server that reads the list itself: names too long to answer with, and over the end. */
static void alpn_strange_client_list(void)
{
    static const char long_name[] = "\50abcdefghijabcdefghijabcdefghijabcdefghij";
    static const char over_the_end[] = "\50abc";
    static const struct {
        const char *names;
        int32_t status;
    } rows[] = {{long_name, SEC_E_UNSUPPORTED_FUNCTION}, {over_the_end, 0}};
    char list[100] = {0};
    size_t size = 0;

    for (int i = 0; i < 12; i++) {
        list[size++] = 1;
        list[size++] = (char)('a' + i);
    }
    memcpy(list + size, long_name, sizeof(long_name) - 1);
    size += sizeof(long_name) - 1;
    for (size_t i = 0; i < 2; i++) {
        struct queue in = {0}, out = {0};
        struct peer peer = {.credentials = server_credentials(IDENTITY_RSA, BOTH),
                            .alpn = list,
                            .alpn_size = (uint32_t)size,
                            .input = &in,
                            .output = &out};
        uint8_t hello[200];

        queue_add(&in, hello, write_hello(hello, rows[i].names, strlen(rows[i].names)));
        peer_leg(&peer);
        check(rows[i].status ? peer.status == rows[i].status : peer.status < 0, "row %zu: %x", i,
              peer.status);
        peer_free(&peer);
        queue_free(&in);
        queue_free(&out);
        credentials_delete(peer.credentials);
    }
}

/* The same list in a hello of several records. */
static void alpn_of_a_divided_hello(void)
{
    char list[40] = {0};
    size_t size = 0;
    struct queue in = {0}, out = {0};
    struct peer peer = {.credentials = server_credentials(IDENTITY_RSA, BOTH),
                        .alpn = list,
                        .input = &in,
                        .output = &out};
    struct tls_names names;
    uint8_t hello[200];

    for (int i = 0; i < 12; i++) {
        list[size++] = 1;
        list[size++] = (char)('a' + i);
    }
    peer.alpn_size = (uint32_t)size;
    size = write_hello(hello, "\1z\1k", 4) - 5;
    for (size_t done = 0; done < size; done += 20) {
        const uint8_t part = (uint8_t)(size - done < 20 ? size - done : 20);
        const uint8_t header[] = {22, 3, 3, 0, part};

        queue_add(&in, header, sizeof(header));
        queue_add(&in, hello + 5 + done, part);
    }
    peer_leg(&peer);
    check_equal(peer.status, SEC_I_CONTINUE_NEEDED);
    names_get(peer.session, &names);
    check(names.alpn_size == 1 && names.alpn[0] == 'k', "%u bytes", names.alpn_size);
    peer_free(&peer);
    queue_free(&in);
    queue_free(&out);
    credentials_delete(peer.credentials);
}

static void server_name(void)
{
    static const char name[] = "xn--bcher-kva.example";
    struct tls_names names;
    int i;

    for (i = 0; i < 4; i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(protocols[i & 1]);
        pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
        pair.client.server_name = i & 2 ? NULL : name;
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        names_get(pair.server.session, &names);
        if (i & 2)
            check_equal(names.server_name_size, 0);
        else
            check(names.server_name_size == strlen(name) &&
                      !memcmp(names.server_name, name, strlen(name)),
                  "server saw %.*s", (int)names.server_name_size, names.server_name);
        names_get(pair.client.session, &names);
        check_equal(names.server_name_size, i & 2 ? 0 : strlen(name));
        pair_release(&pair);
    }
}

static void no_common_ground(void)
{
    struct pair version = {0}, suite = {0};
    enum identity_kind kind = IDENTITY_P256;

    version.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
    version.server.credentials = server_credentials(IDENTITY_P256, TLS_PROTOCOL_TLS1_3);
    check(!pair_run(&version), "versions");
    check_equal(version.server.status, SEC_E_UNSUPPORTED_FUNCTION);
    check_equal(version.client.status, SEC_E_UNSUPPORTED_FUNCTION);
    check_equal(version.client.last.alert, 70);
    pair_release(&version);

    memset(&version, 0, sizeof(version));
    version.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_3);
    version.server.credentials = server_credentials(IDENTITY_P256, TLS_PROTOCOL_TLS1_2);
    check(!pair_run(&version), "versions");
    check_equal(version.server.status, SEC_E_UNSUPPORTED_FUNCTION);
    check_equal(version.client.status, SEC_E_UNSUPPORTED_FUNCTION);
    pair_release(&version);

    suite.client.credentials = credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_3,
                                               ~(uint64_t)TLS_DISABLE_AES_128_GCM & 0x3f, 0, NULL);
    suite.server.credentials = credentials_new(TLS_SERVER, &kind, 1, TLS_PROTOCOL_TLS1_3,
                                               TLS_DISABLE_AES_128_GCM, 0, NULL);
    check(!pair_run(&suite), "suites");
    check_equal(suite.server.status, SEC_E_ALGORITHM_MISMATCH);
    check(suite.client.status == SEC_E_ILLEGAL_MESSAGE ||
              suite.client.status == SEC_E_ALGORITHM_MISMATCH,
          "client %x", suite.client.status);
    pair_release(&suite);
}

/* Every disabled algorithm is really gone, and what is left still works. */
static void disabled_algorithms(void)
{
    static const struct {
        uint64_t disabled;
        uint32_t protocols, suite, group;
    } rows[] = {
        {TLS_DISABLE_AES_256_GCM, TLS_PROTOCOL_TLS1_3, 0x1301, 0},
        {TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_128_GCM, TLS_PROTOCOL_TLS1_3, 0x1303, 0},
        {TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_128_GCM | TLS_DISABLE_CHACHA20_POLY1305,
         TLS_PROTOCOL_TLS1_3, 0x1304, 0},
        {TLS_DISABLE_AES_256_GCM, TLS_PROTOCOL_TLS1_2, 0xc02f, 0},
        {TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_128_GCM, TLS_PROTOCOL_TLS1_2, 0xcca8, 0},
        {0x7, TLS_PROTOCOL_TLS1_2, 0xc014, 0},
        {0x7 | TLS_DISABLE_AES_256_CBC, TLS_PROTOCOL_TLS1_2, 0xc013, 0},
        {TLS_DISABLE_KX_ECDHE, TLS_PROTOCOL_TLS1_2, 0x9f, 256},
        {TLS_DISABLE_KX_ECDHE | TLS_DISABLE_KX_DHE, TLS_PROTOCOL_TLS1_2, 0x9d, 0},
        {TLS_DISABLE_GROUP_SECP256R1, TLS_PROTOCOL_TLS1_3, 0x1302, 29},
        {TLS_DISABLE_GROUP_X25519, TLS_PROTOCOL_TLS1_3, 0x1302, 23},
        {TLS_DISABLE_GROUP_X25519 | TLS_DISABLE_GROUP_SECP256R1, TLS_PROTOCOL_TLS1_3, 0x1302, 24},
        {TLS_DISABLE_MAC_SHA1 | TLS_DISABLE_MAC_SHA256 | TLS_DISABLE_MAC_SHA384,
         TLS_PROTOCOL_TLS1_2, 0xc030, 0},
        {TLS_DISABLE_HASH_SHA256, TLS_PROTOCOL_TLS1_3, 0x1302, 0},
    };
    struct tls_info info;
    int32_t status;
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pair pair = {0};

        pair.client.credentials =
            credentials_new(TLS_CLIENT, NULL, 0, rows[i].protocols, rows[i].disabled, 0, &status);
        check_equal(status, SEC_E_OK);
        pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
        check(pair_run(&pair), "row %zu: client %x server %x", i, pair.client.status,
              pair.server.status);
        info_get(pair.client.session, &info);
        check(info.cipher_suite == rows[i].suite, "row %zu: suite %x", i, info.cipher_suite);
        if (rows[i].group)
            check(info.group == rows[i].group, "row %zu: group %u", i, info.group);
        check(info.exchange_bits >= (rows[i].suite == 0x9d ? 2048 : 250), "row %zu: bits %u", i,
              info.exchange_bits);
        check(transfer(&pair.client, &pair.server, 777), "row %zu: to server", i);
        check(transfer(&pair.server, &pair.client, 1), "row %zu: to client", i);
        pair_release(&pair);
    }
}

/* Suites that go on behind the end of their hello. */
static void hello_of_too_many_suites(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P256};
    struct pair pair = {0};
    size_t at;

    pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
    pair.server.credentials =
        credentials_new(TLS_SERVER, kinds, 2, TLS_PROTOCOL_TLS1_2, 0, 0, NULL);
    pair_join(&pair);
    peer_leg(&pair.client);
    at = 5 + 4 + 34;
    at += 1u + pair.to_server.data[at];
    pair.to_server.data[at] = 0xff;
    pair.to_server.data[at + 1] = 0xfe;
    peer_leg(&pair.server);
    check(pair.server.status < 0, "status %x", pair.server.status);
    pair_release(&pair);
}

/* A server's session id of 255 bytes. */
static void hello_of_a_long_id(void)
{
    uint8_t hello[5 + 4 + 34 + 1 + 255 + 3] = {22, 3, 3, 1, 41, 2, 0, 1, 37, 3, 3};
    struct pair pair = {0};

    memset(hello + 11, 0x41, sizeof(hello) - 11);
    hello[5 + 4 + 34] = 255;
    pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
    pair.client.output = &pair.to_server;
    pair.client.input = &pair.to_client;
    peer_leg(&pair.client);
    queue_add(&pair.to_client, hello, sizeof(hello));
    peer_leg(&pair.client);
    check(pair.client.status < 0, "status %x", pair.client.status);
    pair_release(&pair);
}

/* A client of SHA-1 alone is served by default, and not by a server that has it off. */
static void disabled_sha1(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P256};
    const uint64_t others = TLS_DISABLE_HASH_SHA256 | TLS_DISABLE_HASH_SHA384 |
                            TLS_DISABLE_HASH_SHA512 | TLS_DISABLE_KX_RSA;
    struct tls_info info;

    for (int i = 0; i < 2; i++) {
        for (int off = 0; off < 2; off++) {
            struct pair pair = {0};

            pair.client.credentials =
                credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_2, others, 0, NULL);
            pair.server.credentials = credentials_new(TLS_SERVER, &kinds[i], 1, TLS_PROTOCOL_TLS1_2,
                                                      off ? TLS_DISABLE_HASH_SHA1 : 0, 0, NULL);
            check_equal(pair_run(&pair), !off);
            if (!off) {
                info_get(pair.client.session, &info);
                check_equal(info.signature, i ? 0x0203 : 0x0201);
            }
            pair_release(&pair);
        }
    }
}

static void bad_credentials(void)
{
    const struct identity *rsa = identity_get(IDENTITY_RSA),
                          *other = identity_get(IDENTITY_OTHER_RSA);
    struct tls_blob chain = {(tls_u64)(uintptr_t)rsa->chain[0].data, rsa->chain[0].size, 0};
    struct tls_key keys[2] = {{.chain = (tls_u64)(uintptr_t)&chain, .chain_count = 1}};
    struct tls_credentials_create params = {
        .keys = (tls_u64)(uintptr_t)keys, .key_count = 2, .role = TLS_SERVER, .protocols = BOTH};
    int32_t status;

    keys[0].key.data = (tls_u64)(uintptr_t)rsa->key.data;
    keys[0].key.size = rsa->key.size;
    keys[1] = keys[0];
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_OK);
    credentials_delete(params.credentials);

    keys[1].key.data = (tls_u64)(uintptr_t)other->key.data;
    keys[1].key.size = other->key.size;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);
    check_equal(params.failed_key, 1);
    check_equal(params.credentials, 0);

    keys[1] = keys[0];
    keys[1].key.size--;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);
    chain.size = 10;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);
    check_equal(params.failed_key, 0);
    keys[0].chain_count = 17;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);
    params.key_count = 0;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);

    credentials_new(TLS_CLIENT, NULL, 0, 0, 0, 0, &status);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    credentials_new(TLS_CLIENT, NULL, 0, BOTH, 0x7f, 0, &status);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    /* CBC without a MAC is nothing. */
    credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_2,
                    0x7 | TLS_DISABLE_AES_CCM | TLS_DISABLE_MAC_SHA1 | TLS_DISABLE_MAC_SHA256 |
                        TLS_DISABLE_MAC_SHA384,
                    0, &status);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    credentials_new((enum tls_role)2, NULL, 0, BOTH, 0, 0, &status);
    check_equal(status, SEC_E_INVALID_PARAMETER);
}

static void bad_parameters(void)
{
    tls_u64 client = client_credentials(BOTH);
    struct tls_handshake params = {0};

    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_E_INVALID_HANDLE);

    params.credentials = client;
    params.action = TLS_ACTION_VERDICT;
    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_E_INVALID_HANDLE);

    params.action = TLS_ACTION_HANDSHAKE;
    params.alpn = (tls_u64)(uintptr_t) "\5h2";
    params.alpn_size = 3;
    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_E_INVALID_PARAMETER);
    check_equal(params.session, 0);

    params.alpn = 0;
    params.server_name = (tls_u64)(uintptr_t) "a\0b";
    params.server_name_size = 3;
    engine_call(TLS_CALL_HANDSHAKE, &params);
    check_equal(params.status, SEC_E_INVALID_PARAMETER);
    check_equal(params.session, 0);
    credentials_delete(client);
}

/* Schannel's order counts, not the client's. */
static void server_chooses(void)
{
    struct queue up = {0}, down = {0};
    struct native native = {.input = &down, .output = &up};
    struct peer peer = {
        .credentials = server_credentials(IDENTITY_RSA, BOTH), .input = &up, .output = &down};
    struct tls_info info;

    native_init(&native, GNUTLS_CLIENT,
                "NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM", NULL);
    check(native_run(&native, &peer), "%x", peer.status);
    info_get(peer.session, &info);
    check_equal(info.cipher_suite, 0xc030);
    peer_free(&peer);
    native_free(&native);
    queue_free(&up);
    queue_free(&down);
    credentials_delete(peer.credentials);
}

int main(void)
{
    RUN(alpn);
    RUN(alpn_mismatch);
    RUN(alpn_one_sided);
    RUN(alpn_limits);
    RUN(alpn_long_server_list);
    RUN(alpn_long_client_list);
    RUN(alpn_strange_client_list);
    RUN(alpn_of_a_divided_hello);
    RUN(server_name);
    RUN(no_common_ground);
    RUN(disabled_algorithms);
    RUN(disabled_sha1);
    RUN(hello_of_too_many_suites);
    RUN(hello_of_a_long_id);
    RUN(server_chooses);
    RUN(bad_credentials);
    RUN(bad_parameters);
    identities_free();
    return check_summary();
}
