/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys that stay with the caller: what is asked of them, what they limit, and what happens when the
 * caller fails, goes away or does something else in the middle.
 */
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <sanitizer/asan_interface.h>

#include "kit/check.h"
#include "kit/support.h"

#define OLD  (TLS_PROTOCOL_TLS1_0 | TLS_PROTOCOL_TLS1_1)
#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

#define SHA2 (TLS_KEY_CAN_SHA256 | TLS_KEY_CAN_SHA384 | TLS_KEY_CAN_SHA512)
#define CAPI                                                                                       \
    (TLS_KEY_CAN_PKCS1 | TLS_KEY_CAN_MD5_SHA1 | TLS_KEY_CAN_SHA1 | SHA2 | TLS_KEY_CAN_DECRYPT)
#define CNG   (CAPI | TLS_KEY_CAN_PSS)
#define ECDSA (TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA1 | SHA2)

static tls_u64 external(enum tls_role role, enum identity_kind kind, uint32_t protocols,
                        uint32_t abilities)
{
    return external_credentials(role, &kind, 1, protocols, 0, abilities, NULL);
}

struct row {
    uint32_t protocol;
    enum identity_kind kind;
    uint32_t abilities;
    uint32_t operation;
    uint32_t hash;
};

static const struct row rows[] = {
    {TLS_PROTOCOL_TLS1_0, IDENTITY_RSA, CAPI, TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_MD5_SHA1},
    {TLS_PROTOCOL_TLS1_1, IDENTITY_RSA, CNG, TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_MD5_SHA1},
    {TLS_PROTOCOL_TLS1_2, IDENTITY_RSA, CAPI, TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_SHA256},
    {TLS_PROTOCOL_TLS1_2, IDENTITY_RSA, TLS_KEY_CAN_PKCS1 | TLS_KEY_CAN_SHA384, TLS_KEY_SIGN_PKCS1,
     TLS_KEY_CAN_SHA384},
    {TLS_PROTOCOL_TLS1_2, IDENTITY_RSA, TLS_KEY_CAN_PKCS1 | TLS_KEY_CAN_SHA512, TLS_KEY_SIGN_PKCS1,
     TLS_KEY_CAN_SHA512},
    {TLS_PROTOCOL_TLS1_2, IDENTITY_RSA, TLS_KEY_CAN_PSS | SHA2, TLS_KEY_SIGN_PSS,
     TLS_KEY_CAN_SHA256},
    {TLS_PROTOCOL_TLS1_2, IDENTITY_P256, ECDSA, TLS_KEY_SIGN_ECDSA, TLS_KEY_CAN_SHA256},
    {TLS_PROTOCOL_TLS1_3, IDENTITY_RSA, CNG, TLS_KEY_SIGN_PSS, TLS_KEY_CAN_SHA256},
    {TLS_PROTOCOL_TLS1_3, IDENTITY_RSA, TLS_KEY_CAN_PSS | TLS_KEY_CAN_SHA512, TLS_KEY_SIGN_PSS,
     TLS_KEY_CAN_SHA512},
    {TLS_PROTOCOL_TLS1_3, IDENTITY_P256, ECDSA, TLS_KEY_SIGN_ECDSA, TLS_KEY_CAN_SHA256},
    {TLS_PROTOCOL_TLS1_3, IDENTITY_P384, ECDSA, TLS_KEY_SIGN_ECDSA, TLS_KEY_CAN_SHA384},
    {TLS_PROTOCOL_TLS1_3, IDENTITY_P521, ECDSA, TLS_KEY_SIGN_ECDSA, TLS_KEY_CAN_SHA512},
};

static void check_row(const struct row *row, const struct peer *peer, const char *role)
{
    check(peer->keys_used == 1 && peer->request.operation == row->operation &&
              peer->request.hash == row->hash && peer->request.key_index == 0,
          "%s, protocol %x, key %d: %u uses, operation %u, hash %x", role, row->protocol, row->kind,
          peer->keys_used, peer->request.operation, peer->request.hash);
}

