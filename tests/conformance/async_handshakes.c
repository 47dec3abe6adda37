/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asynchronous SSPI: whole handshakes, driven by callbacks alone.
 */
#include "async_api.h"
#include "wine/test.h"

#define MANY 10000

/* Handshakes that run at the same time; the last one sets `over`. */
struct gathering {
    CredHandle client, server;
    HANDLE over;
    LONG running;
    LONG connected; /* both sides are done */
    LONG failed;
    SECURITY_STATUS failure; /* of one that failed */
    LONG callbacks;
    DWORD queueing_thread;
    LONG on_queueing_thread; /* callbacks there */
};

enum step { STEP_CLIENT, STEP_SERVER, STEP_DELETE_CLIENT, STEP_DELETE_SERVER, STEP_OVER };

/* A client and a server that hand each other their tokens, and then go, with one async context. */
struct handshake {
    struct gathering *gathering;
    SspiAsyncContext *async;
    enum step step;
    CtxtHandle client, server;
    BOOL have_client, have_server;
    SECURITY_STATUS client_status, server_status;
    SecBuffer in[2], out;
    SecBufferDesc input, output;
    ULONG attributes;
};

static WCHAR localhost[] = L"localhost";

static SECURITY_STATUS queue_step(struct handshake *handshake)
{
    struct gathering *gathering = handshake->gathering;
    SecBufferDesc *input = handshake->in[0].pvBuffer ? &handshake->input : NULL;

    switch (handshake->step) {
    case STEP_CLIENT:
        return sspi.initialize_w(handshake->async, &gathering->client,
                                 handshake->have_client ? &handshake->client : NULL, localhost,
                                 SIDE_CLIENT_FLAGS, 0, 0, input, 0,
                                 handshake->have_client ? NULL : &handshake->client,
                                 &handshake->output, &handshake->attributes, NULL);
    case STEP_SERVER:
        return sspi.accept(handshake->async, &gathering->server,
                           handshake->have_server ? &handshake->server : NULL, input,
                           SIDE_SERVER_FLAGS, 0, handshake->have_server ? NULL : &handshake->server,
                           &handshake->output, &handshake->attributes, NULL);
    case STEP_DELETE_CLIENT:
        return sspi.delete_context(handshake->async, &handshake->client);
    default:
        return sspi.delete_context(handshake->async, &handshake->server);
    }
}

static void finish(struct handshake *handshake, SECURITY_STATUS failure)
{
    struct gathering *gathering = handshake->gathering;

    if (handshake->in[0].pvBuffer)
        FreeContextBuffer(handshake->in[0].pvBuffer);
    sspi.free(handshake->async);
    if (failure) {
        gathering->failure = failure;
        InterlockedIncrement(&gathering->failed);
    } else {
        InterlockedIncrement(&gathering->connected);
    }
    if (!InterlockedDecrement(&gathering->running))
        SetEvent(gathering->over);
}

/* The token of the leg that ended becomes the input of the next one. */
static void pass_token(struct handshake *handshake)
{
    if (handshake->in[0].pvBuffer)
        FreeContextBuffer(handshake->in[0].pvBuffer);
    handshake->in[0] = handshake->out;
    memset(&handshake->in[1], 0, sizeof(handshake->in[1]));
    handshake->out.cbBuffer = 0;
    handshake->out.pvBuffer = NULL;
}

/* What is next after a leg. */
static enum step step_after_leg(struct handshake *handshake, SECURITY_STATUS status)
{
    if (handshake->step == STEP_CLIENT) {
        handshake->have_client = TRUE;
        handshake->client_status = status;
    } else {
        handshake->have_server = TRUE;
        handshake->server_status = status;
    }
    if (handshake->client_status == SEC_E_OK && handshake->server_status == SEC_E_OK)
        return STEP_DELETE_CLIENT;
    return handshake->step == STEP_CLIENT ? STEP_SERVER : STEP_CLIENT;
}

static void next_step(SspiAsyncContext *handle, void *data)
{
    struct handshake *handshake = data;
    struct gathering *gathering = handshake->gathering;
    SECURITY_STATUS status = sspi.status(handle);

    InterlockedIncrement(&gathering->callbacks);
    if (GetCurrentThreadId() == gathering->queueing_thread)
        InterlockedIncrement(&gathering->on_queueing_thread);
    if (handshake->step >= STEP_DELETE_CLIENT) {
        handshake->step++;
    } else {
        if (status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED)
            handshake->step = step_after_leg(handshake, status);
        pass_token(handshake);
    }
    if (status < 0 || handshake->step == STEP_OVER) {
        finish(handshake, status);
        return;
    }
    status = sspi.reinit(handle);
    if (!status)
        status = queue_step(handshake);
    if (status)
        finish(handshake, status);
}

