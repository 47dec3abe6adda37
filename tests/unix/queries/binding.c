/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What both ends can derive from a connection: channel bindings and exported keys.
 */
#include <string.h>

#include <gnutls/crypto.h>

#include "kit/check.h"
#include "kit/connected.h"
#include "kit/support.h"

static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};
static const char *const priorities[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                         "NORMAL:-VERS-ALL:+VERS-TLS1.3"};

/* Both ends compute the same binding, and the endpoint one is the certificate's hash. */
static void bindings(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P384, IDENTITY_P521};
    static const gnutls_digest_algorithm_t digests[] = {GNUTLS_DIG_SHA256, GNUTLS_DIG_SHA384,
                                                        GNUTLS_DIG_SHA512};
    struct pair pair;
    uint32_t kind;
    int i, j;

    for (i = 0; i < 2; i++) {
        for (j = 0; j < 3; j++) {
            connect_pair(&pair, protocols[i], kinds[j], 0);
            for (kind = TLS_BINDING_UNIQUE; kind <= TLS_BINDING_EXPORTER; kind++) {
                int32_t expected =
                    i && kind == TLS_BINDING_UNIQUE ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_OK;
                struct queue client = {0}, server = {0};

                check_equal(blob_get(TLS_CALL_CHANNEL_BINDING, pair.client.session, kind, &client),
                            expected);
                check_equal(blob_get(TLS_CALL_CHANNEL_BINDING, pair.server.session, kind, &server),
                            expected);
                check(client.size == server.size &&
                          (!client.size || !memcmp(client.data, server.data, client.size)),
                      "binding %u: %zu and %zu bytes", kind, client.size, server.size);
                if (kind == TLS_BINDING_ENDPOINT) {
                    const gnutls_datum_t *leaf = &identity_get(kinds[j])->chain[0];
                    uint8_t hash[64];

                    gnutls_hash_fast(digests[j], leaf->data, leaf->size, hash);
                    check(client.size == gnutls_hash_get_len(digests[j]) &&
                              !memcmp(client.data, hash, client.size),
                          "endpoint of key %d", kinds[j]);
                }
                queue_free(&client);
                queue_free(&server);
            }
            check_equal(blob_get(TLS_CALL_CHANNEL_BINDING, pair.client.session, 3, NULL),
                        SEC_E_INVALID_PARAMETER);
            pair_release(&pair);
        }
    }
}

static int32_t export_key(tls_u64 session, const char *context, uint32_t context_size,
                          uint8_t *output, uint32_t size)
{
    struct tls_keying_material params = {.session = session,
                                         .label = (tls_u64)(uintptr_t) "EXPERIMENTAL test",
                                         .label_size = 17,
                                         .context = (tls_u64)(uintptr_t)context,
                                         .context_size = context_size,
                                         .has_context = context != NULL,
                                         .output = (tls_u64)(uintptr_t)output,
                                         .output_size = size};

    engine_call(TLS_CALL_KEYING_MATERIAL, &params);
    return params.status;
}

static void exported_keys(void)
{
    uint8_t client[80], server[80], native_key[80];
    int i;

    for (i = 0; i < 2; i++) {
        struct queue up = {0}, down = {0};
        struct native native = {.input = &up, .output = &down};
        struct peer peer = {.input = &down, .output = &up};
        struct pair pair;

        connect_pair(&pair, protocols[i], IDENTITY_P256, 0);
        check_equal(export_key(pair.client.session, "ctx", 3, client, sizeof(client)), SEC_E_OK);
        check_equal(export_key(pair.server.session, "ctx", 3, server, sizeof(server)), SEC_E_OK);
        check(!memcmp(client, server, sizeof(client)), "with context");
        check_equal(export_key(pair.client.session, NULL, 0, client, sizeof(client)), SEC_E_OK);
        check(memcmp(client, server, sizeof(client)), "the context matters");
        check_equal(export_key(pair.server.session, "", 0, server, sizeof(server)), SEC_E_OK);
        /* No context and an empty one differ in TLS 1.2 only. */
        check_equal(!memcmp(client, server, sizeof(client)), i);
        check_equal(export_key(pair.server.session, "", 0, server, 0), SEC_E_INVALID_PARAMETER);
        pair_release(&pair);

        native_init(&native, GNUTLS_SERVER, priorities[i], identity_get(IDENTITY_P256));
        peer.credentials = credentials_new(TLS_CLIENT, NULL, 0, protocols[i], 0, 0, NULL);
        check(native_run(&native, &peer), "%x", peer.status);
        check_equal(gnutls_prf_rfc5705(native.tls, 17, "EXPERIMENTAL test", 3, "abc",
                                       sizeof(native_key), (char *)native_key),
                    0);
        check_equal(export_key(peer.session, "abc", 3, client, sizeof(client)), SEC_E_OK);
        check(!memcmp(client, native_key, sizeof(client)), "against GnuTLS");
        peer_free(&peer);
        credentials_delete(peer.credentials);
        native_free(&native);
        queue_free(&up);
        queue_free(&down);
    }
}

int main(void)
{
    RUN(bindings);
    RUN(exported_keys);
    identities_free();
    return check_summary();
}
