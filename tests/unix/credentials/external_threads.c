/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys that stay with the caller, for ThreadSanitizer: many sessions of shared credentials in
 * several threads, and sessions that wait for their key and go on in another thread.
 */
#include <pthread.h>
#include <stdlib.h>

#include "kit/check.h"
#include "kit/support.h"

#define BOTH      (TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3)
#define ABILITIES (TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA256 | TLS_KEY_CAN_SHA384 | TLS_KEY_CAN_SHA512)

enum { THREADS = 8, WAITING = 12 };

struct job {
    tls_u64 client, server;
    struct pair *waiting; /* left over for another thread */
    unsigned int failed;
};

static tls_u64 external(enum tls_role role)
{
    const enum identity_kind kind = IDENTITY_P256;

    return external_credentials(role, &kind, 1, BOTH, 0, ABILITIES, NULL);
}

static void prepare(struct pair *pair, const struct job *job)
{
    pair->client.credentials = job->client;
    pair->server.credentials = job->server;
    pair->client.key = pair->server.key = IDENTITY_P256;
    pair->server.flags = TLS_SESSION_REQUEST_CERT | TLS_SESSION_VERIFY_PEER;
}

static void *shake_hands(void *argument)
{
    struct job *job = argument;
    int i;

    for (i = 0; i < 15; i++) {
        struct pair pair = {0};

        prepare(&pair, job);
        if (!pair_run(&pair) || pair.client.keys_used != 1 || pair.server.keys_used != 1 ||
            !transfer(&pair.client, &pair.server, 1000))
            job->failed++;
        pair_free(&pair);
    }
    return NULL;
}

static void *suspend(void *argument)
{
    struct job *job = argument;
    int i;

    for (i = 0; i < WAITING; i++) {
        struct pair *pair = &job->waiting[i];

        prepare(pair, job);
        pair->server.key_waits = true;
        pair_run(pair);
        if (pair->server.status != TLS_KEY_WANTED)
            job->failed++;
    }
    return NULL;
}

static void *go_on(void *argument)
{
    struct job *job = argument;
    int i;

    for (i = 0; i < WAITING; i++) {
        struct pair *pair = &job->waiting[i];

        pair->server.key_waits = false;
        if (!use_key(pair->server.session, IDENTITY_P256, 0, &pair->server.request))
            job->failed++;
        /* Every third is freed without having gone on. */
        if (i % 3) {
            peer_action(&pair->server, TLS_ACTION_KEY_USED, 0, 0);
            if (pair->server.status != SEC_I_CONTINUE_NEEDED || !peer_leg(&pair->client))
                job->failed++;
        }
        pair_free(pair);
    }
    return NULL;
}

static void run(struct job *jobs, void *(*work)(void *))
{
    pthread_t threads[THREADS];
    int i;

    for (i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, work, &jobs[i]);
    for (i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        check_equal(jobs[i].failed, 0);
    }
}

static void shared_credentials(void)
{
    tls_u64 client = external(TLS_CLIENT), server = external(TLS_SERVER);
    struct job jobs[THREADS];
    int i;

    for (i = 0; i < THREADS; i++)
        jobs[i] = (struct job){client, server, NULL, 0};
    run(jobs, shake_hands);
    credentials_delete(client);
    credentials_delete(server);
}

static void going_on_elsewhere(void)
{
    tls_u64 client = external(TLS_CLIENT), server = external(TLS_SERVER);
    struct job jobs[THREADS];
    int i;

    for (i = 0; i < THREADS; i++)
        jobs[i] = (struct job){client, server, calloc(WAITING, sizeof(struct pair)), 0};
    run(jobs, suspend);
    run(jobs, go_on);
    for (i = 0; i < THREADS; i++)
        free(jobs[i].waiting);
    credentials_delete(client);
    credentials_delete(server);
}

int main(void)
{
    /* Certificates are generated on first use; not from several threads. */
    identity_get(IDENTITY_P256);
    RUN(shared_credentials);
    RUN(going_on_elsewhere);
    identities_free();
    return check_summary();
}
