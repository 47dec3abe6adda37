/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates and keys that were parsed before.
 *
 * A program that makes a credential per connection gives the same certificate and key every time,
 * and parsing them costs more than the rest. What was parsed is found again by the hash of all that
 * it was parsed from, the private key included, so that another key is never taken for it. It lives
 * as long as a credential uses it, and the last few beyond that; then GnuTLS wipes the key.
 *
 * A caller that has lost the key of a certificate gets what is kept by its public key
 * (TLS_KEY_KEPT).
 *
 * Keys that stay with the caller are not shared: they are known by their place in one credential.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "unix/base/engine.h"
#include "unix/base/lru.h"
#include "unix/credentials/keycache.h"
#include "unix/credentials/keyload.h"

/* Kept without a user. */
#define MAX_UNUSED 8

static struct lru keys = {.lock = PTHREAD_MUTEX_INITIALIZER, .max_unused = MAX_UNUSED};

static int hash_blob(gnutls_hash_hd_t hash, const struct tls_blob *blob)
{
    const uint32_t size = blob->data ? blob->size : 0;
    int error = gnutls_hash(hash, &size, sizeof(size));

    return error < 0 || !size ? error : gnutls_hash(hash, pointer(blob->data), size);
}

static int hash_source(const struct tls_key *source, uint8_t digest[KEY_DIGEST_SIZE])
{
    const struct tls_blob *chain = pointer(source->chain);
    gnutls_hash_hd_t hash;
    int error = gnutls_hash_init(&hash, GNUTLS_DIG_SHA256);

    if (error < 0)
        return error;
    error = hash_blob(hash, &source->key);
    if (error >= 0)
        error = hash_blob(hash, &source->ocsp);
    for (uint32_t i = 0; i < source->chain_count && error >= 0; i++)
        error = hash_blob(hash, &chain[i]);
    gnutls_hash_deinit(hash, digest);
    return error;
}

/* Under the lock; takes a reference. */
static struct credential_key *find(const uint8_t digest[KEY_DIGEST_SIZE])
{
    struct credential_key *key = (struct credential_key *)keys.first;

    while (key && memcmp(key->digest, digest, KEY_DIGEST_SIZE) != 0)
        key = (struct credential_key *)key->entry.next;
    if (key)
        lru_take(&keys, &key->entry);
    return key;
}

static void destroy(struct credential_key *key)
{
    key_unload(key);
    free(key);
}

static int create(const struct tls_key *source, const struct credential_key *kept, uint32_t index,
                  struct credential_key **result)
{
    struct credential_key *key = calloc(1, sizeof(*key));
    int error;

    if (!key)
        return GNUTLS_E_MEMORY_ERROR;
    error = key_load(key, index, source, kept);
    if (error < 0) {
        destroy(key);
        return error;
    }
    *result = key;
    return 0;
}

/* With `kept`, the source's key only tells that one from others. */
static int get(const struct tls_key *source, const struct credential_key *kept, uint32_t index,
               struct credential_key **result)
{
    struct credential_key *key = NULL, *other;
    uint8_t digest[KEY_DIGEST_SIZE];
    int error;

    if (!source->key.data || !source->chain || source->chain_count > MAX_CHAIN)
        return create(source, kept, index, result);
    error = hash_source(source, digest);
    if (error < 0)
        return error;
    pthread_mutex_lock(&keys.lock);
    *result = find(digest);
    pthread_mutex_unlock(&keys.lock);
    if (*result)
        return 0;

    error = create(source, kept, index, &key);
    if (error < 0)
        return error;
    memcpy(key->digest, digest, sizeof(digest));
    pthread_mutex_lock(&keys.lock);
    /* Another thread may have been faster. */
    other = find(digest);
    if (!other) {
        key->cached = true;
        lru_add(&keys, &key->entry);
    }
    pthread_mutex_unlock(&keys.lock);
    if (other)
        destroy(key);
    *result = other ? other : key;
    return 0;
}

void key_release(struct credential_key *key)
{
    struct lru_entry *last;

    if (!key->cached) {
        destroy(key);
        return;
    }
    pthread_mutex_lock(&keys.lock);
    last = lru_release(&keys, &key->entry);
    pthread_mutex_unlock(&keys.lock);
    if (last)
        destroy((struct credential_key *)last);
}

/* A kept key with that public key, with a reference, or NULL. */
static struct credential_key *find_public(const uint8_t id[KEY_DIGEST_SIZE])
{
    struct credential_key *key;

    pthread_mutex_lock(&keys.lock);
    key = (struct credential_key *)keys.first;
    while (key && memcmp(key->public_id, id, KEY_DIGEST_SIZE) != 0)
        key = (struct credential_key *)key->entry.next;
    if (key)
        lru_take(&keys, &key->entry);
    pthread_mutex_unlock(&keys.lock);
    return key;
}

/* What is kept for the leaf, with a reference, and the digest of its public key. */
static int find_kept(const struct tls_key *source, uint8_t id[KEY_DIGEST_SIZE],
                     struct credential_key **kept)
{
    const struct tls_blob *chain = pointer(source->chain);
    gnutls_x509_crt_t leaf = NULL;
    int error;

    if (!chain || !source->chain_count)
        return GNUTLS_E_INVALID_REQUEST;
    error = certificate_import(&leaf, chain[0].data, chain[0].size);
    if (error >= 0)
        error = key_id_of_certificate(leaf, id);
    if (leaf)
        gnutls_x509_crt_deinit(leaf);
    if (error < 0)
        return error;
    *kept = find_public(id);
    return *kept ? 0 : KEY_NOT_KEPT;
}

int key_get(const struct tls_key *source, uint32_t index, struct credential_key **result)
{
    struct credential_key *kept = NULL;
    struct tls_key named = *source;
    uint8_t id[KEY_DIGEST_SIZE];
    int error;

    if (!source->key.data && source->abilities == TLS_KEY_KEPT) {
        error = find_kept(source, id, &kept);
        if (error < 0)
            return error;
        named.key.data = (uintptr_t)id;
        named.key.size = sizeof(id);
    }
    error = get(&named, kept, index, result);
    if (kept)
        key_release(kept);
    return error;
}
