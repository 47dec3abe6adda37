/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What credentials share: parsed certificates, keys and priorities, and what they must not share.
 */
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

#include "unix/state/credentials.h"
#include "unix/credentials/keycache.h"
#include "unix/credentials/keyload.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static const struct credential_key *key_of(tls_u64 credentials)
{
    return ((const struct credentials *)(uintptr_t)credentials)->keys[0];
}

static const struct priority *priority_of(tls_u64 credentials)
{
    return ((const struct credentials *)(uintptr_t)credentials)->priority;
}

/* A source of the identity's key; `mark` makes it another one as the response that it is not. */
static struct tls_key source_of(enum identity_kind kind, struct tls_blob chain[2],
                                const uint32_t *mark)
{
    const struct identity *identity = identity_get(kind);
    struct tls_key source = {.chain = (uintptr_t)chain, .chain_count = 2};

    for (int i = 0; i < 2; i++) {
        chain[i].data = (uintptr_t)identity->chain[i].data;
        chain[i].size = identity->chain[i].size;
    }
    source.key.data = (uintptr_t)identity->key.data;
    source.key.size = identity->key.size;
    if (mark) {
        source.ocsp.data = (uintptr_t)mark;
        source.ocsp.size = sizeof(*mark);
    }
    return source;
}

static void shared_while_used(void)
{
    const enum identity_kind rsa = IDENTITY_RSA, other = IDENTITY_OTHER_RSA;
    tls_u64 server = credentials_new(TLS_SERVER, &rsa, 1, BOTH, 0, 0, NULL);
    tls_u64 again = credentials_new(TLS_SERVER, &rsa, 1, BOTH, 0, 0, NULL);
    tls_u64 client = credentials_new(TLS_CLIENT, &rsa, 1, BOTH, 0, 0, NULL);
    tls_u64 stranger = credentials_new(TLS_SERVER, &other, 1, BOTH, 0, 0, NULL);

    check(key_of(server) == key_of(again), "two copies of one key");
    check(key_of(server) == key_of(client), "two copies of one key in two roles");
    check(key_of(server) != key_of(stranger), "one copy of two keys");
    check(priority_of(server) == priority_of(again), "two copies of one priority");
    check(priority_of(server) != priority_of(client), "one priority for two roles");
    credentials_delete(server);
    credentials_delete(again);
    /* The one that is left works as before. */
    {
        struct pair pair = {.client.credentials = client,
                            .server.credentials = stranger,
                            .server.flags = TLS_SESSION_REQUEST_CERT};

        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        pair_release(&pair);
    }
}

static void kept_without_user(void)
{
    const enum identity_kind rsa = IDENTITY_RSA;
    tls_u64 server = credentials_new(TLS_SERVER, &rsa, 1, BOTH, 0, 0, NULL);
    const struct credential_key *key = key_of(server);
    const struct priority *priority = priority_of(server);

    credentials_delete(server);
    server = credentials_new(TLS_SERVER, &rsa, 1, BOTH, 0, 0, NULL);
    check(key_of(server) == key, "the key was parsed again");
    check(priority_of(server) == priority, "the priority was parsed again");
    credentials_delete(server);
}

/* The wrong key for a certificate that is there with the right one. */
static void other_key_is_not_taken(void)
{
    const enum identity_kind rsa = IDENTITY_RSA;
    tls_u64 server = credentials_new(TLS_SERVER, &rsa, 1, BOTH, 0, 0, NULL);
    struct credential_key *key = NULL;
    struct tls_blob chain[2], unused[2];
    struct tls_key source = source_of(IDENTITY_RSA, chain, NULL);
    int i;

    source.key = source_of(IDENTITY_OTHER_RSA, unused, NULL).key;
    for (i = 0; i < 2; i++)
        check_equal(key_get(&source, 0, &key), GNUTLS_E_CERTIFICATE_KEY_MISMATCH);
    source = source_of(IDENTITY_RSA, chain, NULL);
    source.chain_count = 1;
    check_equal(key_get(&source, 0, &key), 0);
    check(key != key_of(server), "another chain is the same");
    check_equal(key->chain_count, 1);
    key_release(key);
    source.key.size--;
    check(key_get(&source, 0, &key) < 0, "a damaged key was taken");
    credentials_delete(server);
}

/* The same bytes, cut in another way. */
static void cut_elsewhere(void)
{
    const enum identity_kind rsa = IDENTITY_RSA;
    tls_u64 server = credentials_new(TLS_SERVER, &rsa, 1, BOTH, 0, 0, NULL);
    struct credential_key *key = NULL;
    struct tls_blob chain[2];
    struct tls_key source = source_of(IDENTITY_RSA, chain, NULL);
    const size_t size = chain[0].size + chain[1].size;
    uint8_t *both = malloc(size);

    memcpy(both, (const void *)(uintptr_t)chain[0].data, chain[0].size);
    memcpy(both + chain[0].size, (const void *)(uintptr_t)chain[1].data, chain[1].size);
    chain[0] = (struct tls_blob){.data = (uintptr_t)both, .size = (uint32_t)size};
    source.chain_count = 1;
    if (!check(key_get(&source, 0, &key) < 0, "two certificates in one were taken"))
        key_release(key);
    free(both);
    credentials_delete(server);
}

