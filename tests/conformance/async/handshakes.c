/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asynchronous SSPI: whole handshakes, driven by callbacks alone.
 */
#include "kit/async_api.h"
#include "kit/testprovider.h"
#include "wine/test.h"

#define MANY  10000
#define CROWD 64

/* Handshakes that run at the same time; the last one sets `over`. */
struct gathering {
    CredHandle client, server;
    DWORD server_flags;
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
                           gathering->server_flags, 0,
                           handshake->have_server ? NULL : &handshake->server, &handshake->output,
                           &handshake->attributes, NULL);
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
    gathering->server_flags =
        pair->server.options.flags ? pair->server.options.flags : SIDE_SERVER_FLAGS;
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
    static const enum test_key_type keys[] = {TEST_KEY_RSA, TEST_KEY_ECDSA};
    struct gathering gathering;
    struct pair pair;
    unsigned int i;

    for (i = 0; i < 4; i++) {
        struct side_options options = {.protocols = versions[i & 1]};

        if (!pair_supports(options.protocols)) {
            win_skip("no %s\n", version_name(options.protocols));
            continue;
        }
        winetest_push_context("%s, key type %u", version_name(options.protocols), keys[i >> 1]);
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

/* Many handshakes at once with a key that stays in its provider, on both sides or on one. */
static void check_key_that_stays(const CERT_CONTEXT *certificate, HCERTSTORE roots, DWORD protocols)
{
    struct side_options client = {.protocols = protocols};
    struct side_options server = {
        .protocols = protocols, .certificates = {certificate}, .root_store = roots};
    struct gathering gathering;
    struct pair pair;
    int mutual;

    for (mutual = 0; mutual < 2; mutual++) {
        winetest_push_context("%s%s", version_name(protocols), mutual ? ", both" : "");
        if (mutual) {
            client.certificates[0] = certificate;
            server.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH;
        }
        if (pair_create(&pair, &client, &server)) {
            run(&gathering, &pair, CROWD);
            ok(gathering.connected == CROWD, "%ld of %u, %ld failed: %s\n", gathering.connected,
               CROWD, gathering.failed, status_name(gathering.failure));
            ok(!gathering.on_queueing_thread, "callback on the calling thread\n");
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* Acquired and freed by the pool as well, all at the same time. */
static void check_acquired_at_once(const CERT_CONTEXT *certificate)
{
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 1, .paCred = &certificate};
    static CredHandle credentials[CROWD];
    SspiAsyncContext *async[CROWD];
    SECURITY_STATUS status;
    unsigned int i;

    for (i = 0; i < CROWD; i++) {
        async[i] = sspi.create();
        status = sspi.acquire_w(async[i], NULL, (WCHAR *)UNISP_NAME_W, SECPKG_CRED_INBOUND, NULL,
                                &data, NULL, NULL, &credentials[i], NULL);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    }
    for (i = 0; i < CROWD; i++) {
        status = async_poll(async[i]);
        ok(status == SEC_E_OK, "%u: %s\n", i, status_name(status));
        ok(sspi.reinit(async[i]) == SEC_E_OK, "%u: not to be used again\n", i);
        sspi.free_credentials(async[i], &credentials[i]);
    }
    for (i = 0; i < CROWD; i++) {
        status = async_poll(async[i]);
        ok(status == SEC_E_OK, "%u: free: %s\n", i, status_name(status));
        sspi.free(async[i]);
    }
}

static void test_keys_that_stay(void)
{
    struct test_cert_options options = {
        .type = TEST_KEY_RSA, .place = TEST_KEY_NOWHERE, .name = "CA", .uses = TEST_CERT_CA};
    CERT_KEY_CONTEXT context = {.cbSize = sizeof(context), .dwKeySpec = CERT_NCRYPT_KEY_SPEC};
    struct test_cert ca, cert;
    WCHAR container[64];

    if (!test_cert_create(&options, &ca))
        return;
    swprintf(container, ARRAY_SIZE(container), L"asyncsspi-async-%lu", GetCurrentProcessId());
    if (container_generate(container, PROV_RSA_AES, 0, 0) &&
        container_cert_that_stays(&ca, container, PROV_RSA_AES, 0, 0, &cert)) {
        winetest_push_context("CryptoAPI");
        check_key_that_stays(cert.context, ca.store, SIDE_TLS1_2);
        check_acquired_at_once(cert.context);
        winetest_pop_context();
        test_cert_free(&cert);
    }
    container_delete(container, 0);

    context.hCryptProv = cng_generate(0);
    options = (struct test_cert_options){.place = TEST_KEY_NOWHERE,
                                         .name = "localhost",
                                         .uses = TEST_CERT_SERVER | TEST_CERT_CLIENT,
                                         .issuer = &ca};
    if (context.hCryptProv && (options.key = cng_key(context.hCryptProv))) {
        if (test_cert_create(&options, &cert)) {
            CertSetCertificateContextProperty(cert.context, CERT_KEY_CONTEXT_PROP_ID,
                                              CERT_STORE_NO_CRYPT_RELEASE_FLAG, &context);
            winetest_push_context("CNG");
            check_key_that_stays(cert.context, ca.store, SIDE_TLS1_2);
            check_key_that_stays(cert.context, ca.store, SIDE_TLS1_3);
            check_acquired_at_once(cert.context);
            winetest_pop_context();
            test_cert_free(&cert);
        }
        test_key_release(options.key);
    }
    if (context.hCryptProv)
        cng_free(context.hCryptProv);
    providers_remove();
    test_cert_free(&ca);
}

START_TEST(async_handshakes)
{
    if (!async_available())
        return;
    test_chained_in_callbacks();
    test_keys_that_stay();
    test_many();
}
