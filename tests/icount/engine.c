/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Operations of the engine, whose instructions tests/icount/run counts: records, the legs of either
 * role, a hello, what an attribute asks for.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "collect.h"
#include "kit/support.h"

#define RECORDS    50
#define HANDSHAKES 10

static void need(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "%s failed\n", what);
    exit(1);
}

static void pair_new(struct pair *pair, uint32_t protocol)
{
    memset(pair, 0, sizeof(*pair));
    pair->client.credentials = client_credentials(protocol);
    pair->server.credentials = server_credentials(IDENTITY_P256, protocol);
    pair->client.server_name = "icount";
    pair_join(pair);
}

/* Leg by leg, in turn, those of `counted` alone counted. */
static void connect_counted(struct pair *pair, const struct peer *counted)
{
    struct peer *peers[] = {&pair->client, &pair->server};

    for (unsigned int turn = 0; turn < 12; turn++) {
        struct peer *peer = peers[turn % 2];

        if (turn > 1 && peer->status == SEC_E_OK && !peer->input->size)
            continue;
        if (peer == counted)
            collect_begin();
        peer_leg(peer);
        if (peer == counted)
            collect_end();
    }
    need(pair->client.status == SEC_E_OK && pair->server.status == SEC_E_OK, "a handshake");
}

static void handshakes(uint32_t protocol, const char *version)
{
    char name[32];

    for (int role = 0; role < 2; role++) {
        for (unsigned int i = 0; i < HANDSHAKES; i++) {
            struct pair pair;

            pair_new(&pair, protocol);
            connect_counted(&pair, role ? &pair.server : &pair.client);
            pair_release(&pair);
        }
        snprintf(name, sizeof(name), "%s-%s", role ? "server" : "client", version);
        collect_dump(name, HANDSHAKES);
    }
}

static void records(uint32_t protocol, uint32_t size)
{
    static uint8_t record[20000];
    struct pair pair;
    struct tls_info info;
    struct tls_encrypt seal = {.data_size = size};
    struct tls_decrypt open = {.buffer = (uintptr_t)record};
    char name[32];

    pair_new(&pair, protocol);
    need(pair_run(&pair), "a connection");
    info_get(pair.client.session, &info);
    seal.session = pair.client.session;
    seal.header = (uintptr_t)record;
    seal.header_size = info.header_size;
    seal.data = seal.header + info.header_size;
    seal.trailer = seal.data + size;
    seal.trailer_size = info.trailer_size;
    open.session = pair.server.session;
    for (int in = 0; in < 2; in++) {
        for (unsigned int i = 0; i < RECORDS; i++) {
            if (!in)
                collect_begin();
            engine_call(TLS_CALL_ENCRYPT, &seal);
            if (!in)
                collect_end();
            open.buffer_size = seal.header_size + size + seal.trailer_size;
            if (in)
                collect_begin();
            engine_call(TLS_CALL_DECRYPT, &open);
            if (in)
                collect_end();
            need(seal.status == SEC_E_OK && open.status == SEC_E_OK, "a record");
        }
        snprintf(name, sizeof(name), "record-%s-%u", in ? "in" : "out", size);
        collect_dump(name, RECORDS);
    }
    pair_release(&pair);
}

static void query(void)
{
    struct pair pair;
    struct tls_info info;

    pair_new(&pair, TLS_PROTOCOL_TLS1_3);
    need(pair_run(&pair), "a connection");
    collect_begin();
    for (unsigned int i = 0; i < RECORDS; i++)
        info_get(pair.client.session, &info);
    collect_end();
    collect_dump("query-info", RECORDS);
    pair_release(&pair);
}

static void hello(uint32_t protocol, const char *name)
{
    tls_u64 credentials = client_credentials(protocol);

    for (unsigned int i = 0; i < HANDSHAKES; i++) {
        struct queue out = {0}, in = {0};
        struct peer peer = {
            .credentials = credentials, .server_name = "icount", .input = &in, .output = &out};

        collect_begin();
        peer_leg(&peer);
        collect_end();
        need(out.size, "a hello");
        collect_begin();
        peer_free(&peer);
        collect_end();
        free(out.data);
    }
    collect_dump(name, HANDSHAKES);
    credentials_delete(credentials);
}

int main(void)
{
    const uint32_t v1_2 = TLS_PROTOCOL_TLS1_2, v1_3 = TLS_PROTOCOL_TLS1_3;

    hello(v1_2, "warm-up");
    hello(v1_2, "hello-1.2");
    hello(v1_3, "hello-1.3");
    records(v1_3, 64);
    records(v1_3, 1024);
    records(v1_3, 16384);
    query();
    handshakes(v1_2, "1.2");
    handshakes(v1_3, "1.3");
    identities_free();
    return 0;
}
