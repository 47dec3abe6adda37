/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a set of protocols and a set of disabled algorithms to a gnutls_priority_t.
 *
 * Parsing a priority string costs as much as a dozen session creations, so credentials with equal
 * settings share one parsed object. The list of those is short and only walked when credentials
 * come and go, never on the path of a session's records.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "unix/base/lru.h"
#include "unix/base/status.h"
#include "unix/credentials/priority.h"

#define MAX_SUITES 128
/* Kept without a user: a program that makes one credential after the other parses them once. */
#define MAX_UNUSED 8

struct priority {
    struct lru_entry entry;
    uint32_t role;
    uint32_t protocols;
    uint64_t disabled;
    gnutls_priority_t handle;
    struct {
        uint8_t id[2];
        uint8_t signs; /* SUITE_WITH_ */
    } suites[MAX_SUITES];
    unsigned int suite_count;
};

static struct lru priorities = {.lock = PTHREAD_MUTEX_INITIALIZER, .max_unused = MAX_UNUSED};

struct switch_row {
    uint64_t bit;
    const char *text;
};

static const struct switch_row protocol_rows[] = {
    {TLS_PROTOCOL_TLS1_3, ":+VERS-TLS1.3"},   {TLS_PROTOCOL_TLS1_2, ":+VERS-TLS1.2"},
    {TLS_PROTOCOL_TLS1_1, ":+VERS-TLS1.1"},   {TLS_PROTOCOL_TLS1_0, ":+VERS-TLS1.0"},
    {TLS_PROTOCOL_DTLS1_2, ":+VERS-DTLS1.2"}, {TLS_PROTOCOL_DTLS1_0, ":+VERS-DTLS1.0"},
};

static const struct switch_row disabled_rows[] = {
    {TLS_DISABLE_AES_128_GCM, ":-AES-128-GCM"},
    {TLS_DISABLE_AES_256_GCM, ":-AES-256-GCM"},
    {TLS_DISABLE_CHACHA20_POLY1305, ":-CHACHA20-POLY1305"},
    {TLS_DISABLE_AES_128_CBC, ":-AES-128-CBC"},
    {TLS_DISABLE_AES_256_CBC, ":-AES-256-CBC"},
    {TLS_DISABLE_AES_CCM, ":-AES-128-CCM:-AES-256-CCM"},
    {TLS_DISABLE_MAC_SHA1, ":-SHA1"},
    {TLS_DISABLE_MAC_SHA256, ":-SHA256"},
    {TLS_DISABLE_MAC_SHA384, ":-SHA384"},
    {TLS_DISABLE_KX_RSA, ":-RSA"},
    {TLS_DISABLE_KX_DHE, ":-DHE-RSA:-DHE-DSS:-GROUP-DH-ALL"},
    {TLS_DISABLE_KX_ECDHE, ":-ECDHE-RSA:-ECDHE-ECDSA:-GROUP-EC-ALL"},
    {TLS_DISABLE_GROUP_X25519, ":-GROUP-X25519"},
    {TLS_DISABLE_GROUP_SECP256R1, ":-GROUP-SECP256R1"},
    {TLS_DISABLE_GROUP_SECP384R1, ":-GROUP-SECP384R1"},
    {TLS_DISABLE_GROUP_SECP521R1, ":-GROUP-SECP521R1"},
    {TLS_DISABLE_GROUP_X448, ":-GROUP-X448"},
    {TLS_DISABLE_GROUP_FFDHE2048, ":-GROUP-FFDHE2048"},
    {TLS_DISABLE_GROUP_FFDHE3072, ":-GROUP-FFDHE3072"},
    {TLS_DISABLE_GROUP_FFDHE4096, ":-GROUP-FFDHE4096"},
    {TLS_DISABLE_GROUP_FFDHE6144, ":-GROUP-FFDHE6144"},
    {TLS_DISABLE_GROUP_FFDHE8192, ":-GROUP-FFDHE8192"},
    {TLS_DISABLE_SIGN_PKCS1, ":-SIGN-RSA-SHA1:-SIGN-RSA-SHA256:-SIGN-RSA-SHA384:-SIGN-RSA-SHA512"},
    {TLS_DISABLE_SIGN_PSS,
     ":-SIGN-RSA-PSS-SHA256:-SIGN-RSA-PSS-SHA384:-SIGN-RSA-PSS-SHA512"
     ":-SIGN-RSA-PSS-RSAE-SHA256:-SIGN-RSA-PSS-RSAE-SHA384:-SIGN-RSA-PSS-RSAE-SHA512"},
    {TLS_DISABLE_SIGN_ECDSA,
     ":-SIGN-ECDSA-SHA1:-SIGN-ECDSA-SHA256:-SIGN-ECDSA-SHA384:-SIGN-ECDSA-SHA512"
     ":-SIGN-ECDSA-SECP256R1-SHA256:-SIGN-ECDSA-SECP384R1-SHA384:-SIGN-ECDSA-SECP521R1-SHA512"},
    {TLS_DISABLE_SIGN_EDDSA, ":-SIGN-EDDSA-ED25519:-SIGN-EDDSA-ED448"},
    {TLS_DISABLE_HASH_SHA1, ":-SIGN-RSA-SHA1:-SIGN-ECDSA-SHA1"},
    {TLS_DISABLE_HASH_SHA256,
     ":-SIGN-RSA-SHA256:-SIGN-ECDSA-SHA256:-SIGN-RSA-PSS-SHA256:-SIGN-RSA-PSS-RSAE-SHA256"
     ":-SIGN-ECDSA-SECP256R1-SHA256"},
    {TLS_DISABLE_HASH_SHA384,
     ":-SIGN-RSA-SHA384:-SIGN-ECDSA-SHA384:-SIGN-RSA-PSS-SHA384:-SIGN-RSA-PSS-RSAE-SHA384"
     ":-SIGN-ECDSA-SECP384R1-SHA384"},
    {TLS_DISABLE_HASH_SHA512,
     ":-SIGN-RSA-SHA512:-SIGN-ECDSA-SHA512:-SIGN-RSA-PSS-SHA512:-SIGN-RSA-PSS-RSAE-SHA512"
     ":-SIGN-ECDSA-SECP521R1-SHA512"},
};

