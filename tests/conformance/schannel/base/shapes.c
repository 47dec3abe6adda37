/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A random search over shapes of buffers: any number, any types, any order, sizes that do not fit,
 * pointers that are NULL. Nothing may crash, read or write beyond a buffer, or lose state: whatever
 * was refused before, the same bytes given properly give the same result.
 *
 * Buffers end at a page that cannot be touched. The seed is printed; SHAPES_SEED repeats a search.
 */
#include "kit/pair.h"
#include "kit/tally.h"
#include "kit/testcert.h"
#include "wine/test.h"

#define MAX_BUFFERS   8
#define ARENA_SIZE    (SIDE_INBOX_SIZE)
#define ROUNDS        600
#define REFUSED_TRIES 6
#define REFUSED_TYPE  SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION

static unsigned int seed;

static unsigned int random_below(unsigned int limit)
{
    seed = seed * 1664525 + 1013904223;
    return limit ? (seed >> 8) % limit : 0;
}

/* One per buffer of a call, each with a page behind it that cannot be touched. */
static BYTE *arenas[MAX_BUFFERS];

static BOOL create_arenas(void)
{
    DWORD old;
    unsigned int i;

    for (i = 0; i < MAX_BUFFERS; i++) {
        arenas[i] = VirtualAlloc(NULL, ARENA_SIZE + 0x1000, MEM_COMMIT, PAGE_READWRITE);
        if (!arenas[i] || !VirtualProtect(arenas[i] + ARENA_SIZE, 0x1000, PAGE_NOACCESS, &old))
            return FALSE;
    }
    return TRUE;
}

static void free_arenas(void)
{
    unsigned int i;

    for (i = 0; i < MAX_BUFFERS; i++)
        if (arenas[i])
            VirtualFree(arenas[i], 0, MEM_RELEASE);
}

static BYTE *at_the_edge(unsigned int arena, DWORD size)
{
    return arenas[arena] + ARENA_SIZE - size;
}

static ULONG random_type(void)
{
    static const ULONG types[] = {SECBUFFER_EMPTY,
                                  SECBUFFER_EMPTY,
                                  SECBUFFER_DATA,
                                  SECBUFFER_TOKEN,
                                  SECBUFFER_PKG_PARAMS,
                                  SECBUFFER_MISSING,
                                  SECBUFFER_EXTRA,
                                  SECBUFFER_STREAM_TRAILER,
                                  SECBUFFER_STREAM_HEADER,
                                  SECBUFFER_PADDING,
                                  SECBUFFER_STREAM,
                                  SECBUFFER_MECHLIST,
                                  SECBUFFER_TARGET,
                                  SECBUFFER_CHANGE_PASS_RESPONSE,
                                  SECBUFFER_TARGET_HOST,
                                  SECBUFFER_ALERT,
                                  REFUSED_TYPE,
                                  0x7fff,
                                  0x0fffffff};

    return types[random_below(ARRAY_SIZE(types))];
}

static ULONG random_flags(void)
{
    switch (random_below(6)) {
    case 0:
        return SECBUFFER_READONLY;
    case 1:
        return SECBUFFER_READONLY_WITH_CHECKSUM;
    default:
        return 0;
    }
}

static DWORD random_size(DWORD most)
{
    switch (random_below(8)) {
    case 0:
        return 0;
    case 1:
        return random_below(6);
    case 2:
        return most;
    case 3:
        return most ? most - 1 : 0;
    default:
        return random_below(most + 1);
    }
}

static ULONG type_of(const SecBuffer *buffer)
{
    return buffer->BufferType & ~SECBUFFER_ATTRMASK;
}

static unsigned int count_type(const SecBufferDesc *message, ULONG type)
{
    unsigned int i, count = 0;

    for (i = 0; i < message->cBuffers; i++)
        count += type_of(&message->pBuffers[i]) == type;
    return count;
}

static SecBuffer *first_of(const SecBufferDesc *message, ULONG type)
{
    unsigned int i;

    for (i = 0; i < message->cBuffers; i++)
        if (type_of(&message->pBuffers[i]) == type)
            return &message->pBuffers[i];
    return NULL;
}

