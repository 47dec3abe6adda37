/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * DTLS 1.0 and 1.2 between a client and a server in this process.
 */
#include "datagrams.h"
#include "testcert.h"
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
        {"SCHANNEL_CRED, TLS and DTLS", SCHANNEL_CRED_VERSION,
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
        ok(c.client.attributes == DATAGRAM_CLIENT_FLAGS, "client attributes %#lx\n",
           c.client.attributes);
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

START_TEST(schannel_dtls)
{
    test_handshake();
}
