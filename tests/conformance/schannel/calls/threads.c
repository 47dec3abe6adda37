/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rule 14: Schannel from several threads at once.
 */
#include "kit/pair.h"
#include "kit/tally.h"
#include "kit/testcert.h"
#include "wine/test.h"

#define RECORD_MAX   17000
#define PIPE_SLOTS   8
#define RECORD_COUNT 2000

/* Records on their way from one thread to another. */
struct pipe {
    SRWLOCK lock;
    CONDITION_VARIABLE changed;
    unsigned int written, read;
    DWORD sizes[PIPE_SLOTS];
    BYTE records[PIPE_SLOTS][RECORD_MAX];
};

static void pipe_put(struct pipe *pipe, const BYTE *record, DWORD size)
{
    AcquireSRWLockExclusive(&pipe->lock);
    while (pipe->written - pipe->read == PIPE_SLOTS)
        SleepConditionVariableSRW(&pipe->changed, &pipe->lock, INFINITE, 0);
    memcpy(pipe->records[pipe->written % PIPE_SLOTS], record, size);
    pipe->sizes[pipe->written % PIPE_SLOTS] = size;
    pipe->written++;
    ReleaseSRWLockExclusive(&pipe->lock);
    WakeAllConditionVariable(&pipe->changed);
}

static DWORD pipe_get(struct pipe *pipe, BYTE *record)
{
    DWORD size;

    AcquireSRWLockExclusive(&pipe->lock);
    while (pipe->written == pipe->read)
        SleepConditionVariableSRW(&pipe->changed, &pipe->lock, INFINITE, 0);
    size = pipe->sizes[pipe->read % PIPE_SLOTS];
    memcpy(record, pipe->records[pipe->read % PIPE_SLOTS], size);
    pipe->read++;
    ReleaseSRWLockExclusive(&pipe->lock);
    WakeAllConditionVariable(&pipe->changed);
    return size;
}

struct direction {
    struct side *from, *to;
    struct pipe pipe;
};

static DWORD record_data_size(unsigned int index)
{
    return index * 61 % 3000;
}

static DWORD WINAPI encrypt_thread(void *argument)
{
    struct direction *direction = argument;
    const SecPkgContext_StreamSizes *sizes = &direction->from->sizes;
    BYTE *record = malloc(RECORD_MAX);
    unsigned int i;

    for (i = 0; i < RECORD_COUNT; i++) {
        const DWORD size = record_data_size(i);
        SecBuffer buffers[4] = {
            {sizes->cbHeader, SECBUFFER_STREAM_HEADER, record},
            {size, SECBUFFER_DATA, record + sizes->cbHeader},
            {sizes->cbTrailer, SECBUFFER_STREAM_TRAILER, record + sizes->cbHeader + size},
        };
        SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
        SECURITY_STATUS status;

        memset(record + sizes->cbHeader, (BYTE)i, size);
        status = EncryptMessage(&direction->from->context, 0, &message, 0);
        ok(status == SEC_E_OK, "record %u: %s\n", i, status_name(status));
        /* An empty one tells the other thread that it is over. */
        pipe_put(&direction->pipe, record,
                 status ? 0 : buffers[0].cbBuffer + buffers[1].cbBuffer + buffers[2].cbBuffer);
        if (status)
            break;
    }
    free(record);
    return 0;
}

static DWORD WINAPI decrypt_thread(void *argument)
{
    struct direction *direction = argument;
    BYTE *record = malloc(RECORD_MAX);
    unsigned int i;

    for (i = 0; i < RECORD_COUNT; i++) {
        SecBuffer buffers[4] = {{pipe_get(&direction->pipe, record), SECBUFFER_DATA, record}};
        SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};
        SECURITY_STATUS status;
        const BYTE *data;
        DWORD j;

        if (!buffers[0].cbBuffer)
            break;
        status = DecryptMessage(&direction->to->context, &message, 0, NULL);
        ok(status == SEC_E_OK, "record %u: %s\n", i, status_name(status));
        if (status)
            continue;
        data = buffers[1].pvBuffer;
        for (j = 0; j < buffers[1].cbBuffer && data[j] == (BYTE)i; j++)
            ;
        ok(j == record_data_size(i), "record %u: %lu of %lu bytes are right\n", i, j,
           record_data_size(i));
    }
    free(record);
    return 0;
}

