/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A server's sessions, for clients that resume by session id. */
#ifndef UNIX_CREDENTIALS_SESSIONCACHE_H
#define UNIX_CREDENTIALS_SESSIONCACHE_H

#include "unix/base/engine.h"

struct session;
struct session_cache;

/* For at most `limit` sessions, each for `lifetime` seconds; NULL: no memory. */
struct session_cache *session_cache_create(uint32_t limit, uint32_t lifetime);
void session_cache_free(struct session_cache *cache);

/* Has a new session look into the cache of its credentials, if they have one, and be kept there. */
void session_cache_use(struct session *session);

#endif
