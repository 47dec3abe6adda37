/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Concurrency, for ThreadSanitizer: one session sealing in one thread and opening in another, and
 * many sessions of shared credentials in several threads.
 *
 * GnuTLS itself is not instrumented, and its atomic counters are invisible to the sanitizer; what
 * is checked is the engine's own state.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"

#define BOTH (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)

static tls_u64 server_of(enum identity_kind kind)
{
    return credentials_new(TLS_SERVER, &kind, 1, BOTH, 0, TLS_CREDENTIALS_NO_TICKETS, NULL);
}

struct direction_job {
    tls_u64 session;
    struct queue *records;
    unsigned int count;
    unsigned int failed;
};

static void *seal_many(void *argument)
{
    struct direction_job *job = argument;
    uint8_t data[1000];
    unsigned int i;

    for (i = 0; i < job->count; i++) {
        memset(data, (int)i, sizeof(data));
        if (seal_record(job->session, data, 1 + i % sizeof(data), job->records, i % 2) != SEC_E_OK)
            job->failed++;
    }
    return NULL;
}

static void *open_many(void *argument)
{
    struct direction_job *job = argument;
    struct tls_decrypt params;
    struct queue received = {0};
    unsigned int i;
    size_t j;

    for (i = 0; i < job->count; i++) {
        if (open_record(job->session, job->records, &received, &params) != SEC_E_OK ||
            received.size != 1 + i % 1000)
            job->failed++;
        for (j = 0; j < received.size; j++)
            if (received.data[j] != (uint8_t)i)
                job->failed++;
        queue_drop(&received, received.size);
    }
    queue_free(&received);
    return NULL;
}

/* The client seals and opens at the same time; the records to open were sealed before. */
static void both_directions(void)
{
    static const struct {
        uint32_t protocol;
        uint64_t disabled;
    } rows[] = {{TLS_PROTOCOL_TLS1_3, 0}, {TLS_PROTOCOL_TLS1_2, 0}, {TLS_PROTOCOL_TLS1_2, 0x27}};
    size_t i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct queue down = {0}, up = {0};
        struct direction_job sealed, opened;
        pthread_t threads[2];
        struct pair pair = {0};

        pair.client.credentials =
            credentials_new(TLS_CLIENT, NULL, 0, rows[i].protocol, rows[i].disabled, 0, NULL);
        pair.server.credentials = server_of(IDENTITY_RSA);
        check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);

        sealed = (struct direction_job){pair.server.session, &down, 500, 0};
        seal_many(&sealed);
        sealed = (struct direction_job){pair.client.session, &up, 500, 0};
        opened = (struct direction_job){pair.client.session, &down, 500, 0};
        pthread_create(&threads[0], NULL, seal_many, &sealed);
        pthread_create(&threads[1], NULL, open_many, &opened);
        pthread_join(threads[0], NULL);
        pthread_join(threads[1], NULL);
        check_equal(sealed.failed, 0);
        check_equal(opened.failed, 0);
        opened = (struct direction_job){pair.server.session, &up, 500, 0};
        open_many(&opened);
        check_equal(opened.failed, 0);

        credentials_delete(pair.client.credentials);
        credentials_delete(pair.server.credentials);
        queue_free(&down);
        queue_free(&up);
        pair_free(&pair);
    }
}

