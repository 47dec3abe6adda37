/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What sessions tell besides TLS_CALL_INFO: the keys of EAP methods and the signature schemes that
 * the peer takes.
 */
#include <string.h>

#include <gnutls/crypto.h>

#include "unix/base/status.h"
#include "kit/check.h"
#include "kit/support.h"

static int32_t eap_keys(tls_u64 session, uint32_t kind, struct tls_eap_keys *keys)
{
    memset(keys, 0xcc, sizeof(*keys));
    keys->session = session;
    keys->kind = kind;
    engine_call(TLS_CALL_EAP_KEYS, keys);
    return keys->status;
}

/* RFC 5246 5 word for word: A(0) = seed, A(i) = HMAC("", A(i-1)); the parts HMAC("", A(i) + seed).
 */
static void naive_prf(gnutls_mac_algorithm_t mac, const gnutls_datum_t *client,
                      const gnutls_datum_t *server, uint8_t output[64])
{
    static const char label[] = "client EAP encryption";
    const size_t size = gnutls_hmac_get_len(mac);
    uint8_t a[8][64], part[64];
    size_t done, i;
    gnutls_hmac_hd_t hmac;

    for (i = done = 0; done < 64; i++, done += size) {
        gnutls_hmac_init(&hmac, mac, "", 0);
        if (i) {
            gnutls_hmac(hmac, a[i - 1], size);
        } else {
            gnutls_hmac(hmac, label, sizeof(label) - 1);
            gnutls_hmac(hmac, client->data, client->size);
            gnutls_hmac(hmac, server->data, server->size);
        }
        gnutls_hmac_deinit(hmac, a[i]);
        gnutls_hmac_init(&hmac, mac, "", 0);
        gnutls_hmac(hmac, a[i], size);
        gnutls_hmac(hmac, label, sizeof(label) - 1);
        gnutls_hmac(hmac, client->data, client->size);
        gnutls_hmac(hmac, server->data, server->size);
        gnutls_hmac_deinit(hmac, part);
        memcpy(output + done, part, size < 64 - done ? size : 64 - done);
    }
}

static void check_eap(tls_u64 client_session, gnutls_session_t server, bool two_hashes)
{
    static const struct {
        const char *label;
        int server_first;
    } kinds[] = {{"client EAP encryption", 0},
                 {"ttls keying material", 0},
                 {"ttls challenge", 0},
                 {"key expansion", 1}};
    static const uint8_t zeroes[64];
    gnutls_datum_t client_random, server_random;
    uint8_t expected[128], vectors[64], other[64];
    struct tls_eap_keys keys;
    unsigned int i;

    for (i = 0; i < 4; i++) {
        check_equal(eap_keys(client_session, i, &keys), SEC_E_OK);
        check_equal(gnutls_prf(server, strlen(kinds[i].label), kinds[i].label,
                               kinds[i].server_first, 0, NULL, sizeof(expected), (char *)expected),
                    0);
        check(!memcmp(keys.keys, expected, sizeof(expected)), "keys of kind %u", i);
        if (i)
            check(!memcmp(keys.vectors, zeroes, sizeof(zeroes)), "vectors of kind %u", i);
    }
    check_equal(eap_keys(client_session, TLS_EAP_TLS, &keys), SEC_E_OK);
    gnutls_session_get_random(server, &client_random, &server_random);
    naive_prf(two_hashes ? GNUTLS_MAC_MD5 : (gnutls_mac_algorithm_t)gnutls_prf_hash_get(server),
              &client_random, &server_random, vectors);
    if (two_hashes) {
        naive_prf(GNUTLS_MAC_SHA1, &client_random, &server_random, other);
        for (i = 0; i < sizeof(vectors); i++)
            vectors[i] ^= other[i];
    }
    check(!memcmp(keys.vectors, vectors, sizeof(vectors)), "vectors of EAP-TLS");
    check_equal(eap_keys(client_session, 4, &keys), SEC_E_INVALID_PARAMETER);
}

static void eap(void)
{
    static const struct {
        uint32_t protocol;
        const char *priority;
    } versions[] = {
        {TLS_PROTOCOL_TLS1_0, "NORMAL:-VERS-ALL:+VERS-TLS1.0"},
        {TLS_PROTOCOL_TLS1_2, "NORMAL:-VERS-ALL:+VERS-TLS1.2"},
        {TLS_PROTOCOL_TLS1_2, "NORMAL:-VERS-ALL:+VERS-TLS1.2:-AES-256-GCM"},
        {TLS_PROTOCOL_TLS1_3, "NORMAL:-VERS-ALL:+VERS-TLS1.3"},
    };
    struct tls_eap_keys keys;
    unsigned int i;

    check_equal(eap_keys(0, 0, &keys), SEC_E_INVALID_HANDLE);
    for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        struct queue up = {0}, down = {0};
        struct native native = {.input = &up, .output = &down};
        struct peer peer = {.input = &down, .output = &up};

        native_init(&native, GNUTLS_SERVER, versions[i].priority, identity_get(IDENTITY_RSA));
        peer.credentials = credentials_new(TLS_CLIENT, NULL, 0, versions[i].protocol, 0, 0, NULL);
        check(native_run(&native, &peer), "%x", peer.status);
        if (versions[i].protocol == TLS_PROTOCOL_TLS1_3)
            check_equal(eap_keys(peer.session, 0, &keys), SEC_E_UNSUPPORTED_FUNCTION);
        else
            check_eap(peer.session, native.tls, versions[i].protocol == TLS_PROTOCOL_TLS1_0);
        peer_free(&peer);
        credentials_delete(peer.credentials);
        native_free(&native);
        queue_free(&up);
        queue_free(&down);
    }
}