/* Buffers of any kind, with memory of their own that ends at the edge. */
static void fill_message(SecBufferDesc *message, SecBuffer buffers[MAX_BUFFERS], DWORD most)
{
    unsigned int i;

    message->ulVersion = random_below(4) ? SECBUFFER_VERSION : random_below(1000);
    message->cBuffers = random_below(MAX_BUFFERS + 1);
    message->pBuffers = buffers;
    for (i = 0; i < MAX_BUFFERS; i++) {
        buffers[i].BufferType = random_type() | random_flags();
        buffers[i].cbBuffer = random_size(most);
        buffers[i].pvBuffer = random_below(8) ? at_the_edge(i, buffers[i].cbBuffer) : NULL;
        if (!buffers[i].pvBuffer && random_below(2))
            buffers[i].cbBuffer = 0;
        memset(at_the_edge(i, buffers[i].cbBuffer), 0xcc, buffers[i].cbBuffer);
    }
}

/* Makes buffer `index`, whatever it was, one of this type and size. */
static SecBuffer *place(SecBufferDesc *message, unsigned int index, ULONG type, DWORD size)
{
    SecBuffer *buffer = &message->pBuffers[index];

    buffer->BufferType = type | random_flags();
    buffer->cbBuffer = size;
    buffer->pvBuffer = at_the_edge(index, size);
    return buffer;
}

/* Buffers of a type one wants to be the only one of it become something else. */
static void rename_all(SecBufferDesc *message, ULONG type)
{
    SecBuffer *buffer;

    while ((buffer = first_of(message, type)))
        buffer->BufferType = SECBUFFER_PKG_PARAMS;
}

static DWORD whole_record(const BYTE *bytes, DWORD size)
{
    const DWORD length = size < 5 ? 0 : 5 + (bytes[3] << 8 | bytes[4]);

    return length <= size ? length : 0;
}

/* A record of this pattern from one side; what came of it is compared by its receiver. */
static BYTE pattern(DWORD record, DWORD index)
{
    return (BYTE)(record * 13 + index * 31 + index / 509);
}

static void send_pattern(struct side *side, DWORD record, DWORD size)
{
    BYTE *data = malloc(size ? size : 1);
    SECURITY_STATUS status;
    DWORD i;

    for (i = 0; i < size; i++)
        data[i] = pattern(record, i);
    status = side_send(side, data, size);
    ok(status == SEC_E_OK, "EncryptMessage: %s\n", status_name(status));
    free(data);
}

static BOOL is_pattern(const BYTE *data, DWORD record, DWORD size)
{
    DWORD i;

    for (i = 0; i < size; i++)
        if (data[i] != pattern(record, i))
            return FALSE;
    return TRUE;
}

/* What DecryptMessage has to say to that, with `given` bytes of the inbox in DATA. */
static SECURITY_STATUS expected_of_decrypt(const SecBufferDesc *message, const struct side *side)
{
    const SecBuffer *data = first_of(message, SECBUFFER_DATA);

    if (count_type(message, SECBUFFER_EMPTY) < 3 || count_type(message, SECBUFFER_DATA) != 1 ||
        (data->cbBuffer && !data->pvBuffer))
        return SEC_E_INVALID_TOKEN;
    return whole_record(side->inbox, data->cbBuffer) ? SEC_E_OK : SEC_E_INCOMPLETE_MESSAGE;
}

/* A decrypted record: four buffers in their order, side by side, the rest EXTRA. */
static void check_decrypted(const SecBuffer *buffers, const BYTE *input, DWORD given, DWORD record,
                            DWORD size, DWORD taken)
{
    ok(buffers[0].BufferType == SECBUFFER_STREAM_HEADER && buffers[0].pvBuffer == input,
       "no header in front\n");
    ok(buffers[1].BufferType == SECBUFFER_DATA && buffers[1].cbBuffer == size, "%lu bytes of %lu\n",
       buffers[1].cbBuffer, size);
    ok(buffers[1].pvBuffer == input + buffers[0].cbBuffer, "DATA is elsewhere\n");
    if (buffers[1].cbBuffer == size && buffers[1].pvBuffer)
        ok(is_pattern(buffers[1].pvBuffer, record, size), "other data\n");
    ok(buffers[2].BufferType == SECBUFFER_STREAM_TRAILER, "no trailer\n");
    if (given > taken)
        ok(buffers[3].BufferType == SECBUFFER_EXTRA && buffers[3].cbBuffer == given - taken &&
               buffers[3].pvBuffer == input + taken,
           "type %lu, %lu bytes behind the record, not %lu\n", buffers[3].BufferType,
           buffers[3].cbBuffer, given - taken);
    else
        ok(buffers[3].BufferType == SECBUFFER_EMPTY, "type %lu\n", buffers[3].BufferType);
}