/* A forged record in one direction while the other is busy. */
static void failure_beside_sealing(void)
{
    struct queue down = {0}, up = {0};
    struct direction_job sealed, opened;
    pthread_t threads[2];
    struct pair pair = {0};

    pair.client.credentials = credentials_new(TLS_CLIENT, NULL, 0, BOTH, 0, 0, NULL);
    pair.server.credentials = server_of(IDENTITY_P256);
    check(pair_run(&pair), "client %x server %x", pair.client.status, pair.server.status);
    seal_record(pair.server.session, "x", 1, &down, 0);
    down.data[down.size - 1] ^= 1;
    sealed = (struct direction_job){pair.client.session, &up, 200, 0};
    opened = (struct direction_job){pair.client.session, &down, 1, 0};
    pthread_create(&threads[0], NULL, seal_many, &sealed);
    pthread_create(&threads[1], NULL, open_many, &opened);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    check(opened.failed > 0, "the forged record was taken");
    check_equal(seal_record(pair.client.session, "x", 1, &up, 0), SEC_E_CONTEXT_EXPIRED);
    credentials_delete(pair.client.credentials);
    credentials_delete(pair.server.credentials);
    queue_free(&down);
    queue_free(&up);
    pair_free(&pair);
}

struct handshake_job {
    tls_u64 client, server;
    unsigned int failed;
};

static void *shake_hands(void *argument)
{
    struct handshake_job *job = argument;
    int i;

    for (i = 0; i < 20; i++) {
        struct pair pair = {0};
        struct tls_info info;

        pair.client.credentials = job->client;
        pair.server.credentials = job->server;
        pair.client.flags = pair.server.flags = TLS_SESSION_VERIFY_PEER;
        if (i & 1)
            pair.server.flags |= TLS_SESSION_REQUEST_CERT;
        if (!pair_run(&pair) || !transfer(&pair.client, &pair.server, 1000) ||
            !transfer(&pair.server, &pair.client, 1000))
            job->failed++;
        info_get(pair.client.session, &info);
        if (info.key_index != (i & 1 ? 0 : -1))
            job->failed++;
        pair_free(&pair);
    }
    return NULL;
}

/* Four threads, one pair of credentials, which go while the last sessions still use them. */
static void shared_credentials(void)
{
    enum identity_kind kind = IDENTITY_P256;
    struct handshake_job jobs[4];
    pthread_t threads[4];
    tls_u64 client = credentials_new(TLS_CLIENT, &kind, 1, BOTH, 0, 0, NULL);
    tls_u64 server = credentials_new(TLS_SERVER, &kind, 1, BOTH, 0, 0, NULL);
    int i;

    for (i = 0; i < 4; i++) {
        jobs[i] = (struct handshake_job){client, server, 0};
        pthread_create(&threads[i], NULL, shake_hands, &jobs[i]);
    }
    for (i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        check_equal(jobs[i].failed, 0);
    }
    credentials_delete(client);
    credentials_delete(server);
}

static void *make_credentials(void *argument)
{
    unsigned int *failed = argument;
    int i;

    for (i = 0; i < 50; i++) {
        tls_u64 one = credentials_new(TLS_CLIENT, NULL, 0, BOTH, (uint64_t)(i % 3), 0, NULL);
        tls_u64 two = credentials_new(TLS_CLIENT, NULL, 0, BOTH, (uint64_t)(i % 2), 0, NULL);
        enum identity_kind kind = i % 2 ? IDENTITY_P256 : IDENTITY_RSA;
        tls_u64 three = credentials_new(TLS_SERVER, &kind, 1, BOTH, 0, 0, NULL);

        if (!one || !two || !three)
            ++*failed;
        credentials_delete(three);
        credentials_delete(one);
        credentials_delete(two);
    }
    return NULL;
}

/* The shared priorities and keys come and go. */
static void credentials_churn(void)
{
    unsigned int failed[4] = {0};
    pthread_t threads[4];
    int i;

    for (i = 0; i < 4; i++)
        pthread_create(&threads[i], NULL, make_credentials, &failed[i]);
    for (i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        check_equal(failed[i], 0);
    }
}

int main(void)
{
    /* Certificates are generated on first use; not from several threads. */
    identity_get(IDENTITY_RSA);
    identity_get(IDENTITY_P256);
    RUN(both_directions);
    RUN(failure_beside_sealing);
    RUN(shared_credentials);
    RUN(credentials_churn);
    identities_free();
    return check_summary();
}
