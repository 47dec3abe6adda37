/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asynchronous SSPI: async contexts, queueing, completion, and the life of what a call uses.
 */
#include <ntstatus.h>
#define WIN32_NO_STATUS /* winnt.h has some of them, too */
#include "kit/async_api.h"
#include "wine/test.h"

static WCHAR schannel_w[] = L"Schannel";
static char schannel_a[] = "Schannel";

static const struct side_options *ecdsa_server(void)
{
    static struct side_options options;

    options.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
    return &options;
}

/* A pair whose client has made its first leg, so that the server has something to accept. */
static BOOL create_greeted(struct pair *pair)
{
    SECURITY_STATUS status;

    if (!pair_create(pair, NULL, ecdsa_server()))
        return FALSE;
    status = side_leg(&pair->client);
    ok(status == SEC_I_CONTINUE_NEEDED, "first leg: %s\n", status_name(status));
    return status == SEC_I_CONTINUE_NEEDED;
}

static void test_exports(void)
{
    struct async_api forwards;
    HMODULE sspicli = LoadLibraryA("sspicli.dll");
    const unsigned int found = async_lookup(sspicli, &forwards);

    ok(found == 13, "sspicli.dll has %u of the 13 functions\n", found);
    ok(!memcmp(&forwards, &sspi, sizeof(sspi)), "sspicli.dll and secur32.dll differ\n");
    FreeLibrary(sspicli);
}

static void test_async_context(void)
{
    SspiAsyncContext *async = sspi.create();
    SECURITY_STATUS status;
    LONG result;

    ok(async != NULL, "no context\n");
    status = sspi.status(async);
    ok(status == SEC_I_ASYNC_CALL_PENDING, "status before a call: %s\n", status_name(status));
    ok(!sspi.requires_notify(async), "a new context has a callback\n");

    status = sspi.set_callback(async, completion_callback, NULL);
    ok(status == SEC_E_OK, "setting a callback: %s\n", status_name(status));
    ok(sspi.requires_notify(async) == TRUE, "no callback after setting one\n");
    result = sspi.reinit(async);
    ok(result == STATUS_SUCCESS, "reinitialising an unused context: %#lx\n", result);
    ok(sspi.requires_notify(async) == TRUE, "no callback after reinitialising\n");
    status = sspi.set_callback(async, NULL, NULL);
    ok(status == SEC_E_OK, "removing the callback: %s\n", status_name(status));
    ok(!sspi.requires_notify(async), "a callback after removing it\n");
    sspi.free(async);

    sspi.free(NULL);
    status = sspi.set_callback(NULL, completion_callback, NULL);
    ok(status == SEC_E_INVALID_PARAMETER, "callback for NULL: %s\n", status_name(status));
    result = sspi.reinit(NULL);
    ok(result < 0, "reinitialising NULL: %#lx\n", result);
    ok(!sspi.requires_notify(NULL), "NULL has a callback\n");
    status = sspi.status(NULL);
    ok(status == SEC_E_INVALID_PARAMETER, "status of NULL: %s\n", status_name(status));
}

/* Queues each of the calls, with arguments that nobody is to look at. */
static void check_refused(SspiAsyncContext *async, const char *what)
{
    SecHandle handle = {1, 1};
    SECURITY_STATUS status[7];
    unsigned int i;

    status[0] = sspi.acquire_a(async, NULL, schannel_a, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                               NULL, &handle, NULL);
    status[1] = sspi.acquire_w(async, NULL, schannel_w, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                               NULL, &handle, NULL);
    status[2] =
        sspi.initialize_a(async, &handle, NULL, NULL, 0, 0, 0, NULL, 0, &handle, NULL, NULL, NULL);
    status[3] =
        sspi.initialize_w(async, &handle, NULL, NULL, 0, 0, 0, NULL, 0, &handle, NULL, NULL, NULL);
    status[4] = sspi.accept(async, &handle, NULL, NULL, 0, 0, &handle, NULL, NULL, NULL);
    status[5] = sspi.free_credentials(async, &handle);
    status[6] = sspi.delete_context(async, &handle);
    for (i = 0; i < ARRAY_SIZE(status); i++)
        ok(status[i] == SEC_E_INVALID_PARAMETER, "%s: call %u returned %s\n", what, i,
           status_name(status[i]));
    ok(handle.dwLower == 1 && handle.dwUpper == 1, "%s: output was written\n", what);
}

