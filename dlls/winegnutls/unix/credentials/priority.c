/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * From a set of protocols, a set of disabled algorithms and an order to a gnutls_priority_t.
 *
 * Parsing a priority string costs as much as a dozen session creations, so credentials with equal
 * settings share one parsed object. The list of those is short and only walked when credentials
 * come and go, never on the path of a session's records.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unix/base/lru.h"
#include "unix/base/reason.h"
#include "unix/base/status.h"
#include "unix/credentials/priority.h"

#define MAX_SUITES 128
/* Kept without a user: a program that makes one credential after the other parses them once. */
#define MAX_UNUSED 8
/* The longest word of a priority, ":+SECP384R1-MLKEM1024" for one. */
#define WORD_SIZE  64

struct priority {
    struct lru_entry entry;
    uint32_t role;
    uint32_t protocols;
    uint64_t disabled;
    struct tls_order order;
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
static const char usual_exchanges[] = ":+ECDHE-ECDSA:+ECDHE-RSA:+DHE-RSA:+RSA";
static const char usual_ciphers[] = ":+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:+AES-256-CBC"
                                    ":+AES-128-CBC:+AES-256-CCM:+AES-128-CCM";

/* In the usual order. Which of the hybrids there are is the library's affair. */
static const struct {
    uint16_t number; /* IANA's */
    uint64_t bit;
    const char *name;
    bool hybrid;
} groups[] = {
    {4588, TLS_DISABLE_GROUP_X25519_MLKEM768, "X25519-MLKEM768", true},
    {4587, TLS_DISABLE_GROUP_SECP256R1_MLKEM768, "SECP256R1-MLKEM768", true},
    {4589, TLS_DISABLE_GROUP_SECP384R1_MLKEM1024, "SECP384R1-MLKEM1024", true},
    {29, TLS_DISABLE_GROUP_X25519, "X25519", false},
    {23, TLS_DISABLE_GROUP_SECP256R1, "SECP256R1", false},
    {24, TLS_DISABLE_GROUP_SECP384R1, "SECP384R1", false},
    {25, TLS_DISABLE_GROUP_SECP521R1, "SECP521R1", false},
    {30, TLS_DISABLE_GROUP_X448, "X448", false},
    {256, TLS_DISABLE_GROUP_FFDHE2048, "FFDHE2048", false},
    {257, TLS_DISABLE_GROUP_FFDHE3072, "FFDHE3072", false},
    {258, TLS_DISABLE_GROUP_FFDHE4096, "FFDHE4096", false},
    {259, TLS_DISABLE_GROUP_FFDHE6144, "FFDHE6144", false},
    {260, TLS_DISABLE_GROUP_FFDHE8192, "FFDHE8192", false},
};

/* ":+AES-128-GCM" in a list of such words. */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    const char *found = list;

    while ((found = strstr(found, word)) && found[length] && found[length] != ':')
        found += length;
    return found;
}

static void append_once(char *text, size_t size, const char *word)
{
    if (!has_word(text, word))
        append(text, size, word);
}

static bool is_curve(uint16_t number)
{
    return number < 256 || number > 511;
}

static void append_group(char *text, size_t size, uint16_t number, uint64_t disabled)
{
    for (size_t i = 0; i < COUNT(groups); i++) {
        uint64_t bits = groups[i].bit | (groups[i].hybrid ? TLS_DISABLE_KX_ECDHE : 0);
        char word[WORD_SIZE];

        if (groups[i].number != number || disabled & bits)
            continue;
        if (groups[i].hybrid && gnutls_group_get_id(groups[i].name) == GNUTLS_GROUP_INVALID)
            continue;
        snprintf(word, sizeof(word), ":+GROUP-%s", groups[i].name);
        append_once(text, size, word);
    }
}

static void append_groups(char *text, size_t size, const struct tls_order *order, uint64_t disabled)
{
    for (size_t i = 0; i < TLS_MAX_GROUPS && order->groups[i]; i++)
        append_group(text, size, order->groups[i], disabled);
    for (size_t i = 0; i < COUNT(groups); i++) {
        if (!order->groups[0] || !is_curve(groups[i].number))
            append_group(text, size, groups[i].number, disabled);
    }
}

static bool is_tls13(uint16_t suite)
{
    return suite >> 8 == 0x13;
}

/* The words of a suite, of which TLS 1.3 has no exchange; false for one of another exchange or
 * cipher than the usual. */