/* What has to be asked for, behind everything else. */
static const struct switch_row asked_rows[] = {
    {TLS_DISABLE_3DES_CBC, ":+3DES-CBC"},
    {TLS_DISABLE_NULL, ":+NULL"},
};

/* Beside the TLS_DISABLE_ bits: GnuTLS forbids a session tickets when it is given this priority. */
#define DISABLE_TICKETS (1ull << 63)

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void append(char *text, size_t size, const char *more)
{
    size_t used = strlen(text);

    if (used + strlen(more) < size)
        strcpy(text + used, more);
}

/*
 * NORMAL is GnuTLS's own judgement of what is safe, and we only ever take from it; but the order of
 * key exchanges, ciphers and groups is Schannel's: forward secrecy comes first, then GCM, which
 * precedes what GnuTLS cannot do as fast.
 */
#define BASE                                                                                       \
    "NORMAL:-VERS-ALL:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:+DHE-RSA:+RSA:-CIPHER-ALL:+AES-256-GCM:+"    \
    "AES-128-GCM:+CHACHA20-POLY1305:+AES-256-CBC"                                                  \
    ":+AES-128-CBC:+AES-256-CCM:+AES-128-CCM:-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1"            \
    ":+GROUP-SECP384R1:+GROUP-SECP521R1:+GROUP-X448:+GROUP-FFDHE2048:+GROUP-FFDHE3072"             \
    ":+GROUP-FFDHE4096:+GROUP-FFDHE6144:+GROUP-FFDHE8192"
static int parse(gnutls_priority_t *handle, uint32_t role, uint32_t protocols, uint64_t disabled)
{
    char text[2048] = BASE;
    size_t i;

    for (i = 0; i < COUNT(protocol_rows); i++)
        if (protocols & protocol_rows[i].bit)
            append(text, sizeof(text), protocol_rows[i].text);
    for (i = 0; i < COUNT(disabled_rows); i++)
        if (disabled & disabled_rows[i].bit)
            append(text, sizeof(text), disabled_rows[i].text);
    for (i = 0; i < COUNT(asked_rows); i++)
        if (!(disabled & asked_rows[i].bit))
            append(text, sizeof(text), asked_rows[i].text);
    if (role == TLS_SERVER)
        append(text, sizeof(text), ":%SERVER_PRECEDENCE");
    if (disabled & PRIORITY_NO_UNSAFE_PEERS)
        append(text, sizeof(text), ":%SAFE_RENEGOTIATION");
    if (disabled & DISABLE_TICKETS)
        append(text, sizeof(text), ":%NO_TICKETS");
    return gnutls_priority_init2(handle, text, NULL, 0);
}

