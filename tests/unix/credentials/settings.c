/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a credential can be told beyond its keys: ticket keys and lifetimes, issuers to name, OCSP
 * responses to staple, bounds for the peer's key, suites that have to be asked for.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/ocsp.h>

#include "unix/base/status.h"
#include "kit/check.h"
#include "kit/clock.h"
#include "kit/support.h"

#define KEY_SIZE 40
#define BOTH     (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};
static const enum identity_kind rsa = IDENTITY_RSA;

/* Connects; what can be resumed goes into `ticket`. Whether the session was resumed itself. */
static bool connect_once(tls_u64 client, tls_u64 server, struct queue *ticket)
{
    struct pair pair = {.client.credentials = client, .server.credentials = server};
    struct tls_info info = {0};

    pair.client.resume.data = ticket->data;
    pair.client.resume.size = (unsigned int)ticket->size;
    if (check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status)) {
        info_get(pair.server.session, &info);
        if (pair.client.input->size)
            peer_leg(&pair.client);
        queue_drop(ticket, ticket->size);
        check_equal(blob_get(TLS_CALL_RESUMPTION_DATA, pair.client.session, 0, ticket), SEC_E_OK);
    }
    pair_free(&pair);
    return info.flags & TLS_INFO_RESUMED;
}

static int32_t set_keys(tls_u64 credentials, const uint8_t *keys, uint32_t count)
{
    struct tls_blob blobs[TLS_MAX_TICKET_KEYS] = {{0}};
    struct tls_set_ticket_keys params = {
        .credentials = credentials, .keys = keys ? address(blobs) : 0, .count = count};
    uint32_t i;

    for (i = 0; i < count && i < TLS_MAX_TICKET_KEYS; i++) {
        blobs[i].data = address(keys + i * KEY_SIZE);
        blobs[i].size = KEY_SIZE;
    }
    engine_call(TLS_CALL_SET_TICKET_KEYS, &params);
    return params.status;
}

static void ticket_keys_are_shared(void)
{
    uint8_t keys[3 * KEY_SIZE];
    int i;

    gnutls_rnd(GNUTLS_RND_RANDOM, keys, sizeof(keys));
    for (i = 0; i < 2; i++) {
        tls_u64 client = client_credentials(protocols[i]);
        tls_u64 first = server_credentials(IDENTITY_RSA, BOTH);
        tls_u64 second = server_credentials(IDENTITY_RSA, BOTH);
        struct queue ticket = {0}, old = {0};

        check(!connect_once(client, first, &ticket), "first connection resumed");
        check(!connect_once(client, second, &ticket), "resumed without a common key");

        check_equal(set_keys(first, keys, 1), SEC_E_OK);
        check_equal(set_keys(second, keys, 1), SEC_E_OK);
        check(!connect_once(client, first, &ticket), "resumed with a key that was replaced");
        queue_add(&old, ticket.data, ticket.size);
        check(connect_once(client, second, &ticket), "not resumed with a common key");

        /* A new key in front of the old one. */
        memcpy(keys + KEY_SIZE, keys, KEY_SIZE);
        keys[0] ^= 1;
        check_equal(set_keys(second, keys, 3), SEC_E_OK);
        queue_drop(&ticket, ticket.size);
        check(!connect_once(client, second, &ticket), "resumed without a ticket");
        check(connect_once(client, second, &ticket), "not resumed with the new key");
        queue_drop(&ticket, ticket.size);
        queue_add(&ticket, old.data, old.size);
        check(connect_once(client, second, &ticket), "not resumed with the old key");

        /* The old key gone. */
        check_equal(set_keys(second, keys, 1), SEC_E_OK);
        check(!connect_once(client, second, &old), "resumed with a key that is gone");

        keys[0] ^= 1;
        queue_free(&ticket);
        queue_free(&old);
        credentials_delete(client);
        credentials_delete(first);
        credentials_delete(second);
    }
}

