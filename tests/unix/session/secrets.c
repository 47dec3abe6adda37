/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * That secrets are wiped: after a call, or after what they belonged to has gone, they stand nowhere
 * in memory any more, or nowhere but where GnuTLS has them.
 */
#include <string.h>
#include <time.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "kit/check.h"
#include "kit/connected.h"
#include "kit/secrets.h"
#include "kit/support.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"

const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "detect_stack_use_after_return=1";
}

#define BOTH          (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)
#define MATERIAL_SIZE 32
#define PERIOD        (3 * 21600) /* of a ticket key, with the usual lifetime */

static struct credentials *credentials_at(tls_u64 handle)
{
    return (struct credentials *)(uintptr_t)handle;
}

static struct session *session_at(tls_u64 handle)
{
    return (struct session *)(uintptr_t)handle;
}

static void check_places(const struct secret *secret, int places, const char *what)
{
    const int found = secret_places(secret);

    check(found == places, "%s stands in %d places, not in %d", what, found, places);
}

/* All but the beginning, over which AddressSanitizer writes when the memory is freed. */
static struct secret secret_behind(uint8_t *bytes, size_t size)
{
    const struct secret secret = secret_of(bytes + 16, size - 16);

    gnutls_memset(bytes, 0, size);
    return secret;
}

/* What the search would find: bytes on the stack, in memory and in freed memory. */
static void search(void)
{
    uint8_t bytes[SECRET_MAX], *memory = gnutls_malloc(100);
    struct secret secret;

    gnutls_rnd(GNUTLS_RND_RANDOM, bytes, sizeof(bytes));
    memcpy(memory + 30, bytes, sizeof(bytes));
    secret = secret_of(bytes, sizeof(bytes));
    check_places(&secret, 2, "a secret");
    gnutls_memset(bytes, 0, sizeof(bytes));
    check_places(&secret, 1, "a secret");
    gnutls_free(memory);
    check_places(&secret, 1, "a secret in freed memory");
}

/* Tickets */

static void set_keys(tls_u64 credentials, struct secret keys[], uint32_t count)
{
    uint8_t material[2][MATERIAL_SIZE], key[TICKET_KEY_SIZE];
    struct tls_blob blobs[2];
    struct tls_set_ticket_keys params = {
        .credentials = credentials, .keys = address(blobs), .count = count};

    gnutls_rnd(GNUTLS_RND_RANDOM, material, sizeof(material));
    for (uint32_t i = 0; i < count; i++) {
        blobs[i] = (struct tls_blob){.data = address(material[i]), .size = MATERIAL_SIZE};
        gnutls_hash_fast(GNUTLS_DIG_SHA512, material[i], MATERIAL_SIZE, key);
        keys[i] = secret_take(key, sizeof(key));
    }
    engine_call(TLS_CALL_SET_TICKET_KEYS, &params);
    check_equal(params.status, SEC_E_OK);
    gnutls_memset(material, 0, sizeof(material));
}

static void ticket_keys_of_programs(void)
{
    const tls_u64 server = server_credentials(IDENTITY_P256, BOTH);
    struct secret keys[2];

    set_keys(server, keys, 2);
    check_places(&keys[0], 1, "a ticket key of the program");
    check_places(&keys[1], 1, "a ticket key of the program");
    credentials_delete(server);
    check_places(&keys[0], 0, "a ticket key of deleted credentials");
    check_places(&keys[1], 0, "a ticket key of deleted credentials");
}

static void own_ticket_key(void)
{
    const tls_u64 server = server_credentials(IDENTITY_P256, BOTH);
    const struct secret key =
        secret_of((const void *)credentials_at(server)->ticket_keys.words, TICKET_KEY_SIZE);

    check_places(&key, 1, "a ticket key");
    credentials_delete(server);
    check_places(&key, 0, "a ticket key of deleted credentials");
}