static void join(HANDLE *threads, unsigned int count)
{
    unsigned int i;

    WaitForMultipleObjects(count, threads, TRUE, INFINITE);
    for (i = 0; i < count; i++)
        CloseHandle(threads[i]);
}

/* Both directions of one connection, each end in a thread of its own. */
static void test_rule14_duplex(DWORD version)
{
    static struct direction directions[2];
    struct side_options client = {.protocols = version};
    HANDLE threads[4];
    unsigned int i;
    struct pair pair;
    BYTE byte;
    DWORD size;

    memset(directions, 0, sizeof(directions));
    if (pair_connect(&pair, &client, NULL)) {
        if (pair.client.inbox_size)
            side_receive(&pair.client, &byte, 1, &size);
        directions[0].from = directions[1].to = &pair.client;
        directions[0].to = directions[1].from = &pair.server;
        for (i = 0; i < 2; i++) {
            threads[2 * i] = CreateThread(NULL, 0, encrypt_thread, &directions[i], 0, NULL);
            threads[2 * i + 1] = CreateThread(NULL, 0, decrypt_thread, &directions[i], 0, NULL);
        }
        join(threads, ARRAY_SIZE(threads));
    }
    pair_destroy(&pair);
}

/* Credentials that several threads share, each with connections of its own. */
struct shared {
    CredHandle client, server;
    LONG finished;
};

#define THREADS               8
#define CONNECTIONS_OF_THREAD 20

static DWORD WINAPI connect_thread(void *argument)
{
    struct shared *shared = argument;
    unsigned int i;

    for (i = 0; i < CONNECTIONS_OF_THREAD; i++) {
        struct pair pair = {0};

        pair.client.role = SIDE_CLIENT;
        pair.server.role = SIDE_SERVER;
        pair.client.peer = &pair.server;
        pair.server.peer = &pair.client;
        pair.client.credentials = shared->client;
        pair.server.credentials = shared->server;
        pair.client.options.flags = SIDE_CLIENT_FLAGS;
        pair.server.options.flags = SIDE_SERVER_FLAGS;
        pair.client.status = pair.server.status = SEC_I_CONTINUE_NEEDED;
        pair.client.inbox = malloc(SIDE_INBOX_SIZE);
        pair.server.inbox = malloc(SIDE_INBOX_SIZE);
        if (pair_handshake(&pair)) {
            pair_exchange(&pair.client, &pair.server, 100);
            pair_exchange(&pair.server, &pair.client, 100);
            InterlockedIncrement(&shared->finished);
        }
        /* The credentials are not these sides' own. */
        pair_destroy(&pair);
    }
    return 0;
}

static void test_rule14_shared_credentials(DWORD version)
{
    struct side_options client = {.protocols = version};
    struct side_options server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
    HANDLE threads[THREADS];
    struct shared shared = {0};
    struct pair pair;
    unsigned int i;

    if (pair_create(&pair, &client, &server)) {
        shared.client = pair.client.credentials;
        shared.server = pair.server.credentials;
        for (i = 0; i < THREADS; i++)
            threads[i] = CreateThread(NULL, 0, connect_thread, &shared, 0, NULL);
        join(threads, THREADS);
        ok(shared.finished == THREADS * CONNECTIONS_OF_THREAD, "%ld connections\n",
           shared.finished);
    }
    pair_destroy(&pair);
}