/* The key of a ticket is found among several also when its period has just ended. */
static void ticket_of_the_last_period(void)
{
    const time_t period = 3 * 21600;
    uint8_t keys[2 * KEY_SIZE];
    tls_u64 client = client_credentials(TLS_PROTOCOL_TLS1_2);
    tls_u64 server = server_credentials(IDENTITY_RSA, BOTH);
    struct queue ticket = {0};

    gnutls_rnd(GNUTLS_RND_RANDOM, keys, sizeof(keys));
    check_equal(set_keys(server, keys + KEY_SIZE, 1), SEC_E_OK);
    clock_offset = period - time(NULL) % period - 600;
    check(!connect_once(client, server, &ticket), "first connection resumed");
    check_equal(set_keys(server, keys, 2), SEC_E_OK);
    clock_offset += 1200;
    check(connect_once(client, server, &ticket), "not resumed in the next period");
    clock_offset = 0;
    queue_free(&ticket);
    credentials_delete(client);
    credentials_delete(server);
}

static void ticket_key_errors(void)
{
    uint8_t keys[KEY_SIZE] = {0};
    const struct tls_blob material = {.data = address(keys), .size = 31};
    struct tls_set_ticket_keys too_short = {.keys = address(&material), .count = 1};
    tls_u64 client = client_credentials(BOTH), server = server_credentials(IDENTITY_RSA, BOTH);
    tls_u64 without =
        credentials_new(TLS_SERVER, &rsa, 1, BOTH, 0, TLS_CREDENTIALS_NO_TICKETS, NULL);

    check_equal(set_keys(client, keys, 1), SEC_E_UNSUPPORTED_FUNCTION);
    check_equal(set_keys(without, keys, 1), SEC_E_UNSUPPORTED_FUNCTION);
    check_equal(set_keys(server, NULL, 1), SEC_E_INVALID_PARAMETER);
    check_equal(set_keys(server, keys, 0), SEC_E_INVALID_PARAMETER);
    check_equal(set_keys(server, keys, TLS_MAX_TICKET_KEYS + 1), SEC_E_INVALID_PARAMETER);
    check_equal(set_keys(0, keys, 1), SEC_E_INVALID_PARAMETER);
    too_short.credentials = server;
    engine_call(TLS_CALL_SET_TICKET_KEYS, &too_short);
    check_equal(too_short.status, SEC_E_INVALID_PARAMETER);
    credentials_delete(client);
    credentials_delete(server);
    credentials_delete(without);
}

/* A ticket that has outlived itself is a full handshake. */
static void ticket_lifetimes(void)
{
    struct tls_credentials_create params = {
        .role = TLS_SERVER, .protocols = BOTH, .key_count = 1, .ticket_lifetime = 1};
    tls_u64 server = credentials_make(&params, &rsa, NULL);
    struct queue tickets[2] = {{0}, {0}};
    tls_u64 clients[2];
    int i;

    for (i = 0; i < 2; i++) {
        clients[i] = client_credentials(protocols[i]);
        check(!connect_once(clients[i], server, &tickets[i]), "first connection resumed");
    }
    sleep(3);
    for (i = 0; i < 2; i++) {
        check(!connect_once(clients[i], server, &tickets[i]), "a ticket of a second after three");
        queue_free(&tickets[i]);
        credentials_delete(clients[i]);
    }
    credentials_delete(server);
}

/* The subjects that a certificate request names, counted by a client of GnuTLS's own. */
static int named_issuers;

static int count_issuers(gnutls_session_t tls, const gnutls_datum_t *issuers, int count,
                         const gnutls_pk_algorithm_t *algorithms, int algorithm_count,
                         gnutls_pcert_st **chain, unsigned int *chain_count, gnutls_privkey_t *key)
{
    (void)tls;
    (void)issuers;
    (void)algorithms;
    (void)algorithm_count;
    *chain = NULL;
    *chain_count = 0;
    *key = NULL;
    named_issuers = count;
    return 0;
}

