/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * credentials: keys, priorities and the ticket keys; counted, and immutable after creation but for
 * the ticket keys (credentials/tickets.c) and whom requests name (credentials/issuers.c), so that
 * any number of sessions and threads use one without a lock.
 */
#ifndef UNIX_STATE_CREDENTIALS_H
#define UNIX_STATE_CREDENTIALS_H

#include "unix/base/engine.h"

struct credential_key;
struct priority;
struct session_cache;

#define TICKET_KEY_SIZE  64 /* what GnuTLS wants */
#define TICKET_KEY_WORDS (TICKET_KEY_SIZE / sizeof(uint64_t))

struct ticket_keys {
    atomic_uint sequence; /* odd: being written */
    atomic_uint count;
    _Atomic uint64_t words[TLS_MAX_TICKET_KEYS * TICKET_KEY_WORDS];
};

struct credentials {
    atomic_uint references;
    uint32_t role;
    uint32_t flags;
    uint32_t protocols;
    uint32_t key_count;
    bool external; /* some keys stay with the caller: GnuTLS runs in a helper */
    struct credential_key **keys;
    gnutls_certificate_credentials_t tls;
    struct priority *priority;
    uint32_t ticket_lifetime; /* seconds, 0: the usual */
    uint32_t min_rsa_bits, max_rsa_bits, min_dh_bits;
    pthread_mutex_t settings_lock; /* held by those that change what follows */
    struct ticket_keys ticket_keys;
    struct session_cache *session_cache; /* server: or NULL */
    atomic_bool names_issuers; /* sessions made from now on name credentials/issuers.c's */
    gnutls_datum_t cookie_key; /* DTLS server */
};

#endif
