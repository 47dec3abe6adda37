/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The other calls on a security context that take their turn in its lane: completing and control
 * tokens, impersonation, access token, export and import.
 */
#include "core/lane.h"
#include "core/memory.h"
#include "core/object.h"
#include "core/package.h"
#include "core/sspi.h"
#include "core/text.h"

/* The context with its turn taken, or NULL for a handle that is not or no longer open. */
static struct context *enter(const CtxtHandle *handle)
{
    bool bad;
    struct context *context = context_of(handle, &bad);

    if (!context)
        return NULL;
    lane_enter_wait(&context->lane);
    if (!handle_is_closed(&context->object))
        return context;
    lane_leave(&context->lane);
    object_release(&context->object);
    return NULL;
}

static void leave(struct context *context)
{
    lane_leave(&context->lane);
    object_release(&context->object);
}

SECURITY_STATUS WINAPI CompleteAuthToken(PCtxtHandle phContext, PSecBufferDesc pToken)
{
    struct context *context = enter(phContext);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    if (!pToken)
        status = SEC_E_INVALID_TOKEN;
    else if (context->object.package->operations->complete)
        status = context->object.package->operations->complete(context, pToken);
    leave(context);
    return status;
}

SECURITY_STATUS WINAPI ApplyControlToken(PCtxtHandle phContext, PSecBufferDesc pInput)
{
    struct context *context = enter(phContext);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    if (!pInput)
        status = SEC_E_INTERNAL_ERROR;
    else if (context->object.package->operations->apply_control_token)
        status = context->object.package->operations->apply_control_token(context, pInput);
    leave(context);
    return status;
}

SECURITY_STATUS WINAPI ImpersonateSecurityContext(PCtxtHandle phContext)
{
    struct context *context = enter(phContext);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    if (context->object.package->operations->impersonate)
        status = context->object.package->operations->impersonate(context);
    leave(context);
    return status;
}

SECURITY_STATUS WINAPI RevertSecurityContext(PCtxtHandle phContext)
{
    struct context *context = enter(phContext);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    if (context->object.package->operations->revert)
        status = context->object.package->operations->revert(context);
    leave(context);
    return status;
}

SECURITY_STATUS WINAPI QuerySecurityContextToken(PCtxtHandle phContext, HANDLE *Token)
{
    struct context *context = enter(phContext);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    if (!Token)
        status = SEC_E_INVALID_PARAMETER;
    else if (context->object.package->operations->query_token)
        status = context->object.package->operations->query_token(context, Token);
    leave(context);
    return status;
}

SECURITY_STATUS WINAPI ExportSecurityContext(PCtxtHandle phContext, ULONG fFlags,
                                             PSecBuffer pPackedContext, void **pToken)
{
    struct context *context = enter(phContext);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    if (!pPackedContext)
        status = SEC_E_INVALID_PARAMETER;
    else if (context->object.package->operations->export_context)
        status = context->object.package->operations->export_context(context, fFlags,
                                                                     pPackedContext, pToken);
    if (status >= 0 && (fFlags & SECPKG_CONTEXT_EXPORT_DELETE_OLD))
        handle_close(&context->object);
    leave(context);
    return status;
}

SECURITY_STATUS WINAPI ImportSecurityContextW(SEC_WCHAR *pszPackage, PSecBuffer pPackedContext,
                                              void *Token, PCtxtHandle phContext)
{
    const struct package *package;
    struct context *context = NULL;
    SECURITY_STATUS status;

    if (!phContext)
        return SEC_E_INVALID_HANDLE;
    if (!pPackedContext)
        return SEC_E_INVALID_PARAMETER;
    status = pszPackage ? package_find(pszPackage, &package) : SEC_E_SECPKG_NOT_FOUND;
    if (status < 0)
        return status;
    if (!package->operations->import_context)
        return SEC_E_UNSUPPORTED_FUNCTION;
    status = package->operations->import_context(package, pPackedContext, Token, &context);
    if (status < 0)
        return status;
    if (handle_open(&context->object, false, phContext) < 0) {
        context->object.destroy(&context->object);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    return status;
}

SECURITY_STATUS WINAPI ImportSecurityContextA(SEC_CHAR *pszPackage, PSecBuffer pPackedContext,
                                              void *Token, PCtxtHandle phContext)
{
    SEC_WCHAR *package = wide_from_ansi(pszPackage);
    SECURITY_STATUS status;

    if (pszPackage && !package)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = ImportSecurityContextW(package, pPackedContext, Token, phContext);
    heap_free(package);
    return status;
}