static int issuers_named_by(tls_u64 server, const char *priority)
{
    struct native native = {0};
    struct peer peer = {.credentials = server, .flags = TLS_SESSION_REQUEST_CERT};
    struct queue up = {0}, down = {0};

    named_issuers = -1;
    native_init(&native, GNUTLS_CLIENT, priority, NULL);
    gnutls_certificate_set_retrieve_function2(native.credentials, count_issuers);
    peer.input = native.output = &up;
    peer.output = native.input = &down;
    check(native_run(&native, &peer), "server %x", peer.status);
    native_free(&native);
    peer_free(&peer);
    queue_free(&up);
    queue_free(&down);
    return named_issuers;
}

static void issuers(void)
{
    static const char *const priorities[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                             "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
    static uint8_t garbage[] = {0x30, 0};
    const struct identity *one = identity_get(IDENTITY_RSA), *two = identity_get(IDENTITY_P256);
    struct tls_blob blobs[3] = {{address(one->chain[1].data), one->chain[1].size, 0},
                                {address(garbage), sizeof(garbage), 0},
                                {address(two->chain[0].data), two->chain[0].size, 0}};
    struct tls_credentials_create params = {.role = TLS_SERVER,
                                            .protocols = BOTH,
                                            .key_count = 1,
                                            .issuers = address(blobs),
                                            .issuer_count = 1};
    struct tls_set_issuers set = {.issuers = address(blobs), .count = 3};
    tls_u64 early = credentials_make(&params, &rsa, NULL);
    tls_u64 late = server_credentials(IDENTITY_RSA, BOTH), client = client_credentials(BOTH);
    int i;

    for (i = 0; i < 2; i++) {
        check_equal(issuers_named_by(early, priorities[i]), 1);
        check_equal(issuers_named_by(late, priorities[i]), 0);
    }
    set.credentials = late;
    engine_call(TLS_CALL_SET_ISSUERS, &set);
    check_equal(set.status, SEC_E_OK);
    for (i = 0; i < 2; i++)
        check_equal(issuers_named_by(late, priorities[i]), 2);

    engine_call(TLS_CALL_SET_ISSUERS, &set);
    check_equal(set.status, SEC_E_UNSUPPORTED_FUNCTION);
    set.credentials = early;
    engine_call(TLS_CALL_SET_ISSUERS, &set);
    check_equal(set.status, SEC_E_UNSUPPORTED_FUNCTION);
    set.credentials = client;
    engine_call(TLS_CALL_SET_ISSUERS, &set);
    check_equal(set.status, SEC_E_UNSUPPORTED_FUNCTION);
    credentials_delete(early);
    credentials_delete(late);
    credentials_delete(client);
}

/* DER, written from its end to its beginning. */
struct der {
    uint8_t bytes[4096];
    size_t start;
};

static void der_raw(struct der *der, const void *bytes, size_t size)
{
    der->start -= size;
    if (size)
        memcpy(der->bytes + der->start, bytes, size);
}

/* Puts tag and length in front of what was written since `end`. */
static void der_wrap(struct der *der, uint8_t tag, size_t end)
{
    size_t size = end - der->start;
    uint8_t header[4] = {tag, 0x82, (uint8_t)(size >> 8), (uint8_t)size};

    if (size < 0x80) {
        header[1] = (uint8_t)size;
        der_raw(der, header, 2);
    } else if (size < 0x100) {
        header[1] = 0x81;
        header[2] = (uint8_t)size;
        der_raw(der, header, 3);
    } else {
        der_raw(der, header, 4);
    }
}

static void der_element(struct der *der, uint8_t tag, const void *bytes, size_t size)
{
    size_t end = der->start;

    der_raw(der, bytes, size);
    der_wrap(der, tag, end);
}

static void der_time(struct der *der, int hours)
{
    time_t when = time(NULL) + hours * 3600;
    char text[32];
    struct tm parts;

    der_element(der, 0x18, text,
                strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", gmtime_r(&when, &parts)));
}

/* CertID of RFC 6960: the issuer's name and key hashed with SHA-1, the serial number. */
static void der_certificate_id(struct der *der, gnutls_x509_crt_t leaf, gnutls_x509_crt_t issuer)
{
    static const uint8_t sha1[] = {0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0};
    uint8_t serial[64], name_hash[20], key_hash[20];
    size_t serial_size = sizeof(serial), key_size = sizeof(key_hash), end = der->start;
    gnutls_datum_t name = {NULL, 0};

    gnutls_x509_crt_get_serial(leaf, serial, &serial_size);
    gnutls_x509_crt_get_raw_issuer_dn(leaf, &name);
    gnutls_hash_fast(GNUTLS_DIG_SHA1, name.data, name.size, name_hash);
    gnutls_free(name.data);
    gnutls_x509_crt_get_key_id(issuer, 0, key_hash, &key_size);
    der_element(der, 2, serial, serial_size);
    der_element(der, 4, key_hash, sizeof(key_hash));
    der_element(der, 4, name_hash, sizeof(name_hash));
    der_raw(der, sha1, sizeof(sha1));
    der_wrap(der, 0x30, end);
}

/* A response that says "good" for some hours; its signature is one nobody here looks at. */
static void write_response(struct der *der, const struct identity *identity, int hours)
{
    static const uint8_t basic[] = {6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1};
    static const uint8_t ecdsa[] = {0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2};
    static const uint8_t signature[] = {0, 0x30, 6, 2, 1, 1, 2, 1, 1}, successful[] = {0};
    gnutls_x509_crt_t crts[2];
    size_t all, data, end;
    gnutls_datum_t name;
    int i;

    for (i = 0; i < 2; i++) {
        gnutls_x509_crt_init(&crts[i]);
        gnutls_x509_crt_import(crts[i], &identity->chain[i], GNUTLS_X509_FMT_DER);
    }
    all = der->start = sizeof(der->bytes);
    der_element(der, 3, signature, sizeof(signature));
    der_raw(der, ecdsa, sizeof(ecdsa));

    data = der->start;
    der_time(der, hours);
    der_wrap(der, 0xa0, data);
    der_time(der, -24);
    der_element(der, 0x80, NULL, 0); /* good */
    der_certificate_id(der, crts[0], crts[1]);
    der_wrap(der, 0x30, data);
    der_wrap(der, 0x30, data);
    der_time(der, -24);
    end = der->start;
    gnutls_x509_crt_get_raw_dn(crts[1], &name);
    der_raw(der, name.data, name.size);
    gnutls_free(name.data);
    der_wrap(der, 0xa1, end);
    der_wrap(der, 0x30, data);

    der_wrap(der, 0x30, all);
    der_wrap(der, 4, all);
    der_raw(der, basic, sizeof(basic));
    der_wrap(der, 0x30, all);
    der_wrap(der, 0xa0, all);
    der_element(der, 10, successful, 1);
    der_wrap(der, 0x30, all);
    for (i = 0; i < 2; i++)
        gnutls_x509_crt_deinit(crts[i]);
}

/* Whether a client gets this response from a server that was given it. */
static bool is_stapled(const struct der *der, uint32_t protocol)
{
    gnutls_datum_t response = {(uint8_t *)der->bytes + der->start,
                               (unsigned int)(sizeof(der->bytes) - der->start)};
    struct tls_credentials_create params = {
        .role = TLS_SERVER, .protocols = protocol, .key_count = 1};
    struct pair pair = {.client.credentials = client_credentials(protocol),
                        .server.credentials = credentials_make(&params, &rsa, &response)};
    struct queue got = {0};
    bool stapled = false;

    check_equal(params.status, SEC_E_OK);
    if (check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status)) {
        stapled = blob_get(TLS_CALL_STAPLED_RESPONSE, pair.client.session, 0, &got) == SEC_E_OK;
        check(!stapled || (got.size == response.size && !memcmp(got.data, response.data, got.size)),
              "%zu bytes of %u", got.size, response.size);
        check_equal(blob_get(TLS_CALL_STAPLED_RESPONSE, pair.server.session, 0, &got),
                    SEC_E_UNSUPPORTED_FUNCTION);
    }
    queue_free(&got);
    pair_release(&pair);
    return stapled;
}

static void stapling(void)
{
    struct der *der = malloc(sizeof(*der));
    int i;

    for (i = 0; i < 2; i++) {
        write_response(der, identity_get(IDENTITY_RSA), 24);
        check(is_stapled(der, protocols[i]), "not stapled");
        write_response(der, identity_get(IDENTITY_RSA), -1);
        check(!is_stapled(der, protocols[i]), "stapled although it is out of date");
        write_response(der, identity_get(IDENTITY_P256), 24);
        check(!is_stapled(der, protocols[i]), "stapled although it is another certificate's");
        der->start = sizeof(der->bytes) - 1;
        check(!is_stapled(der, protocols[i]), "stapled although it is none");
    }
    free(der);
}

/* The status a client with these bounds comes to. */
static int32_t status_within(uint32_t minimum, uint32_t maximum, enum identity_kind kind)
{
    struct tls_credentials_create params = {
        .protocols = BOTH, .min_rsa_bits = minimum, .max_rsa_bits = maximum};
    struct pair pair = {.client.credentials = credentials_make(&params, NULL, NULL),
                        .server.credentials = server_credentials(kind, BOTH)};
    int32_t status;

    pair_run(&pair);
    status = pair.client.status;
    pair_release(&pair);
    return status;
}

static void rsa_bounds(void)
{
    check_equal(status_within(2048, 2048, IDENTITY_RSA), SEC_E_OK);
    check_equal(status_within(2049, 0, IDENTITY_RSA), SEC_E_ALGORITHM_MISMATCH);
    check_equal(status_within(0, 2047, IDENTITY_RSA), SEC_E_ALGORITHM_MISMATCH);
    check_equal(status_within(4096, 0, IDENTITY_P256), SEC_E_OK);
}

#define GROUPS_OF_DHE                                                                              \
    (TLS_DISABLE_GROUP_FFDHE2048 | TLS_DISABLE_GROUP_FFDHE3072 | TLS_DISABLE_GROUP_FFDHE4096 |     \
     TLS_DISABLE_GROUP_FFDHE6144 | TLS_DISABLE_GROUP_FFDHE8192)

/* A client's bound for a prime that the server chose by itself. */
static void dh_bounds(void)
{
    static const struct {
        uint32_t minimum;
        bool connects;
    } rows[] = {{2048, true}, {2049, false}};
    gnutls_dh_params_t prime;

    gnutls_dh_params_init(&prime);
    gnutls_dh_params_import_raw(prime, &gnutls_srp_2048_group_prime,
                                &gnutls_srp_2048_group_generator);
    for (size_t i = 0; i < 2; i++) {
        struct tls_credentials_create params = {.protocols = TLS_PROTOCOL_TLS1_2,
                                                .disabled = TLS_DISABLE_KX_RSA |
                                                            TLS_DISABLE_KX_ECDHE | GROUPS_OF_DHE,
                                                .min_dh_bits = rows[i].minimum};
        struct queue up = {0}, down = {0};
        struct native native = {.input = &up, .output = &down};
        struct peer peer = {
            .credentials = credentials_make(&params, NULL, NULL), .input = &down, .output = &up};

        native_init(&native, GNUTLS_SERVER, "NORMAL:-VERS-ALL:+VERS-TLS1.2:+DHE-RSA",
                    identity_get(rsa));
        gnutls_certificate_set_dh_params(native.credentials, prime);
        check_equal(native_run(&native, &peer), rows[i].connects);
        if (!rows[i].connects)
            check_equal(peer.status, SEC_E_ALGORITHM_MISMATCH);
        peer_free(&peer);
        native_free(&native);
        queue_free(&up);
        queue_free(&down);
        credentials_delete(peer.credentials);
    }
    gnutls_dh_params_deinit(prime);
}

/* A peer without RFC 5746, which some servers refuse. */
static void unsafe_peers(void)
{
    static const struct {
        uint32_t flags;
        bool connects;
    } rows[] = {{0, true}, {TLS_CREDENTIALS_SAFE_RENEGOTIATION, false}};

    for (size_t i = 0; i < 2; i++) {
        struct queue up = {0}, down = {0};
        struct native native = {.input = &down, .output = &up};
        struct peer peer = {.credentials = credentials_new(TLS_SERVER, &rsa, 1, TLS_PROTOCOL_TLS1_2,
                                                           0, rows[i].flags, NULL),
                            .input = &up,
                            .output = &down};

        native_init(&native, GNUTLS_CLIENT,
                    "NORMAL:-VERS-ALL:+VERS-TLS1.2:%DISABLE_SAFE_RENEGOTIATION", NULL);
        check_equal(native_run(&native, &peer), rows[i].connects);
        check(rows[i].connects || peer.status < 0, "status %x", peer.status);
        peer_free(&peer);
        native_free(&native);
        queue_free(&up);
        queue_free(&down);
        credentials_delete(peer.credentials);
    }
}

/* The suite that both come to with these flags and the rest switched off; 0: none. */
static uint32_t suite_with(uint32_t flags, uint64_t disabled, int32_t *acquired)
{
    struct pair pair = {0};
    struct tls_info info = {0};

    pair.client.credentials =
        credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_2, disabled, flags, acquired);
    if (!pair.client.credentials)
        return 0;
    pair.server.credentials =
        credentials_new(TLS_SERVER, &rsa, 1, TLS_PROTOCOL_TLS1_2, 0, flags, NULL);
    if (check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status)) {
        info_get(pair.client.session, &info);
        check(transfer(&pair.client, &pair.server, 1), "a byte up");
        check(transfer(&pair.client, &pair.server, 1000), "data up");
        check(transfer(&pair.server, &pair.client, info.max_data), "data down");
    }
    pair_release(&pair);
    return info.cipher_suite;
}