static void server_signs(void)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pair pair = {0};

        pair.client.credentials = client_credentials(rows[i].protocol);
        pair.server.credentials = external(TLS_SERVER, rows[i].kind, OLD | BOTH, rows[i].abilities);
        pair.server.key = rows[i].kind;
        check(pair_run(&pair), "row %zu: client %x server %x", i, pair.client.status,
              pair.server.status);
        check_row(&rows[i], &pair.server, "server");
        check(transfer(&pair.client, &pair.server, 1000), "to server");
        check(transfer(&pair.server, &pair.client, 1000), "to client");
        pair_release(&pair);
    }
}

static void client_signs(void)
{
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct pair pair = {0};
        struct tls_info info;

        pair.client.credentials =
            external(TLS_CLIENT, rows[i].kind, rows[i].protocol, rows[i].abilities);
        pair.client.key = rows[i].kind;
        pair.client.flags = TLS_SESSION_VERIFY_PEER;
        pair.server.credentials = server_credentials(IDENTITY_RSA, OLD | BOTH);
        pair.server.flags = TLS_SESSION_REQUEST_CERT | TLS_SESSION_VERIFY_PEER;
        check(pair_run(&pair), "row %zu: client %x server %x", i, pair.client.status,
              pair.server.status);
        check_row(&rows[i], &pair.client, "client");
        check_equal(pair.server.verdicts, 1);
        info_get(pair.client.session, &info);
        check_equal(info.key_index, 0);
        check(transfer(&pair.client, &pair.server, 1000), "to server");
        pair_release(&pair);
    }
}

/* The key exchange without forward secrecy. */
static void server_decrypts(void)
{
    const uint64_t disabled = TLS_DISABLE_KX_ECDHE | TLS_DISABLE_KX_DHE;
    const enum identity_kind kind = IDENTITY_RSA;
    uint8_t damage;

    for (damage = 0; damage < 2; damage++) {
        struct pair pair = {.server.key = kind, .server.key_damage = damage};

        pair.client.credentials =
            credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_2, disabled, 0, NULL);
        pair.server.credentials = external(TLS_SERVER, kind, BOTH, CAPI);
        /* A secret that is not the client's shows only when its Finished does not fit. */
        check_equal(pair_run(&pair), !damage);
        check_equal(pair.server.keys_used, 1);
        check_equal(pair.server.request.operation, TLS_KEY_DECRYPT);
        check_equal(pair.server.request.size, 256);
        if (damage)
            check_equal(pair.server.status, SEC_E_MESSAGE_ALTERED);
        else
            check(transfer(&pair.client, &pair.server, 1000), "to server");
        pair_release(&pair);
    }
    {
        struct pair pair = {.server.key_failure = SEC_E_NO_CREDENTIALS};

        pair.client.credentials =
            credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_2, disabled, 0, NULL);
        pair.server.credentials = external(TLS_SERVER, kind, BOTH, CAPI);
        check(!pair_run(&pair), "a handshake");
        check_equal(pair.server.status, SEC_E_MESSAGE_ALTERED);
        pair_release(&pair);
    }
}

