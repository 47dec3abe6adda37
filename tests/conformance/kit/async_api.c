/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Helpers of the tests of the asynchronous functions, see kit/async_api.h.
 *
 * A gate is a page without access. Whoever reads it raises an exception; the handler of ours that
 * gets it first reports, waits until the test opens the gate, makes the page accessible and lets
 * the read be repeated.
 */
#include "kit/async_api.h"
#include "wine/test.h"

#define GATES 64

struct async_api sspi;

static struct gate *gates[GATES];
static void *gate_handler;

unsigned int async_lookup(HMODULE module, struct async_api *api)
{
    const struct {
        const char *name;
        void *pointer;
    } functions[] = {
        {"SspiCreateAsyncContext", &api->create},
        {"SspiFreeAsyncContext", &api->free},
        {"SspiReinitAsyncContext", &api->reinit},
        {"SspiSetAsyncNotifyCallback", &api->set_callback},
        {"SspiAsyncContextRequiresNotify", &api->requires_notify},
        {"SspiGetAsyncCallStatus", &api->status},
        {"SspiAcquireCredentialsHandleAsyncA", &api->acquire_a},
        {"SspiAcquireCredentialsHandleAsyncW", &api->acquire_w},
        {"SspiInitializeSecurityContextAsyncA", &api->initialize_a},
        {"SspiInitializeSecurityContextAsyncW", &api->initialize_w},
        {"SspiAcceptSecurityContextAsync", &api->accept},
        {"SspiFreeCredentialsHandleAsync", &api->free_credentials},
        {"SspiDeleteSecurityContextAsync", &api->delete_context},
    };
    unsigned int i, found = 0;

    for (i = 0; i < ARRAY_SIZE(functions); i++) {
        FARPROC function = GetProcAddress(module, functions[i].name);

        memcpy(functions[i].pointer, &function, sizeof(function));
        found += function != NULL;
    }
    return found;
}

BOOL async_available(void)
{
    if (async_lookup(GetModuleHandleA("secur32.dll"), &sspi) == 13)
        return TRUE;
    win_skip("secur32.dll has no asynchronous functions\n");
    return FALSE;
}

void completion_create(struct completion *completion)
{
    memset(completion, 0, sizeof(*completion));
    completion->event = CreateEventW(NULL, FALSE, FALSE, NULL);
}

void completion_close(struct completion *completion)
{
    CloseHandle(completion->event);
}

void completion_callback(SspiAsyncContext *handle, void *data)
{
    struct completion *completion = data;

    completion->handle = handle;
    completion->status = sspi.status(handle);
    completion->thread = GetCurrentThreadId();
    InterlockedIncrement(&completion->calls);
    SetEvent(completion->event);
}

BOOL async_wait(HANDLE event, const char *what)
{
    const DWORD result = WaitForSingleObject(event, ASYNC_PATIENCE);

    ok(result == WAIT_OBJECT_0, "waited in vain: %s\n", what);
    return result == WAIT_OBJECT_0;
}

BOOL completion_wait(struct completion *completion)
{
    return async_wait(completion->event, "callback");
}

SspiAsyncContext *async_create_with(struct completion *completion)
{
    SspiAsyncContext *async = sspi.create();
    SECURITY_STATUS status = sspi.set_callback(async, completion_callback, completion);

    ok(status == SEC_E_OK, "SspiSetAsyncNotifyCallback returned %s\n", status_name(status));
    return async;
}

SECURITY_STATUS async_poll(SspiAsyncContext *async)
{
    const DWORD start = GetTickCount();
    SECURITY_STATUS status;

    while ((status = sspi.status(async)) == SEC_I_ASYNC_CALL_PENDING) {
        if (GetTickCount() - start > ASYNC_PATIENCE)
            break;
        Sleep(1);
    }
    ok(status != SEC_I_ASYNC_CALL_PENDING, "the call does not complete\n");
    return status;
}

SECURITY_STATUS leg_queue(SspiAsyncContext *async, struct side *side, struct leg *leg)
{
    CtxtHandle *context = leg->first ? NULL : &side->context;
    CtxtHandle *new_context = leg->first ? &leg->new_context : NULL;
    const WCHAR *target = side->options.target ? side->options.target : L"localhost";

    if (side->role == SIDE_CLIENT)
        return sspi.initialize_w(async, &side->credentials, context, (WCHAR *)target,
                                 side->options.flags, 0, 0, leg->input_pointer, 0, new_context,
                                 &leg->output, &leg->attributes, &leg->expiry);
    return sspi.accept(async, &side->credentials, context, leg->input_pointer, side->options.flags,
                       0, new_context, &leg->output, &leg->attributes, &leg->expiry);
}

static LONG CALLBACK wait_at_gate(EXCEPTION_POINTERS *exception)
{
    const EXCEPTION_RECORD *record = exception->ExceptionRecord;
    unsigned int i;
    DWORD old;

    if (record->ExceptionCode != EXCEPTION_ACCESS_VIOLATION)
        return EXCEPTION_CONTINUE_SEARCH;
    for (i = 0; i < GATES; i++) {
        struct gate *gate = gates[i];

        if (!gate || (record->ExceptionInformation[1] ^ (ULONG_PTR)gate->desc) >= 4096)
            continue;
        SetEvent(gate->reached);
        WaitForSingleObject(gate->opened, ASYNC_PATIENCE);
        VirtualProtect(gate->desc, sizeof(*gate->desc), PAGE_READWRITE, &old);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

void gate_create(struct gate *gate, const SecBufferDesc *contents)
{
    unsigned int i;
    DWORD old;

    gate->reached = CreateEventW(NULL, FALSE, FALSE, NULL);
    gate->opened = CreateEventW(NULL, TRUE, FALSE, NULL);
    gate->desc = VirtualAlloc(NULL, 4096, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    *gate->desc = *contents;
    VirtualProtect(gate->desc, sizeof(*gate->desc), PAGE_NOACCESS, &old);
    if (!gate_handler)
        gate_handler = AddVectoredExceptionHandler(TRUE, wait_at_gate);
    for (i = 0; i < GATES - 1 && gates[i]; i++)
        ;
    gates[i] = gate;
}

void gate_open(struct gate *gate)
{
    SetEvent(gate->opened);
}

void gate_close(struct gate *gate)
{
    unsigned int i;

    for (i = 0; i < GATES; i++)
        if (gates[i] == gate)
            gates[i] = NULL;
    VirtualFree(gate->desc, 0, MEM_RELEASE);
    CloseHandle(gate->reached);
    CloseHandle(gate->opened);
}
