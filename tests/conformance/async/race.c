/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asynchronous SSPI: many threads use, delete and free the same contexts and credentials at once.
 *
 * Contexts lie in shared places from which every thread takes handles, which others delete in the
 * meantime. A call may succeed or find its handle closed, nothing else. Nothing may be left at the
 * end: handle numbers are given out again when the object behind them is gone, so after the race
 * there must be room for new contexts without a number that was not used before.
 */
#include "kit/async_api.h"
#include "wine/test.h"

#define THREADS 6
#define ROUNDS  2000
#define PLACES  8

struct place {
    SRWLOCK lock;
    SecHandle handle;
};

static struct {
    struct place contexts[PLACES], credentials[PLACES];
    SCHANNEL_CRED credential_data;
    const CERT_CONTEXT *certificate;
    BYTE *hello;
    DWORD hello_size;
    LONG pending;
    LONG wrong_status, wrong_operation; /* one that was neither success nor a closed handle */
    LONG wrong;
    LONG highest; /* handle number */
    LONG counts[8];
} race;

static WCHAR schannel[] = L"Schannel";

static SecHandle look(struct place *place)
{
    SecHandle handle;

    AcquireSRWLockShared(&place->lock);
    handle = place->handle;
    ReleaseSRWLockShared(&place->lock);
    return handle;
}

static SecHandle replace(struct place *place, SecHandle handle)
{
    SecHandle old;

    AcquireSRWLockExclusive(&place->lock);
    old = place->handle;
    place->handle = handle;
    ReleaseSRWLockExclusive(&place->lock);
    return old;
}

static LONG handle_number(const SecHandle *handle)
{
    return (LONG)(handle->dwLower >> 2);
}

static void note_handle(const SecHandle *handle)
{
    const LONG number = handle_number(handle);
    LONG highest = race.highest;

    while (number > highest) {
        const LONG seen = InterlockedCompareExchange(&race.highest, number, highest);

        if (seen == highest)
            break;
        highest = seen;
    }
}

static void expect(int operation, SECURITY_STATUS status, SECURITY_STATUS success)
{
    InterlockedIncrement(&race.counts[operation]);
    if (status == success || status == SEC_E_INVALID_HANDLE)
        return;
    race.wrong_status = status;
    race.wrong_operation = operation;
    InterlockedIncrement(&race.wrong);
}

enum { CREATE, CONTINUE, DELETE_IT, DELETE_AND_FORGET, DELETE_NOW, CONTINUE_NOW, RENEW, FREE_IT };

/* An asynchronous call with everything it needs; gone after its callback. */
struct call {
    int operation;
    struct place *place;
    SecBuffer in[2], out;
    SecBufferDesc input, output;
    CtxtHandle new_context;
    ULONG attributes;
};

static void call_done(SspiAsyncContext *handle, void *data)
{
    struct call *call = data;
    const SECURITY_STATUS status = sspi.status(handle);

    switch (call->operation) {
    case CREATE:
        expect(CREATE, status, SEC_I_CONTINUE_NEEDED);
        if (status == SEC_I_CONTINUE_NEEDED) {
            note_handle(&call->new_context);
            FreeContextBuffer(call->out.pvBuffer);
            call->new_context = replace(call->place, call->new_context);
            expect(DELETE_NOW, DeleteSecurityContext(&call->new_context), SEC_E_OK);
        }
        break;
    case CONTINUE:
        expect(CONTINUE, status, SEC_E_INCOMPLETE_MESSAGE);
        break;
    default:
        expect(call->operation, status, SEC_E_OK);
    }
    sspi.free(handle);
    free(call);
    InterlockedDecrement(&race.pending);
}

static void queue_call(int operation, struct place *place, SecHandle credentials, SecHandle context)
{
    struct call *call = calloc(1, sizeof(*call));
    SspiAsyncContext *async = sspi.create();
    SECURITY_STATUS status;

    call->operation = operation;
    call->place = place;
    call->in[0].BufferType = SECBUFFER_TOKEN;
    call->in[0].pvBuffer = race.hello;
    /* Half a header: the context stays as it is. */
    call->in[0].cbBuffer = operation == CREATE ? race.hello_size : 3;
    call->out.BufferType = SECBUFFER_TOKEN;
    call->input.cBuffers = 2;
    call->input.pBuffers = call->in;
    call->output.cBuffers = 1;
    call->output.pBuffers = &call->out;
    sspi.set_callback(async, call_done, call);
    InterlockedIncrement(&race.pending);
    if (operation == CREATE)
        status = sspi.accept(async, &credentials, NULL, &call->input, SIDE_SERVER_FLAGS, 0,
                             &call->new_context, &call->output, &call->attributes, NULL);
    else if (operation == CONTINUE)
        status = sspi.accept(async, &credentials, &context, &call->input, SIDE_SERVER_FLAGS, 0,
                             NULL, &call->output, &call->attributes, NULL);
    else if (operation == DELETE_IT)
        status = sspi.delete_context(async, &context);
    else
        status = sspi.free_credentials(async, &credentials);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
}

static SECURITY_STATUS continue_now(SecHandle credentials, SecHandle context)
{
    SecBuffer in[2] = {{3, SECBUFFER_TOKEN, race.hello}, {0, SECBUFFER_EMPTY, NULL}};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc input = {SECBUFFER_VERSION, 2, in}, output = {SECBUFFER_VERSION, 1, &out};
    ULONG attributes;

    return AcceptSecurityContext(&credentials, &context, &input, SIDE_SERVER_FLAGS, 0, NULL,
                                 &output, &attributes, NULL);
}