static void longest_chain(void)
{
    struct tls_blob two[2], chain[MAX_CHAIN + 1];
    struct tls_key source = source_of(IDENTITY_RSA, two, NULL);
    struct credential_key *key = NULL;

    chain[0] = two[0];
    for (int i = 1; i <= MAX_CHAIN; i++)
        chain[i] = two[1];
    source.chain = (uintptr_t)chain;
    source.chain_count = MAX_CHAIN;
    if (check_equal(key_get(&source, 0, &key), 0))
        key_release(key);
    source.chain_count = MAX_CHAIN + 1;
    check_equal(key_get(&source, 0, &key), GNUTLS_E_INVALID_REQUEST);
}

/* A few are kept without a user, the oldest goes. Freed memory does not come back at once under the
 * sanitizer, so another address is another object. */
static void bounded(void)
{
    enum { COUNT = 9 };
    struct credential_key *keys[COUNT], *key = NULL;
    struct tls_blob chain[2];
    struct tls_key source;
    uint32_t i;

    for (i = 0; i < COUNT; i++) {
        source = source_of(IDENTITY_P256, chain, &i);
        check_equal(key_get(&source, 0, &keys[i]), 0);
        check(!i || keys[i] != keys[i - 1], "one copy of two keys");
    }
    for (i = 0; i < COUNT; i++)
        key_release(keys[i]);
    for (i = 1; i < COUNT; i++) {
        source = source_of(IDENTITY_P256, chain, &i);
        check_equal(key_get(&source, 0, &key), 0);
        check(key == keys[i], "key %u is gone", i);
        key_release(key);
    }
    i = 0;
    source = source_of(IDENTITY_P256, chain, &i);
    check_equal(key_get(&source, 0, &key), 0);
    check(key != keys[0], "the first key is still there");
    key_release(key);
}

static void external_keys_are_not_shared(void)
{
    const enum identity_kind kind = IDENTITY_P256;
    const uint32_t abilities = TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA256;
    tls_u64 one = external_credentials(TLS_SERVER, &kind, 1, BOTH, 0, abilities, NULL);
    tls_u64 two = external_credentials(TLS_SERVER, &kind, 1, BOTH, 0, abilities, NULL);

    check(key_of(one) != key_of(two), "one key for two callers");
    credentials_delete(one);
    credentials_delete(two);
}

/* The key of a certificate whose caller has it no more; `chain_count` certificates of the chain. */
static int get_kept(enum identity_kind kind, uint32_t chain_count, struct credential_key **key)
{
    struct tls_blob chain[2];
    struct tls_key source = source_of(kind, chain, NULL);

    source.key = (struct tls_blob){.data = 0};
    source.abilities = TLS_KEY_KEPT;
    source.chain_count = chain_count;
    return key_get(&source, 0, key);
}

static void found_by_public_key(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P256};
    struct tls_blob chain[2];
    struct credential_key *given, *kept, *again;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        struct tls_key source = source_of(kinds[i], chain, NULL);

        check_equal(key_get(&source, 0, &given), 0);
        check_equal(get_kept(kinds[i], 1, &kept), 0);
        check_equal(kept->chain_count, 1);
        check(!memcmp(kept->public_id, given->public_id, KEY_DIGEST_SIZE), "another key");
        /* It is kept as well as the one that was given. */
        key_release(given);
        check_equal(get_kept(kinds[i], 1, &again), 0);
        check(again == kept, "parsed again");
        key_release(again);
        key_release(kept);
    }
}

static void not_kept(void)
{
    struct tls_blob chain[2];
    struct tls_key source = source_of(IDENTITY_P384, chain, NULL);
    struct tls_credentials_create params = {
        .keys = (uintptr_t)&source, .key_count = 1, .role = TLS_SERVER, .protocols = BOTH};
    struct credential_key *key;

    source.key = (struct tls_blob){.data = 0};
    source.abilities = TLS_KEY_KEPT;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_NO_CREDENTIALS);
    check(!params.credentials, "credentials without a key");
    /* Without a certificate, or with one that is none. */
    source.chain_count = 0;
    check_equal(key_get(&source, 0, &key), GNUTLS_E_INVALID_REQUEST);
    source.chain_count = 1;
    chain[0].size--;
    check(key_get(&source, 0, &key) < 0, "half a certificate");
    source.chain = 0;
    check_equal(key_get(&source, 0, &key), GNUTLS_E_INVALID_REQUEST);
}

int main(void)
{
    RUN(shared_while_used);
    RUN(kept_without_user);
    RUN(other_key_is_not_taken);
    RUN(cut_elsewhere);
    RUN(longest_chain);
    RUN(bounded);
    RUN(external_keys_are_not_shared);
    RUN(found_by_public_key);
    RUN(not_kept);
    identities_free();
    return check_summary();
}