static void prepare(struct handshake *handshake, struct gathering *gathering)
{
    memset(handshake, 0, sizeof(*handshake));
    handshake->gathering = gathering;
    handshake->client_status = handshake->server_status = SEC_I_CONTINUE_NEEDED;
    handshake->out.BufferType = SECBUFFER_TOKEN;
    handshake->input.cBuffers = 2;
    handshake->input.pBuffers = handshake->in;
    handshake->output.cBuffers = 1;
    handshake->output.pBuffers = &handshake->out;
    handshake->async = sspi.create();
    sspi.set_callback(handshake->async, next_step, handshake);
}

/* Queues `count` handshakes at once and waits for all. */
static void run(struct gathering *gathering, const struct pair *pair, unsigned int count)
{
    struct handshake *handshakes = malloc(count * sizeof(*handshakes));
    SECURITY_STATUS status;
    unsigned int i;

    memset(gathering, 0, sizeof(*gathering));
    gathering->client = pair->client.credentials;
    gathering->server = pair->server.credentials;
    gathering->over = CreateEventW(NULL, TRUE, FALSE, NULL);
    gathering->running = count;
    gathering->queueing_thread = GetCurrentThreadId();
    for (i = 0; i < count; i++)
        prepare(&handshakes[i], gathering);
    for (i = 0; i < count; i++) {
        status = queue_step(&handshakes[i]);
        if (status)
            finish(&handshakes[i], status);
    }
    while (WaitForSingleObject(gathering->over, ASYNC_PATIENCE)) {
        /* However slow the machine: callbacks go on coming, or something hangs. */
        const LONG callbacks = gathering->callbacks;

        Sleep(ASYNC_PATIENCE / 10);
        if (callbacks == gathering->callbacks)
            break;
    }
    if (InterlockedOr(&gathering->running, 0)) {
        ok(FALSE, "%ld of %u handshakes hang\n", gathering->running, count);
        ExitProcess(1); /* they still use what we would free */
    }
    CloseHandle(gathering->over);
    free(handshakes);
}

static void test_chained_in_callbacks(void)
{
    static const DWORD protocols[] = {SIDE_TLS1_2, SIDE_TLS1_3};
    static const enum test_key_type keys[] = {TEST_KEY_RSA, TEST_KEY_ECDSA};
    struct gathering gathering;
    struct pair pair;
    unsigned int i;

    for (i = 0; i < 4; i++) {
        struct side_options options = {.protocols = protocols[i & 1]};

        if (!pair_supports(options.protocols)) {
            skip("no TLS 1.%lu\n", options.protocols + 1);
            continue;
        }
        winetest_push_context("TLS 1.%lu, key type %u", options.protocols + 1, keys[i >> 1]);
        options.certificates[0] = test_cert_localhost(keys[i >> 1]);
        if (pair_create(&pair, &options, &options)) {
            run(&gathering, &pair, 1);
            ok(gathering.connected == 1, "failed: %s\n", status_name(gathering.failure));
            ok(gathering.callbacks >= 6, "%ld callbacks\n", gathering.callbacks);
            ok(!gathering.on_queueing_thread, "callback on the calling thread\n");
            run(&gathering, &pair, 100);
            ok(gathering.connected == 100, "%ld of 100, %ld failed: %s\n", gathering.connected,
               gathering.failed, status_name(gathering.failure));
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* 10,000 handshakes, all queued by one thread before it waits; every one comes to its end. */
static void test_many(void)
{
    struct side_options options = {0};
    struct gathering gathering;
    struct pair pair;
    DWORD start;

    options.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
    if (pair_create(&pair, NULL, &options)) {
        start = GetTickCount();
        run(&gathering, &pair, MANY);
        trace("%u handshakes with %ld calls in %lu ms\n", MANY, gathering.callbacks,
              GetTickCount() - start);
        ok(gathering.connected == MANY, "%ld of %u, %ld failed: %s\n", gathering.connected, MANY,
           gathering.failed, status_name(gathering.failure));
        ok(!gathering.on_queueing_thread, "callback on the calling thread\n");
    }
    pair_destroy(&pair);
}

START_TEST(async_handshakes)
{
    if (!async_available())
        return;
    test_chained_in_callbacks();
    test_many();
}