/* What credentials/tickets.c makes of a shared key for sessions that ask for no certificate. */
static void derive(const struct secret *shared, struct secret *root, struct secret *derived)
{
    static const char about[] = "asyncsspi ticket\0\0\0\0\0\0\0\0\0\0\0\0";
    uint8_t key[TICKET_KEY_SIZE], extracted[64];
    gnutls_datum_t input = {key, sizeof(key)}, salt = {NULL, 0}, info = {(uint8_t *)about, 29};
    gnutls_datum_t secret = {extracted, sizeof(extracted)};

    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)~shared->inverted[i];
    gnutls_hkdf_extract(GNUTLS_MAC_SHA512, &input, &salt, extracted);
    gnutls_hkdf_expand(GNUTLS_MAC_SHA512, &secret, &info, key, sizeof(key));
    *root = secret_take(extracted, sizeof(extracted));
    *derived = secret_take(key, sizeof(key));
}

/* The key of the period, which GnuTLS makes as well, behind its name. */
static struct secret period_key(const struct secret *derived)
{
    uint8_t input[8 + TICKET_KEY_SIZE], output[64];
    const uint64_t period = (uint64_t)time(NULL) / PERIOD;

    for (size_t i = 0; i < 8; i++)
        input[i] = (uint8_t)(period >> (56 - 8 * i));
    for (size_t i = 0; i < TICKET_KEY_SIZE; i++)
        input[8 + i] = (uint8_t)~derived->inverted[i];
    gnutls_hash_fast(GNUTLS_DIG_SHA3_512, input, sizeof(input), output);
    gnutls_memset(input, 0, sizeof(input));
    return secret_take(output + 16, 48);
}

/* A client that brings a ticket makes the server look for its key among several. */
static void derived_ticket_keys(void)
{
    const tls_u64 client = client_credentials(TLS_PROTOCOL_TLS1_3);
    const tls_u64 server = server_credentials(IDENTITY_P256, TLS_PROTOCOL_TLS1_3);
    struct secret keys[2], root, derived[2], period;
    struct queue ticket = {0};

    set_keys(server, keys, 2);
    for (int i = 0; i < 2; i++) {
        struct pair pair = {0};

        pair.client.credentials = client;
        pair.server.credentials = server;
        pair.client.resume = (gnutls_datum_t){ticket.data, (unsigned int)ticket.size};
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        derive(&keys[0], &root, &derived[0]);
        check_places(&root, 0, "the root of a ticket key");
        /* In the session. */
        check_places(&derived[0], 1, "the derived ticket key");
        derive(&keys[1], &root, &derived[1]);
        check_places(&root, 0, "the root of another ticket key");
        check_places(&derived[1], 0, "a derived ticket key that was not used");
        period = period_key(&derived[0]);
        check_places(&period, 1, "the key of the period");
        take_tickets(&pair.client);
        if (!i)
            check_equal(blob_get(TLS_CALL_RESUMPTION_DATA, pair.client.session, 0, &ticket),
                        SEC_E_OK);
        pair_free(&pair);
    }
    queue_free(&ticket);
    credentials_delete(client);
    credentials_delete(server);
}

/* GnuTLS's generator leaves small numbers there. */
__attribute__((noinline, no_sanitize("address"))) static void clear_stack(void)
{
    uint8_t room[64 * 1024];

    gnutls_memset(room, 0, sizeof(room));
}

static void cookie_key(void)
{
    const tls_u64 server = server_credentials(IDENTITY_P256, TLS_PROTOCOL_DTLS1_2);
    const gnutls_datum_t *made = &credentials_at(server)->cookie_key;
    /* Freed memory begins with a note of AddressSanitizer's. */
    const struct secret key = secret_of(made->data + 8, made->size - 8);

    clear_stack();
    check_places(&key, 1, "a cookie key");
    credentials_delete(server);
    check_places(&key, 0, "the cookie key of deleted credentials");
}

/* Sessions */

/* In front of anything that is made of it. */
static struct secret master_secret(gnutls_session_t tls)
{
    gnutls_datum_t secret = {NULL, 0};

    gnutls_session_get_master_secret(tls, &secret);
    return secret_of(secret.data, secret.size);
}

