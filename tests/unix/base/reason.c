/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why something failed, in words: where it is found, once, and not what an earlier call left
 * behind.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/connected.h"
#include "kit/support.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static char reason[sizeof(((struct tls_reason *)NULL)->text)];

/* Of this thread's last failure. */
static const char *ask(void)
{
    struct tls_reason params;

    engine_call(TLS_CALL_REASON, &params);
    check(memchr(params.text, 0, sizeof(params.text)) != NULL, "no end");
    memcpy(reason, params.text, sizeof(reason));
    return reason;
}

static bool says(const char *text)
{
    return check(strstr(ask(), text) != NULL, "\"%s\" is not in \"%s\"", text, reason);
}

static void handshakes(void)
{
    struct pair pair = {0};

    pair.client.credentials = client_credentials(BOTH);
    pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
    pair.client.alpn = "\2h2";
    pair.client.alpn_size = 3;
    pair.server.alpn = "\3foo";
    pair.server.alpn_size = 4;
    pair_join(&pair);
    peer_leg(&pair.client);
    check_equal(ask()[0], 0);
    peer_leg(&pair.server);
    check_equal(pair.server.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
    says(gnutls_strerror(GNUTLS_E_NO_APPLICATION_PROTOCOL));
    check_equal(ask()[0], 0);
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_E_APPLICATION_PROTOCOL_MISMATCH);
    says("the peer sent alert 120, ");
    pair_release(&pair);
}

static void garbage(void)
{
    static const char http[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
    struct pair pair = {0};

    pair.client.credentials = client_credentials(BOTH);
    pair.server.credentials = server_credentials(IDENTITY_P256, BOTH);
    pair_join(&pair);
    queue_add(pair.server.input, http, sizeof(http) - 1);
    peer_leg(&pair.server);
    check_equal(pair.server.status, SEC_E_INVALID_TOKEN);
    /* Nobody asks; what comes next does not say it. */
    peer_leg(&pair.client);
    check_equal(pair.client.status, SEC_I_CONTINUE_NEEDED);
    check_equal(ask()[0], 0);
    queue_drop(pair.server.input, pair.server.input->size);
    queue_add(pair.server.input, http, sizeof(http) - 1);
    peer_leg(&pair.server);
    says("what came is no TLS");
    pair_release(&pair);
}

static void records(void)
{
    static const uint32_t versions[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};

    for (int i = 0; i < 2; i++) {
        struct tls_decrypt params;
        struct pair pair;

        if (!connect_pair(&pair, versions[i], IDENTITY_P256, TLS_CREDENTIALS_NO_TICKETS))
            continue;
        seal_record(pair.client.session, "data", 4, &pair.to_server, 0);
        pair.to_server.data[pair.to_server.size - 1] ^= 1;
        check_equal(open_record(pair.server.session, &pair.to_server, NULL, &params),
                    SEC_E_MESSAGE_ALTERED);
        says("a record of the peer's was refused: alert 20, ");
        pair_release(&pair);
    }
}

static void credentials(void)
{
    int32_t status;

    /* Every cipher is switched off. */
    credentials_new(TLS_CLIENT, NULL, 0, BOTH, 0x7f, 0, &status);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    says("nothing that is asked for is left");
}

int main(void)
{
    RUN(handshakes);
    RUN(garbage);
    RUN(records);
    RUN(credentials);
    identities_free();
    return check_summary();
}
