/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The life of credentials and security contexts: the five calls that exist synchronously and
 * asynchronously, and their synchronous exports.
 *
 * Each of the five is a function on counted objects (sspi_...), which async/async.c runs on its
 * pool, and an export that reads the handles, waits for the context's turn, runs the same function
 * and drops what it took. Argument checks are in the former, so both forms answer alike.
 */
#include "core/sspi.h"
#include "core/lane.h"
#include "core/memory.h"
#include "core/object.h"
#include "core/package.h"
#include "core/trace.h"

WINE_DEFAULT_DEBUG_CHANNEL(secur32);

struct credentials *credentials_of(const CredHandle *handle, bool *bad)
{
    struct object *object = handle_acquire(handle, OBJECT_CREDENTIALS);

    *bad = handle && !object;
    return (struct credentials *)object;
}

struct context *context_of(const CtxtHandle *handle, bool *bad)
{
    struct object *object = handle_acquire(handle, OBJECT_CONTEXT);

    *bad = handle && !object;
    return (struct context *)object;
}

static SECURITY_STATUS acquire(const struct acquire_args *args, CredHandle *handle,
                               TimeStamp *expiry)
{
    const struct package *package;
    struct credentials *credentials = NULL;
    SECURITY_STATUS status;

    status = package_find(args->package, &package);
    if (status < 0)
        return status;
    if (!package->operations->acquire)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = package->operations->acquire(package, args, &credentials, expiry);
    if (status < 0)
        return status;
    /* Windows looks at everything else first. */
    if (!handle) {
        credentials->object.destroy(&credentials->object);
        return SEC_E_INVALID_HANDLE;
    }
    if (handle_open(&credentials->object, false, handle) < 0) {
        credentials->object.destroy(&credentials->object);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    return status;
}

SECURITY_STATUS sspi_acquire(const struct acquire_call *call)
{
    SEC_WCHAR *principal = NULL, *package = NULL;
    struct acquire_args args = {.principal = call->principal,
                                .package = call->package,
                                .use = call->use,
                                .logon_id = call->logon_id,
                                .auth_data = call->auth_data,
                                .get_key = call->get_key,
                                .get_key_argument = call->get_key_argument,
                                .ansi = call->form == TEXT_ANSI,
                                .caller = call->caller};
    TimeStamp unwanted;
    SECURITY_STATUS status;

    if (!call->package)
        return SEC_E_SECPKG_NOT_FOUND;
    if (call->form != TEXT_WIDE) {
        status = wide_from(call->package, call->form, SEC_E_SECPKG_NOT_FOUND, &package);
        if (status >= 0)
            status = wide_from(call->principal, call->form, SEC_E_UNKNOWN_CREDENTIALS, &principal);
        if (status >= 0 && !package)
            status = SEC_E_SECPKG_NOT_FOUND;
        if (status < 0)
            goto done;
        args.principal = principal;
        args.package = package;
    }
    status = acquire(&args, call->credential, call->expiry ? call->expiry : &unwanted);
    TRACE("package %s, use %lu: %s\n", debugstr_w(args.package), args.use, debugstr_status(status));
done:
    heap_free(principal);
    heap_free(package);
    return status;
}

SECURITY_STATUS sspi_free_credentials(struct credentials *credentials)
{
    if (!credentials || !handle_close(&credentials->object))
        return SEC_E_INVALID_HANDLE;
    return SEC_E_OK;
}

SECURITY_STATUS sspi_delete_context(struct context *context)
{
    TRACE("context %p\n", context);
    if (!context || !handle_close(&context->object))
        return SEC_E_INVALID_HANDLE;
    return SEC_E_OK;
}

/* The checks that InitializeSecurityContext and AcceptSecurityContext have in common. */
static SECURITY_STATUS check_leg(const struct credentials *credentials, bool bad_credentials,
                                 const struct context *context, bool bad_context,
                                 const CtxtHandle *new_context)
{
    if (bad_credentials || bad_context)
        return SEC_E_INVALID_HANDLE;
    if (context)
        /* It may have been deleted while this call waited for its turn. */
        return handle_is_closed(&context->object) ? SEC_E_INVALID_HANDLE : SEC_E_OK;
    return credentials && new_context ? SEC_E_OK : SEC_E_INVALID_HANDLE;
}

static bool is_token(const SecBuffer *buffer)
{
    return (buffer->BufferType & ~SECBUFFER_ATTRMASK) == SECBUFFER_TOKEN;
}

/* Of the first token in the buffers. */
static ULONG token_size(const SecBufferDesc *buffers)
{
    for (ULONG i = 0; buffers && buffers->pBuffers && i < buffers->cBuffers; i++) {
        if (is_token(&buffers->pBuffers[i]))
            return buffers->pBuffers[i].cbBuffer;
    }
    return 0;
}

/* Nobody will learn of the context these tokens belong to. */
static void free_allocated_tokens(SecBufferDesc *output)
{
    for (ULONG i = 0; output && output->pBuffers && i < output->cBuffers; i++) {
        SecBuffer *buffer = &output->pBuffers[i];

        if (!is_token(buffer))
            continue;
        heap_free(buffer->pvBuffer);
        buffer->pvBuffer = NULL;
        buffer->cbBuffer = 0;
    }
}

/*
 * Behind a leg: gives a new context its handle, or writes the old handle's value again. `allocated`
 * tells that the tokens in output are on the process heap.
 */
static SECURITY_STATUS hand_out(SECURITY_STATUS status, struct context *before,
                                struct context *context, CtxtHandle *handle, SecBufferDesc *output,
                                bool allocated)
{
    if (before) {
        if (status >= 0 && handle)
            handle_value(&before->object, handle);
        return status;
    }
    if (!context)
        return status;
    if (status >= 0 && handle_open(&context->object, false, handle) >= 0)
        return status;
    context->object.destroy(&context->object);
    if (status < 0)
        return status;
    if (allocated)
        free_allocated_tokens(output);
    return SEC_E_INSUFFICIENT_MEMORY;
}

static SECURITY_STATUS initialize(const struct initialize_call *call, const SEC_WCHAR *target)
{
    struct context *context = call->context, *abandoned = NULL;
    const struct package *package =
        context ? context->object.package : call->credentials->object.package;
    ULONG unwanted_attributes = 0, *attributes;
    TimeStamp unwanted_expiry;
    SECURITY_STATUS status;
    bool unused;

    if (!package->operations->initialize)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (call->credentials && call->credentials->object.package->operations != package->operations)
        return SEC_E_WRONG_CREDENTIAL_HANDLE;
    attributes = call->attributes ? call->attributes : &unwanted_attributes;
    *attributes = 0;
    if (!context)
        abandoned = context_of(call->new_context, &unused);
    status = package->operations->initialize(
        call->credentials, &context,
        &(struct initialize_args){.target = target,
                                  .requirements = call->requirements,
                                  .reserved1 = call->reserved1,
                                  .data_representation = call->data_representation,
                                  .input = call->input,
                                  .reserved2 = call->reserved2,
                                  .output = call->output,
                                  .attributes = attributes,
                                  .expiry = call->expiry ? call->expiry : &unwanted_expiry,
                                  .abandoned = abandoned});
    if (abandoned)
        object_release(&abandoned->object);
    status = hand_out(status, call->context, context, call->new_context, call->output,
                      *attributes & ISC_RET_ALLOCATED_MEMORY);
    TRACE("context %p, %s, requirements %08lx: %lu bytes in, %lu out: %s\n", context,
          debugstr_w(target), call->requirements, token_size(call->input), token_size(call->output),
          debugstr_status(status));
    return status;
}

SECURITY_STATUS sspi_initialize(const struct initialize_call *call)
{
    SEC_WCHAR *target;
    SECURITY_STATUS status = check_leg(call->credentials, call->bad_credentials, call->context,
                                       call->bad_context, call->new_context);

    if (status < 0)
        return status;
    if (call->form == TEXT_WIDE)
        return initialize(call, call->target);
    status = wide_from(call->target, call->form, SEC_E_TARGET_UNKNOWN, &target);
    if (status < 0)
        return status;
    status = initialize(call, target);
    heap_free(target);
    return status;
}

SECURITY_STATUS sspi_accept(const struct accept_call *call)
{
    struct context *context = call->context;
    const struct package *package;
    ULONG unwanted_attributes = 0, *attributes;
    TimeStamp unwanted_expiry;
    SECURITY_STATUS status = check_leg(call->credentials, call->bad_credentials, call->context,
                                       call->bad_context, call->new_context);

    if (status < 0)
        return status;
    package = context ? context->object.package : call->credentials->object.package;
    if (!package->operations->accept)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (call->credentials && call->credentials->object.package->operations != package->operations)
        return SEC_E_WRONG_CREDENTIAL_HANDLE;
    attributes = call->attributes ? call->attributes : &unwanted_attributes;
    *attributes = 0;
    status = package->operations->accept(
        call->credentials, &context,
        &(struct accept_args){.input = call->input,
                              .requirements = call->requirements,
                              .data_representation = call->data_representation,
                              .output = call->output,
                              .attributes = attributes,
                              .expiry = call->expiry ? call->expiry : &unwanted_expiry});
    status = hand_out(status, call->context, context, call->new_context, call->output,
                      *attributes & ASC_RET_ALLOCATED_MEMORY);
    TRACE("context %p, requirements %08lx: %lu bytes in, %lu out: %s\n", context,
          call->requirements, token_size(call->input), token_size(call->output),
          debugstr_status(status));
    return status;
}

SECURITY_STATUS WINAPI AcquireCredentialsHandleW(SEC_WCHAR *pszPrincipal, SEC_WCHAR *pszPackage,
                                                 ULONG fCredentialUse, logon_id *pvLogonId,
                                                 void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                 void *pvGetKeyArgument, PCredHandle phCredential,
                                                 PTimeStamp ptsExpiry)
{
    return sspi_acquire(&(struct acquire_call){.principal = pszPrincipal,
                                               .package = pszPackage,
                                               .use = fCredentialUse,
                                               .logon_id = pvLogonId,
                                               .auth_data = pAuthData,
                                               .get_key = pGetKeyFn,
                                               .get_key_argument = pvGetKeyArgument,
                                               .credential = phCredential,
                                               .expiry = ptsExpiry,
                                               .caller = __builtin_return_address(0)});
}

SECURITY_STATUS WINAPI AcquireCredentialsHandleA(SEC_CHAR *pszPrincipal, SEC_CHAR *pszPackage,
                                                 ULONG fCredentialUse, logon_id *pvLogonId,
                                                 void *pAuthData, SEC_GET_KEY_FN pGetKeyFn,
                                                 void *pvGetKeyArgument, PCredHandle phCredential,
                                                 PTimeStamp ptsExpiry)
{
    return sspi_acquire(&(struct acquire_call){.principal = pszPrincipal,
                                               .package = pszPackage,
                                               .use = fCredentialUse,
                                               .logon_id = pvLogonId,
                                               .auth_data = pAuthData,
                                               .get_key = pGetKeyFn,
                                               .get_key_argument = pvGetKeyArgument,
                                               .credential = phCredential,
                                               .expiry = ptsExpiry,
                                               .form = TEXT_ANSI,
                                               .caller = __builtin_return_address(0)});
}

SECURITY_STATUS WINAPI FreeCredentialsHandle(PCredHandle phCredential)
{
    bool bad;
    struct credentials *credentials = credentials_of(phCredential, &bad);
    SECURITY_STATUS status = sspi_free_credentials(credentials);

    if (credentials)
        object_release(&credentials->object);
    return status;
}

/* The turn on the context, and what the call held on to; either may be NULL. */
static void release(struct credentials *credentials, struct context *context)
{
    if (context) {
        lane_leave(&context->lane);
        object_release(&context->object);
    }
    if (credentials)
        object_release(&credentials->object);
}

static SECURITY_STATUS initialize_in_turn(struct initialize_call *call, PCredHandle phCredential,
                                          PCtxtHandle phContext)
{
    SECURITY_STATUS status;

    call->credentials = credentials_of(phCredential, &call->bad_credentials);
    call->context = context_of(phContext, &call->bad_context);
    if (call->context)
        lane_enter_wait(&call->context->lane);
    status = sspi_initialize(call);
    release(call->credentials, call->context);
    return status;
}

SECURITY_STATUS WINAPI InitializeSecurityContextW(PCredHandle phCredential, PCtxtHandle phContext,
                                                  SEC_WCHAR *pszTargetName, ULONG fContextReq,
                                                  ULONG Reserved1, ULONG TargetDataRep,
                                                  PSecBufferDesc pInput, ULONG Reserved2,
                                                  PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                  ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    struct initialize_call call = {.target = pszTargetName,
                                   .requirements = fContextReq,
                                   .reserved1 = Reserved1,
                                   .data_representation = TargetDataRep,
                                   .input = pInput,
                                   .reserved2 = Reserved2,
                                   .new_context = phNewContext,
                                   .output = pOutput,
                                   .attributes = pfContextAttr,
                                   .expiry = ptsExpiry};

    return initialize_in_turn(&call, phCredential, phContext);
}

SECURITY_STATUS WINAPI InitializeSecurityContextA(PCredHandle phCredential, PCtxtHandle phContext,
                                                  SEC_CHAR *pszTargetName, ULONG fContextReq,
                                                  ULONG Reserved1, ULONG TargetDataRep,
                                                  PSecBufferDesc pInput, ULONG Reserved2,
                                                  PCtxtHandle phNewContext, PSecBufferDesc pOutput,
                                                  ULONG *pfContextAttr, PTimeStamp ptsExpiry)
{
    struct initialize_call call = {.target = pszTargetName,
                                   .requirements = fContextReq,
                                   .reserved1 = Reserved1,
                                   .data_representation = TargetDataRep,
                                   .input = pInput,
                                   .reserved2 = Reserved2,
                                   .new_context = phNewContext,
                                   .output = pOutput,
                                   .attributes = pfContextAttr,
                                   .expiry = ptsExpiry,
                                   .form = TEXT_ANSI};

    return initialize_in_turn(&call, phCredential, phContext);
}

SECURITY_STATUS WINAPI AcceptSecurityContext(PCredHandle phCredential, PCtxtHandle phContext,
                                             PSecBufferDesc pInput, ULONG fContextReq,
                                             ULONG TargetDataRep, PCtxtHandle phNewContext,
                                             PSecBufferDesc pOutput, ULONG *pfContextAttr,
                                             PTimeStamp ptsExpiry)
{
    struct accept_call call = {.input = pInput,
                               .requirements = fContextReq,
                               .data_representation = TargetDataRep,
                               .new_context = phNewContext,
                               .output = pOutput,
                               .attributes = pfContextAttr,
                               .expiry = ptsExpiry};
    SECURITY_STATUS status;

    call.credentials = credentials_of(phCredential, &call.bad_credentials);
    call.context = context_of(phContext, &call.bad_context);
    if (call.context)
        lane_enter_wait(&call.context->lane);
    status = sspi_accept(&call);
    release(call.credentials, call.context);
    return status;
}

SECURITY_STATUS WINAPI DeleteSecurityContext(PCtxtHandle phContext)
{
    bool bad;
    struct context *context = context_of(phContext, &bad);
    SECURITY_STATUS status;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    /* Behind the calls that were queued before. */
    lane_enter_wait(&context->lane);
    status = sspi_delete_context(context);
    lane_leave(&context->lane);
    object_release(&context->object);
    return status;
}
