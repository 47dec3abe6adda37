/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sessions that are resumed: with tickets, by whom, and where there are none.
 */
#include <string.h>

#include "kit/check.h"
#include "kit/connected.h"
#include "kit/support.h"

static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};

/* A second connection with the first one's credentials and resumption data. */
static void reconnect(const struct pair *first, struct pair *again, const struct queue *resume,
                      uint32_t client_flags, uint32_t server_flags)
{
    memset(again, 0, sizeof(*again));
    again->client.credentials = first->client.credentials;
    again->server.credentials = first->server.credentials;
    again->client.flags = client_flags;
    again->server.flags = server_flags;
    again->client.resume.data = resume->data;
    again->client.resume.size = (unsigned int)resume->size;
    check(pair_run(again), "client %x server %x", again->client.status, again->server.status);
}

static void resumption(void)
{
    struct pair first, again;
    struct tls_info info;
    int i;

    for (i = 0; i < 2; i++) {
        struct queue resume = {0}, chain = {0};

        connect_pair(&first, protocols[i], IDENTITY_RSA, 0);
        check_equal(first.client.last.new_session, !i);
        check_equal(first.server.last.new_session, 0);
        if (i)
            check_equal(blob_get(TLS_CALL_RESUMPTION_DATA, first.client.session, 0, &resume),
                        SEC_E_UNSUPPORTED_FUNCTION);
        take_tickets(&first.client);
        check_equal(first.client.last.new_session, 1);
        check_equal(blob_get(TLS_CALL_RESUMPTION_DATA, first.client.session, 0, &resume), SEC_E_OK);
        check(resume.size > 100, "%zu bytes", resume.size);
        check(transfer(&first.client, &first.server, 100), "data");

        reconnect(&first, &again, &resume, TLS_SESSION_VERIFY_PEER, TLS_SESSION_VERIFY_PEER);
        check_equal(again.client.verdicts, 0);
        /* The one it was given, or in TLS 1.3 none yet. */
        check_equal(again.client.last.new_session, 0);
        info_get(again.client.session, &info);
        check(info.flags & TLS_INFO_RESUMED, "client flags %x", info.flags);
        check(info.cipher_suite == (i ? 0x1302 : 0xc030), "suite %x", info.cipher_suite);
        info_get(again.server.session, &info);
        check(info.flags & TLS_INFO_RESUMED, "server flags %x", info.flags);
        check(transfer(&again.client, &again.server, 100), "data up");
        check(transfer(&again.server, &again.client, 100), "data down");
        /* The chain comes from the first connection. */
        check_equal(blob_get(TLS_CALL_PEER_CHAIN, again.client.session, 0, &chain), SEC_E_OK);
        check(chain.size > 300, "chain of %zu bytes", chain.size);
        queue_drop(&chain, chain.size);
        check_equal(
            blob_get(TLS_CALL_CHANNEL_BINDING, again.server.session, TLS_BINDING_ENDPOINT, &chain),
            SEC_E_OK);
        pair_free(&again);

        /* Either side may decline. */
        reconnect(&first, &again, &resume, TLS_SESSION_NO_RESUME, 0);
        info_get(again.client.session, &info);
        check_equal(info.flags & TLS_INFO_RESUMED, 0);
        take_tickets(&again.client);
        check_equal(again.client.last.new_session, 0);
        queue_drop(&chain, chain.size);
        check_equal(blob_get(TLS_CALL_RESUMPTION_DATA, again.client.session, 0, &chain),
                    SEC_E_UNSUPPORTED_FUNCTION);
        pair_free(&again);
        reconnect(&first, &again, &resume, 0, TLS_SESSION_NO_RESUME);
        info_get(again.client.session, &info);
        check_equal(info.flags & TLS_INFO_RESUMED, 0);
        pair_free(&again);

        queue_free(&resume);
        queue_free(&chain);
        pair_release(&first);
    }
}

