/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two ends of the engine that are connected, as tests of what comes afterwards begin.
 */
#ifndef ASYNCSSPI_TESTS_CONNECTED_H
#define ASYNCSSPI_TESTS_CONNECTED_H

#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

/* A client of that version and a server of both, which has a key of that kind. */
static inline bool connect_pair(struct pair *pair, uint32_t protocol, enum identity_kind kind,
                                uint32_t server_flags)
{
    memset(pair, 0, sizeof(*pair));
    pair->client.credentials = credentials_new(TLS_CLIENT, NULL, 0, protocol, 0, 0, NULL);
    pair->server.credentials = credentials_new(
        TLS_SERVER, &kind, 1, TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3, 0, server_flags, NULL);
    return check(pair_run(pair), "client %x server %x", pair->client.status, pair->server.status);
}

/* Lets a client take the tickets that wait for it. */
static inline void take_tickets(struct peer *client)
{
    if (client->input->size) {
        peer_leg(client);
        check_equal(client->status, SEC_E_OK);
        check_equal(client->input->size, 0);
    }
}

#endif
