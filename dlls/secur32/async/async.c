/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The asynchronous calls: queueing and running them.
 *
 * Queueing reads the handles into object references, keeps the other arguments as they are, and
 * takes a place in the security context's lane, if there is one; a call whose turn it is goes to
 * the pool, the others when their turn comes. The async context itself is the queue entry of both,
 * so nothing is allocated. A worker runs the same function as the synchronous export.
 *
 * The end of a call, in this order, because each step may be the last for something:
 *   1. The outputs are written (by the call).
 *   2. References to the objects are dropped, before anybody can know that the call is complete:
 *      what the program closes next is then really gone. The lane lies in the context, and is left
 *      later; until then the context lives on the reference of its open handle, because closing a
 *      handle takes the lane. Only when the handle is closed already (this was the delete, or ran
 *      behind it) the lane is left first.
 *   3. The status becomes visible. The program may reuse or free the async context at once.
 *   4. The lane is left: calls queued behind begin when this one is seen to be complete, and the
 *      callback may make calls on the context.
 *   5. The callback, if the program has not freed the async context meanwhile.
 *   6. The call's reference to the async context is dropped.
 * From step 3 on only copies taken before are used, and the async context's memory only for 5
 * and 6.
 */
#include "async/async_context.h"
#include "async/pool.h"
#include "core/lane.h"
#include "core/object.h"
#include "core/package.h"
#include "core/sspi.h"
#include "core/trace.h"

WINE_DEFAULT_DEBUG_CHANNEL(secur32);

static void run(struct pool_work *work, struct pool_worker *worker)
{
    SspiAsyncContext *async = CONTAINING_RECORD(work, SspiAsyncContext, work);
    SspiAsyncNotifyCallback callback = atomic_load_explicit(&async->callback, memory_order_relaxed);
    void *callback_data = async->callback_data;
    struct context *context = async->context;
    SECURITY_STATUS status = async->perform(async);

    TRACE("async %p: %s%s\n", async, debugstr_status(status), callback ? ", callback" : "");
    if (async->credentials)
        object_release(&async->credentials->object);
    if (context && handle_is_closed(&context->object)) {
        lane_leave(&context->lane);
        object_release(&context->object);
        context = NULL;
    } else if (context) {
        object_release(&context->object);
    }

    async_publish(async, status);
    if (context)
        lane_leave(&context->lane);
    if (callback && !atomic_load(&async->freed)) {
        pool_enter_callback(worker);
        callback(async, callback_data);
    }
    async_release(async);
}

static void push_when_in_turn(struct lane_ticket *ticket)
{
    pool_push(&CONTAINING_RECORD(ticket, SspiAsyncContext, ticket)->work);
}

/* Queues the call; async may be complete and gone when this returns. */
static SECURITY_STATUS queue(SspiAsyncContext *async, struct credentials *credentials,
                             struct context *context,
                             SECURITY_STATUS (*perform)(SspiAsyncContext *))
{
    async->credentials = credentials;
    async->context = context;
    async->perform = perform;
    async->work.run = run;
    async->ticket.turn = push_when_in_turn;
    TRACE("async %p, context %p\n", async, context);
    if (!context || lane_enter(&context->lane, &async->ticket))
        pool_push(&async->work);
    return SEC_E_OK;
}

static SECURITY_STATUS perform_acquire(SspiAsyncContext *async)
{
    return sspi_acquire(&async->call.acquire);
}

static SECURITY_STATUS perform_initialize(SspiAsyncContext *async)
{
    return sspi_initialize(&async->call.initialize);
}

static SECURITY_STATUS perform_accept(SspiAsyncContext *async)
{
    return sspi_accept(&async->call.accept);
}

static SECURITY_STATUS perform_free(SspiAsyncContext *async)
{
    return sspi_free_credentials(async->credentials);
}

static SECURITY_STATUS perform_delete(SspiAsyncContext *async)
{
    return sspi_delete_context(async->context);
}

