/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of the asynchronous functions share: the functions themselves, looked up because a
 * secur32.dll may lack them; waiting for a call; and gates, which hold a call up inside secur32.
 */
#ifndef ASYNC_API_H
#define ASYNC_API_H

#include "kit/pair.h"
#include "kit/testcert.h"

/* Guards against hanging; no test takes so long unless something is wrong. */
#define ASYNC_PATIENCE 60000

struct async_api {
    __typeof__(SspiCreateAsyncContext) *create;
    __typeof__(SspiFreeAsyncContext) *free;
    __typeof__(SspiReinitAsyncContext) *reinit;
    __typeof__(SspiSetAsyncNotifyCallback) *set_callback;
    __typeof__(SspiAsyncContextRequiresNotify) *requires_notify;
    __typeof__(SspiGetAsyncCallStatus) *status;
    __typeof__(SspiAcquireCredentialsHandleAsyncA) *acquire_a;
    __typeof__(SspiAcquireCredentialsHandleAsyncW) *acquire_w;
    __typeof__(SspiInitializeSecurityContextAsyncA) *initialize_a;
    __typeof__(SspiInitializeSecurityContextAsyncW) *initialize_w;
    __typeof__(SspiAcceptSecurityContextAsync) *accept;
    __typeof__(SspiFreeCredentialsHandleAsync) *free_credentials;
    __typeof__(SspiDeleteSecurityContextAsync) *delete_context;
};

/* The functions of secur32.dll, after async_available. */
extern struct async_api sspi;

/* Looks the functions up; a win_skip and FALSE when they are missing. */
BOOL async_available(void);
/* Fills in what module has. Returns the number of functions found; there are 13. */
unsigned int async_lookup(HMODULE module, struct async_api *api);

/* What a callback saw. */
struct completion {
    HANDLE event; /* auto-reset, set by the callback */
    LONG calls;
    SspiAsyncContext *handle;
    SECURITY_STATUS status; /* SspiGetAsyncCallStatus in the callback */
    DWORD thread;
};

void completion_create(struct completion *completion);
void completion_close(struct completion *completion);
/* The callback; its data is a struct completion. */
void completion_callback(SspiAsyncContext *handle, void *data);
/* Waits for one more callback. */
BOOL completion_wait(struct completion *completion);

/* A context whose callback fills completion in. */
SspiAsyncContext *async_create_with(struct completion *completion);
/* Waits until the call is complete, by asking, and returns its status. */
SECURITY_STATUS async_poll(SspiAsyncContext *async);
/* Waits for an event; a failed ok() and FALSE when nothing happens. */
BOOL async_wait(HANDLE event, const char *what);

/* Queues a leg that leg_begin has prepared. */
SECURITY_STATUS leg_queue(SspiAsyncContext *async, struct side *side, struct leg *leg);

/*
 * A buffer descriptor that nobody can read until the gate is opened: a call that gets it stops at
 * its first look. Gates hold calls up at a known place, so nothing depends on timing.
 */
struct gate {
    SecBufferDesc *desc; /* give this to the call */
    HANDLE reached;      /* set when a call stands before the gate */
    HANDLE opened;
};

void gate_create(struct gate *gate, const SecBufferDesc *contents);
void gate_open(struct gate *gate);
void gate_close(struct gate *gate);

#endif