static void suites_to_ask_for(void)
{
    const uint64_t all = TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_256_GCM |
                         TLS_DISABLE_CHACHA20_POLY1305 | TLS_DISABLE_AES_128_CBC |
                         TLS_DISABLE_AES_256_CBC | TLS_DISABLE_AES_CCM;
    int32_t status;

    check_equal(suite_with(0, all, &status), 0);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    check_equal(suite_with(TLS_CREDENTIALS_ALLOW_3DES, all, &status), 0xc012);
    check_equal(suite_with(TLS_CREDENTIALS_ALLOW_NULL, all, &status), 0xc010);
    check_equal(suite_with(TLS_CREDENTIALS_ALLOW_NULL, all | TLS_DISABLE_NULL, &status), 0);
    /* Last of all. */
    check_equal(suite_with(TLS_CREDENTIALS_ALLOW_NULL | TLS_CREDENTIALS_ALLOW_3DES, 0, &status),
                0xc030);
}

static void finite_field_groups(void)
{
    static const uint64_t groups[] = {TLS_DISABLE_GROUP_FFDHE2048, TLS_DISABLE_GROUP_FFDHE3072,
                                      TLS_DISABLE_GROUP_FFDHE4096, TLS_DISABLE_GROUP_FFDHE6144,
                                      TLS_DISABLE_GROUP_FFDHE8192};
    const uint64_t others = TLS_DISABLE_KX_RSA | TLS_DISABLE_KX_ECDHE;
    int i, j;

    for (i = 0; i < 5; i++) {
        for (j = 0; j < 2; j++) {
            uint64_t all = groups[0] | groups[1] | groups[2] | groups[3] | groups[4];
            struct pair pair = {0};
            struct tls_info info = {0};

            pair.client.credentials = credentials_new(TLS_CLIENT, NULL, 0, protocols[j],
                                                      others | (all & ~groups[i]), 0, NULL);
            pair.server.credentials = server_credentials(IDENTITY_RSA, BOTH);
            if (check(pair_run(&pair), "client %x server %x", pair.client.status,
                      pair.server.status)) {
                info_get(pair.client.session, &info);
                check_equal(info.group, 0x100 + i);
            }
            pair_release(&pair);
        }
    }
}