/* Three EMPTY buffers beside DATA, where there is room. */
static void leave_room(SecBufferDesc *message)
{
    unsigned int i = message->cBuffers;

    while (i-- && count_type(message, SECBUFFER_EMPTY) < 3)
        if (type_of(&message->pBuffers[i]) != SECBUFFER_DATA)
            message->pBuffers[i].BufferType = SECBUFFER_EMPTY;
}

/* One call with some of the inbox; TRUE when a record was taken off it. */
static BOOL try_decrypt(struct side *side, DWORD record, DWORD size, BOOL properly)
{
    SecBuffer buffers[MAX_BUFFERS], before[MAX_BUFFERS];
    SecBufferDesc message;
    SECURITY_STATUS status, expected;
    const DWORD taken = whole_record(side->inbox, side->inbox_size);
    SecBuffer *data;
    BYTE *input = NULL;
    DWORD given = 0;
    unsigned int i;

    fill_message(&message, buffers, 40);
    if (properly || random_below(3)) {
        if (properly)
            message.cBuffers = 4 + random_below(MAX_BUFFERS - 3);
        given = properly ? taken + random_below(side->inbox_size - taken + 1)
                         : random_size(side->inbox_size);
        rename_all(&message, SECBUFFER_DATA);
        if (message.cBuffers) {
            data = place(&message, random_below(message.cBuffers), SECBUFFER_DATA, given);
            input = data->pvBuffer;
            memcpy(input, side->inbox, given);
            if (properly || random_below(4))
                leave_room(&message);
        }
    } else {
        /* Buffers that are DATA by chance hold the beginning of a record's header. */
        for (i = 0; i < message.cBuffers; i++) {
            if (type_of(&buffers[i]) != SECBUFFER_DATA || !buffers[i].pvBuffer)
                continue;
            if (buffers[i].cbBuffer > 4)
                buffers[i].BufferType = SECBUFFER_PADDING;
            else
                memcpy(buffers[i].pvBuffer, side->inbox, buffers[i].cbBuffer);
        }
    }
    memcpy(before, buffers, sizeof(buffers));
    expected = expected_of_decrypt(&message, side);
    status = DecryptMessage(&side->context, &message, random_below(100), NULL);
    ok(status == expected, "%lu buffers, %lu bytes: %s, expected %s\n", message.cBuffers, given,
       status_name(status), status_name(expected));
    if (status == SEC_E_OK) {
        check_decrypted(buffers, input, given, record, size, taken);
        side_consume(side, taken);
        return TRUE;
    }
    if (input)
        ok(!memcmp(input, side->inbox, given), "the input has changed\n");
    if (status == SEC_E_INVALID_TOKEN)
        ok(!memcmp(before, buffers, sizeof(buffers)), "the buffers have changed\n");
    return FALSE;
}

static void search_decrypt(struct pair *pair)
{
    const DWORD most = pair->server.sizes.cbMaximumMessage;
    DWORD sizes[3], record, tries;

    for (record = 0; record < ARRAY_SIZE(sizes); record++) {
        sizes[record] = random_below(3) ? random_below(100) : random_size(most);
        send_pattern(&pair->server, record, sizes[record]);
    }
    for (record = 0; record < ARRAY_SIZE(sizes); record++) {
        for (tries = 0; tries < REFUSED_TRIES; tries++)
            if (try_decrypt(&pair->client, record, sizes[record], FALSE))
                break;
        if (tries == REFUSED_TRIES)
            ok(try_decrypt(&pair->client, record, sizes[record], TRUE), "record %lu is lost\n",
               record);
    }
    ok(!pair->client.inbox_size, "%lu bytes are left\n", pair->client.inbox_size);
}

