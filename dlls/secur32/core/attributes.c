/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes of contexts and credentials: query and set, with and without a size, wide and ANSI.
 * Those of a context take their turn in its lane; credentials have none.
 */
#include "core/lane.h"
#include "core/object.h"
#include "core/package.h"
#include "core/sspi.h"

#define SIZE_NOT_TOLD (~0u)

enum direction { QUERY, SET };

static SECURITY_STATUS context_attribute(enum direction direction, const CtxtHandle *handle,
                                         ULONG attribute, void *buffer, ULONG size, bool ansi)
{
    bool bad;
    struct context *context = context_of(handle, &bad);
    const struct package_operations *operations;
    SECURITY_STATUS (*operation)(struct context *, ULONG, void *, ULONG, bool);
    SECURITY_STATUS status;

    if (!context)
        return SEC_E_INVALID_HANDLE;
    operations = context->object.package->operations;
    operation = direction == QUERY ? operations->query_context : operations->set_context;
    lane_enter_wait(&context->lane);
    if (handle_is_closed(&context->object))
        status = SEC_E_INVALID_HANDLE;
    else if (!operation)
        status = SEC_E_UNSUPPORTED_FUNCTION;
    else if (!buffer)
        status = SEC_E_INVALID_PARAMETER;
    else
        status = operation(context, attribute, buffer, size, ansi);
    lane_leave(&context->lane);
    object_release(&context->object);
    return status;
}

static SECURITY_STATUS credentials_attribute(enum direction direction, const CredHandle *handle,
                                             ULONG attribute, void *buffer, ULONG size, bool ansi)
{
    bool bad;
    struct credentials *credentials = credentials_of(handle, &bad);
    const struct package_operations *operations;
    SECURITY_STATUS (*operation)(struct credentials *, ULONG, void *, ULONG, bool);
    SECURITY_STATUS status;

    if (!credentials)
        return SEC_E_INVALID_HANDLE;
    operations = credentials->object.package->operations;
    operation = direction == QUERY ? operations->query_credentials : operations->set_credentials;
    if (!operation)
        status = SEC_E_UNSUPPORTED_FUNCTION;
    else if (!buffer)
        status = direction == QUERY ? SEC_E_INTERNAL_ERROR : SEC_E_INVALID_PARAMETER;
    else
        status = operation(credentials, attribute, buffer, size, ansi);
    object_release(&credentials->object);
    return status;
}

SECURITY_STATUS WINAPI QueryContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                               void *pBuffer)
{
    return context_attribute(QUERY, phContext, ulAttribute, pBuffer, SIZE_NOT_TOLD, false);
}

SECURITY_STATUS WINAPI QueryContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                               void *pBuffer)
{
    return context_attribute(QUERY, phContext, ulAttribute, pBuffer, SIZE_NOT_TOLD, true);
}

SECURITY_STATUS WINAPI QueryContextAttributesExW(PCtxtHandle phContext, ULONG ulAttribute,
                                                 void *pBuffer, ULONG cbBuffer)
{
    return context_attribute(QUERY, phContext, ulAttribute, pBuffer, cbBuffer, false);
}

SECURITY_STATUS WINAPI QueryContextAttributesExA(PCtxtHandle phContext, ULONG ulAttribute,
                                                 void *pBuffer, ULONG cbBuffer)
{
    return context_attribute(QUERY, phContext, ulAttribute, pBuffer, cbBuffer, true);
}

SECURITY_STATUS WINAPI SetContextAttributesW(PCtxtHandle phContext, ULONG ulAttribute,
                                             void *pBuffer, ULONG cbBuffer)
{
    return context_attribute(SET, phContext, ulAttribute, pBuffer, cbBuffer, false);
}

SECURITY_STATUS WINAPI SetContextAttributesA(PCtxtHandle phContext, ULONG ulAttribute,
                                             void *pBuffer, ULONG cbBuffer)
{
    return context_attribute(SET, phContext, ulAttribute, pBuffer, cbBuffer, true);
}

SECURITY_STATUS WINAPI QueryCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                   void *pBuffer)
{
    return credentials_attribute(QUERY, phCredential, ulAttribute, pBuffer, SIZE_NOT_TOLD, false);
}

SECURITY_STATUS WINAPI QueryCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                   void *pBuffer)
{
    return credentials_attribute(QUERY, phCredential, ulAttribute, pBuffer, SIZE_NOT_TOLD, true);
}

SECURITY_STATUS WINAPI QueryCredentialsAttributesExW(PCredHandle phCredential, ULONG ulAttribute,
                                                     void *pBuffer, ULONG cbBuffer)
{
    return credentials_attribute(QUERY, phCredential, ulAttribute, pBuffer, cbBuffer, false);
}

SECURITY_STATUS WINAPI QueryCredentialsAttributesExA(PCredHandle phCredential, ULONG ulAttribute,
                                                     void *pBuffer, ULONG cbBuffer)
{
    return credentials_attribute(QUERY, phCredential, ulAttribute, pBuffer, cbBuffer, true);
}

SECURITY_STATUS WINAPI SetCredentialsAttributesW(PCredHandle phCredential, ULONG ulAttribute,
                                                 void *pBuffer, ULONG cbBuffer)
{
    return credentials_attribute(SET, phCredential, ulAttribute, pBuffer, cbBuffer, false);
}

SECURITY_STATUS WINAPI SetCredentialsAttributesA(PCredHandle phCredential, ULONG ulAttribute,
                                                 void *pBuffer, ULONG cbBuffer)
{
    return credentials_attribute(SET, phCredential, ulAttribute, pBuffer, cbBuffer, true);
}