/* A ticket of other credentials is not accepted. */
static void foreign_ticket(void)
{
    struct pair first, other, again;
    struct tls_info info;
    int i;

    for (i = 0; i < 2; i++) {
        struct queue resume = {0};

        connect_pair(&first, protocols[i], IDENTITY_RSA, 0);
        connect_pair(&other, protocols[i], IDENTITY_RSA, 0);
        take_tickets(&first.client);
        check_equal(blob_get(TLS_CALL_RESUMPTION_DATA, first.client.session, 0, &resume), SEC_E_OK);
        reconnect(&other, &again, &resume, TLS_SESSION_VERIFY_PEER, 0);
        info_get(again.client.session, &info);
        check_equal(info.flags & TLS_INFO_RESUMED, 0);
        check_equal(again.client.verdicts, 1);
        pair_free(&again);
        queue_free(&resume);
        pair_release(&first);
        pair_release(&other);
    }
}

static void no_tickets(void)
{
    struct queue resume = {0};
    struct pair pair;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS);
    check_equal(pair.to_client.size, 0);
    check_equal(blob_get(TLS_CALL_RESUMPTION_DATA, pair.client.session, 0, &resume),
                SEC_E_UNSUPPORTED_FUNCTION);
    pair_release(&pair);
    queue_free(&resume);
}

/* The same key for the tickets of two servers. */
static void share_key(tls_u64 credentials)
{
    uint8_t key[64] = {1, 2, 3};
    struct tls_blob blob = {.data = address(key), .size = sizeof(key)};
    struct tls_set_ticket_keys params = {
        .credentials = credentials, .keys = address(&blob), .count = 1};

    engine_call(TLS_CALL_SET_TICKET_KEYS, &params);
    check_equal(params.status, SEC_E_OK);
}

/* Whoever judges certificates otherwise than the server that gave out the ticket looks at them. */
static void other_judgement(void)
{
    static const struct {
        uint32_t flags;
        uint64_t policy;
        bool resumed;
    } rows[] = {{TLS_SESSION_REQUEST_CERT, 0, true},
                {0, 0, false},
                {TLS_SESSION_REQUEST_CERT | TLS_SESSION_VERIFY_PEER, 0, false},
                {TLS_SESSION_REQUEST_CERT, 7, false}};
    enum identity_kind kind = IDENTITY_RSA, other = IDENTITY_OTHER_RSA;

    for (int i = 0; i < 2; i++) {
        struct queue resume = {0};
        struct pair first = {0};

        first.client.credentials = credentials_new(TLS_CLIENT, &other, 1, protocols[i], 0, 0, NULL);
        first.server.credentials = server_credentials(kind, protocols[i]);
        first.server.flags = TLS_SESSION_REQUEST_CERT;
        share_key(first.server.credentials);
        check(pair_run(&first), "client %x server %x", first.client.status, first.server.status);
        take_tickets(&first.client);
        check_equal(blob_get(TLS_CALL_RESUMPTION_DATA, first.client.session, 0, &resume), SEC_E_OK);

        for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            struct pair again = {0};
            struct tls_info info;

            again.client.credentials = first.client.credentials;
            again.client.resume.data = resume.data;
            again.client.resume.size = (unsigned int)resume.size;
            again.server.credentials = server_credentials(kind, protocols[i]);
            again.server.flags = rows[j].flags;
            again.server.policy = rows[j].policy;
            share_key(again.server.credentials);
            check(pair_run(&again), "row %zu: client %x server %x", j, again.client.status,
                  again.server.status);
            info_get(again.server.session, &info);
            check(!!(info.flags & TLS_INFO_RESUMED) == rows[j].resumed, "row %zu: flags %x", j,
                  info.flags);
            check_equal(again.server.verdicts, rows[j].flags & TLS_SESSION_VERIFY_PEER ? 1 : 0);
            credentials_delete(again.server.credentials);
            pair_free(&again);
        }
        queue_free(&resume);
        pair_release(&first);
    }
}

int main(void)
{
    RUN(resumption);
    RUN(foreign_ticket);
    RUN(no_tickets);
    RUN(other_judgement);
    identities_free();
    return check_summary();
}