static SECURITY_STATUS expected_of_encrypt(const SecBufferDesc *message,
                                           const SecPkgContext_StreamSizes *sizes)
{
    static const ULONG types[] = {SECBUFFER_STREAM_HEADER, SECBUFFER_DATA,
                                  SECBUFFER_STREAM_TRAILER};
    const SecBuffer *buffer[3];
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(types); i++) {
        buffer[i] = first_of(message, types[i]);
        if (count_type(message, types[i]) != 1 || (buffer[i]->cbBuffer && !buffer[i]->pvBuffer))
            return SEC_E_INVALID_TOKEN;
    }
    if (buffer[1]->cbBuffer > sizes->cbMaximumMessage)
        return SEC_E_ENCRYPT_FAILURE;
    return buffer[0]->cbBuffer < sizes->cbHeader || buffer[2]->cbBuffer < sizes->cbTrailer
               ? SEC_E_BUFFER_TOO_SMALL
               : SEC_E_OK;
}

/* One call that sends a record, or should not; TRUE when it did. */
static BOOL try_encrypt(struct side *side, DWORD record, DWORD size, BOOL properly)
{
    static const ULONG types[] = {SECBUFFER_STREAM_HEADER, SECBUFFER_DATA,
                                  SECBUFFER_STREAM_TRAILER};
    const DWORD wanted[] = {side->sizes.cbHeader, size, side->sizes.cbTrailer};
    SecBuffer buffers[MAX_BUFFERS], before[MAX_BUFFERS], *data;
    SecBufferDesc message;
    SECURITY_STATUS status, expected;
    unsigned int i, at = 0;
    DWORD j;

    fill_message(&message, buffers, 60);
    if (properly || random_below(2)) {
        message.cBuffers = 3 + random_below(MAX_BUFFERS - 2);
        at = random_below(message.cBuffers - 2);
        for (i = 0; i < ARRAY_SIZE(types); i++)
            rename_all(&message, types[i]);
        for (i = 0; i < ARRAY_SIZE(types); i++)
            place(&message, at + i, types[i],
                  properly || i == 1 || random_below(4) ? wanted[i] : random_size(wanted[i]));
        if (!properly && !random_below(6))
            place(&message, at + 1, SECBUFFER_DATA, side->sizes.cbMaximumMessage + 1);
    }
    if ((data = first_of(&message, SECBUFFER_DATA)) && data->pvBuffer)
        for (j = 0; j < data->cbBuffer; j++)
            ((BYTE *)data->pvBuffer)[j] = pattern(record, j);
    memcpy(before, buffers, sizeof(buffers));
    expected = expected_of_encrypt(&message, &side->sizes);
    status = EncryptMessage(&side->context, 0, &message, 0);
    ok(status == expected, "%lu buffers: %s, expected %s\n", message.cBuffers, status_name(status),
       status_name(expected));
    if (status != SEC_E_OK) {
        ok(!memcmp(before, buffers, sizeof(buffers)), "the buffers have changed\n");
        if (data && data->pvBuffer)
            ok(is_pattern(data->pvBuffer, record, data->cbBuffer), "the data has changed\n");
        return FALSE;
    }
    for (i = 0; i < ARRAY_SIZE(types); i++) {
        const SecBuffer *part = first_of(&message, types[i]);

        if (part->cbBuffer)
            side_deliver(side->peer, part->pvBuffer, part->cbBuffer);
    }
    return TRUE;
}

static void search_encrypt(struct pair *pair)
{
    const DWORD most = pair->client.sizes.cbMaximumMessage;
    const DWORD record = random_below(200);
    const DWORD size = random_below(3) ? random_below(100) : random_size(most);
    BYTE *got = malloc(most);
    SECURITY_STATUS status;
    DWORD tries, got_size;

    for (tries = 0; tries < REFUSED_TRIES; tries++)
        if (try_encrypt(&pair->client, record, size, FALSE))
            break;
    if (tries == REFUSED_TRIES)
        ok(try_encrypt(&pair->client, record, size, TRUE), "nothing is sent any more\n");
    status = side_receive(&pair->server, got, most, &got_size);
    ok(status == SEC_E_OK, "the peer's DecryptMessage: %s\n", status_name(status));
    if (status == SEC_E_OK)
        ok(is_pattern(got, record, got_size), "the peer gets other data\n");
    ok(!pair->server.inbox_size, "%lu bytes are left\n", pair->server.inbox_size);
    free(got);
}

