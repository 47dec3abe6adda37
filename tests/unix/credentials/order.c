/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of suites and groups: what a client offers and a server takes. For the hybrid groups
 * the program plays a GnuTLS that has them and one that has not (tests/kit/gnutls/hybrids.h).
 */
#include <stdlib.h>
#include <string.h>

#include "gnutls/hybrids.h"
#include "kit/check.h"
#include "kit/support.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static bool has_hybrids;
static char asked[4096]; /* the priority that the engine asked for last */

bool hybrids_are_there(void)
{
    return has_hybrids;
}

void hybrids_asked_for(const char *priority)
{
    snprintf(asked, sizeof(asked), "%s", priority);
}

static tls_u64 ordered(enum tls_role role, uint32_t protocols, const struct tls_order *order,
                       int32_t *status)
{
    static const enum identity_kind rsa = IDENTITY_RSA;
    struct tls_credentials_create params = {
        .role = role, .protocols = protocols, .key_count = role == TLS_SERVER, .order = *order};

    credentials_make(&params, &rsa, NULL);
    if (status)
        *status = params.status;
    return params.credentials;
}

static unsigned int number_at(const uint8_t *at)
{
    return (unsigned int)at[0] << 8 | at[1];
}

/* The numbers of a list with two bytes of length, as text; those that only signal are left out. */
static void list_numbers(const uint8_t *list, char *text)
{
    unsigned int size = number_at(list);

    *text = 0;
    for (unsigned int i = 0; i + 1 < size; i += 2) {
        if (number_at(list + 2 + i) != 0xff)
            sprintf(text + strlen(text), "%x ", number_at(list + 2 + i));
    }
}

/* What the hello of a client with this order has in it. */
static void read_hello(uint32_t protocols, const struct tls_order *order, char *suites,
                       char *groups)
{
    struct queue hello = {0}, nothing = {0};
    struct peer client = {.credentials = ordered(TLS_CLIENT, protocols, order, NULL),
                          .input = &nothing,
                          .output = &hello};
    const uint8_t *at, *end;

    *suites = *groups = 0;
    peer_leg(&client);
    if (check(hello.size > 100, "hello of %zu bytes", hello.size)) {
        end = hello.data + hello.size;
        at = hello.data + 5 + 4 + 34;
        at += 1 + at[0];
        list_numbers(at, suites);
        at += 2 + number_at(at);
        at += 1 + at[0];
        for (at += 2; at + 4 <= end; at += 4 + number_at(at + 2)) {
            if (number_at(at) == 10)
                list_numbers(at + 4, groups);
        }
    }
    peer_free(&client);
    queue_free(&hello);
    credentials_delete(client.credentials);
}

static void hello_in_order(void)
{
    static const struct {
        uint32_t protocols;
        struct tls_order order;
        const char *suites, *groups;
    } rows[] = {
        {BOTH,
         {{0x1303, 0x1301, 0xc02f, 0xc030, 0x9c}, {24, 23}},
         "1303 1301 1302 cca8 c02f c030 9c 9d ",
         "18 17 100 101 102 103 104 "},
        {TLS_PROTOCOL_TLS1_3, {{0x1302}, {25}}, "1302 ", "19 100 101 102 103 104 "},
        /* The exchange before the cipher. */
        {TLS_PROTOCOL_TLS1_2, {{0x9c, 0xc030}, {29}}, "9c 9d c02f c030 ", "1d "},
        /* Twice, and what nobody has, and what is not taken from the usual. */
        {TLS_PROTOCOL_TLS1_2,
         {{0x5a5a, 0xc030, 0x0005, 0x0034, 0xc030}, {30, 999, 29, 30}},
         "c030 ",
         "1e 1d "},
        {TLS_PROTOCOL_TLS1_2, {{0x9d}, {23}}, "9d ", NULL},
    };
    char suites[512], groups[512];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        read_hello(rows[i].protocols, &rows[i].order, suites, groups);
        check(!strcmp(suites, rows[i].suites), "row %zu: suites %s", i, suites);
        check(!rows[i].groups || !strcmp(groups, rows[i].groups), "row %zu: groups %s", i, groups);
    }
}

/* A server's order wins. */
static void server_in_order(void)
{
    static const struct {
        uint32_t protocols;
        struct tls_order order;
        uint32_t suite, group;
    } rows[] = {
        {BOTH, {{0x1303, 0x1302}, {24, 29}}, 0x1303, 24},
        {BOTH, {{0x1301}, {23}}, 0x1301, 23},
        {TLS_PROTOCOL_TLS1_2, {{0xc02f, 0xc030}, {25}}, 0xc02f, 25},
        {BOTH, {{0x9d, 0xc030}, {0}}, 0x9d, 0},
    };
    struct tls_info info;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pair pair = {.client.credentials = client_credentials(BOTH),
                            .server.credentials =
                                ordered(TLS_SERVER, rows[i].protocols, &rows[i].order, NULL)};

        if (check(pair_run(&pair), "row %zu: client %x server %x", i, pair.client.status,
                  pair.server.status)) {
            info_get(pair.server.session, &info);
            check(info.cipher_suite == rows[i].suite, "row %zu: suite %x", i, info.cipher_suite);
            check(!rows[i].group || info.group == rows[i].group, "row %zu: group %u", i,
                  info.group);
        }
        pair_release(&pair);
    }
}