/* The callback comes, once, and behind the status. FALSE: all that waits for callbacks is in vain.
 */
static BOOL test_callback(void)
{
    struct completion completion;
    SspiAsyncContext *async;
    CredHandle credentials;
    SECURITY_STATUS status;
    BOOL came;

    completion_create(&completion);
    async = async_create_with(&completion);
    status = sspi.acquire_w(async, NULL, schannel_w, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                            &credentials, NULL);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    came = completion_wait(&completion);
    if (came) {
        ok(completion.handle == async, "another context\n");
        ok(completion.status == SEC_E_OK, "in the callback: %s\n", status_name(completion.status));
        came = completion.status == SEC_E_OK;
    }
    ok(async_poll(async) == SEC_E_OK, "not acquired\n");
    ok(completion.calls == 1, "%ld callbacks\n", completion.calls);
    FreeCredentialsHandle(&credentials);
    sspi.free(async);
    completion_close(&completion);
    return came;
}

struct documented {
    HANDLE done;
    SECURITY_STATUS status;
    DWORD thread;
};

static void free_in_callback(SspiAsyncContext *handle, void *data)
{
    struct documented *documented = data;

    documented->status = sspi.status(handle);
    documented->thread = GetCurrentThreadId();
    sspi.free(handle);
    SetEvent(documented->done);
}

/* Create, set callback, accept, status, free in the callback. */
static void test_documented_flow(void)
{
    struct documented documented = {CreateEventW(NULL, FALSE, FALSE, NULL), 0, 0};
    SspiAsyncContext *async;
    SECURITY_STATUS status;
    struct pair pair;
    struct leg leg;

    if (create_greeted(&pair)) {
        async = sspi.create();
        status = sspi.set_callback(async, free_in_callback, &documented);
        ok(status == SEC_E_OK, "SspiSetAsyncNotifyCallback: %s\n", status_name(status));
        leg_begin(&pair.server, &leg);
        status = leg_queue(async, &pair.server, &leg);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        if (async_wait(documented.done, "callback")) {
            ok(documented.status == SEC_I_CONTINUE_NEEDED, "accept: %s\n",
               status_name(documented.status));
            ok(documented.thread != GetCurrentThreadId(), "callback on the calling thread\n");
            leg_end(&pair.server, &leg, documented.status);
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
        }
    }
    pair_destroy(&pair);
    CloseHandle(documented.done);
}

struct outputs {
    struct completion completion;
    struct leg *leg;
    SecBuffer token;
    CtxtHandle context;
    ULONG attributes;
};

static void look_at_outputs(SspiAsyncContext *handle, void *data)
{
    struct outputs *outputs = data;

    outputs->token = outputs->leg->out[0];
    outputs->context = outputs->leg->new_context;
    outputs->attributes = outputs->leg->attributes;
    completion_callback(handle, &outputs->completion);
}

static void test_outputs_in_callback(void)
{
    SspiAsyncContext *async = sspi.create();
    struct outputs outputs;
    SECURITY_STATUS status;
    unsigned int i;
    struct pair pair;
    struct leg leg;

    completion_create(&outputs.completion);
    outputs.leg = &leg;
    sspi.set_callback(async, look_at_outputs, &outputs);
    for (i = 0; i < 100 && create_greeted(&pair); i++) {
        leg_begin(&pair.server, &leg);
        SecInvalidateHandle(&leg.new_context);
        status = leg_queue(async, &pair.server, &leg);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        if (!completion_wait(&outputs.completion))
            break;
        ok(outputs.completion.handle == async, "callback for another context\n");
        ok(outputs.completion.status == SEC_I_CONTINUE_NEEDED, "status in the callback: %s\n",
           status_name(outputs.completion.status));
        ok(outputs.token.pvBuffer && outputs.token.cbBuffer, "no token in the callback\n");
        ok(SecIsValidHandle(&outputs.context), "no context in the callback\n");
        ok(outputs.attributes & ASC_RET_ALLOCATED_MEMORY, "attributes in the callback: %#lx\n",
           outputs.attributes);
        leg_end(&pair.server, &leg, outputs.completion.status);
        sspi.reinit(async);
        pair_destroy(&pair);
    }
    ok(outputs.completion.calls == 100, "%ld callbacks\n", outputs.completion.calls);
    sspi.free(async);
    completion_close(&outputs.completion);
}