/* Input and output of one leg that lets on at most so much; see search_handshake. */
static BOOL try_leg(struct side *side, BOOL properly)
{
    const BOOL first = !side->have_context, client = side->role == SIDE_CLIENT;
    SecBuffer in[MAX_BUFFERS], out[MAX_BUFFERS], *token = NULL, *spare = NULL, *answer;
    SecBufferDesc input, output;
    CtxtHandle made = {0, 0};
    SECURITY_STATUS status;
    BOOL refused;
    DWORD given, room, taken;
    TimeStamp expiry;
    ULONG attributes;

    fill_message(&input, in, 30);
    fill_message(&output, out, 30);
    input.cBuffers = 2 + random_below(MAX_BUFFERS / 2 - 1);
    output.cBuffers = 1 + random_below(MAX_BUFFERS / 2);
    output.pBuffers = out;
    /* What would be looked at as a list of protocols. */
    rename_all(&input, SECBUFFER_APPLICATION_PROTOCOLS);
    rename_all(&input, SECBUFFER_TOKEN);
    rename_all(&input, SECBUFFER_EMPTY);
    /* A client's address, for DTLS, and a wish that is refused. */
    if (properly) {
        rename_all(&input, SECBUFFER_EXTRA);
        rename_all(&input, REFUSED_TYPE);
        rename_all(&output, REFUSED_TYPE);
    }
    refused = first_of(&input, REFUSED_TYPE) || first_of(&output, REFUSED_TYPE);
    rename_all(&output, SECBUFFER_TOKEN);
    rename_all(&output, SECBUFFER_ALERT);
    given = properly ? side->inbox_size : random_size(side->inbox_size);
    room = properly ? SIDE_OUTPUT_SIZE : random_below(2) ? SIDE_OUTPUT_SIZE : random_size(600);
    if (properly || random_below(8)) {
        token = place(&input, random_below(input.cBuffers), SECBUFFER_TOKEN, given);
        memcpy(token->pvBuffer, side->inbox, given);
        spare = &in[token == &in[0]];
        spare->BufferType = SECBUFFER_EMPTY;
        spare->cbBuffer = 0;
        spare->pvBuffer = NULL;
    }
    answer = &out[random_below(output.cBuffers)];
    answer->BufferType = SECBUFFER_TOKEN;
    answer->cbBuffer = room;
    /* The input uses the arenas as well. */
    answer->pvBuffer = arenas[MAX_BUFFERS - 1] + ARENA_SIZE - room;
    if (client)
        status = InitializeSecurityContextW(&side->credentials, first ? NULL : &side->context,
                                            (SEC_WCHAR *)L"localhost", side->options.flags, 0, 0,
                                            random_below(4) || !first ? &input : NULL, 0,
                                            first ? &made : NULL, &output, &attributes, &expiry);
    else
        status = AcceptSecurityContext(&side->credentials, first ? NULL : &side->context, &input,
                                       side->options.flags, 0, first ? &made : NULL, &output,
                                       &attributes, &expiry);
    if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED) {
        taken = client && first ? 0 : given;
        if (spare && spare->BufferType == SECBUFFER_EXTRA)
            taken = given - spare->cbBuffer;
        side_consume(side, taken);
        if (first)
            side->context = made;
        side->have_context = TRUE;
        side->status = status;
        ok(answer->cbBuffer <= room, "%lu bytes of output in %lu\n", answer->cbBuffer, room);
        side_deliver(side->peer, answer->pvBuffer, answer->cbBuffer);
        return TRUE;
    }
    if (first)
        ok(!made.dwLower && !made.dwUpper, "%s and a context\n", status_name(status));
    if (token)
        ok(!memcmp((BYTE *)at_the_edge((unsigned int)(token - in), given), side->inbox, given),
           "the input has changed\n");
    ok(status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_E_INVALID_TOKEN ||
           (refused && status == SEC_E_UNSUPPORTED_FUNCTION) ||
           (status == SEC_E_INSUFFICIENT_MEMORY && !room) ||
           (status == SEC_E_BUFFER_TOO_SMALL && answer->cbBuffer > room),
       "%lu bytes in, room for %lu: %s\n", given, room, status_name(status));
    ok(!properly || status == SEC_E_INCOMPLETE_MESSAGE, "given properly: %s\n",
       status_name(status));
    return FALSE;
}