/* Fills the list; returns how many, and notes whether it has `scheme`. */
static uint32_t signatures(tls_u64 session, uint16_t scheme, bool *has)
{
    uint16_t list[64];
    struct tls_get_blob params = {
        .session = session, .buffer = (tls_u64)(uintptr_t)list, .buffer_size = sizeof(list)};
    uint32_t i;

    engine_call(TLS_CALL_SIGNATURES, &params);
    check_equal(params.status, SEC_E_OK);
    check_equal(params.size, params.count * sizeof(list[0]));
    *has = false;
    for (i = 0; i < params.count; i++)
        *has |= list[i] == scheme;
    return params.count;
}

static void signature_schemes(void)
{
    static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_0, TLS_PROTOCOL_TLS1_2,
                                         TLS_PROTOCOL_TLS1_3};
    const enum identity_kind kind = IDENTITY_RSA;
    struct tls_get_blob small = {.buffer_size = 1};
    unsigned int i;
    bool has;

    engine_call(TLS_CALL_SIGNATURES, &small);
    check_equal(small.status, SEC_E_INVALID_HANDLE);
    for (i = 0; i < 3; i++) {
        struct pair pair = {0};
        uint8_t byte = 0xcc;

        /* The client takes no ECDSA, and asks for none; the server would. */
        pair.client.credentials =
            credentials_new(TLS_CLIENT, &kind, 1, protocols[i], TLS_DISABLE_SIGN_ECDSA, 0, NULL);
        pair.server.credentials = credentials_new(TLS_SERVER, &kind, 1, protocols[i], 0, 0, NULL);
        pair.server.flags = TLS_SESSION_REQUEST_CERT;
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        check(signatures(pair.server.session, 0x0403, &has), "server knows none");
        /* TLS 1.0 has no such list: what is left is what our own credentials say. */
        check_equal(has, i == 0);
        check(signatures(pair.client.session, 0x0403, &has), "client knows none");
        check_equal(has, i != 0);

        small = (struct tls_get_blob){
            .session = pair.client.session, .buffer = (tls_u64)(uintptr_t)&byte, .buffer_size = 1};
        engine_call(TLS_CALL_SIGNATURES, &small);
        check_equal(small.status, SEC_E_BUFFER_TOO_SMALL);
        check_equal(byte, 0xcc);
        pair_release(&pair);
    }
}

/* Either padding of RSA can be switched off. */
static void paddings(void)
{
    static const struct {
        uint32_t protocol;
        uint64_t disabled;
        uint32_t expected; /* SignatureScheme */
    } rows[] = {
        {TLS_PROTOCOL_TLS1_2, TLS_DISABLE_SIGN_PSS, 0x0401},
        {TLS_PROTOCOL_TLS1_2, TLS_DISABLE_SIGN_PKCS1, 0x0804},
        {TLS_PROTOCOL_TLS1_3, TLS_DISABLE_SIGN_PKCS1, 0x0804},
    };
    const enum identity_kind kind = IDENTITY_RSA;
    unsigned int i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pair pair = {0};
        struct tls_info info;

        pair.client.credentials =
            credentials_new(TLS_CLIENT, NULL, 0, rows[i].protocol, rows[i].disabled, 0, NULL);
        pair.server.credentials =
            credentials_new(TLS_SERVER, &kind, 1, rows[i].protocol, 0, 0, NULL);
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        info_get(pair.client.session, &info);
        check_equal(info.signature, rows[i].expected);
        pair_release(&pair);
    }
}

/* Which key was presented is known on a resumed session too. */
static void resumed_keys(void)
{
    static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};
    static const uint64_t disabled[] = {TLS_DISABLE_SIGN_ECDSA, TLS_DISABLE_SIGN_RSA};
    static const enum identity_kind both[] = {IDENTITY_RSA, IDENTITY_P256};
    uint8_t resume[8192];
    struct tls_info info;
    unsigned int i;
    int j;

    for (i = 0; i < 4; i++) {
        const int32_t expected = (int32_t)(i / 2);
        struct pair pair = {0};

        /* The client has both keys too, and what is disabled decides about either. */
        pair.client.credentials =
            credentials_new(TLS_CLIENT, both, 2, protocols[i % 2], disabled[i / 2], 0, NULL);
        pair.server.credentials =
            credentials_new(TLS_SERVER, both, 2, protocols[i % 2], disabled[i / 2], 0, NULL);
        for (j = 0; j < 3; j++) {
            struct tls_get_blob data = {.buffer = (tls_u64)(uintptr_t)resume,
                                        .buffer_size = sizeof(resume)};

            pair.server.flags = TLS_SESSION_REQUEST_CERT;
            check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
            peer_leg(&pair.client);
            info_get(pair.client.session, &info);
            check_equal((info.flags & TLS_INFO_RESUMED) != 0, j > 0);
            check_equal(info.key_index, expected);
            info_get(pair.server.session, &info);
            check_equal(info.key_index, expected);
            data.session = pair.client.session;
            engine_call(TLS_CALL_RESUMPTION_DATA, &data);
            check_equal(data.status, SEC_E_OK);
            if (j < 2) {
                const struct pair next = {.client = {.credentials = pair.client.credentials,
                                                     .resume = {resume, data.size}},
                                          .server = {.credentials = pair.server.credentials}};

                pair_free(&pair);
                pair = next;
            }
        }
        pair_release(&pair);
    }
}

int main(void)
{
    RUN(paddings);
    RUN(resumed_keys);
    RUN(eap);
    RUN(signature_schemes);
    identities_free();
    return check_summary();
}