/* Whatever a call may complain of, it does as the synchronous one, and only when it runs. */
static void test_errors_are_statuses(void)
{
    static WCHAR unknown[] = L"no such package";
    struct completion completion;
    SspiAsyncContext *async;
    CredHandle credentials, garbage = {0x1234567, 0x89abcde};
    CtxtHandle context;
    SecBuffer buffer = {7, SECBUFFER_TOKEN, (void *)"garbage"}, empty = {0, SECBUFFER_EMPTY, NULL};
    SecBuffer in[2] = {buffer, empty}, out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 1, &out};
    SECURITY_STATUS expected, status;
    ULONG attributes;
    struct pair pair;

    completion_create(&completion);
    async = async_create_with(&completion);
    if (!pair_create(&pair, NULL, ecdsa_server()))
        goto done;

#define CHECK(queue, synchronous)                                                                  \
    do {                                                                                           \
        in[0] = buffer;                                                                            \
        in[1] = empty;                                                                             \
        expected = synchronous;                                                                    \
        in[0] = buffer;                                                                            \
        in[1] = empty;                                                                             \
        status = queue;                                                                            \
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));                             \
        completion_wait(&completion);                                                              \
        ok(expected < 0, "the synchronous call gives %s\n", status_name(expected));                \
        ok(completion.status == expected, "status %s, not %#lx as synchronously\n",                \
           status_name(completion.status), expected);                                              \
        ok(sspi.reinit(async) == STATUS_SUCCESS, "not to be reinitialised\n");                     \
    } while (0)

    CHECK(sspi.acquire_w(async, NULL, unknown, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                         &credentials, NULL),
          AcquireCredentialsHandleW(NULL, unknown, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                    &credentials, NULL));
    CHECK(sspi.acquire_a(async, NULL, NULL, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                         &credentials, NULL),
          AcquireCredentialsHandleA(NULL, NULL, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                    &credentials, NULL));
    CHECK(sspi.acquire_w(async, NULL, schannel_w, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                         NULL, NULL),
          AcquireCredentialsHandleW(NULL, schannel_w, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                    NULL, NULL));
    CHECK(sspi.initialize_w(async, NULL, NULL, NULL, 0, 0, 0, NULL, 0, &context, &output,
                            &attributes, NULL),
          InitializeSecurityContextW(NULL, NULL, NULL, 0, 0, 0, NULL, 0, &context, &output,
                                     &attributes, NULL));
    CHECK(sspi.initialize_a(async, &garbage, NULL, NULL, 0, 0, 0, NULL, 0, &context, &output,
                            &attributes, NULL),
          InitializeSecurityContextA(&garbage, NULL, NULL, 0, 0, 0, NULL, 0, &context, &output,
                                     &attributes, NULL));
    CHECK(sspi.accept(async, &pair.server.credentials, &garbage, &input, 0, 0, NULL, &output,
                      &attributes, NULL),
          AcceptSecurityContext(&pair.server.credentials, &garbage, &input, 0, 0, NULL, &output,
                                &attributes, NULL));
    CHECK(sspi.accept(async, &pair.server.credentials, NULL, &input, ASC_REQ_ALLOCATE_MEMORY, 0,
                      &context, &output, &attributes, NULL),
          AcceptSecurityContext(&pair.server.credentials, NULL, &input, ASC_REQ_ALLOCATE_MEMORY, 0,
                                &context, &output, &attributes, NULL));
    CHECK(sspi.accept(async, &pair.server.credentials, NULL, NULL, ASC_REQ_ALLOCATE_MEMORY, 0,
                      &context, &output, &attributes, NULL),
          AcceptSecurityContext(&pair.server.credentials, NULL, NULL, ASC_REQ_ALLOCATE_MEMORY, 0,
                                &context, &output, &attributes, NULL));
    CHECK(sspi.accept(async, &pair.client.credentials, NULL, &input, ASC_REQ_ALLOCATE_MEMORY, 0,
                      &context, &output, &attributes, NULL),
          AcceptSecurityContext(&pair.client.credentials, NULL, &input, ASC_REQ_ALLOCATE_MEMORY, 0,
                                &context, &output, &attributes, NULL));
    CHECK(sspi.free_credentials(async, NULL), FreeCredentialsHandle(NULL));
    CHECK(sspi.free_credentials(async, &garbage), FreeCredentialsHandle(&garbage));
    CHECK(sspi.delete_context(async, NULL), DeleteSecurityContext(NULL));
    CHECK(sspi.delete_context(async, &garbage), DeleteSecurityContext(&garbage));