/* Versions that no key can sign in are gone. */
static void abilities_limit_versions(void)
{
    static const struct {
        enum identity_kind kind;
        uint32_t abilities, left;
    } limits[] = {
        {IDENTITY_RSA, CAPI, OLD | TLS_PROTOCOL_TLS1_2},
        {IDENTITY_RSA, CNG, OLD | BOTH},
        {IDENTITY_RSA, TLS_KEY_CAN_PSS | SHA2, BOTH},
        {IDENTITY_RSA, TLS_KEY_CAN_PSS | TLS_KEY_CAN_SHA1, TLS_PROTOCOL_TLS1_2},
        {IDENTITY_RSA, TLS_KEY_CAN_PKCS1 | SHA2, TLS_PROTOCOL_TLS1_2},
        {IDENTITY_P256, ECDSA, OLD | BOTH},
        {IDENTITY_P256, TLS_KEY_CAN_ECDSA | SHA2, BOTH},
    };
    static const enum identity_kind two[] = {IDENTITY_RSA, IDENTITY_P256};
    tls_u64 credentials;
    struct pair pair = {0};
    struct tls_info info;
    int32_t status;
    size_t i;

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct tls_blob chain = {.data = (uintptr_t)identity_get(limits[i].kind)->chain[0].data,
                                 .size = identity_get(limits[i].kind)->chain[0].size};
        struct tls_key key = {
            .chain = (uintptr_t)&chain, .chain_count = 1, .abilities = limits[i].abilities};
        struct tls_credentials_create params = {
            .keys = (uintptr_t)&key, .key_count = 1, .role = TLS_SERVER, .protocols = OLD | BOTH};

        engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
        check_equal(params.status, SEC_E_OK);
        check_equal(params.protocols, limits[i].left);
        credentials_delete(params.credentials);
    }
    credentials = external_credentials(TLS_SERVER, two, 1, TLS_PROTOCOL_TLS1_3, 0, CAPI, &status);
    check_equal(status, SEC_E_ALGORITHM_MISMATCH);
    check_equal(credentials, 0);
    credentials = external_credentials(TLS_CLIENT, two, 2, TLS_PROTOCOL_TLS1_3, 0,
                                       CAPI | TLS_KEY_CAN_ECDSA, &status);
    check_equal(status, SEC_E_OK);
    credentials_delete(credentials);

    /* With TLS 1.3 on offer the two agree on 1.2. */
    pair.client.credentials = client_credentials(BOTH);
    pair.server.credentials = external(TLS_SERVER, IDENTITY_RSA, BOTH, CAPI);
    pair.server.key = IDENTITY_RSA;
    check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
    info_get(pair.server.session, &info);
    check_equal(info.version, 0x0303);
    pair_release(&pair);
}

/* A signature the client wants and the key cannot make. */
static void no_scheme_in_common(void)
{
    struct pair pair = {0};

    pair.client.credentials =
        credentials_new(TLS_CLIENT, NULL, 0, TLS_PROTOCOL_TLS1_2, TLS_DISABLE_HASH_SHA512, 0, NULL);
    pair.server.credentials =
        external(TLS_SERVER, IDENTITY_RSA, BOTH, TLS_KEY_CAN_PKCS1 | TLS_KEY_CAN_SHA512);
    check(!pair_run(&pair), "a handshake");
    check_equal(pair.server.status, SEC_E_ALGORITHM_MISMATCH);
    check_equal(pair.server.keys_used, 0);
    check_equal(pair.client.last.alert_received, 1);
    pair_release(&pair);
}

/* The second of two keys is the one that fits. */
static void key_index(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P256};
    struct pair pair = {.server.key = IDENTITY_P256};
    struct tls_info info;

    pair.client.credentials =
        credentials_new(TLS_CLIENT, NULL, 0, BOTH, TLS_DISABLE_SIGN_RSA, 0, NULL);
    pair.server.credentials =
        external_credentials(TLS_SERVER, kinds, 2, BOTH, 0, CNG | TLS_KEY_CAN_ECDSA, NULL);
    check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
    check_equal(pair.server.request.key_index, 1);
    info_get(pair.server.session, &info);
    check_equal(info.key_index, 1);
    pair_release(&pair);
}

