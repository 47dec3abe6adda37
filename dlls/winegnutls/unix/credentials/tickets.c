/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The keys of a server's session tickets, its own or those a program shares among servers.
 *
 * Keys may be replaced while sessions are made in other threads, so they are read without a lock:
 * a counter is odd while they are written, and a reader that sees it move reads again.
 *
 * GnuTLS takes one key per session and makes the key of a period of time from it. When a program
 * gave several, the one that made a client's ticket is found by the name in front of the ticket:
 * the first 16 of the 64 bytes SHA3-512(number of the period, key), as lib/stek.c documents it. A
 * ticket whose name nobody knows costs a full handshake, no more.
 *
 * What a ticket says of the client's certificate is believed, so it must come from a session that
 * looked at certificates as this one does. The key in use is therefore derived from the shared one
 * and how the session judges (HKDF): a session that judges otherwise cannot open the ticket.
 */
#include <string.h>
#include <time.h>

#include "unix/base/bytes.h"
#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/credentials/keyload.h"
#include "unix/credentials/tickets.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/wire/hello.h"

#define TICKET_NAME_SIZE 16
#define MIN_KEY_MATERIAL 32
#define PERIOD_LIFETIMES 3 /* of a ticket, in one period */
#define DEFAULT_LIFETIME 21600
#define IDENTITY_OFFSET  4 /* in pre_shared_key: size of all identities, of the first one */

enum { EXTENSION_SESSION_TICKET = 35, EXTENSION_PRE_SHARED_KEY = 41 };

static void write_keys(struct ticket_keys *keys, const uint8_t *bytes, uint32_t count)
{
    uint64_t word;

    atomic_fetch_add_explicit(&keys->sequence, 1, memory_order_relaxed);
    for (uint32_t i = 0; i < TLS_MAX_TICKET_KEYS * TICKET_KEY_WORDS; i++) {
        word = 0;
        if (i < count * TICKET_KEY_WORDS)
            memcpy(&word, bytes + i * sizeof(word), sizeof(word));
        /* Whoever sees the word sees that it is being written. */
        atomic_store_explicit(&keys->words[i], word, memory_order_release);
    }
    atomic_store_explicit(&keys->count, count, memory_order_release);
    atomic_fetch_add_explicit(&keys->sequence, 1, memory_order_release);
}

struct judgement session_judgement(const struct session *session)
{
    struct judgement judgement = {0, 0};

    if (session->flags & TLS_SESSION_REQUEST_CERT) {
        judgement.flags = session->flags & (TLS_SESSION_REQUEST_CERT | TLS_SESSION_VERIFY_PEER);
        judgement.policy = session->policy;
    }
    return judgement;
}

/* Makes the shared key one for sessions that judge as this one does. */
static int derive(const struct session *session, uint8_t key[TICKET_KEY_SIZE])
{
    uint8_t info[] = "asyncsspi ticket\0ffffpppppppp", root[64];
    gnutls_datum_t input = {key, TICKET_KEY_SIZE}, salt = {NULL, 0}, secret = {root, sizeof(root)};
    gnutls_datum_t about = {info, sizeof(info) - 1};
    const struct judgement judgement = session_judgement(session);
    int error;

    store32(info + 17, judgement.flags);
    store64(info + 21, judgement.policy);
    error = gnutls_hkdf_extract(GNUTLS_MAC_SHA512, &input, &salt, root);
    if (error >= 0)
        error = gnutls_hkdf_expand(GNUTLS_MAC_SHA512, &secret, &about, key, TICKET_KEY_SIZE);
    gnutls_memset(root, 0, sizeof(root));
    return error;
}

/* The number of keys; the one at index into `key` when there is such a one. */
static uint32_t read_key(const struct ticket_keys *keys, uint32_t index,
                         uint8_t key[TICKET_KEY_SIZE])
{
    uint32_t before, count;
    uint64_t word;

    do {
        before = atomic_load_explicit(&keys->sequence, memory_order_acquire);
        count = atomic_load_explicit(&keys->count, memory_order_acquire);
        for (uint32_t i = 0; index < count && i < TICKET_KEY_WORDS; i++) {
            word = atomic_load_explicit(&keys->words[index * TICKET_KEY_WORDS + i],
                                        memory_order_acquire);
            memcpy(key + i * sizeof(word), &word, sizeof(word));
        }
    } while (before & 1 || before != atomic_load_explicit(&keys->sequence, memory_order_relaxed));
    return count;
}

int ticket_keys_generate(struct ticket_keys *keys)
{
    uint8_t key[TICKET_KEY_SIZE];
    int error = gnutls_rnd(GNUTLS_RND_KEY, key, sizeof(key));

    if (error >= 0)
        write_keys(keys, key, 1);
    gnutls_memset(key, 0, sizeof(key));
    return error;
}

void ticket_keys_wipe(struct ticket_keys *keys)
{
    write_keys(keys, NULL, 0);
}