static void session_keys(uint32_t protocol)
{
    struct secret keys[2];
    struct pair pair;

    connect_pair(&pair, protocol, IDENTITY_P256, 0);
    check(transfer(&pair.client, &pair.server, 100), "to the server");
    check(transfer(&pair.server, &pair.client, 100), "to the client");
    for (int i = 0; i < 2; i++) {
        const struct session *client = session_at(pair.client.session);
        const struct direction *direction = i ? &client->encrypt : &client->decrypt;

        keys[i] = secret_of(direction->key, direction->key_size);
        check(secret_places(&keys[i]) > 0, "no key in use was found");
    }
    pair_release(&pair);
    for (int i = 0; i < 2; i++)
        check_places(&keys[i], 0, "the key of a deleted session");
}

static void session_keys_tls12(void)
{
    session_keys(TLS_PROTOCOL_TLS1_2);
}

static void session_keys_tls13(void)
{
    session_keys(TLS_PROTOCOL_TLS1_3);
}

/* What a client keeps to resume with, and the server's for clients without tickets. */
static void resumption_data(void)
{
    struct tls_get_blob params = {0};
    struct secret secret;
    struct pair pair;
    int places;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_2, IDENTITY_P256, 0);
    take_tickets(&pair.client);
    secret = master_secret(session_at(pair.client.session)->tls);
    places = secret_places(&secret);
    check(places > 0, "no master secret was found");
    params.session = pair.client.session;
    engine_call(TLS_CALL_RESUMPTION_DATA, &params);
    check_equal(params.status, SEC_E_BUFFER_TOO_SMALL);
    check_places(&secret, places, "the secret of a session that is to be resumed");
    pair_release(&pair);
}

static void kept_session(void)
{
    const enum identity_kind kind = IDENTITY_P256;
    struct tls_credentials_create params = {
        .role = TLS_SERVER, .protocols = TLS_PROTOCOL_TLS1_2, .key_count = 1, .session_limit = 10};
    const tls_u64 credentials = credentials_make(&params, &kind, NULL);
    struct queue up = {0}, down = {0};
    struct native native = {.input = &up, .output = &down};
    struct peer peer = {.credentials = credentials, .input = &down, .output = &up};
    struct secret secret;
    int places;

    native_init(&native, GNUTLS_CLIENT, "NORMAL:-VERS-ALL:+VERS-TLS1.2:%NO_TICKETS", NULL);
    check(native_run(&native, &peer), "%x", peer.status);
    secret = master_secret(native.tls);
    peer_free(&peer);
    native_free(&native);
    queue_free(&up);
    queue_free(&down);
    places = secret_places(&secret);
    check(places > 0, "no session was kept");
    credentials_delete(credentials);
    check_places(&secret, places - 1, "the secret of a session that was kept");
}

static void binding(void)
{
    struct tls_get_blob params = {.kind = TLS_BINDING_EXPORTER};
    uint8_t bytes[64];
    struct secret secret;
    struct pair pair;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, 0);
    params.session = pair.client.session;
    params.buffer = address(bytes);
    params.buffer_size = sizeof(bytes);
    engine_call(TLS_CALL_CHANNEL_BINDING, &params);
    check_equal(params.status, SEC_E_OK);
    check_equal(params.size, 32);
    secret = secret_behind(bytes, params.size);
    check_places(&secret, 0, "a channel binding");
    pair_release(&pair);
}

/* A record of data that a leg looks into, to see that it is not its. */
static void looked_into(void)
{
    uint8_t data[48];
    struct secret secret;
    struct pair pair;

    connect_pair(&pair, TLS_PROTOCOL_TLS1_3, IDENTITY_P256, 0);
    take_tickets(&pair.client);
    gnutls_rnd(GNUTLS_RND_RANDOM, data, sizeof(data));
    check_equal(seal_record(pair.server.session, data, sizeof(data), pair.client.input, 0),
                SEC_E_OK);
    secret = secret_behind(data, sizeof(data));
    check_places(&secret, 0, "data that was sealed");
    peer_leg(&pair.client);
    check(pair.client.input->size > 0, "a leg has taken data");
    check_places(&secret, 0, "data that a leg has looked at");
    pair_release(&pair);
}