/* A key without PSS beside one that TLS 1.3 can use; in either role. */
static void no_pss_in_tls13(void)
{
    static const enum identity_kind kinds[] = {IDENTITY_RSA, IDENTITY_P256};
    struct tls_info info;
    int role;

    for (role = 0; role < 2; role++) {
        struct pair pair = {.server.flags = TLS_SESSION_REQUEST_CERT};
        struct peer *owner = role == TLS_SERVER ? &pair.server : &pair.client;
        tls_u64 mixed =
            external_credentials(role, kinds, 2, BOTH, 0, CAPI | TLS_KEY_CAN_ECDSA, NULL);

        pair.client.credentials =
            role == TLS_CLIENT ? mixed : client_credentials(TLS_PROTOCOL_TLS1_3);
        pair.server.credentials =
            role == TLS_SERVER ? mixed : server_credentials(IDENTITY_RSA, TLS_PROTOCOL_TLS1_3);
        owner->key = IDENTITY_P256;
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        info_get(owner->session, &info);
        check_equal(info.key_index, 1);
        check_equal(owner->request.operation, TLS_KEY_SIGN_ECDSA);
        pair_release(&pair);
    }
}

static void use_fails(void)
{
    static const struct {
        uint8_t damage;
        int32_t failure, status;
    } cases[] = {
        {0, SEC_E_NO_CREDENTIALS, SEC_E_NO_CREDENTIALS},
        {0, SEC_E_INSUFFICIENT_MEMORY, SEC_E_INSUFFICIENT_MEMORY},
        {0, 1, SEC_E_INTERNAL_ERROR}, /* no failure at all */
        {1, 0, SEC_E_INTERNAL_ERROR}, /* a wrong signature */
    };
    static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};
    size_t i;
    int j, role;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (j = 0; j < 4; j++) {
            struct pair pair = {0};
            struct peer *owner, *other;

            role = j / 2;
            owner = role == TLS_SERVER ? &pair.server : &pair.client;
            other = role == TLS_SERVER ? &pair.client : &pair.server;
            pair.client.credentials =
                role == TLS_SERVER ? client_credentials(protocols[j % 2])
                                   : external(TLS_CLIENT, IDENTITY_RSA, protocols[j % 2], CNG);
            pair.server.credentials = role == TLS_SERVER
                                          ? external(TLS_SERVER, IDENTITY_RSA, BOTH, CNG)
                                          : server_credentials(IDENTITY_RSA, BOTH);
            pair.server.flags = TLS_SESSION_REQUEST_CERT;
            owner->key_damage = cases[i].damage;
            owner->key_failure = cases[i].failure;
            check(!pair_run(&pair), "a handshake");
            check_equal(owner->status, cases[i].status);
            check_equal(owner->last.alert, 80);
            check_equal(owner->last.alert_received, 0);
            check(other->last.alert_received && other->last.alert == 80, "case %zu, %d: alert %x",
                  i, j, other->last.alert);
            /* And it stays so. */
            peer_leg(owner);
            check_equal(owner->status, cases[i].status);
            pair_release(&pair);
        }
    }
}

/* Runs a server to where it wants its key. */
static void suspend(struct pair *pair, uint32_t protocol)
{
    pair->client.credentials = client_credentials(protocol);
    pair->server.credentials = external(TLS_SERVER, IDENTITY_P256, BOTH, ECDSA);
    pair->server.key = IDENTITY_P256;
    pair->server.key_waits = true;
    pair_run(pair);
    check_equal(pair->server.status, TLS_KEY_WANTED);
}

static void resume(struct pair *pair)
{
    pair->server.key_waits = false;
    check(use_key(pair->server.session, IDENTITY_P256, 0, &pair->server.request), "no key wanted");
    peer_action(&pair->server, TLS_ACTION_KEY_USED, 0, 0);
    check_equal(pair->server.status, SEC_I_CONTINUE_NEEDED);
    while (pair->client.status == SEC_I_CONTINUE_NEEDED && peer_leg(&pair->client))
        peer_leg(&pair->server);
    check_equal(pair->client.status, SEC_E_OK);
    check_equal(pair->server.status, SEC_E_OK);
    check(transfer(&pair->client, &pair->server, 100), "to server");
}

