/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: handshake input of a client or a server.
 *
 * The first byte says who is attacked and how. Raw mode feeds the rest to one end in chunks, each
 * behind a byte with its size: this finds what a stranger can do. Live mode connects two ends and
 * takes the rest as a script of changes to the bytes between them, three or more bytes each: this
 * gets beyond the first message, because what is not changed is genuine. The client may have a
 * session to resume, in live mode with a change of its own. Certificates and randoms differ from
 * run to run, so a find is repeated by its script rather than byte by byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/support.h"
#include "fuzz/shared/require.h"
#include "fuzz/shared/wire.h"

#define FLAG_SERVER   0x01
#define FLAG_LIVE     0x02
#define FLAG_TLS12    0x04
#define FLAG_VERIFY   0x08
#define FLAG_CERT     0x10 /* the server asks, the client has one */
#define FLAG_SMALL    0x20 /* output in small pieces */
#define FLAG_SHUTDOWN 0x40
#define FLAG_RESUME   0x80

static tls_u64 clients[2][2], servers[2]; /* [TLS 1.2 only], [with certificate] */
static gnutls_datum_t sessions[2];        /* what a client of those servers can resume */

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A first connection, whose session later ones resume. */
static void keep_session(tls_u64 client, tls_u64 server, gnutls_datum_t *session)
{
    static uint8_t buffer[2][8192];
    struct pair pair = {.client = {.credentials = client}, .server = {.credentials = server}};
    struct tls_get_blob blob = {.buffer_size = sizeof(buffer[0])};

    session->data = buffer[session - sessions];
    blob.buffer = (tls_u64)(uintptr_t)session->data;
    require(pair_run(&pair), "the first connection");
    if (pair.to_client.size)
        peer_leg(&pair.client); /* TLS 1.3: tickets */
    blob.session = pair.client.session;
    engine_call(TLS_CALL_RESUMPTION_DATA, &blob);
    require(blob.status == SEC_E_OK, "a session to resume");
    session->size = blob.size;
    pair_free(&pair);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3,
                                         TLS_PROTOCOL_TLS1_0 | TLS_PROTOCOL_TLS1_1 |
                                             TLS_PROTOCOL_TLS1_2};
    enum identity_kind kind = IDENTITY_P256;
    int i;

    (void)argc;
    (void)argv;
    for (i = 0; i < 2; i++) {
        clients[i][0] = credentials_new(TLS_CLIENT, NULL, 0, protocols[i], 0, 0, NULL);
        clients[i][1] = credentials_new(TLS_CLIENT, &kind, 1, protocols[i], 0, 0, NULL);
        servers[i] = credentials_new(TLS_SERVER, &kind, 1, protocols[i], 0, 0, NULL);
        require(clients[i][0] && clients[i][1] && servers[i], "credentials");
        keep_session(clients[i][0], servers[i], &sessions[i]);
    }
    return 0;
}

static bool goes_on(int32_t status)
{
    return status == SEC_I_CONTINUE_NEEDED || status == SEC_E_INCOMPLETE_MESSAGE;
}

/* What holds after every leg. */
static void check_leg(const struct peer *peer, size_t offered)
{
    const struct tls_handshake *last = &peer->last;

    require(last->consumed <= offered, "no more is consumed than was offered");
    require(last->status != SEC_E_INCOMPLETE_MESSAGE || (!last->consumed && last->missing),
            "an incomplete message is not consumed");
    require(last->status != TLS_VERIFY_PEER || last->session, "a verdict needs a session");
    require(!last->alert_received || last->alert <= 255, "a received alert has a number");
}

static void setup_client(struct peer *peer, uint8_t flags)
{
    peer->credentials = clients[!!(flags & FLAG_TLS12)][!!(flags & FLAG_CERT)];
    peer->server_name = "localhost";
    peer->alpn = "\2h2\10http/1.1";
    peer->alpn_size = 12;
    if (flags & FLAG_VERIFY)
        peer->flags |= TLS_SESSION_VERIFY_PEER;
    if (flags & FLAG_RESUME)
        peer->resume = sessions[!!(flags & FLAG_TLS12)];
}

static void setup_server(struct peer *peer, uint8_t flags)
{
    peer->credentials = servers[!!(flags & FLAG_TLS12)];
    peer->alpn = "\10http/1.1";
    peer->alpn_size = 9;
    if (flags & FLAG_VERIFY)
        peer->flags |= TLS_SESSION_VERIFY_PEER;
    if (flags & FLAG_CERT)
        peer->flags |= TLS_SESSION_REQUEST_CERT;
}

static void finish(struct peer *peer, uint8_t flags)
{
    struct tls_get_blob blob = {.session = peer->session};
    struct tls_info info;

    if (!peer->session)
        return;
    info_get(peer->session, &info);
    engine_call(TLS_CALL_PEER_CHAIN, &blob);
    if (flags & FLAG_SHUTDOWN)
        peer_action(peer, TLS_ACTION_SHUTDOWN, 0, 0);
}

static void run_raw(uint8_t flags, const uint8_t *data, size_t size)
{
    struct queue input = {0}, output = {0};
    struct peer peer = {.input = &input, .output = &output};
    size_t chunk, offered;

    if (flags & FLAG_SERVER)
        setup_server(&peer, flags);
    else
        setup_client(&peer, flags);
    peer.output_size = flags & FLAG_SMALL ? 50 : 0;
    if (!(flags & FLAG_SERVER))
        peer_leg(&peer);
    peer.status = SEC_I_CONTINUE_NEEDED;
    while (size && (goes_on(peer.status) || peer.status == SEC_E_OK) && peer.legs < 50) {
        chunk = 1 + (size_t)data[0] * 4;
        data++;
        size--;
        if (chunk > size)
            chunk = size;
        queue_add(&input, data, chunk);
        data += chunk;
        size -= chunk;
        offered = input.size;
        peer_leg(&peer);
        check_leg(&peer, offered);
    }
    finish(&peer, flags);
    peer_free(&peer);
    queue_free(&input);
    queue_free(&output);
}

static void run_live(uint8_t flags, const uint8_t *data, size_t size)
{
    struct pair pair = {0};
    struct peer *ends[2] = {&pair.client, &pair.server};
    int turn, idle = 0;

    setup_client(&pair.client, flags);
    if (pair.client.resume.size && size && data[0] & 0x80)
        pair.client.resume = sessions[!(flags & FLAG_TLS12)];
    setup_server(&pair.server, flags);
    pair_join(&pair);
    pair.client.output_size = flags & FLAG_SMALL ? 50 : 0;
    pair.client.status = pair.server.status = SEC_I_CONTINUE_NEEDED;
    for (turn = 0; turn < 40 && idle < 2; turn++) {
        struct peer *peer = ends[turn & 1];
        size_t offered = peer->input->size;

        idle++;
        if (turn && !offered)
            continue;
        if (!goes_on(peer->status) && peer->status != SEC_E_OK)
            continue;
        peer_leg(peer);
        check_leg(peer, offered);
        if (peer->last.consumed || peer->last.written)
            idle = 0;
        if (size >= WIRE_CHANGE_SIZE) {
            wire_change(peer->output, data);
            data += WIRE_CHANGE_SIZE;
            size -= WIRE_CHANGE_SIZE;
        }
    }
    finish(&pair.client, flags);
    finish(&pair.server, flags);
    pair_free(&pair);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    if (data[0] & FLAG_LIVE)
        run_live(data[0], data + 1, size - 1);
    else
        run_raw(data[0], data + 1, size - 1);
    return 0;
}