#undef CHECK
    ok(completion.calls == 13, "%ld callbacks\n", completion.calls);

done:
    pair_destroy(&pair);
    sspi.free(async);
    completion_close(&completion);
}

static void test_busy(void)
{
    struct completion completion;
    SspiAsyncContext *async;
    SECURITY_STATUS status;
    struct gate gate;
    struct pair pair;
    struct leg leg;
    LONG result;

    check_refused(NULL, "NULL");
    if (!create_greeted(&pair))
        goto done;
    completion_create(&completion);
    async = async_create_with(&completion);
    leg_begin(&pair.server, &leg);
    gate_create(&gate, &leg.input);
    leg.input_pointer = gate.desc;

    status = leg_queue(async, &pair.server, &leg);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    async_wait(gate.reached, "call");
    status = sspi.status(async);
    ok(status == SEC_I_ASYNC_CALL_PENDING, "while it runs: %s\n", status_name(status));
    check_refused(async, "pending");
    result = sspi.reinit(async);
    ok(result == STATUS_DEVICE_BUSY, "reinitialising a pending context: %#lx\n", result);
    status = sspi.set_callback(async, NULL, NULL);
    ok(status == SEC_E_INVALID_PARAMETER, "callback of a pending context: %s\n",
       status_name(status));
    ok(sspi.requires_notify(async), "the callback went\n");
    ok(!completion.calls, "early callback\n");

    gate_open(&gate);
    completion_wait(&completion);
    ok(completion.status == SEC_I_CONTINUE_NEEDED, "accept: %s\n", status_name(completion.status));
    leg_end(&pair.server, &leg, completion.status);
    check_refused(async, "complete");
    status = sspi.set_callback(async, NULL, NULL);
    ok(status == SEC_E_INVALID_PARAMETER, "callback of a complete context: %s\n",
       status_name(status));
    ok(completion.calls == 1, "%ld callbacks\n", completion.calls);
    result = sspi.reinit(async);
    ok(result == STATUS_SUCCESS, "reinitialising: %#lx\n", result);
    status = sspi.status(async);
    ok(status == SEC_I_ASYNC_CALL_PENDING, "after reinitialising: %s\n", status_name(status));

    gate_close(&gate);
    sspi.free(async);
    completion_close(&completion);
done:
    pair_destroy(&pair);
}

/* Acquires, makes a leg and frees through the A functions, without a callback. */
static void test_ansi(void)
{
    static char localhost[] = "localhost";
    SspiAsyncContext *async = sspi.create();
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS};
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
    CredHandle credentials;
    CtxtHandle context;
    SECURITY_STATUS status;
    ULONG attributes = 0;
    TimeStamp expiry;

    status = sspi.acquire_a(async, NULL, schannel_a, SECPKG_CRED_OUTBOUND, NULL, &data, NULL, NULL,
                            &credentials, &expiry);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    status = async_poll(async);
    ok(status == SEC_E_OK, "acquire: %s\n", status_name(status));
    if (status)
        goto done;

    sspi.reinit(async);
    status = sspi.initialize_a(async, &credentials, NULL, localhost, SIDE_CLIENT_FLAGS, 0, 0, NULL,
                               0, &context, &output, &attributes, &expiry);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    status = async_poll(async);
    ok(status == SEC_I_CONTINUE_NEEDED, "initialize: %s\n", status_name(status));
    if (status == SEC_I_CONTINUE_NEEDED) {
        const BYTE *hello = token.pvBuffer;
        DWORD i;

        /* A handshake record with the name in it. */
        ok(token.cbBuffer > 64 && hello[0] == 22, "no ClientHello\n");
        for (i = 0; i + 9 <= token.cbBuffer && memcmp(hello + i, localhost, 9); i++)
            ;
        ok(i + 9 <= token.cbBuffer, "no server name in it\n");
        FreeContextBuffer(token.pvBuffer);
        sspi.reinit(async);
        status = sspi.delete_context(async, &context);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        status = async_poll(async);
        ok(status == SEC_E_OK, "delete: %s\n", status_name(status));
    }
    sspi.reinit(async);
    status = sspi.free_credentials(async, &credentials);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    status = async_poll(async);
    ok(status == SEC_E_OK, "free: %s\n", status_name(status));
    status = FreeCredentialsHandle(&credentials);
    ok(status == SEC_E_INVALID_HANDLE, "freed twice: %s\n", status_name(status));