static void freed_in_the_middle(void)
{
    static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};
    struct tls_key_request request;
    int i;

    for (i = 0; i < 4; i++) {
        struct pair pair = {0};

        suspend(&pair, protocols[i % 2]);
        /* Also with an answer that nobody waits for any more. */
        if (i / 2) {
            check(use_key(pair.server.session, IDENTITY_P256, 0, &request), "no key wanted");
            check(!use_key(pair.server.session, IDENTITY_P256, 0, &request), "taken twice");
        }
        pair_release(&pair);
    }
}

static void nothing_else_in_the_middle(void)
{
    static const uint32_t actions[] = {TLS_ACTION_HANDSHAKE, TLS_ACTION_VERDICT,
                                       TLS_ACTION_SHUTDOWN, TLS_ACTION_ALERT};
    static const uint8_t large[TLS_MAX_KEY_DATA + 1];
    struct tls_key_answer answer = {0};
    struct tls_key_request request = {0};
    struct pair pair = {0};
    size_t i;

    suspend(&pair, TLS_PROTOCOL_TLS1_3);
    for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        check_equal(peer_action(&pair.server, actions[i], 1, 0), SEC_E_OUT_OF_SEQUENCE);
        check_equal(pair.server.last.written, 0);
    }
    answer.session = pair.server.session;
    answer.data = (uintptr_t)large;
    answer.size = sizeof(large);
    engine_call(TLS_CALL_KEY_ANSWER, &answer);
    check_equal(answer.status, SEC_E_INVALID_PARAMETER);
    answer.data = 0;
    answer.size = 1;
    engine_call(TLS_CALL_KEY_ANSWER, &answer);
    check_equal(answer.status, SEC_E_INVALID_PARAMETER);
    resume(&pair);

    /* Nobody waits any more. */
    request.session = pair.server.session;
    engine_call(TLS_CALL_KEY_REQUEST, &request);
    check_equal(request.status, SEC_E_OUT_OF_SEQUENCE);
    engine_call(TLS_CALL_KEY_ANSWER, &answer);
    check_equal(answer.status, SEC_E_OUT_OF_SEQUENCE);
    check_equal(peer_action(&pair.server, TLS_ACTION_KEY_USED, 0, 0), SEC_E_OUT_OF_SEQUENCE);
    check(transfer(&pair.server, &pair.client, 100), "to client");
    pair_release(&pair);

    request.session = answer.session = 0;
    engine_call(TLS_CALL_KEY_REQUEST, &request);
    check_equal(request.status, SEC_E_OUT_OF_SEQUENCE);
    engine_call(TLS_CALL_KEY_ANSWER, &answer);
    check_equal(answer.status, SEC_E_OUT_OF_SEQUENCE);
}

/* Without an answer the key could not be used. */
static void no_answer(void)
{
    struct pair pair = {0};

    suspend(&pair, TLS_PROTOCOL_TLS1_2);
    peer_action(&pair.server, TLS_ACTION_KEY_USED, 0, 0);
    check_equal(pair.server.status, SEC_E_INTERNAL_ERROR);
    check_equal(pair.server.last.alert, 80);
    pair_release(&pair);
}

/* All wait at once, and go on in another order. */
static void many_at_once(void)
{
    enum { COUNT = 60 };
    struct pair *pairs = calloc(COUNT, sizeof(*pairs));
    int i;

    for (i = 0; i < COUNT; i++)
        suspend(&pairs[i], i % 2 ? TLS_PROTOCOL_TLS1_2 : TLS_PROTOCOL_TLS1_3);
    for (i = COUNT - 1; i >= 0; i--) {
        if (i % 7)
            resume(&pairs[i]);
        pair_release(&pairs[i]);
    }
    free(pairs);
}

static int count_threads(void)
{
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    while (tasks && readdir(tasks))
        count++;
    if (tasks)
        closedir(tasks);
    return count - 2; /* . and .. */
}

