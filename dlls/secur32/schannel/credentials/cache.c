/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Client sessions that can be resumed, per credential and target.
 *
 * A list in order of use, newest first, short enough to be searched in order: a program that holds
 * one credential for thousands of hosts loses the oldest, no more. Entries are counted, so that a
 * handshake uses one without copying it and without holding the lock.
 *
 * The bytes hold the session's secrets: they are wiped when the last reference goes.
 */
#include "schannel/credentials/cache.h"

#define MAX_SESSIONS     64
/* What Windows keeps client sessions for by default. */
#define DEFAULT_LIFESPAN (10u * 60 * 60 * 1000)

void session_cache_release(struct cached_session *session)
{
    if (!session || InterlockedDecrement(&session->references))
        return;
    RtlSecureZeroMemory(session->data, session->size);
    HeapFree(GetProcessHeap(), 0, session);
}

bool session_cache_serves(const SEC_WCHAR *target)
{
    return target && *target;
}

static bool matches(const struct cached_session *session, const SEC_WCHAR *target, bool checked)
{
    return session->checked == checked &&
           CompareStringOrdinal(session->target, -1, target, -1, TRUE) == CSTR_EQUAL;
}

/* Takes the entry out of the list. The list's reference goes to the caller. */
static struct cached_session *take(struct session_cache *cache, const SEC_WCHAR *target,
                                   bool checked)
{
    for (struct cached_session **link = &cache->first; *link; link = &(*link)->next) {
        struct cached_session *session = *link;

        if (!matches(session, target, checked))
            continue;
        *link = session->next;
        cache->count--;
        return session;
    }
    return NULL;
}

static void put_first(struct session_cache *cache, struct cached_session *session)
{
    session->next = cache->first;
    cache->first = session;
    cache->count++;
}

struct cached_session *session_cache_find(struct session_cache *cache, const SEC_WCHAR *target,
                                          bool checked, DWORD lifespan)
{
    struct cached_session *session, *stale = NULL;
    ULONGLONG max_age = lifespan ? lifespan : DEFAULT_LIFESPAN;

    if (!session_cache_serves(target) || !__atomic_load_n(&cache->count, __ATOMIC_RELAXED))
        return NULL;
    AcquireSRWLockExclusive(&cache->lock);
    session = take(cache, target, checked);
    if (session && GetTickCount64() - session->kept_at > max_age) {
        stale = session;
        session = NULL;
    }
    if (session) {
        put_first(cache, session);
        InterlockedIncrement(&session->references);
    }
    ReleaseSRWLockExclusive(&cache->lock);
    session_cache_release(stale);
    return session;
}

static struct cached_session *new_session(const SEC_WCHAR *target, bool checked, const void *data,
                                          uint32_t size)
{
    SIZE_T target_size = (wcslen(target) + 1) * sizeof(*target);
    SIZE_T data_size = ((SIZE_T)size + 1) & ~(SIZE_T)1;
    struct cached_session *session =
        HeapAlloc(GetProcessHeap(), 0, sizeof(*session) + data_size + target_size);

    if (!session)
        return NULL;
    session->references = 1;
    session->checked = checked;
    session->kept_at = GetTickCount64();
    session->size = size;
    memcpy(session->data, data, size);
    session->target = (SEC_WCHAR *)(void *)(session->data + data_size);
    memcpy(session->target, target, target_size);
    return session;
}

void session_cache_keep(struct session_cache *cache, const SEC_WCHAR *target, bool checked,
                        const void *data, uint32_t size)
{
    struct cached_session *session, *replaced, *oldest = NULL;

    /* Out of memory costs the next connection a full handshake, no more. */
    if (!session_cache_serves(target) || !size ||
        !(session = new_session(target, checked, data, size)))
        return;
    AcquireSRWLockExclusive(&cache->lock);
    replaced = take(cache, target, checked);
    put_first(cache, session);
    if (cache->count > MAX_SESSIONS || cache->count > cache->limit) {
        struct cached_session **link = &cache->first;

        while ((*link)->next)
            link = &(*link)->next;
        oldest = *link;
        *link = NULL;
        cache->count--;
    }
    ReleaseSRWLockExclusive(&cache->lock);
    session_cache_release(replaced);
    session_cache_release(oldest);
}

void session_cache_forget(struct session_cache *cache, const SEC_WCHAR *target, bool checked)
{
    struct cached_session *session;

    if (!session_cache_serves(target))
        return;
    AcquireSRWLockExclusive(&cache->lock);
    session = take(cache, target, checked);
    ReleaseSRWLockExclusive(&cache->lock);
    session_cache_release(session);
}

void session_cache_clear(struct session_cache *cache)
{
    struct cached_session *session, *next;

    AcquireSRWLockExclusive(&cache->lock);
    session = cache->first;
    cache->first = NULL;
    cache->count = 0;
    ReleaseSRWLockExclusive(&cache->lock);
    for (; session; session = next) {
        next = session->next;
        session_cache_release(session);
    }
}
