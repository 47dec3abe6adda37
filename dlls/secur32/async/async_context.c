/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SspiAsyncContext as the program sees it: made, freed, given a callback, asked for a status, made
 * ready for the next call.
 *
 * Its life is one word, `state`, changed by compare-and-swap, so that of two threads which start a
 * call on the same context one is told that it must not. The memory is counted: the program holds
 * one reference until SspiFreeAsyncContext, and each call one until its callback has returned.
 * That is why the program may free the context while a call is pending, in the callback, or in a
 * thread that the callback woke, and why reusing it there does not disturb the call that ends.
 */
#define WIN32_NO_STATUS /* <ntstatus.h> has them all */
#include "async/async_context.h"
#include "async/pool.h"
#include "core/wait.h"

#undef WIN32_NO_STATUS
#include <winternl.h>
#include <ntstatus.h>

static bool change_state(SspiAsyncContext *async, LONG from, LONG to)
{
    return atomic_compare_exchange_strong(&async->state, &from, to);
}

SspiAsyncContext *SspiCreateAsyncContext(void)
{
    SspiAsyncContext *async = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*async));

    if (async)
        atomic_store_explicit(&async->references, 1, memory_order_relaxed);
    return async;
}

void async_release(SspiAsyncContext *async)
{
    if (atomic_fetch_sub(&async->references, 1) == 1)
        HeapFree(GetProcessHeap(), 0, async);
}

void SspiFreeAsyncContext(SspiAsyncContext *Handle)
{
    if (!Handle)
        return;
    atomic_store(&Handle->freed, 1);
    async_release(Handle);
}

LONG SspiReinitAsyncContext(SspiAsyncContext *Handle)
{
    if (!Handle)
        return STATUS_INVALID_PARAMETER;
    if (change_state(Handle, ASYNC_COMPLETE, ASYNC_IDLE))
        return STATUS_SUCCESS;
    return atomic_load(&Handle->state) == ASYNC_IDLE ? STATUS_SUCCESS : STATUS_DEVICE_BUSY;
}

SECURITY_STATUS SspiSetAsyncNotifyCallback(SspiAsyncContext *Context,
                                           SspiAsyncNotifyCallback Callback, void *CallbackData)
{
    if (!Context || !change_state(Context, ASYNC_IDLE, ASYNC_CHANGING))
        return SEC_E_INVALID_PARAMETER;
    atomic_store_explicit(&Context->callback, Callback, memory_order_relaxed);
    Context->callback_data = CallbackData;
    atomic_store(&Context->state, ASYNC_IDLE);
    return SEC_E_OK;
}

BOOLEAN SspiAsyncContextRequiresNotify(SspiAsyncContext *AsyncContext)
{
    return AsyncContext && atomic_load(&AsyncContext->callback);
}

SECURITY_STATUS SspiGetAsyncCallStatus(SspiAsyncContext *Handle)
{
    if (!Handle)
        return SEC_E_INVALID_PARAMETER;
    if (atomic_load_explicit(&Handle->state, memory_order_acquire) != ASYNC_COMPLETE)
        return SEC_I_ASYNC_CALL_PENDING;
    return atomic_load_explicit(&Handle->status, memory_order_relaxed);
}

SECURITY_STATUS async_begin(SspiAsyncContext *async)
{
    if (!async || !change_state(async, ASYNC_IDLE, ASYNC_PENDING))
        return SEC_E_INVALID_PARAMETER;
    /* The pool's threads are gone when the process ends: what is queued then would never run. */
    if (RtlDllShutdownInProgress()) {
        atomic_store(&async->state, ASYNC_IDLE);
        return SEC_E_SHUTDOWN_IN_PROGRESS;
    }
    if (!pool_start()) {
        atomic_store(&async->state, ASYNC_IDLE);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    atomic_fetch_add_explicit(&async->references, 1, memory_order_relaxed);
    return SEC_E_OK;
}

void async_publish(SspiAsyncContext *async, SECURITY_STATUS status)
{
    atomic_store_explicit(&async->status, status, memory_order_relaxed);
    atomic_store(&async->state, ASYNC_COMPLETE);
}
