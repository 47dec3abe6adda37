/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server's sessions, for clients that resume by session id (RFC 5246 7.3): those of TLS 1.2 and
 * older that do not know tickets, of which nothing is kept here.
 *
 * A session is found again only by one that judges client certificates as it did, as with tickets
 * (credentials/tickets.c). The longest unused one makes room for the next. What is kept holds the
 * master secret, so it is wiped.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unix/base/engine.h"
#include "unix/credentials/sessioncache.h"
#include "unix/credentials/tickets.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"

#define BUCKETS     256
#define MAX_ID_SIZE 32

struct kept_session {
    struct kept_session *next;          /* in the bucket */
    struct kept_session *newer, *older; /* in the order of use */
    struct judgement judgement;
    time_t end;
    uint32_t id_size;
    uint8_t id[MAX_ID_SIZE];
    uint32_t size;
    uint8_t data[];
};

struct session_cache {
    pthread_mutex_t lock;
    uint32_t limit, lifetime, count;
    struct kept_session *newest, *oldest;
    struct kept_session *buckets[BUCKETS];
};

struct session_cache *session_cache_create(uint32_t limit, uint32_t lifetime)
{
    struct session_cache *cache = calloc(1, sizeof(*cache));

    if (!cache)
        return NULL;
    pthread_mutex_init(&cache->lock, NULL);
    cache->limit = limit;
    cache->lifetime = lifetime;
    return cache;
}

/* Session ids are random bytes of our own. */
static struct kept_session **bucket(struct session_cache *cache, const uint8_t *id)
{
    return &cache->buckets[id[0] % BUCKETS];
}

static void unlink_used(struct session_cache *cache, struct kept_session *kept)
{
    *(kept->newer ? &kept->newer->older : &cache->newest) = kept->older;
    *(kept->older ? &kept->older->newer : &cache->oldest) = kept->newer;
}

static void put_newest(struct session_cache *cache, struct kept_session *kept)
{
    kept->newer = NULL;
    kept->older = cache->newest;
    *(cache->newest ? &cache->newest->newer : &cache->oldest) = kept;
    cache->newest = kept;
}

static void forget(struct session_cache *cache, struct kept_session *kept)
{
    struct kept_session **link = bucket(cache, kept->id);

    while (*link != kept)
        link = &(*link)->next;
    *link = kept->next;
    unlink_used(cache, kept);
    cache->count--;
    gnutls_memset(kept, 0, sizeof(*kept) + kept->size);
    free(kept);
}

void session_cache_free(struct session_cache *cache)
{
    if (!cache)
        return;
    while (cache->oldest)
        forget(cache, cache->oldest);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct kept_session *find(struct session_cache *cache, const struct session *session,
                                 const gnutls_datum_t *id)
{
    const struct judgement judgement = session_judgement(session);
    struct kept_session *kept;

    if (!id->size || id->size > MAX_ID_SIZE)
        return NULL;
    for (kept = *bucket(cache, id->data); kept; kept = kept->next)
        if (kept->id_size == id->size && !memcmp(kept->id, id->data, id->size))
            break;
    if (kept && kept->end <= time(NULL)) {
        forget(cache, kept);
        kept = NULL;
    }
    if (kept &&
        (kept->judgement.policy != judgement.policy || kept->judgement.flags != judgement.flags))
        kept = NULL;
    return kept;
}

static int store(void *context, gnutls_datum_t id, gnutls_datum_t data)
{
    const struct session *session = context;
    struct session_cache *cache = session->credentials->session_cache;
    struct kept_session *kept;

    if (session->ticket_known || !id.size || id.size > MAX_ID_SIZE ||
        !(kept = calloc(1, sizeof(*kept) + data.size)))
        return 0;
    kept->judgement = session_judgement(session);
    kept->end = time(NULL) + cache->lifetime;
    kept->id_size = id.size;
    memcpy(kept->id, id.data, id.size);
    kept->size = data.size;
    memcpy(kept->data, data.data, data.size);

    pthread_mutex_lock(&cache->lock);
    while (cache->count >= cache->limit && cache->oldest)
        forget(cache, cache->oldest);
    kept->next = *bucket(cache, kept->id);
    *bucket(cache, kept->id) = kept;
    put_newest(cache, kept);
    cache->count++;
    pthread_mutex_unlock(&cache->lock);
    return 0;
}

/* What GnuTLS takes for found is its own to free. */
static gnutls_datum_t retrieve(void *context, gnutls_datum_t id)
{
    const struct session *session = context;
    struct session_cache *cache = session->credentials->session_cache;
    gnutls_datum_t data = {NULL, 0};
    struct kept_session *kept;

    pthread_mutex_lock(&cache->lock);
    kept = find(cache, session, &id);
    if (kept && (data.data = gnutls_malloc(kept->size))) {
        memcpy(data.data, kept->data, kept->size);
        data.size = kept->size;
        unlink_used(cache, kept);
        put_newest(cache, kept);
    }
    pthread_mutex_unlock(&cache->lock);
    return data;
}

static int remove_session(void *context, gnutls_datum_t id)
{
    const struct session *session = context;
    struct session_cache *cache = session->credentials->session_cache;
    struct kept_session *kept;

    pthread_mutex_lock(&cache->lock);
    if ((kept = find(cache, session, &id)))
        forget(cache, kept);
    pthread_mutex_unlock(&cache->lock);
    return 0;
}

void session_cache_use(struct session *session)
{
    if (!session->credentials->session_cache)
        return;
    gnutls_db_set_ptr(session->tls, session);
    gnutls_db_set_store_function(session->tls, store);
    gnutls_db_set_retrieve_function(session->tls, retrieve);
    gnutls_db_set_remove_function(session->tls, remove_session);
}