static void versions_without_suites(void)
{
    static const struct tls_order newest = {{0x1302}, {0}}, older = {{0xc030}, {0}};
    static const struct tls_order unknown = {{0x5a5a}, {0}};
    struct tls_credentials_create params = {.protocols = BOTH, .order = newest};
    int32_t status;

    credentials_delete(credentials_make(&params, NULL, NULL));
    check_equal(params.protocols, TLS_PROTOCOL_TLS1_3);
    params.protocols = BOTH;
    params.order = older;
    credentials_delete(credentials_make(&params, NULL, NULL));
    check_equal(params.protocols, TLS_PROTOCOL_TLS1_2);
    check_equal(ordered(TLS_CLIENT, TLS_PROTOCOL_TLS1_2, &newest, &status), 0);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    check_equal(ordered(TLS_CLIENT, TLS_PROTOCOL_TLS1_3, &older, &status), 0);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    check_equal(ordered(TLS_CLIENT, BOTH, &unknown, &status), 0);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
}

/* The groups that the engine asks for. */
static const char *groups_asked(uint64_t disabled, const struct tls_order *order)
{
    static char groups[1024];
    struct tls_credentials_create params = {
        .protocols = BOTH, .disabled = disabled, .order = *order};
    char *rest, *next, *word;

    *asked = *groups = 0;
    credentials_delete(credentials_make(&params, NULL, NULL));
    check_equal(params.status, SEC_E_OK);
    next = rest = strdup(asked);
    while ((word = strsep(&next, ":"))) {
        if (!strncmp(word, "+GROUP-", 7))
            sprintf(groups + strlen(groups), "%s ", word + 7);
    }
    free(rest);
    return groups;
}

#define HYBRIDS "X25519-MLKEM768 SECP256R1-MLKEM768 SECP384R1-MLKEM1024 "
#define CURVES  "X25519 SECP256R1 SECP384R1 SECP521R1 X448 "
#define FIELDS  "FFDHE2048 FFDHE3072 FFDHE4096 FFDHE6144 FFDHE8192 "

static void hybrid_groups(void)
{
    /* Every row is a set of its own, so no parsed one is found again. */
    static const struct {
        bool has;
        uint64_t disabled;
        struct tls_order order;
        const char *groups;
    } rows[] = {
        {true, TLS_DISABLE_SIGN_EDDSA, {{0}, {0}}, HYBRIDS CURVES FIELDS},
        {false, TLS_DISABLE_HASH_SHA1, {{0}, {0}}, CURVES FIELDS},
        {true,
         TLS_DISABLE_GROUP_X25519_MLKEM768,
         {{0}, {0}},
         "SECP256R1-MLKEM768 SECP384R1-MLKEM1024 " CURVES FIELDS},
        {true,
         TLS_DISABLE_GROUP_SECP256R1_MLKEM768 | TLS_DISABLE_GROUP_SECP384R1_MLKEM1024,
         {{0}, {0}},
         "X25519-MLKEM768 " CURVES FIELDS},
        {true,
         TLS_DISABLE_GROUP_X25519,
         {{0}, {0}},
         HYBRIDS "SECP256R1 SECP384R1 SECP521R1 X448 " FIELDS},
        {true, 0, {{0}, {23, 4589, 4588}}, "SECP256R1 SECP384R1-MLKEM1024 X25519-MLKEM768 " FIELDS},
        {false, 0, {{0}, {4588, 24}}, "SECP384R1 " FIELDS},
        {true, 0, {{0}, {29}}, "X25519 " FIELDS},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *groups;

        has_hybrids = rows[i].has;
        groups = groups_asked(rows[i].disabled, &rows[i].order);
        check(!strcmp(groups, rows[i].groups), "row %zu: %s", i, groups);
    }
    groups_asked(TLS_DISABLE_KX_ECDHE, &(struct tls_order){{0}, {0}});
    check(!strstr(asked, "MLKEM"), "without curves: %s", asked);
    has_hybrids = false;
}

int main(void)
{
    RUN(hello_in_order);
    RUN(server_in_order);
    RUN(versions_without_suites);
    RUN(hybrid_groups);
    identities_free();
    return check_summary();
}
