/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Protecting messages: the data path. Look the handle up, run the operation, drop the reference:
 * no lane, no lock, no allocation. What sending and receiving share is the package's to protect.
 */
#include "core/object.h"
#include "core/package.h"

SECURITY_STATUS WINAPI EncryptMessage(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                      ULONG MessageSeqNo)
{
    const struct package_operations *operations;
    struct context *context = (struct context *)handle_acquire(phContext, OBJECT_CONTEXT);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    operations = context->object.package->operations;
    if (!pMessage)
        status = SEC_E_INVALID_TOKEN;
    else if (operations->encrypt)
        status = operations->encrypt(context, fQOP, pMessage, MessageSeqNo);
    object_release(&context->object);
    return status;
}

SECURITY_STATUS WINAPI DecryptMessage(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                      ULONG MessageSeqNo, ULONG *pfQOP)
{
    ULONG unwanted;
    const struct package_operations *operations;
    struct context *context = (struct context *)handle_acquire(phContext, OBJECT_CONTEXT);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    operations = context->object.package->operations;
    if (!pMessage)
        status = SEC_E_INVALID_TOKEN;
    else if (operations->decrypt)
        status = operations->decrypt(context, pMessage, MessageSeqNo, pfQOP ? pfQOP : &unwanted);
    object_release(&context->object);
    return status;
}

SECURITY_STATUS WINAPI MakeSignature(PCtxtHandle phContext, ULONG fQOP, PSecBufferDesc pMessage,
                                     ULONG MessageSeqNo)
{
    const struct package_operations *operations;
    struct context *context = (struct context *)handle_acquire(phContext, OBJECT_CONTEXT);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    operations = context->object.package->operations;
    if (!pMessage)
        status = SEC_E_INVALID_TOKEN;
    else if (operations->make_signature)
        status = operations->make_signature(context, fQOP, pMessage, MessageSeqNo);
    object_release(&context->object);
    return status;
}

SECURITY_STATUS WINAPI VerifySignature(PCtxtHandle phContext, PSecBufferDesc pMessage,
                                       ULONG MessageSeqNo, ULONG *pfQOP)
{
    ULONG unwanted;
    const struct package_operations *operations;
    struct context *context = (struct context *)handle_acquire(phContext, OBJECT_CONTEXT);
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    operations = context->object.package->operations;
    if (!pMessage)
        status = SEC_E_INVALID_TOKEN;
    else if (operations->verify_signature)
        status = operations->verify_signature(context, pMessage, MessageSeqNo,
                                              pfQOP ? pfQOP : &unwanted);
    object_release(&context->object);
    return status;
}