/* A context that is deleted while other threads use it. */
struct victim {
    CtxtHandle context;
    SecPkgContext_StreamSizes sizes;
    LONG calls, deleted;
};

static SECURITY_STATUS encrypt_zeroes(struct victim *victim, BYTE *record)
{
    SecBuffer buffers[4] = {
        {victim->sizes.cbHeader, SECBUFFER_STREAM_HEADER, record},
        {1000, SECBUFFER_DATA, record + victim->sizes.cbHeader},
        {victim->sizes.cbTrailer, SECBUFFER_STREAM_TRAILER, record + victim->sizes.cbHeader + 1000},
    };
    SecBufferDesc message = {SECBUFFER_VERSION, ARRAY_SIZE(buffers), buffers};

    memset(record, 0, RECORD_MAX);
    return EncryptMessage(&victim->context, 0, &message, 0);
}

static BOOL is_fair(SECURITY_STATUS status)
{
    return status == SEC_E_OK || status == SEC_E_INVALID_HANDLE;
}

static DWORD WINAPI use_thread(void *argument)
{
    struct victim *victim = argument;
    SecPkgContext_ConnectionInfo info;
    BYTE *record = malloc(RECORD_MAX);
    SECURITY_STATUS encrypted, queried;

    do {
        encrypted = encrypt_zeroes(victim, record);
        queried = QueryContextAttributesW(&victim->context, SECPKG_ATTR_CONNECTION_INFO, &info);
        InterlockedIncrement(&victim->calls);
    } while (is_fair(encrypted) && is_fair(queried) && !victim->deleted);
    ok(is_fair(encrypted), "EncryptMessage: %s\n", status_name(encrypted));
    ok(is_fair(queried), "QueryContextAttributesW: %s\n", status_name(queried));
    while (!victim->deleted) {
        InterlockedIncrement(&victim->calls);
        Sleep(1);
    }
    encrypted = encrypt_zeroes(victim, record);
    ok(encrypted == SEC_E_INVALID_HANDLE, "after the deletion: %s\n", status_name(encrypted));
    free(record);
    return 0;
}

static void test_rule14_delete_in_use(DWORD version)
{
    struct side_options client = {.protocols = version};
    struct side_options server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
    unsigned int round, i;

    for (round = 0; round < 20; round++) {
        struct victim victim = {0};
        SECURITY_STATUS status;
        HANDLE threads[3];
        struct pair pair;

        if (pair_connect(&pair, &client, &server)) {
            victim.context = pair.client.context;
            victim.sizes = pair.client.sizes;
            for (i = 0; i < ARRAY_SIZE(threads); i++)
                threads[i] = CreateThread(NULL, 0, use_thread, &victim, 0, NULL);
            while (victim.calls < 10 + (LONG)round)
                Sleep(0);
            status = DeleteSecurityContext(&pair.client.context);
            ok(status == SEC_E_OK, "DeleteSecurityContext: %s\n", status_name(status));
            pair.client.have_context = FALSE;
            InterlockedExchange(&victim.deleted, TRUE);
            join(threads, ARRAY_SIZE(threads));
        }
        pair_destroy(&pair);
    }
}

/* A side that receives while others disturb it with calls that cannot succeed. */
struct receiver {
    struct side *side;
    LONG done, disturbances;
};

/* DecryptMessage of a header that is not all there, or of no such message at all. */
static SECURITY_STATUS disturb(const CtxtHandle *context, DWORD given, ULONG count)
{
    BYTE header[] = {0x17, 3, 3, 1};
    SecBuffer buffers[4] = {{given, SECBUFFER_DATA, header}};
    SecBufferDesc message = {SECBUFFER_VERSION, count, buffers};

    return DecryptMessage((CtxtHandle *)context, &message, 0, NULL);
}