/* Keys */

/* The caller decrypts a secret, and the session ends before GnuTLS has taken it. */
static void unused_answer(void)
{
    const enum identity_kind kind = IDENTITY_RSA;
    const uint64_t disabled = TLS_DISABLE_KX_ECDHE | TLS_DISABLE_KX_DHE;
    struct tls_key_answer answer = {.size = 48};
    struct pair pair = {0};
    uint8_t bytes[48];
    struct secret secret;

    pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
    pair.server.credentials =
        external_credentials(TLS_SERVER, &kind, 1, TLS_PROTOCOL_TLS1_2, disabled,
                             TLS_KEY_CAN_PKCS1 | TLS_KEY_CAN_SHA256 | TLS_KEY_CAN_DECRYPT, NULL);
    pair.server.key = kind;
    pair.server.key_waits = true;
    pair_run(&pair);
    check_equal(pair.server.status, TLS_KEY_WANTED);
    gnutls_rnd(GNUTLS_RND_RANDOM, bytes, sizeof(bytes));
    answer.session = pair.server.session;
    answer.data = address(bytes);
    engine_call(TLS_CALL_KEY_ANSWER, &answer);
    check_equal(answer.status, SEC_E_OK);
    secret = secret_of(bytes + 8, sizeof(bytes) - 8);
    gnutls_memset(bytes, 0, sizeof(bytes));
    check_places(&secret, 1, "a secret that was decrypted");
    pair_release(&pair);
    check_places(&secret, 0, "a decrypted secret that nobody took");
}

/* A prime of an RSA key, in the order of bytes that it is exported in. */
static struct secret prime_of(const gnutls_datum_t *der)
{
    gnutls_datum_t p = {NULL, 0};
    gnutls_x509_privkey_t key;
    struct secret secret;

    gnutls_x509_privkey_init(&key);
    gnutls_x509_privkey_import_pkcs8(key, der, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN);
    gnutls_x509_privkey_export_rsa_raw2(key, NULL, NULL, NULL, &p, NULL, NULL, NULL, NULL);
    secret = secret_of(p.data + p.size - SECRET_MAX, SECRET_MAX);
    gnutls_memset(p.data, 0, p.size);
    gnutls_free(p.data);
    gnutls_x509_privkey_deinit(key);
    return secret;
}

/* GnuTLS has as many copies as it makes for others, too. */
static void private_numbers(void)
{
    const struct identity *identity = identity_get(IDENTITY_RSA);
    const struct secret prime = prime_of(&identity->key);
    const int before = secret_places(&prime);
    gnutls_x509_privkey_t key;
    gnutls_privkey_t wrapped;
    tls_u64 credentials;
    int own;

    gnutls_x509_privkey_init(&key);
    gnutls_x509_privkey_import_pkcs8(key, &identity->key, GNUTLS_X509_FMT_DER, NULL,
                                     GNUTLS_PKCS_PLAIN);
    gnutls_privkey_init(&wrapped);
    gnutls_privkey_import_x509(wrapped, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
    own = secret_places(&prime) - before;
    gnutls_privkey_deinit(wrapped);
    check_places(&prime, before, "a prime of GnuTLS's");
    credentials = server_credentials(IDENTITY_RSA, BOTH);
    check_places(&prime, before + own, "a prime of a credential's key");
    credentials_delete(credentials);
}

int main(void)
{
    RUN(search);
    RUN(ticket_keys_of_programs);
    RUN(own_ticket_key);
    RUN(derived_ticket_keys);
    RUN(cookie_key);
    RUN(session_keys_tls12);
    RUN(session_keys_tls13);
    RUN(resumption_data);
    RUN(kept_session);
    RUN(binding);
    RUN(looked_into);
    RUN(unused_answer);
    RUN(private_numbers);
    identities_free();
    return check_summary();
}