static SECURITY_STATUS acquire(CredHandle *credentials)
{
    const SECURITY_STATUS status =
        AcquireCredentialsHandleW(NULL, schannel, SECPKG_CRED_INBOUND, NULL, &race.credential_data,
                                  NULL, NULL, credentials, NULL);

    ok(status == SEC_E_OK, "acquire: %s\n", status_name(status));
    if (status == SEC_E_OK)
        note_handle(credentials);
    return status;
}

static void one_round(unsigned int dice)
{
    struct place *place = &race.contexts[dice >> 4 & (PLACES - 1)];
    struct place *credential_place = &race.credentials[dice >> 8 & (PLACES - 1)];
    SecHandle context = look(place), credentials = look(credential_place), fresh;
    SspiAsyncContext *async;
    SECURITY_STATUS status;

    switch (dice & 7) {
    case CREATE:
    case CONTINUE:
    case DELETE_IT:
    case FREE_IT:
        queue_call(dice & 7, place, credentials, context);
        break;
    case DELETE_AND_FORGET:
        async = sspi.create();
        status = sspi.delete_context(async, &context);
        SecInvalidateHandle(&context);
        sspi.free(async);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
        break;
    case DELETE_NOW:
        expect(DELETE_NOW, DeleteSecurityContext(&context), SEC_E_OK);
        break;
    case CONTINUE_NOW:
        expect(CONTINUE_NOW, continue_now(credentials, context), SEC_E_INCOMPLETE_MESSAGE);
        break;
    case RENEW:
        if (acquire(&fresh) == SEC_E_OK) {
            fresh = replace(credential_place, fresh);
            expect(RENEW, FreeCredentialsHandle(&fresh), SEC_E_OK);
        }
        break;
    }
}

static DWORD WINAPI run_thread(void *argument)
{
    unsigned int i, random = (unsigned int)(ULONG_PTR)argument;

    for (i = 0; i < ROUNDS; i++) {
        random = random * 1664525 + 1013904223;
        one_round(random >> 16);
    }
    return 0;
}

/* Fills all numbers used so far with contexts: none is lost. */
static void check_nothing_left(CredHandle *credentials)
{
    const unsigned int count = race.highest + 1 - 1; /* the credentials have one */
    CtxtHandle *contexts = calloc(count, sizeof(*contexts));
    SecBuffer in = {race.hello_size, SECBUFFER_TOKEN, race.hello};
    SecBufferDesc input = {SECBUFFER_VERSION, 1, &in};
    unsigned int i, fresh = 0, failed = 0;

    ok(handle_number(credentials) <= race.highest, "number %ld of %ld\n",
       handle_number(credentials), race.highest);
    for (i = 0; i < count; i++) {
        SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
        SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
        ULONG attributes;

        if (AcceptSecurityContext(credentials, NULL, &input, SIDE_SERVER_FLAGS, 0, &contexts[i],
                                  &output, &attributes, NULL) != SEC_I_CONTINUE_NEEDED) {
            failed++;
            break;
        }
        FreeContextBuffer(out.pvBuffer);
        fresh += handle_number(&contexts[i]) > race.highest;
    }
    ok(!failed, "accept failed\n");
    ok(!fresh, "%u of %u objects were never destroyed\n", fresh, count);
    while (i--)
        DeleteSecurityContext(&contexts[i]);
    free(contexts);
}

START_TEST(async_race)
{
    HANDLE threads[THREADS];
    CredHandle credentials;
    struct pair pair;
    unsigned int i;

    if (!async_available())
        return;
    /* A hello for all servers, from a client that is gone before the race begins. */
    if (!pair_create(&pair, NULL, NULL))
        return;
    side_leg(&pair.client);
    race.hello_size = pair.server.inbox_size;
    race.hello = malloc(race.hello_size);
    memcpy(race.hello, pair.server.inbox, race.hello_size);
    pair_destroy(&pair);
    race.certificate = test_cert_localhost(TEST_KEY_ECDSA);
    race.credential_data.dwVersion = SCHANNEL_CRED_VERSION;
    race.credential_data.cCreds = 1;
    race.credential_data.paCred = &race.certificate;
    for (i = 0; i < PLACES; i++) {
        SecInvalidateHandle(&race.contexts[i].handle);
        if (acquire(&race.credentials[i].handle))
            return;
    }

    for (i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, run_thread, (void *)(ULONG_PTR)(i + 1), 0, NULL);
    for (i = 0; i < THREADS; i++) {
        async_wait(threads[i], "thread");
        CloseHandle(threads[i]);
    }
    for (i = 0; i < ASYNC_PATIENCE && InterlockedOr(&race.pending, 0); i++)
        Sleep(1);
    ok(!race.pending, "%ld calls hang\n", race.pending);
    ok(!race.wrong, "%ld wrong statuses, one was %s of operation %ld\n", race.wrong,
       status_name(race.wrong_status), race.wrong_operation);
    for (i = 0; i < ARRAY_SIZE(race.counts); i++)
        ok(race.counts[i] || i == DELETE_AND_FORGET, "operation %u was never made\n", i);

    for (i = 0; i < PLACES; i++) {
        DeleteSecurityContext(&race.contexts[i].handle);
        FreeCredentialsHandle(&race.credentials[i].handle);
    }
    if (!acquire(&credentials)) {
        check_nothing_left(&credentials);
        FreeCredentialsHandle(&credentials);
    }
    trace("%ld handles at the same time\n", race.highest + 1);
    free(race.hello);
}