static bool find_suite(uint16_t number, char exchange[WORD_SIZE], char cipher[WORD_SIZE])
{
    gnutls_kx_algorithm_t exchange_id;
    gnutls_cipher_algorithm_t cipher_id;
    uint8_t id[2];

    for (size_t i = 0; gnutls_cipher_suite_info(i, id, &exchange_id, &cipher_id, NULL, NULL); i++) {
        if (id[0] != number >> 8 || id[1] != (number & 0xff))
            continue;
        *exchange = 0;
        if (!is_tls13(number))
            snprintf(exchange, WORD_SIZE, ":+%s", gnutls_kx_get_name(exchange_id));
        snprintf(cipher, WORD_SIZE, ":+%s", gnutls_cipher_get_name(cipher_id));
        return (!*exchange || has_word(usual_exchanges, exchange)) &&
               has_word(usual_ciphers, cipher);
    }
    return false;
}

static void append_exchanges(char *text, size_t size, const struct tls_order *order)
{
    char exchange[WORD_SIZE], cipher[WORD_SIZE];
    bool any = false;

    for (size_t i = 0; i < TLS_MAX_SUITES && order->suites[i]; i++) {
        if (!find_suite(order->suites[i], exchange, cipher) || !*exchange)
            continue;
        append_once(text, size, exchange);
        any = true;
    }
    /* TLS 1.3 names none, and GnuTLS wants one. */
    if (!any)
        append(text, size, usual_exchanges);
}

static void append_ciphers(char *text, size_t size, const struct tls_order *order)
{
    char exchange[WORD_SIZE], cipher[WORD_SIZE];

    if (!order->suites[0])
        append(text, size, usual_ciphers);
    for (size_t i = 0; i < TLS_MAX_SUITES && order->suites[i]; i++) {
        if (find_suite(order->suites[i], exchange, cipher))
            append_once(text, size, cipher);
    }
}

uint32_t priority_protocols(uint32_t protocols, const struct tls_order *order)
{
    uint32_t possible = 0;

    if (!order->suites[0])
        return protocols;
    for (size_t i = 0; i < TLS_MAX_SUITES && order->suites[i]; i++)
        possible |=
            is_tls13(order->suites[i]) ? TLS_PROTOCOL_TLS1_3 : ~(uint32_t)TLS_PROTOCOL_TLS1_3;
    return protocols & possible;
}

static int parse(gnutls_priority_t *handle, uint32_t role, uint32_t protocols, uint64_t disabled,
                 const struct tls_order *order)
{
    char text[4096] = "NORMAL:-VERS-ALL:-KX-ALL:-CIPHER-ALL:-GROUP-ALL";
    size_t i;

    append_exchanges(text, sizeof(text), order);
    append_ciphers(text, sizeof(text), order);
    append_groups(text, sizeof(text), order, disabled);

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
                               const struct tls_order *order, int32_t *status)
{
    struct priority *priority = calloc(1, sizeof(*priority));
    int error;

    if (!priority) {
        *status = SEC_E_INSUFFICIENT_MEMORY;
        return NULL;
    }
    error = parse(&priority->handle, role, protocols, disabled, order);
    if (error < 0) {
        reason_say(
            "nothing that is asked for is left: what this GnuTLS has, or the system's policy "
            "for it, does not go with it (%s)",
            gnutls_strerror(error));
        free(priority);
        *status =
            error == GNUTLS_E_MEMORY_ERROR ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_ALGORITHM_MISMATCH;
        return NULL;
    }
    priority->role = role;
    priority->protocols = protocols;
    priority->disabled = disabled;
    priority->order = *order;
    list_suites(priority);
    return priority;
}

/* Under the lock. */
static struct priority *find(uint32_t role, uint32_t protocols, uint64_t disabled,
                             const struct tls_order *order)
{
    struct priority *priority = (struct priority *)priorities.first;

    while (priority &&
           (priority->role != role || priority->protocols != protocols ||
            priority->disabled != disabled || memcmp(&priority->order, order, sizeof(*order)) != 0))
        priority = (struct priority *)priority->entry.next;
    return priority;
}

struct priority *priority_get(uint32_t role, uint32_t protocols, uint64_t disabled,
                              const struct tls_order *order, int32_t *status)
{
    struct priority *priority;

    *status = SEC_E_OK;
    pthread_mutex_lock(&priorities.lock);
    priority = find(role, protocols, disabled, order);
    if (priority)
        lru_take(&priorities, &priority->entry);
    else if ((priority = create(role, protocols, disabled, order, status)))
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
                        &priority->order, &status);
}

struct priority *priority_without_tls13(const struct priority *priority)
{
    const uint32_t left = priority->protocols & ~TLS_PROTOCOL_TLS1_3;
    int32_t status;

    return left ? priority_get(priority->role, left, priority->disabled, &priority->order, &status)
                : NULL;
}