/* Whether a ticket of this name was made with the key in this period or one beside it. */
static bool made_ticket(const uint8_t key[TICKET_KEY_SIZE], const uint8_t *name, uint64_t period)
{
    uint8_t input[8 + TICKET_KEY_SIZE], output[64];
    bool found = false;

    memcpy(input + 8, key, TICKET_KEY_SIZE);
    for (uint64_t number = period - 1; number != period + 2 && !found; number++) {
        store64(input, number);
        found = gnutls_hash_fast(GNUTLS_DIG_SHA3_512, input, sizeof(input), output) >= 0 &&
                !memcmp(output, name, TICKET_NAME_SIZE);
    }
    gnutls_memset(input, 0, sizeof(input));
    gnutls_memset(output, 0, sizeof(output));
    return found;
}

struct ticket_name {
    uint8_t bytes[TICKET_NAME_SIZE];
    bool known;
};

static int on_ticket_extension(void *context, unsigned int type, const unsigned char *data,
                               unsigned int size)
{
    struct ticket_name *name = context;

    if (type == EXTENSION_PRE_SHARED_KEY && size >= IDENTITY_OFFSET + TICKET_NAME_SIZE)
        memcpy(name->bytes, data + IDENTITY_OFFSET, TICKET_NAME_SIZE);
    else if (type == EXTENSION_SESSION_TICKET && size >= TICKET_NAME_SIZE)
        memcpy(name->bytes, data, TICKET_NAME_SIZE);
    else
        return 0;
    name->known = true;
    return 0;
}

uint32_t session_lifetime(const struct credentials *credentials)
{
    return credentials->ticket_lifetime ? credentials->ticket_lifetime : DEFAULT_LIFETIME;
}

/* The key for a client with this hello: the ticket's, else the first one. 0 or a GnuTLS error; none
 * when *count is 0. */
static int choose_key(const struct session *session, struct client_hello *hello,
                      uint8_t key[TICKET_KEY_SIZE], uint32_t *count)
{
    const struct credentials *credentials = session->credentials;
    uint64_t period = (uint64_t)time(NULL) / (session_lifetime(credentials) * PERIOD_LIFETIMES);
    struct ticket_name name = {{0}, false};
    int error;

    *count = read_key(&credentials->ticket_keys, 0, key);
    if (!*count || (error = derive(session, key)) < 0)
        return *count ? error : 0;
    if (*count < 2)
        return 0;
    client_hello_extensions(hello, on_ticket_extension, &name);
    for (uint32_t i = 0; name.known && i < *count; i++) {
        /* The keys may have been replaced by fewer. */
        if (read_key(&credentials->ticket_keys, i, key) <= i)
            break;
        if ((error = derive(session, key)) < 0 || made_ticket(key, name.bytes, period))
            return error;
    }
    read_key(&credentials->ticket_keys, 0, key);
    return derive(session, key);
}

int ticket_keys_enable(struct session *session, struct client_hello *hello)
{
    uint8_t key[TICKET_KEY_SIZE];
    const gnutls_datum_t datum = {key, sizeof(key)};
    uint32_t count;
    int error = choose_key(session, hello, key, &count);

    if (error >= 0 && count) {
        gnutls_db_set_cache_expiration(session->tls, (int)session_lifetime(session->credentials));
        error = gnutls_session_ticket_enable_server(session->tls, &datum);
    }
    gnutls_memset(key, 0, sizeof(key));
    return error;
}

/* SHA-512 of what the program gave has the size GnuTLS wants. */
static bool make_keys(const struct tls_blob *blobs, uint32_t count,
                      uint8_t keys[TLS_MAX_TICKET_KEYS][TICKET_KEY_SIZE])
{
    for (uint32_t i = 0; i < count; i++) {
        if (!blobs[i].data || blobs[i].size < MIN_KEY_MATERIAL ||
            gnutls_hash_fast(GNUTLS_DIG_SHA512, pointer(blobs[i].data), blobs[i].size, keys[i]) < 0)
            return false;
    }
    return true;
}

void call_set_ticket_keys(struct tls_set_ticket_keys *params)
{
    struct credentials *credentials = pointer(params->credentials);
    uint8_t keys[TLS_MAX_TICKET_KEYS][TICKET_KEY_SIZE];

    params->status = SEC_E_INVALID_PARAMETER;
    if (!credentials || !params->keys || !params->count || params->count > TLS_MAX_TICKET_KEYS)
        return;
    params->status = SEC_E_UNSUPPORTED_FUNCTION;
    if (credentials->role != TLS_SERVER || credentials->flags & TLS_CREDENTIALS_NO_TICKETS)
        return;
    params->status = SEC_E_INVALID_PARAMETER;
    if (make_keys(pointer(params->keys), params->count, keys)) {
        pthread_mutex_lock(&credentials->settings_lock);
        write_keys(&credentials->ticket_keys, keys[0], params->count);
        pthread_mutex_unlock(&credentials->settings_lock);
        params->status = SEC_E_OK;
    }
    gnutls_memset(keys, 0, sizeof(keys));
}