done:
    sspi.free(async);
}

static BOOL is_open(CtxtHandle *context)
{
    SecPkgContext_StreamSizes sizes;

    return QueryContextAttributesW(context, SECPKG_ATTR_STREAM_SIZES, &sizes) !=
           SEC_E_INVALID_HANDLE;
}

static BOOL wait_until_closed(CtxtHandle *context)
{
    const DWORD start = GetTickCount();

    while (is_open(context)) {
        if (GetTickCount() - start > ASYNC_PATIENCE)
            return FALSE;
        Sleep(1);
    }
    return TRUE;
}

/* Queue the delete, invalidate the handle variable, free the async context, all at once. */
static void test_delete_and_forget(void)
{
    CtxtHandle context, variable;
    SspiAsyncContext *async;
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int i;

    for (i = 0; i < 100 && create_greeted(&pair); i++) {
        context = variable = pair.client.context;
        async = sspi.create();
        status = sspi.delete_context(async, &variable);
        SecInvalidateHandle(&variable);
        sspi.free(async);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        ok(wait_until_closed(&context), "the context was not deleted\n");
        status = DeleteSecurityContext(&context);
        ok(status == SEC_E_INVALID_HANDLE, "deleted twice: %s\n", status_name(status));
        pair.client.have_context = FALSE;
        pair_destroy(&pair);
    }
    ok(i == 100, "%u rounds\n", i);
}

/*
 * Everything a call uses is taken from under it while it runs, and while others wait behind it: its
 * async context, credentials, handle variables, and the context itself.
 */
static void test_free_while_pending(void)
{
    struct completion completion, never;
    SspiAsyncContext *first, *second, *third;
    CtxtHandle context;
    SECURITY_STATUS status;
    struct gate gate;
    struct pair pair;
    struct leg leg;

    completion_create(&completion);
    completion_create(&never);
    /* The server's last leg stands at the gate. */
    if (!create_greeted(&pair) || side_leg(&pair.server) != SEC_I_CONTINUE_NEEDED ||
        side_leg(&pair.client) < 0)
        goto done;
    context = pair.server.context;
    leg_begin(&pair.server, &leg);
    gate_create(&gate, &leg.input);
    leg.input_pointer = gate.desc;
    first = async_create_with(&never);
    status = leg_queue(first, &pair.server, &leg);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    SecInvalidateHandle(&pair.server.context);
    async_wait(gate.reached, "call");

    second = sspi.create();
    status = sspi.delete_context(second, &context);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    third = async_create_with(&completion);
    status = sspi.delete_context(third, &context);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    sspi.free(first);
    sspi.free(second);
    status = FreeCredentialsHandle(&pair.server.credentials);
    ok(status == SEC_E_OK, "FreeCredentialsHandle: %s\n", status_name(status));
    status = sspi.status(third);
    ok(status == SEC_I_ASYNC_CALL_PENDING, "behind the gate: %s\n", status_name(status));

    gate_open(&gate);
    completion_wait(&completion);
    ok(completion.status == SEC_E_INVALID_HANDLE, "second delete: %s\n",
       status_name(completion.status));
    ok(!is_open(&context), "not deleted\n");
    ok(leg.attributes & ASC_RET_STREAM, "the call did not run to its end: %#lx\n", leg.attributes);
    Sleep(50);
    ok(!never.calls, "callback of a context that was freed before\n");

    sspi.free(third);
    leg_end(&pair.server, &leg, SEC_E_OK);
    pair.server.have_context = pair.server.have_credentials = FALSE;
    gate_close(&gate);
done:
    pair_destroy(&pair);
    completion_close(&completion);
    completion_close(&never);
}