static DWORD WINAPI disturb_thread(void *argument)
{
    struct receiver *receiver = argument;
    SECURITY_STATUS incomplete, invalid;

    do {
        incomplete = disturb(&receiver->side->context, receiver->disturbances % 5, 4);
        invalid = disturb(&receiver->side->context, 4, 3);
        InterlockedIncrement(&receiver->disturbances);
    } while (incomplete == SEC_E_INCOMPLETE_MESSAGE && invalid == SEC_E_INVALID_TOKEN &&
             !receiver->done);
    ok(incomplete == SEC_E_INCOMPLETE_MESSAGE, "a part of a header: %s\n", status_name(incomplete));
    ok(invalid == SEC_E_INVALID_TOKEN, "three buffers: %s\n", status_name(invalid));
    return 0;
}

/* Two threads in DecryptMessage: no byte of the one that receives is lost. */
static void test_rule14_disturbed(DWORD version)
{
    struct side_options client = {.protocols = version};
    struct side_options server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
    struct receiver receiver = {0};
    HANDLE threads[2];
    struct pair pair;
    unsigned int i;

    if (pair_connect(&pair, &client, &server)) {
        receiver.side = &pair.client;
        for (i = 0; i < ARRAY_SIZE(threads); i++)
            threads[i] = CreateThread(NULL, 0, disturb_thread, &receiver, 0, NULL);
        while (!receiver.disturbances)
            Sleep(0);
        for (i = 0; i < 100; i++)
            pair_exchange(&pair.server, &pair.client, 1 + i * 100);
        InterlockedExchange(&receiver.done, TRUE);
        join(threads, ARRAY_SIZE(threads));
    }
    pair_destroy(&pair);
}

static DWORD WINAPI receive_thread(void *argument)
{
    struct victim *victim = argument;
    SECURITY_STATUS status;

    do {
        status = disturb(&victim->context, 4, 4);
        InterlockedIncrement(&victim->calls);
    } while (status == SEC_E_INCOMPLETE_MESSAGE && !victim->deleted);
    ok(status == SEC_E_INCOMPLETE_MESSAGE || status == SEC_E_INVALID_HANDLE, "%s\n",
       status_name(status));
    while (!victim->deleted) {
        InterlockedIncrement(&victim->calls);
        Sleep(1);
    }
    status = disturb(&victim->context, 4, 4);
    ok(status == SEC_E_INVALID_HANDLE, "after the deletion: %s\n", status_name(status));
    return 0;
}

/* One that encrypts, two that decrypt, and the context goes away. */
static void test_rule14_delete_both_ways(DWORD version)
{
    struct side_options client = {.protocols = version};
    struct side_options server = {.certificates = {test_cert_localhost(TEST_KEY_ECDSA)}};
    LPTHREAD_START_ROUTINE work[] = {use_thread, receive_thread, receive_thread};
    unsigned int round, i;

    for (round = 0; round < 10; round++) {
        struct victim victim = {0};
        HANDLE threads[3];
        struct pair pair;

        if (pair_connect(&pair, &client, &server)) {
            victim.context = pair.client.context;
            victim.sizes = pair.client.sizes;
            for (i = 0; i < ARRAY_SIZE(threads); i++)
                threads[i] = CreateThread(NULL, 0, work[i], &victim, 0, NULL);
            while (victim.calls < 10 + (LONG)round)
                Sleep(0);
            ok(DeleteSecurityContext(&pair.client.context) == SEC_E_OK, "it is gone already\n");
            pair.client.have_context = FALSE;
            InterlockedExchange(&victim.deleted, TRUE);
            join(threads, ARRAY_SIZE(threads));
        }
        pair_destroy(&pair);
    }
}

static void test_version(DWORD version)
{
    tally("rule 14");
    test_rule14_duplex(version);
    test_rule14_shared_credentials(version);
    test_rule14_delete_in_use(version);
    test_rule14_disturbed(version);
    test_rule14_delete_both_ways(version);
}

START_TEST(schannel_calls_threads)
{
    for_each_version(test_version);
    tally_report();
}