/* The suites of TLS 1.2 and before, by the kind of key that signs in them. */
static void list_suites(struct priority *priority)
{
    gnutls_kx_algorithm_t exchange;
    unsigned int i, index;
    uint8_t id[2], signs;

    for (i = 0; gnutls_priority_get_cipher_suite_index(priority->handle, i, &index) !=
                GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
         i++) {
        if (priority->suite_count == MAX_SUITES ||
            !gnutls_cipher_suite_info(index, id, &exchange, NULL, NULL, NULL))
            continue;
        switch (exchange) {
        case GNUTLS_KX_ECDHE_ECDSA:
            signs = SUITE_WITH_ECDSA;
            break;
        case GNUTLS_KX_RSA:
        case GNUTLS_KX_DHE_RSA:
        case GNUTLS_KX_ECDHE_RSA:
            signs = SUITE_WITH_RSA;
            break;
        default:
            continue;
        }
        memcpy(priority->suites[priority->suite_count].id, id, sizeof(id));
        priority->suites[priority->suite_count++].signs = signs;
    }
}

uint8_t priority_suite(const struct priority *priority, const uint8_t id[2])
{
    for (unsigned int i = 0; i < priority->suite_count; i++)
        if (!memcmp(priority->suites[i].id, id, 2))
            return priority->suites[i].signs;
    return 0;
}

static struct priority *create(uint32_t role, uint32_t protocols, uint64_t disabled,
                               int32_t *status)
{
    struct priority *priority = calloc(1, sizeof(*priority));
    int error;

    if (!priority) {
        *status = SEC_E_INSUFFICIENT_MEMORY;
        return NULL;
    }
    error = parse(&priority->handle, role, protocols, disabled);
    if (error < 0) {
        free(priority);
        *status =
            error == GNUTLS_E_MEMORY_ERROR ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_ALGORITHM_MISMATCH;
        return NULL;
    }
    priority->role = role;
    priority->protocols = protocols;
    priority->disabled = disabled;
    list_suites(priority);
    return priority;
}

/* Under the lock. */
static struct priority *find(uint32_t role, uint32_t protocols, uint64_t disabled)
{
    struct priority *priority = (struct priority *)priorities.first;

    while (priority && (priority->role != role || priority->protocols != protocols ||
                        priority->disabled != disabled))
        priority = (struct priority *)priority->entry.next;
    return priority;
}

struct priority *priority_get(uint32_t role, uint32_t protocols, uint64_t disabled, int32_t *status)
{
    struct priority *priority;

    *status = SEC_E_OK;
    pthread_mutex_lock(&priorities.lock);
    priority = find(role, protocols, disabled);
    if (priority)
        lru_take(&priorities, &priority->entry);
    else if ((priority = create(role, protocols, disabled, status)))
        lru_add(&priorities, &priority->entry);
    pthread_mutex_unlock(&priorities.lock);
    return priority;
}

void priority_release(struct priority *priority)
{
    struct priority *last;

    if (!priority)
        return;
    pthread_mutex_lock(&priorities.lock);
    last = (struct priority *)lru_release(&priorities, &priority->entry);
    pthread_mutex_unlock(&priorities.lock);
    if (last) {
        gnutls_priority_deinit(last->handle);
        free(last);
    }
}

gnutls_priority_t priority_handle(const struct priority *priority)
{
    return priority->handle;
}

struct priority *priority_without_tickets(const struct priority *priority)
{
    int32_t status;

    return priority_get(priority->role, priority->protocols, priority->disabled | DISABLE_TICKETS,
                        &status);
}

struct priority *priority_without_tls13(const struct priority *priority)
{
    const uint32_t left = priority->protocols & ~TLS_PROTOCOL_TLS1_3;
    int32_t status;

    return left ? priority_get(priority->role, left, priority->disabled, &status) : NULL;
}