/* Packages of Wine's own, asynchronously as synchronously. */
static void test_other_package(const WCHAR *name)
{
    SEC_WINNT_AUTH_IDENTITY_W identity = {(USHORT *)L"user",
                                          4,
                                          (USHORT *)L"domain",
                                          6,
                                          (USHORT *)L"password",
                                          8,
                                          SEC_WINNT_AUTH_IDENTITY_UNICODE};
    static WCHAR target[] = L"host/localhost";
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
    struct completion completion;
    SspiAsyncContext *async;
    SECURITY_STATUS expected, status;
    CredHandle credentials;
    CtxtHandle context;
    ULONG attributes;
    TimeStamp expiry;

    expected = AcquireCredentialsHandleW(NULL, (WCHAR *)name, SECPKG_CRED_OUTBOUND, NULL, &identity,
                                         NULL, NULL, &credentials, &expiry);
    if (expected == SEC_E_OK)
        FreeCredentialsHandle(&credentials);

    winetest_push_context("%s", wine_dbgstr_w(name));
    completion_create(&completion);
    async = async_create_with(&completion);
    status = sspi.acquire_w(async, NULL, (WCHAR *)name, SECPKG_CRED_OUTBOUND, NULL, &identity, NULL,
                            NULL, &credentials, &expiry);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    completion_wait(&completion);
    ok(completion.status == expected, "acquire: %s, not %#lx as synchronously\n",
       status_name(completion.status), expected);
    if (completion.status != SEC_E_OK) {
        skip("the package is not available here: %s\n", status_name(expected));
        goto done;
    }

    expected = InitializeSecurityContextW(&credentials, NULL, target, ISC_REQ_ALLOCATE_MEMORY, 0,
                                          SECURITY_NETWORK_DREP, NULL, 0, &context, &output,
                                          &attributes, &expiry);
    if (expected >= 0) {
        FreeContextBuffer(token.pvBuffer);
        DeleteSecurityContext(&context);
    }
    token.cbBuffer = 0;
    token.pvBuffer = NULL;
    sspi.reinit(async);
    status =
        sspi.initialize_w(async, &credentials, NULL, target, ISC_REQ_ALLOCATE_MEMORY, 0,
                          SECURITY_NETWORK_DREP, NULL, 0, &context, &output, &attributes, &expiry);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    completion_wait(&completion);
    ok(completion.status == expected, "initialize: %s, not %#lx as synchronously\n",
       status_name(completion.status), expected);
    if (completion.status >= 0) {
        ok(token.cbBuffer > 0, "no token\n");
        FreeContextBuffer(token.pvBuffer);
        sspi.reinit(async);
        sspi.delete_context(async, &context);
        completion_wait(&completion);
        ok(completion.status == SEC_E_OK, "delete: %s\n", status_name(completion.status));
    }
    sspi.reinit(async);
    sspi.free_credentials(async, &credentials);
    completion_wait(&completion);
    ok(completion.status == SEC_E_OK, "free: %s\n", status_name(completion.status));
done:
    sspi.free(async);
    completion_close(&completion);
    winetest_pop_context();
}

/* A call that is complete keeps nothing: what is closed then is gone, and the next one has its
 * place (core/handle). */
static void test_given_back(void)
{
    SspiAsyncContext *async = sspi.create();
    CtxtHandle context;
    CredHandle credentials;
    struct pair pair;
    struct leg leg;

    if (pair_create(&pair, NULL, ecdsa_server())) {
        leg_begin(&pair.client, &leg);
        ok(leg_queue(async, &pair.client, &leg) == SEC_E_OK, "not queued\n");
        leg_end(&pair.client, &leg, async_poll(async));
        context = pair.client.context;
        side_disconnect(&pair.client);
        side_leg(&pair.client);
        ok(pair.client.context.dwLower == context.dwLower, "the context is still there\n");
        side_disconnect(&pair.client);
        credentials = pair.client.credentials;
        FreeCredentialsHandle(&pair.client.credentials);
        AcquireCredentialsHandleW(NULL, schannel_w, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                  &pair.client.credentials, NULL);
        ok(pair.client.credentials.dwLower == credentials.dwLower,
           "the credentials are still there\n");
    }
    pair_destroy(&pair);
    sspi.free(async);
}

START_TEST(async_async)
{
    if (!async_available())
        return;
    test_exports();
    test_async_context();
    if (!test_callback())
        return;
    test_documented_flow();
    test_outputs_in_callback();
    test_errors_are_statuses();
    test_busy();
    test_ansi();
    test_delete_and_forget();
    test_free_while_pending();
    if (winetest_platform_is_wine)
        test_given_back();
    test_other_package(L"NTLM");
    test_other_package(L"Negotiate");
    test_other_package(L"Kerberos");
}