static SECURITY_STATUS acquire(SspiAsyncContext *async, const struct acquire_call *call)
{
    SECURITY_STATUS status = async_begin(async);

    if (status != SEC_E_OK)
        return status;
    async->call.acquire = *call;
    return queue(async, NULL, NULL, perform_acquire);
}

SECURITY_STATUS SspiAcquireCredentialsHandleAsyncW(SspiAsyncContext *AsyncContext,
                                                   LPWSTR pszPrincipal, LPWSTR pszPackage,
                                                   ULONG fCredentialUse, void *pvLogonId,
                                                   void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                   void *pvGetKeyArgument, PCredHandle phCredential,
                                                   PTimeStamp ptsExpiry)
{
    return acquire(AsyncContext, &(struct acquire_call){.principal = pszPrincipal,
                                                        .package = pszPackage,
                                                        .use = fCredentialUse,
                                                        .logon_id = pvLogonId,
                                                        .auth_data = pAuthData,
                                                        .get_key = pGetKeyFn,
                                                        .get_key_argument = pvGetKeyArgument,
                                                        .credential = phCredential,
                                                        .expiry = ptsExpiry});
}

SECURITY_STATUS SspiAcquireCredentialsHandleAsyncA(SspiAsyncContext *AsyncContext,
                                                   LPSTR pszPrincipal, LPSTR pszPackage,
                                                   ULONG fCredentialUse, void *pvLogonId,
                                                   void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                   void *pvGetKeyArgument, PCredHandle phCredential,
                                                   PTimeStamp ptsExpiry)
{
    return acquire(AsyncContext, &(struct acquire_call){.principal = pszPrincipal,
                                                        .package = pszPackage,
                                                        .use = fCredentialUse,
                                                        .logon_id = pvLogonId,
                                                        .auth_data = pAuthData,
                                                        .get_key = pGetKeyFn,
                                                        .get_key_argument = pvGetKeyArgument,
                                                        .credential = phCredential,
                                                        .expiry = ptsExpiry,
                                                        .form = TEXT_ANSI});
}

/* What ksecdd.sys has under the name of the W function: a driver's names are counted. */
SECURITY_STATUS SspiAcquireCredentialsHandleAsyncK(
    SspiAsyncContext *AsyncContext, PSECURITY_STRING pszPrincipal, PSECURITY_STRING pszPackage,
    ULONG fCredentialUse, void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
    void *pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry);

SECURITY_STATUS SspiAcquireCredentialsHandleAsyncK(
    SspiAsyncContext *AsyncContext, PSECURITY_STRING pszPrincipal, PSECURITY_STRING pszPackage,
    ULONG fCredentialUse, void *pvLogonId, void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
    void *pvGetKeyArgument, PCredHandle phCredential, PTimeStamp ptsExpiry)
{
    return acquire(AsyncContext, &(struct acquire_call){.principal = pszPrincipal,
                                                        .package = pszPackage,
                                                        .use = fCredentialUse,
                                                        .logon_id = pvLogonId,
                                                        .auth_data = pAuthData,
                                                        .get_key = pGetKeyFn,
                                                        .get_key_argument = pvGetKeyArgument,
                                                        .credential = phCredential,
                                                        .expiry = ptsExpiry,
                                                        .form = TEXT_COUNTED});
}

/* Everything but the handles is in call. */
static SECURITY_STATUS initialize(SspiAsyncContext *async, PCredHandle phCredential,
                                  PCtxtHandle phContext, const struct initialize_call *arguments)
{
    struct initialize_call *call;
    SECURITY_STATUS status = async_begin(async);

    if (status != SEC_E_OK)
        return status;
    call = &async->call.initialize;
    *call = *arguments;
    call->credentials = credentials_of(phCredential, &call->bad_credentials);
    call->context = context_of(phContext, &call->bad_context);
    return queue(async, call->credentials, call->context, perform_initialize);
}