/* Behind a crowd four helpers stay, whoever came and went before. */
static void few_helpers_stay(void)
{
    const struct timespec moment = {.tv_nsec = 10000000};
    struct pair *pairs = calloc(6, sizeof(*pairs));
    int others, i, turns = 0;

    for (i = 0; i < 6; i++)
        suspend(&pairs[i], TLS_PROTOCOL_TLS1_3);
    others = count_threads() - 6;
    for (i = 0; i < 6; i++)
        pair_release(&pairs[i]);
    free(pairs);
    /* Those that end take a while. */
    while (count_threads() > others + 4 && ++turns < 1000)
        nanosleep(&moment, NULL);
    check_equal(count_threads() - others, 4);
}

/* Output that does not fit waits across the use of the key. */
static void small_output(void)
{
    static const size_t sizes[] = {SIZE_MAX, 1, 100};
    size_t i;

    for (i = 0; i < 3; i++) {
        struct pair pair = {.server.output_size = sizes[i], .server.key = IDENTITY_P256};

        pair.client.credentials = client_credentials(BOTH);
        pair.server.credentials = external(TLS_SERVER, IDENTITY_P256, BOTH, ECDSA);
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
        check(transfer(&pair.server, &pair.client, 100), "to client");
        pair_release(&pair);
    }
}

static void hundred_keys(void)
{
    const struct identity *identity = identity_get(IDENTITY_P256);
    struct tls_blob chain = {.data = (uintptr_t)identity->chain[0].data,
                             .size = identity->chain[0].size};
    struct tls_key keys[101];
    struct tls_credentials_create params = {
        .keys = (uintptr_t)keys, .role = TLS_SERVER, .protocols = BOTH};
    int i;

    for (i = 0; i < 101; i++)
        keys[i] =
            (struct tls_key){.chain = (uintptr_t)&chain, .chain_count = 1, .abilities = ECDSA};
    params.key_count = 101;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_INVALID_PARAMETER);
    params.key_count = 100;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_OK);
    credentials_delete(params.credentials);
    /* Neither a key nor anything it can do. */
    params.protocols = BOTH;
    keys[3].abilities = 0;
    engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    check_equal(params.status, SEC_E_UNKNOWN_CREDENTIALS);
    check_equal(params.failed_key, 3);
}

static void *page;
static size_t page_size;
static volatile pid_t writer;

/* The first touch: by whom, and let it pass. */
static void on_touch(int number, siginfo_t *info, void *context)
{
    (void)number;
    (void)context;
    if ((uint8_t *)info->si_addr < (uint8_t *)page ||
        (uint8_t *)info->si_addr >= (uint8_t *)page + page_size)
        abort();
    writer = gettid();
    mprotect(page, page_size, PROT_READ | PROT_WRITE);
}

/* Only the thread of the call may touch the caller's memory: the other one is none of Wine's, which
 * would not survive a page with a handler. */
static void memory_of_the_caller(void)
{
    const struct sigaction ours = {.sa_sigaction = on_touch, .sa_flags = SA_SIGINFO};
    struct sigaction before;
    struct pair pair = {0};
    struct tls_handshake call = {0};
    struct tls_key_request request;
    const size_t half = 32768;

    page_size = 2 * half;
    page = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
    pair.client.input = &pair.to_client;
    pair.client.output = &pair.to_server;
    peer_leg(&pair.client);
    memcpy(page, pair.to_server.data, pair.to_server.size);
    call.credentials = external(TLS_SERVER, IDENTITY_RSA, TLS_PROTOCOL_TLS1_2, CAPI);
    call.input = address(page);
    call.input_size = (uint32_t)pair.to_server.size;
    call.output = address((uint8_t *)page + half);
    call.output_size = (uint32_t)half;

    sigaction(SIGSEGV, &ours, &before);
    for (;;) {
        mprotect(page, page_size, PROT_NONE);
        writer = 0;
        engine_call(TLS_CALL_HANDSHAKE, &call);
        check(!writer || writer == getpid(), "touched by thread %d", (int)writer);
        if (call.status != TLS_KEY_WANTED)
            break;
        use_key(call.session, IDENTITY_RSA, 0, &request);
        call.action = TLS_ACTION_KEY_USED;
        call.input += call.consumed;
        call.input_size -= call.consumed;
    }
    sigaction(SIGSEGV, &before, NULL);
    check_equal(call.status, SEC_I_CONTINUE_NEEDED);
    check(call.written > 0, "%u bytes", call.written);
    pair.server.session = call.session;
    credentials_delete(call.credentials);
    peer_free(&pair.server);
    pair.server.session = 0;
    credentials_delete(pair.client.credentials);
    pair_free(&pair);
    munmap(page, page_size);
}

