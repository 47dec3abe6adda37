/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Client sessions to resume, per credential and target.
 *
 * `checked` tells apart sessions whose server was validated inside the handshake from those whose
 * program wanted to do it: the former are never resumed from the latter.
 */
#ifndef ASYNCSSPI_CACHE_H
#define ASYNCSSPI_CACHE_H

#include "core/sspitypes.h"
#include <stdint.h>

/* All zero bits but for the limit to begin with. */
struct session_cache {
    SRWLOCK lock;
    struct cached_session *first;
    unsigned int count;
    unsigned int limit; /* at most so many, besides credentials/cache.c's own limit */
};

struct cached_session {
    struct cached_session *next;
    LONG references;
    bool checked;
    ULONGLONG kept_at; /* GetTickCount64 */
    SEC_WCHAR *target; /* behind the data */
    uint32_t size;
    uint8_t data[]; /* what TLS_CALL_RESUMPTION_DATA gave */
};

/* Whether anything is kept for this target: programs that pass no name must not get each other's
 * sessions. */
bool session_cache_serves(const SEC_WCHAR *target);
/* A reference to what can be resumed, or NULL. `lifespan` in milliseconds, 0: ten hours. */
struct cached_session *session_cache_find(struct session_cache *cache, const SEC_WCHAR *target,
                                          bool checked, DWORD lifespan);
/* Drops a reference; NULL is accepted. */
void session_cache_release(struct cached_session *session);
/* Keeps a copy of data, in place of what is there for target. */
void session_cache_keep(struct session_cache *cache, const SEC_WCHAR *target, bool checked,
                        const void *data, uint32_t size);
void session_cache_forget(struct session_cache *cache, const SEC_WCHAR *target, bool checked);
/* Wipes and frees everything, for the credential's destruction. */
void session_cache_clear(struct session_cache *cache);

#endif