SECURITY_STATUS SspiInitializeSecurityContextAsyncW(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPWSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    return initialize(AsyncContext, phCredential, phContext,
                      &(struct initialize_call){.target = pszTargetName,
                                                .requirements = fContextReq,
                                                .reserved1 = Reserved1,
                                                .data_representation = TargetDataRep,
                                                .input = pInput,
                                                .reserved2 = Reserved2,
                                                .new_context = phNewContext,
                                                .output = pOutput,
                                                .attributes = pfContextAttr,
                                                .expiry = ptsExpiry});
}

SECURITY_STATUS SspiInitializeSecurityContextAsyncA(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    LPSTR pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    return initialize(AsyncContext, phCredential, phContext,
                      &(struct initialize_call){.target = pszTargetName,
                                                .requirements = fContextReq,
                                                .reserved1 = Reserved1,
                                                .data_representation = TargetDataRep,
                                                .input = pInput,
                                                .reserved2 = Reserved2,
                                                .new_context = phNewContext,
                                                .output = pOutput,
                                                .attributes = pfContextAttr,
                                                .expiry = ptsExpiry,
                                                .form = TEXT_ANSI});
}

/* The same for its target. */
SECURITY_STATUS SspiInitializeSecurityContextAsyncK(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    PSECURITY_STRING pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry);

SECURITY_STATUS SspiInitializeSecurityContextAsyncK(
    SspiAsyncContext *AsyncContext, PCredHandle phCredential, PCtxtHandle phContext,
    PSECURITY_STRING pszTargetName, ULONG fContextReq, ULONG Reserved1, ULONG TargetDataRep,
    PSecBufferDesc pInput, ULONG Reserved2, PCtxtHandle phNewContext, PSecBufferDesc pOutput,
    ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    return initialize(AsyncContext, phCredential, phContext,
                      &(struct initialize_call){.target = pszTargetName,
                                                .requirements = fContextReq,
                                                .reserved1 = Reserved1,
                                                .data_representation = TargetDataRep,
                                                .input = pInput,
                                                .reserved2 = Reserved2,
                                                .new_context = phNewContext,
                                                .output = pOutput,
                                                .attributes = pfContextAttr,
                                                .expiry = ptsExpiry,
                                                .form = TEXT_COUNTED});
}

SECURITY_STATUS SspiAcceptSecurityContextAsync(SspiAsyncContext *AsyncContext,
                                               PCredHandle phCredential, PCtxtHandle phContext,
                                               PSecBufferDesc pInput, ULONG fContextReq,
                                               ULONG TargetDataRep, PCtxtHandle phNewContext,
                                               PSecBufferDesc pOutput, ULONG *pfContextAttr,
                                               PTimeStamp ptsExpiry)
{
    struct accept_call *call;
    SECURITY_STATUS status = async_begin(AsyncContext);

    if (status != SEC_E_OK)
        return status;
    call = &AsyncContext->call.accept;
    *call = (struct accept_call){.input = pInput,
                                 .requirements = fContextReq,
                                 .data_representation = TargetDataRep,
                                 .new_context = phNewContext,
                                 .output = pOutput,
                                 .attributes = pfContextAttr,
                                 .expiry = ptsExpiry};
    call->credentials = credentials_of(phCredential, &call->bad_credentials);
    call->context = context_of(phContext, &call->bad_context);
    return queue(AsyncContext, call->credentials, call->context, perform_accept);
}

SECURITY_STATUS SspiFreeCredentialsHandleAsync(SspiAsyncContext *AsyncContext,
                                               PCredHandle phCredential)
{
    SECURITY_STATUS status = async_begin(AsyncContext);
    bool bad;

    if (status != SEC_E_OK)
        return status;
    return queue(AsyncContext, credentials_of(phCredential, &bad), NULL, perform_free);
}

SECURITY_STATUS SspiDeleteSecurityContextAsync(SspiAsyncContext *AsyncContext,
                                               PCtxtHandle phContext)
{
    SECURITY_STATUS status = async_begin(AsyncContext);
    bool bad;

    if (status != SEC_E_OK)
        return status;
    return queue(AsyncContext, NULL, context_of(phContext, &bad), perform_delete);
}