static sem_t in_gnutls, may_go_on;
static __thread void *thread_start[5];

/* GnuTLS asks for the time in the middle of a step. */
static time_t slow_time(time_t *result)
{
    const time_t now = time(NULL);

    sem_post(&in_gnutls);
    sem_wait(&may_go_on);
    sem_post(&may_go_on);
    if (result)
        *result = now;
    return now;
}

/* As Wine ends a thread: by a jump out of a signal's handler, which is not the C library's and
 * undoes nothing on its way. */
static void on_end(int number)
{
    (void)number;
    __asan_handle_no_return();
    __builtin_longjmp(thread_start, 1);
}

static void *leg_to_be_ended(void *call)
{
    volatile uint8_t stack[4096];

    if (__builtin_setjmp(thread_start)) {
        memset((uint8_t *)stack, 0x5a, sizeof(stack));
        pthread_exit(NULL);
    }
    engine_call(TLS_CALL_HANDSHAKE, call);
    return call;
}

/* A thread that waits for GnuTLS in another one can be ended, and that one goes on. */
static void thread_ends_in_a_leg(void)
{
    static struct tls_handshake call;
    static uint8_t output[16384];
    const struct sigaction ours = {.sa_handler = on_end};
    struct pair pair = {0};
    pthread_t thread;
    void *result = &call;

    sem_init(&in_gnutls, 0, 0);
    sem_init(&may_go_on, 0, 0);
    sigaction(SIGUSR1, &ours, NULL);
    pair.client.credentials = client_credentials(TLS_PROTOCOL_TLS1_2);
    pair.client.input = &pair.to_client;
    pair.client.output = &pair.to_server;
    peer_leg(&pair.client);
    call.credentials = external(TLS_SERVER, IDENTITY_RSA, TLS_PROTOCOL_TLS1_2, CAPI);
    call.input = address(pair.to_server.data);
    call.input_size = (uint32_t)pair.to_server.size;
    call.output = address(output);
    call.output_size = sizeof(output);

    gnutls_global_set_time_function(slow_time);
    pthread_create(&thread, NULL, leg_to_be_ended, &call);
    sem_wait(&in_gnutls);
    usleep(20000); /* it is asleep by now, or about to be: both have to work */
    pthread_kill(thread, SIGUSR1);
    pthread_join(thread, &result);
    check(!result, "the thread was ended in the leg");
    sem_post(&may_go_on);
    gnutls_global_set_time_function(time);
    credentials_delete(call.credentials);
    credentials_delete(pair.client.credentials);
    pair_free(&pair);
}

int main(void)
{
    RUN(server_signs);
    RUN(client_signs);
    RUN(server_decrypts);
    RUN(abilities_limit_versions);
    RUN(no_scheme_in_common);
    RUN(key_index);
    RUN(no_pss_in_tls13);
    RUN(use_fails);
    RUN(freed_in_the_middle);
    RUN(nothing_else_in_the_middle);
    RUN(no_answer);
    RUN(many_at_once);
    RUN(few_helpers_stay);
    RUN(small_output);
    RUN(hundred_keys);
    RUN(memory_of_the_caller);
    RUN(thread_ends_in_a_leg);
    identities_free();
    return check_summary();
}
