/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The buffers of InitializeSecurityContext and AcceptSecurityContext for Schannel: shapes, flags,
 * input in pieces, output that does not fit.
 */
#include "kit/pair.h"
#include "kit/tally.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

/* Rule 4: what was asked for and honoured is returned; of the rest only two flags of a client. */
static void test_rule4_client_attributes(void)
{
    const ULONG unasked = ISC_RET_REPLAY_DETECT | ISC_RET_SEQUENCE_DETECT;
    static const ULONG flags[] = {ISC_REQ_REPLAY_DETECT,   ISC_REQ_SEQUENCE_DETECT,
                                  ISC_REQ_CONFIDENTIALITY, ISC_REQ_STREAM,
                                  ISC_REQ_EXTENDED_ERROR,  ISC_REQ_ALLOCATE_MEMORY};
    ULONG set, honoured = 0;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(flags); i++)
        honoured |= flags[i];
    for (set = 0; set < 1u << ARRAY_SIZE(flags); set++) {
        struct side_options client = {0}, server = {0};
        struct pair pair;

        for (i = 0; i < ARRAY_SIZE(flags); i++)
            if (set & 1u << i)
                client.flags |= flags[i];
        /* 0 stands for the usual ones there. */
        if (!client.flags)
            continue;
        client.protocols = versions[set % 2];
        server.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
        winetest_push_context("request %#lx", client.flags);
        if (pair_create(&pair, &client, &server)) {
            side_leg(&pair.client);
            ok(pair.client.status == SEC_I_CONTINUE_NEEDED, "%s\n",
               status_name(pair.client.status));
            ok((pair.client.attributes & honoured) == (client.flags | unasked),
               "first leg: attributes %#lx\n", pair.client.attributes);
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
            ok((pair.client.attributes & honoured) == (client.flags | unasked),
               "last leg: attributes %#lx\n", pair.client.attributes);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* A client's flags of the first call hold for the others. */
static void test_rule4_later_attributes(DWORD version)
{
    const struct side_options client = {.protocols = version,
                                        .flags = ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM};
    const struct side_options server = {.protocols = version,
                                        .certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
    const ULONG expected = ISC_RET_CONFIDENTIALITY | ISC_RET_STREAM | ISC_RET_REPLAY_DETECT |
                           ISC_RET_SEQUENCE_DETECT | ISC_RET_USED_SUPPLIED_CREDS;
    struct pair pair;

    if (pair_create(&pair, &client, &server)) {
        side_leg(&pair.client);
        pair.client.options.flags = ISC_REQ_USE_SUPPLIED_CREDS;
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        ok(pair.client.attributes == expected, "attributes %#lx\n", pair.client.attributes);
    }
    pair_destroy(&pair);
}

static void test_rule4_server_attributes(void)
{
    static const ULONG flags[] = {ASC_REQ_REPLAY_DETECT,   ASC_REQ_SEQUENCE_DETECT,
                                  ASC_REQ_CONFIDENTIALITY, ASC_REQ_STREAM,
                                  ASC_REQ_EXTENDED_ERROR,  ASC_REQ_ALLOCATE_MEMORY};
    ULONG set, honoured = 0;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(flags); i++)
        honoured |= flags[i];
    for (set = 0; set < 1u << ARRAY_SIZE(flags); set++) {
        struct side_options client = {.protocols = versions[set % 2]}, server = {0};
        struct pair pair;

        for (i = 0; i < ARRAY_SIZE(flags); i++)
            if (set & 1u << i)
                server.flags |= flags[i];
        if (!server.flags)
            continue;
        server.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
        winetest_push_context("request %#lx", server.flags);
        if (pair_create(&pair, &client, &server)) {
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
            ok((pair.server.attributes & honoured) == server.flags, "attributes %#lx\n",
               pair.server.attributes);
            ok(!(pair.server.attributes & ASC_RET_MUTUAL_AUTH), "attributes %#lx\n",
               pair.server.attributes);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* Rule 5: no context from half a ClientHello. */
static void test_rule5_incomplete_client_hello(void)
{
    const CtxtHandle untouched = {0x1111, 0x2222};
    struct pair pair;
    DWORD size, fed;

    if (!pair_create_quick(&pair, 0)) {
        pair_destroy(&pair);
        return;
    }
    side_leg(&pair.client);
    size = pair.server.inbox_size;
    ok(size > 100, "a ClientHello of %lu bytes\n", size);
    for (fed = 1; fed < size; fed++) {
        SECURITY_STATUS status;
        struct leg leg;

        winetest_push_context("%lu of %lu bytes", fed, size);
        pair.server.feed = fed;
        leg_begin(&pair.server, &leg);
        leg.new_context = untouched;
        status = leg_call(&pair.server, &leg);
        ok(status == SEC_E_INCOMPLETE_MESSAGE, "%s\n", status_name(status));
        ok(!memcmp(&leg.new_context, &untouched, sizeof(untouched)), "there is a context\n");
        ok(!leg.out[0].pvBuffer, "there is output\n");
        if (leg.in[1].BufferType == SECBUFFER_MISSING)
            ok(leg.in[1].cbBuffer && fed + leg.in[1].cbBuffer <= size, "%lu are missing\n",
               leg.in[1].cbBuffer);
        leg_end(&pair.server, &leg, status);
        winetest_pop_context();
    }
    pair.server.feed = 0;
    ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
       status_name(pair.server.status));
    pair_destroy(&pair);
}

/* One more byte with each call, both sides. */
static void test_byte_by_byte(void)
{
    unsigned int i, calls = 0;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        struct side *side;
        struct pair pair;

        winetest_push_context("%s", version_name(versions[i]));
        if (!pair_create_quick(&pair, versions[i])) {
            pair_destroy(&pair);
            winetest_pop_context();
            continue;
        }
        side = &pair.client;
        side_leg(side);
        for (side = side->peer; calls < 100000; calls++) {
            const DWORD before = side->inbox_size;
            SECURITY_STATUS status;

            if (!before || side->status == SEC_E_OK) {
                /* Nothing more to do here: the other side's turn, or the end. */
                if (!side->peer->inbox_size || side->peer->status == SEC_E_OK)
                    break;
                side = side->peer;
                side->feed = 0;
                continue;
            }
            side->feed++;
            status = side_leg(side);
            ok(status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED ||
                   status == SEC_E_INCOMPLETE_MESSAGE,
               "%s\n", status_name(status));
            if (side->inbox_size != before)
                side->feed = 0;
            else if (status != SEC_E_INCOMPLETE_MESSAGE)
                break;
        }
        ok(pair.client.status == SEC_E_OK && pair.server.status == SEC_E_OK,
           "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        pair.client.feed = pair.server.feed = 0;
        if (pair_handshake(&pair))
            pair_exchange(&pair.client, &pair.server, 100);
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* The server's first flight in two pieces, cut at every byte. */
static void test_split_server_flight(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        DWORD cut = 1, size = 2;

        for (; cut < size; cut++) {
            struct pair pair;
            DWORD before;

            winetest_push_context("%s, %lu of %lu bytes", version_name(versions[i]), cut, size);
            if (pair_create_quick(&pair, versions[i])) {
                side_leg(&pair.client);
                side_leg(&pair.server);
                size = before = pair.client.inbox_size;
                pair.client.feed = cut;
                side_leg(&pair.client);
                /* Behind TLS 1.3's Finished come tickets, which the handshake does not need. */
                ok(pair.client.status == SEC_E_INCOMPLETE_MESSAGE ||
                       pair.client.status == SEC_I_CONTINUE_NEEDED ||
                       (pair.client.status == SEC_E_OK && versions[i] == SIDE_TLS1_3),
                   "%s\n", status_name(pair.client.status));
                ok(before - pair.client.inbox_size <= cut, "it took what it was not given\n");
                pair.client.feed = 0;
                ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
                   status_name(pair.server.status));
            } else {
                size = 0;
            }
            pair_destroy(&pair);
            winetest_pop_context();
        }
    }
}

/* Application data that came with the last flight is not the handshake's. */
static void test_extra(void)
{
    static const BYTE spare[] = {WIRE_DATA, 3, 3, 0, 40, 1, 2, 3};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        SECURITY_STATUS status;
        struct pair pair;
        struct leg leg;
        DWORD size;

        winetest_push_context("%s", version_name(versions[i]));
        if (pair_create_quick(&pair, versions[i])) {
            while (pair.client.status == SEC_I_CONTINUE_NEEDED &&
                   pair.server.status == SEC_I_CONTINUE_NEEDED) {
                side_leg(&pair.client);
                if (pair.client.status == SEC_E_OK)
                    break;
                if (pair.server.have_context)
                    break;
                side_leg(&pair.server);
            }
            /* The server's last leg is to come. */
            ok(pair.server.status == SEC_I_CONTINUE_NEEDED, "server: %s\n",
               status_name(pair.server.status));
            size = pair.server.inbox_size;
            side_deliver(&pair.server, spare, sizeof(spare));
            leg_begin(&pair.server, &leg);
            status = leg_call(&pair.server, &leg);
            ok(status == SEC_E_OK, "last leg: %s\n", status_name(status));
            ok(leg.in[1].BufferType == SECBUFFER_EXTRA, "buffer type %lu\n", leg.in[1].BufferType);
            ok(leg.in[1].cbBuffer == sizeof(spare), "%lu bytes extra\n", leg.in[1].cbBuffer);
            ok(!memcmp(leg.copy + size, spare, sizeof(spare)), "the extra bytes have changed\n");
            leg_end(&pair.server, &leg, status);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

enum first_shape {
    SHAPE_NULL,
    SHAPE_ONE_EMPTY,
    SHAPE_NO_BUFFERS,
    SHAPE_EMPTY_TOKEN,
    SHAPE_ALPN_0,
    SHAPE_ALPN_1,
    SHAPE_ALPN_2,
    SHAPE_COUNT
};

static void shape_first_call(struct leg *leg, enum first_shape shape)
{
    const SecBuffer empty = {0, SECBUFFER_EMPTY, NULL}, token = {0, SECBUFFER_TOKEN, NULL};
    const SecBuffer alpn = leg->in[0];

    leg->input_pointer = shape == SHAPE_NULL ? NULL : &leg->input;
    leg->input.cBuffers = 0;
    switch (shape) {
    case SHAPE_ONE_EMPTY:
        leg->in[leg->input.cBuffers++] = empty;
        break;
    case SHAPE_EMPTY_TOKEN:
        leg->in[leg->input.cBuffers++] = token;
        leg->in[leg->input.cBuffers++] = empty;
        break;
    case SHAPE_ALPN_0:
        leg->in[leg->input.cBuffers++] = alpn;
        leg->in[leg->input.cBuffers++] = empty;
        break;
    case SHAPE_ALPN_1:
        leg->in[leg->input.cBuffers++] = empty;
        leg->in[leg->input.cBuffers++] = alpn;
        break;
    case SHAPE_ALPN_2:
        leg->in[leg->input.cBuffers++] = token;
        leg->in[leg->input.cBuffers++] = empty;
        leg->in[leg->input.cBuffers++] = alpn;
        break;
    default:
        break;
    }
}

/* Rule 6: how programs make their first call, with an output buffer that is TOKEN or EMPTY. */
static void test_rule6_first_call_shapes(void)
{
    enum first_shape shape;
    ULONG output_type;

    for (shape = SHAPE_NULL; shape < SHAPE_COUNT; shape++)
        for (output_type = SECBUFFER_EMPTY; output_type <= SECBUFFER_TOKEN;
             output_type += SECBUFFER_TOKEN) {
            struct side_options client = {.alpn = "h2"}, server = {.alpn = "h2"};
            SECURITY_STATUS status;
            const BYTE *alpn;
            struct pair pair;
            struct leg leg;
            DWORD size;

            winetest_push_context("shape %d, output type %lu", shape, output_type);
            server.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
            if (pair_create(&pair, &client, &server)) {
                leg_begin(&pair.client, &leg);
                shape_first_call(&leg, shape);
                leg.out[0].BufferType = output_type;
                status = leg_call(&pair.client, &leg);
                ok(status == SEC_I_CONTINUE_NEEDED, "%s\n", status_name(status));
                ok(leg.out[0].BufferType == SECBUFFER_TOKEN, "output became type %lu\n",
                   leg.out[0].BufferType);
                leg_end(&pair.client, &leg, status);
                alpn = wire_hello_extension(pair.server.inbox, pair.server.inbox_size, 16, &size);
                ok(!alpn == (shape < SHAPE_ALPN_0), "ALPN is %s\n", alpn ? "sent" : "not sent");
                ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
                   status_name(pair.server.status));
            }
            pair_destroy(&pair);
            winetest_pop_context();
        }
}

/* The new context of later calls: NULL, the same variable, another one. */
static void check_later_call(struct side *side, unsigned int variant)
{
    CtxtHandle copy = {0, 0}, *new_context = NULL;
    SECURITY_STATUS status;
    struct leg leg;

    leg_begin(side, &leg);
    if (variant == 1)
        new_context = &side->context;
    else if (variant == 2)
        new_context = &copy;
    /* TOKEN need not be the first: EMPTY in front, which becomes the EXTRA. */
    leg.in[2] = leg.in[0];
    leg.in[0] = leg.in[1];
    leg.in[1] = leg.in[2];
    leg.in[2] = leg.in[0];
    leg.input.cBuffers = 3;
    if (side->role == SIDE_CLIENT)
        status = InitializeSecurityContextW(variant ? NULL : &side->credentials, &side->context,
                                            (SEC_WCHAR *)L"localhost", side->options.flags, 0, 0,
                                            &leg.input, 0, new_context, &leg.output,
                                            &leg.attributes, variant ? NULL : &leg.expiry);
    else
        status = AcceptSecurityContext(&side->credentials, &side->context, &leg.input,
                                       side->options.flags, 0, new_context, &leg.output,
                                       &leg.attributes, variant ? NULL : &leg.expiry);
    ok(status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED, "%s\n", status_name(status));
    if (variant == 2)
        ok(!memcmp(&copy, &side->context, sizeof(copy)), "another handle\n");
    leg_end(side, &leg, status);
}

static void test_rule6_later_calls(void)
{
    unsigned int variant, i, rounds;

    for (i = 0; i < ARRAY_SIZE(versions); i++)
        for (variant = 0; variant < 3; variant++) {
            struct pair pair;

            winetest_push_context("%s, variant %u", version_name(versions[i]), variant);
            if (pair_create_quick(&pair, versions[i])) {
                side_leg(&pair.client);
                side_leg(&pair.server);
                for (rounds = 0; rounds < 5; rounds++) {
                    if (pair.client.inbox_size && pair.client.status == SEC_I_CONTINUE_NEEDED)
                        check_later_call(&pair.client, variant);
                    if (pair.server.inbox_size && pair.server.status == SEC_I_CONTINUE_NEEDED)
                        check_later_call(&pair.server, variant);
                }
                ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
                   status_name(pair.server.status));
            }
            pair_destroy(&pair);
            winetest_pop_context();
        }
}

/* One leg whose output buffer is too small a few times before it is large enough. */
static SECURITY_STATUS leg_with_small_output(struct side *side)
{
    static const DWORD sizes[] = {1, 2, 20};
    const DWORD inbox_size = side->inbox_size;
    SECURITY_STATUS status;
    struct leg leg;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(sizes); i++) {
        leg_begin(side, &leg);
        leg.out[0].cbBuffer = sizes[i];
        memset(leg.token, 0xcc, SIDE_OUTPUT_SIZE);
        status = leg_call(side, &leg);
        ok(status == SEC_E_BUFFER_TOO_SMALL, "%lu bytes of output: %s\n", sizes[i],
           status_name(status));
        ok(leg.token[sizes[i]] == 0xcc, "%lu bytes of output: written beyond\n", sizes[i]);
        leg_end(side, &leg, status);
        if (status != SEC_E_BUFFER_TOO_SMALL)
            return status;
        ok(side->inbox_size == inbox_size, "the input is gone\n");
    }
    return side_leg(side);
}

/* Rule 10: nothing is lost, the same input comes again with a larger buffer. */
static void test_rule10_small_output(void)
{
    unsigned int i, rounds;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        struct side_options client = {.protocols = versions[i],
                                      .flags = SIDE_CLIENT_FLAGS & ~ISC_REQ_ALLOCATE_MEMORY};
        struct side_options server = {.flags = SIDE_SERVER_FLAGS & ~ASC_REQ_ALLOCATE_MEMORY,
                                      .certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
        struct pair pair;

        winetest_push_context("%s", version_name(versions[i]));
        if (pair_create(&pair, &client, &server)) {
            leg_with_small_output(&pair.client);
            ok(wire_is_records(pair.server.inbox, pair.server.inbox_size), "broken flight\n");
            leg_with_small_output(&pair.server);
            ok(wire_is_records(pair.client.inbox, pair.client.inbox_size), "broken flight\n");
            leg_with_small_output(&pair.client);
            ok(wire_is_records(pair.server.inbox, pair.server.inbox_size), "broken flight\n");
            for (rounds = 0; rounds < 3 && pair.server.status == SEC_I_CONTINUE_NEEDED; rounds++)
                side_leg(&pair.server);
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
            if (pair.client.status == SEC_E_OK && pair.server.status == SEC_E_OK) {
                pair_exchange(&pair.client, &pair.server, 1000);
                pair_exchange(&pair.server, &pair.client, 1000);
            }
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* While the buffer was made larger more may have arrived: that is EXTRA, and nothing else is. Who
 * comes with less is told what is missing. */
static void test_rule10_more_input(void)
{
    static const BYTE more[] = {0x17, 3, 3, 0x40};
    struct side_options client = {.protocols = SIDE_TLS1_2,
                                  .flags = SIDE_CLIENT_FLAGS & ~ISC_REQ_ALLOCATE_MEMORY};
    SECURITY_STATUS status;
    struct pair pair;
    struct leg leg;

    if (pair_create(&pair, &client, NULL)) {
        side_leg(&pair.client);
        side_leg(&pair.server);
        leg_begin(&pair.client, &leg);
        leg.out[0].cbBuffer = 1;
        status = leg_call(&pair.client, &leg);
        ok(status == SEC_E_BUFFER_TOO_SMALL, "%s\n", status_name(status));
        leg_end(&pair.client, &leg, status);

        pair.client.feed = pair.client.inbox_size - 1;
        leg_begin(&pair.client, &leg);
        status = leg_call(&pair.client, &leg);
        ok(status == SEC_E_INCOMPLETE_MESSAGE, "a byte less: %s\n", status_name(status));
        ok(leg.in[1].BufferType == SECBUFFER_MISSING && leg.in[1].cbBuffer == 1,
           "buffer of type %lu, %lu bytes\n", leg.in[1].BufferType, leg.in[1].cbBuffer);
        leg_end(&pair.client, &leg, status);
        pair.client.feed = 0;

        side_deliver(&pair.client, more, sizeof(more));
        leg_begin(&pair.client, &leg);
        status = leg_call(&pair.client, &leg);
        ok(status == SEC_I_CONTINUE_NEEDED, "%s\n", status_name(status));
        ok(leg.in[1].BufferType == SECBUFFER_EXTRA && leg.in[1].cbBuffer == sizeof(more),
           "buffer of type %lu, %lu bytes\n", leg.in[1].BufferType, leg.in[1].cbBuffer);
        leg_end(&pair.client, &leg, status);
        side_consume(&pair.client, sizeof(more));
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
    }
    pair_destroy(&pair);
}

/* A leg whose output has no memory, whatever its size says, and nobody has asked for any. */
static void leg_without_memory(struct side *side, DWORD size)
{
    SECURITY_STATUS status;
    void *token;
    struct leg leg;

    leg_begin(side, &leg);
    leg.out[0].pvBuffer = NULL;
    leg.out[0].cbBuffer = size;
    status = leg_call(side, &leg);
    ok(status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED, "%s\n", status_name(status));
    token = leg.out[0].pvBuffer;
    ok(!token == !leg.out[0].cbBuffer, "%p, %lu bytes\n", token, leg.out[0].cbBuffer);
    ok(!token || wire_is_records(token, leg.out[0].cbBuffer), "broken flight\n");
    leg_end(side, &leg, status);
    if (token)
        ok(FreeContextBuffer(token) == SEC_E_OK, "FreeContextBuffer\n");
}

static void test_no_memory(void)
{
    static const DWORD sizes[] = {0, 1000, 8192};
    unsigned int i, rounds;

    for (i = 0; i < 2 * ARRAY_SIZE(sizes); i++) {
        const DWORD size = sizes[i / 2];
        struct side_options client = {.protocols = versions[i % 2],
                                      .flags = SIDE_CLIENT_FLAGS & ~ISC_REQ_ALLOCATE_MEMORY};
        struct side_options server = {.flags = SIDE_SERVER_FLAGS & ~ASC_REQ_ALLOCATE_MEMORY,
                                      .certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
        struct pair pair;

        winetest_push_context("%s, %lu bytes", version_name(versions[i % 2]), size);
        if (pair_create(&pair, &client, &server)) {
            leg_without_memory(&pair.client, size);
            for (rounds = 0; rounds < 3; rounds++) {
                if (pair.server.inbox_size && pair.server.status == SEC_I_CONTINUE_NEEDED)
                    leg_without_memory(&pair.server, size);
                if (pair.client.inbox_size && pair.client.status == SEC_I_CONTINUE_NEEDED)
                    leg_without_memory(&pair.client, size);
            }
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* A leg with an output buffer of 0 bytes, and memory; then as it should be. */
static void leg_with_nothing(struct side *side, unsigned int which)
{
    const DWORD inbox_size = side->inbox_size;
    SECURITY_STATUS status;
    struct leg leg;

    leg_begin(side, &leg);
    leg.out[which].cbBuffer = 0;
    status = leg_call(side, &leg);
    ok(status == SEC_E_INSUFFICIENT_MEMORY, "buffer %u: %s\n", which, status_name(status));
    ok(!leg.new_context.dwLower && !leg.new_context.dwUpper, "a context\n");
    /* The input is to be given again. */
    leg_end(side, &leg, SEC_E_BUFFER_TOO_SMALL);
    ok(side->inbox_size == inbox_size, "the input is gone\n");
    side_leg(side);
}

static void test_no_bytes(void)
{
    unsigned int i;

    for (i = 0; i < 4; i++) {
        struct side_options client = {.protocols = versions[i % 2],
                                      .flags = SIDE_CLIENT_FLAGS & ~ISC_REQ_ALLOCATE_MEMORY,
                                      .alert = TRUE};
        struct side_options server = {.flags = SIDE_SERVER_FLAGS & ~ASC_REQ_ALLOCATE_MEMORY,
                                      .certificates = {test_cert_localhost(TEST_KEY_ECDSA)},
                                      .alert = TRUE};
        struct pair pair;

        winetest_push_context("%s, %s", version_name(versions[i % 2]), i / 2 ? "ALERT" : "TOKEN");
        if (pair_create(&pair, &client, &server)) {
            leg_with_nothing(&pair.client, i / 2);
            leg_with_nothing(&pair.server, i / 2);
            leg_with_nothing(&pair.client, i / 2);
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* Output into the caller's memory says how much of it is used and leaves the rest alone. */
static void test_callers_output(void)
{
    struct side_options options = {.flags = SIDE_CLIENT_FLAGS & ~ISC_REQ_ALLOCATE_MEMORY};
    SECURITY_STATUS status;
    struct side client;
    struct leg leg;

    status = side_acquire(&client, SIDE_CLIENT, &options);
    ok(status == SEC_E_OK, "no credentials: %s\n", status_name(status));
    leg_begin(&client, &leg);
    memset(leg.token, 0xcc, SIDE_OUTPUT_SIZE);
    status = leg_call(&client, &leg);
    ok(status == SEC_I_CONTINUE_NEEDED, "first leg: %s\n", status_name(status));
    ok(leg.out[0].pvBuffer == leg.token, "the buffer moved\n");
    ok(wire_is_records(leg.token, leg.out[0].cbBuffer), "output of %lu bytes\n",
       leg.out[0].cbBuffer);
    ok(leg.token[leg.out[0].cbBuffer] == 0xcc, "it wrote more than it says\n");
    ok(!(leg.attributes & ISC_RET_ALLOCATED_MEMORY), "attributes %#lx\n", leg.attributes);
    leg_end(&client, &leg, status);
    side_free(&client);
}

/* Descriptors that cannot be are an error, never a crash. */
static void test_impossible_descriptors(void)
{
    SecBuffer token = {100, SECBUFFER_TOKEN, NULL};
    SecBufferDesc no_buffers = {SECBUFFER_VERSION, 2, NULL};
    SecBufferDesc no_memory = {SECBUFFER_VERSION, 1, &token};
    SECURITY_STATUS status;
    struct pair pair;
    struct leg leg;

    if (!winetest_platform_is_wine)
        return;
    if (pair_create_quick(&pair, 0)) {
        leg_begin(&pair.client, &leg);
        leg.input_pointer = &no_buffers;
        status = leg_call(&pair.client, &leg);
        ok(FAILED(status), "buffers without memory: %s\n", status_name(status));
        leg_end(&pair.client, &leg, status);

        leg_begin(&pair.client, &leg);
        status =
            InitializeSecurityContextW(&pair.client.credentials, NULL, NULL, SIDE_CLIENT_FLAGS, 0,
                                       0, NULL, 0, &leg.new_context, NULL, &leg.attributes, NULL);
        ok(status == SEC_E_INVALID_TOKEN, "no output: %s\n", status_name(status));
        leg_end(&pair.client, &leg, status);

        leg_begin(&pair.server, &leg);
        leg.input_pointer = &no_memory;
        status = leg_call(&pair.server, &leg);
        ok(FAILED(status), "a token without memory: %s\n", status_name(status));
        leg_end(&pair.server, &leg, status);

        leg_begin(&pair.server, &leg);
        status = AcceptSecurityContext(&pair.server.credentials, NULL, NULL, SIDE_SERVER_FLAGS, 0,
                                       &leg.new_context, &leg.output, &leg.attributes, NULL);
        ok(FAILED(status), "no input: %s\n", status_name(status));
        leg_end(&pair.server, &leg, status);

        /* None of these began a context, so both sides can still do so. */
        pair.client.status = pair.server.status = SEC_I_CONTINUE_NEEDED;

        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
    }
    pair_destroy(&pair);
}

/* One InitializeSecurityContext with an output of that size: in input[0] `bytes`, input[1] is
 * EMPTY. A call that fails leaves *given alone. */
static SECURITY_STATUS call_with(struct side *client, BYTE *bytes, ULONG size, ULONG output_size,
                                 SecBuffer input[2], SecBuffer *out, CtxtHandle *given)
{
    static BYTE memory[8192];
    SecBufferDesc in = {SECBUFFER_VERSION, 2, input}, output = {SECBUFFER_VERSION, 1, out};
    ULONG attributes;

    input[0] = (SecBuffer){size, SECBUFFER_TOKEN, bytes};
    input[1] = (SecBuffer){0, SECBUFFER_EMPTY, NULL};
    *out = (SecBuffer){output_size, SECBUFFER_TOKEN, memory};
    *given = (CtxtHandle){0x1111, 0x2222};
    return InitializeSecurityContextW(
        &client->credentials, client->have_context ? &client->context : NULL,
        (SEC_WCHAR *)L"localhost", ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM, 0, 0,
        bytes ? &in : NULL, 0, given, &output, &attributes, NULL);
}

/* What a client's second call says to less than a record, and to what is none. */
static void test_second_call(void)
{
    const struct side_options options = {.version = SCHANNEL_CRED_VERSION};
    static BYTE bytes[8192];
    static const BYTE header[] = {0x16, 3, 3, 1, 0};
    static const struct {
        ULONG size, missing; /* missing 0: more than a header */
    } cases[] = {{0, 5}, {4, 1}, {5, 0}};
    struct side client = {0};
    SecBuffer input[2], out;
    SECURITY_STATUS status;
    CtxtHandle given;
    unsigned int i;

    if (side_acquire(&client, SIDE_CLIENT, &options))
        goto done;
    status = call_with(&client, NULL, 0, 10, input, &out, &given);
    ok(status == SEC_E_BUFFER_TOO_SMALL, "an output of 10 bytes: %s\n", status_name(status));
    status = call_with(&client, NULL, 0, 8192, input, &out, &client.context);
    ok(status == SEC_I_CONTINUE_NEEDED, "the first call: %s\n", status_name(status));
    if (status != SEC_I_CONTINUE_NEEDED)
        goto done;
    client.have_context = TRUE;
    status = call_with(&client, NULL, 0, 8192, input, &out, &given);
    ok(status == SEC_E_INCOMPLETE_MESSAGE, "no input: %s\n", status_name(status));
    ok(out.cbBuffer == 8192 && given.dwLower == 0x1111, "%lu bytes of output\n", out.cbBuffer);
    memcpy(bytes, header, sizeof(header));
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        winetest_push_context("%lu bytes", cases[i].size);
        status = call_with(&client, bytes, cases[i].size, 8192, input, &out, &given);
        ok(status == SEC_E_INCOMPLETE_MESSAGE, "%s\n", status_name(status));
        ok(input[1].BufferType == SECBUFFER_MISSING, "type %lu\n", input[1].BufferType);
        ok(cases[i].missing ? input[1].cbBuffer == cases[i].missing : input[1].cbBuffer > 5,
           "%lu are missing\n", input[1].cbBuffer);
        ok(out.cbBuffer == 8192 && given.dwLower == 0x1111, "%lu bytes of output\n", out.cbBuffer);
        winetest_pop_context();
    }
    memset(bytes, 0xfa, sizeof(bytes));
    status = call_with(&client, bytes, sizeof(bytes), 1, input, &out, &given);
    ok(status == SEC_E_INVALID_TOKEN && !out.cbBuffer, "no TLS: %s, %lu bytes\n",
       status_name(status), out.cbBuffer);
    memset(bytes, 0, sizeof(bytes));
    status = call_with(&client, bytes, sizeof(bytes), 1, input, &out, &given);
    ok(status == SEC_E_INVALID_TOKEN && !out.cbBuffer, "then zeroes: %s, %lu bytes\n",
       status_name(status), out.cbBuffer);
done:
    side_free(&client);
}

/* A list of protocols that says it is longer than its buffer. */
static void test_long_list(void)
{
    const struct side_options options = {.alpn = "h2"};
    SEC_APPLICATION_PROTOCOLS *protocols;
    SECURITY_STATUS status;
    struct side client;
    struct leg leg;

    if (!side_acquire(&client, SIDE_CLIENT, &options)) {
        leg_begin(&client, &leg);
        protocols = (SEC_APPLICATION_PROTOCOLS *)leg.alpn;
        protocols->ProtocolListsSize++;
        status = leg_call(&client, &leg);
        ok(status == SEC_E_INVALID_PARAMETER, "%s\n", status_name(status));
        leg_end(&client, &leg, status);
    }
    side_free(&client);
}

START_TEST(schannel_base_buffers)
{
    tally("rule 4");
    test_rule4_client_attributes();
    for_each_version(test_rule4_later_attributes);
    test_rule4_server_attributes();
    tally("rule 5");
    test_rule5_incomplete_client_hello();
    tally(NULL);
    test_byte_by_byte();
    test_split_server_flight();
    tally("rule 6");
    test_extra();
    test_rule6_first_call_shapes();
    test_rule6_later_calls();
    test_second_call();
    test_long_list();
    tally("rule 10");
    test_rule10_small_output();
    test_rule10_more_input();
    test_callers_output();
    test_no_memory();
    test_no_bytes();
    tally("rule 6");
    test_impossible_descriptors();
    tally_report();
}