/* Bad calls in front of every good one, until both are connected. */
static BOOL search_handshake(struct pair *pair)
{
    struct side *side = &pair->client;
    unsigned int legs, tries;

    for (legs = 0; legs < 40; legs++) {
        if (side->status == SEC_I_CONTINUE_NEEDED &&
            (side->inbox_size || (side->role == SIDE_CLIENT && !side->have_context))) {
            for (tries = 0; tries < REFUSED_TRIES; tries++)
                if (try_leg(side, FALSE))
                    break;
            if (tries == REFUSED_TRIES)
                try_leg(side, TRUE);
        }
        if (pair->client.status == SEC_E_OK && pair->server.status == SEC_E_OK)
            return pair_handshake(pair);
        side = side->peer;
    }
    ok(FALSE, "no connection: client %s, server %s\n", status_name(pair->client.status),
       status_name(pair->server.status));
    return FALSE;
}

static void drain(struct side *side)
{
    BYTE byte;
    DWORD size;

    if (side->inbox_size)
        ok(side_receive(side, &byte, 1, &size) == SEC_E_INCOMPLETE_MESSAGE && !side->inbox_size,
           "what follows the handshake is not understood\n");
}

/* Buffers that lie in each other: nothing sensible comes of it, and nothing bad. */
static void search_overlaps(struct pair *pair)
{
    SecBuffer buffers[MAX_BUFFERS];
    SecBufferDesc message;
    unsigned int i, j;

    for (i = 0; i < 100; i++) {
        fill_message(&message, buffers, 2000);
        for (j = 0; j < message.cBuffers; j++)
            buffers[j].pvBuffer = at_the_edge(0, buffers[j].cbBuffer + random_below(50));
        if (i % 2)
            EncryptMessage(&pair->client.context, 0, &message, 0);
        else
            DecryptMessage(&pair->client.context, &message, 0, NULL);
    }
    ok(DeleteSecurityContext(&pair->client.context) == SEC_E_OK, "the context is gone\n");
    pair->client.have_context = FALSE;
}

static void search(DWORD protocol)
{
    const struct side_options client = {.protocols = protocol,
                                        .flags = SIDE_CLIENT_FLAGS & ~ISC_REQ_ALLOCATE_MEMORY};
    const struct side_options server = {.flags = SIDE_SERVER_FLAGS & ~ASC_REQ_ALLOCATE_MEMORY,
                                        .certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
    unsigned int pairs, i;

    for (pairs = 0; pairs < ROUNDS / 20; pairs++) {
        struct pair pair;

        winetest_push_context("%s, pair %u", version_name(protocol), pairs);
        if (pair_create(&pair, &client, &server) && search_handshake(&pair)) {
            drain(&pair.client);
            drain(&pair.server);
            for (i = 0; i < 10; i++) {
                tally("rule 1");
                search_decrypt(&pair);
                tally("rule 3");
                search_encrypt(&pair);
            }
            tally("rule 10");
            search_overlaps(&pair);
        }
        pair_destroy(&pair);
        winetest_pop_context();
        if (winetest_get_failures() > 20)
            break;
    }
}

START_TEST(schannel_base_shapes)
{
    const char *wanted = getenv("SHAPES_SEED");

    seed = wanted ? (unsigned int)strtoul(wanted, NULL, 0) : GetTickCount() ^ GetCurrentProcessId();
    printf("SHAPES_SEED=%u repeats this search\n", seed);
    fflush(stdout);
    if (!create_arenas()) {
        skip("no memory with a page behind it that cannot be touched\n");
    } else {
        tally("rule 10");
        search(SIDE_TLS1_2);
        search(SIDE_TLS1_3);
        tally_report();
    }
    free_arenas();
}
