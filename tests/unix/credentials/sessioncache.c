/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Resumption by session id: clients that know no tickets, as GnuTLS itself plays them.
 */
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

#define NO_TICKETS "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_TICKETS"

struct connection {
    struct queue up, down;
    struct native native;
    struct peer peer;
};

static tls_u64 server(uint32_t limit)
{
    struct tls_credentials_create params = {.role = TLS_SERVER,
                                            .protocols = TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3,
                                            .key_count = 1,
                                            .session_limit = limit};
    const enum identity_kind kind = IDENTITY_P256;

    return credentials_make(&params, &kind, NULL);
}

/* Connects, resuming `data` unless it is empty, and gives back what to resume the next time. */
static bool connect(tls_u64 credentials, const char *priority, uint32_t flags, uint64_t policy,
                    gnutls_datum_t *data)
{
    struct connection c = {0};
    struct tls_info info;
    bool resumed;

    c.native.input = c.peer.output = &c.up;
    c.native.output = c.peer.input = &c.down;
    native_init(&c.native, GNUTLS_CLIENT, priority, NULL);
    if (data->size)
        gnutls_session_set_data(c.native.tls, data->data, data->size);
    c.peer.credentials = credentials;
    c.peer.flags = flags;
    c.peer.policy = policy;
    check(native_run(&c.native, &c.peer), "%x", c.peer.status);
    resumed = gnutls_session_is_resumed(c.native.tls);
    info_get(c.peer.session, &info);
    check_equal(!!(info.flags & TLS_INFO_RESUMED), resumed);
    if (!data->size)
        check(gnutls_session_get_data2(c.native.tls, data) >= 0, "data of the session");
    peer_free(&c.peer);
    native_free(&c.native);
    queue_free(&c.up);
    queue_free(&c.down);
    return resumed;
}

static void resumed(void)
{
    const tls_u64 credentials = server(10), other = server(10);
    gnutls_datum_t data = {NULL, 0};

    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data), false);
    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data), true);
    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data), true);
    check_equal(connect(other, NO_TICKETS, 0, 0, &data), false);
    check_equal(connect(credentials, NO_TICKETS, TLS_SESSION_NO_RESUME, 0, &data), false);
    gnutls_free(data.data);
    credentials_delete(credentials);
    credentials_delete(other);
}

static void switched_off(void)
{
    const tls_u64 credentials = server(0);
    gnutls_datum_t data = {NULL, 0};

    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data), false);
    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data), false);
    gnutls_free(data.data);
    credentials_delete(credentials);
}

/* As with tickets: a session that judges otherwise looks at the certificate itself. */
static void other_judgement(void)
{
    const uint32_t ask = TLS_SESSION_REQUEST_CERT;
    const tls_u64 credentials = server(10);
    gnutls_datum_t data = {NULL, 0};

    check_equal(connect(credentials, NO_TICKETS, ask, 1, &data), false);
    check_equal(connect(credentials, NO_TICKETS, ask, 2, &data), false);
    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data), false);
    check_equal(connect(credentials, NO_TICKETS, ask | TLS_SESSION_VERIFY_PEER, 1, &data), false);
    check_equal(connect(credentials, NO_TICKETS, ask, 1, &data), true);
    gnutls_free(data.data);
    credentials_delete(credentials);
}

/* The one that was used longest ago makes room. */
static void bounded(void)
{
    const tls_u64 credentials = server(2);
    gnutls_datum_t data[3] = {{NULL, 0}};

    for (int i = 0; i < 2; i++)
        check_equal(connect(credentials, NO_TICKETS, 0, 0, &data[i]), false);
    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data[0]), true);
    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data[2]), false);
    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data[0]), true);
    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data[1]), false);
    for (int i = 0; i < 3; i++)
        gnutls_free(data[i].data);
    credentials_delete(credentials);
}

/* Clients with tickets take nobody's place. */
static void ticket_clients(void)
{
    const tls_u64 credentials = server(1);
    gnutls_datum_t data = {NULL, 0}, ticket = {NULL, 0};

    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data), false);
    check_equal(connect(credentials, "NORMAL:-VERS-ALL:+VERS-TLS1.2", 0, 0, &ticket), false);
    check_equal(connect(credentials, NO_TICKETS, 0, 0, &data), true);
    gnutls_free(data.data);
    gnutls_free(ticket.data);
    credentials_delete(credentials);
}

int main(void)
{
    RUN(resumed);
    RUN(switched_off);
    RUN(other_judgement);
    RUN(bounded);
    RUN(ticket_clients);
    identities_free();
    return check_summary();
}