/* The sizes of the records that data of this size goes out as; returns their number. */
static int record_sizes(const struct pair *pair, size_t size, size_t sizes[4])
{
    struct queue sent = {0};
    uint8_t *data = malloc(size), *at;
    int count = 0;

    memset(data, 'x', size);
    check_equal(seal_record(pair->client.session, data, size, &sent, 0), SEC_E_OK);
    free(data);
    for (at = sent.data; at < sent.data + sent.size && count < 4; count++) {
        sizes[count] = (size_t)at[3] << 8 | at[4];
        at += 5 + sizes[count];
    }
    check(at == sent.data + sent.size, "not whole records");
    queue_free(&sent);
    return count;
}

static void aux_records(void)
{
    static const size_t data_sizes[] = {1, 2, 15, 16, 17, 33, 1000, 16384};
    static const uint32_t versions[] = {TLS_PROTOCOL_TLS1_0, TLS_PROTOCOL_TLS1_1};
    size_t sizes[4] = {0}, i;
    int j, k;

    for (j = 0; j < 2; j++) {
        for (k = 0; k < 2; k++) {
            struct pair pair = {0};
            uint32_t flags = k ? TLS_CREDENTIALS_AUX_RECORD : 0;
            bool split = k && versions[j] == TLS_PROTOCOL_TLS1_0;

            pair.client.credentials =
                credentials_new(TLS_CLIENT, NULL, 0, versions[j], 0, flags, NULL);
            pair.server.credentials =
                credentials_new(TLS_SERVER, &rsa, 1, versions[j], 0, flags, NULL);
            if (!check(pair_run(&pair), "client %x server %x", pair.client.status,
                       pair.server.status))
                goto next;
            for (i = 0; i < sizeof(data_sizes) / sizeof(*data_sizes); i++) {
                struct queue wire = {0}, got = {0};
                struct tls_decrypt opened;
                uint8_t *data = malloc(data_sizes[i]);
                size_t at;

                for (at = 0; at < data_sizes[i]; at++)
                    data[at] = (uint8_t)(at * 7 + i);
                check_equal(seal_record(pair.client.session, data, data_sizes[i], &wire, 3),
                            SEC_E_OK);
                while (wire.size)
                    check_equal(open_record(pair.server.session, &wire, &got, &opened), SEC_E_OK);
                check(got.size == data_sizes[i] && !memcmp(got.data, data, got.size),
                      "%zu bytes of %zu", got.size, data_sizes[i]);
                free(data);
                queue_free(&wire);
                queue_free(&got);
            }
            check_equal(record_sizes(&pair, 1, sizes), 1);
            check_equal(record_sizes(&pair, 1000, sizes), split ? 2 : 1);
            check(!split || sizes[0] < 64, "the first of %zu bytes", sizes[0]);
        next:
            pair_release(&pair);
        }
    }
}

int main(void)
{
    RUN(ticket_keys_are_shared);
    RUN(ticket_of_the_last_period);
    RUN(ticket_key_errors);
    RUN(ticket_lifetimes);
    RUN(issuers);
    RUN(stapling);
    RUN(rsa_bounds);
    RUN(dh_bounds);
    RUN(unsafe_peers);
    RUN(suites_to_ask_for);
    RUN(finite_field_groups);
    RUN(aux_records);
    identities_free();
    return check_summary();
}
