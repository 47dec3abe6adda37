/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions whose names are counted strings in kernel mode (<sspi.h> with SECURITY_KERNEL):
 * they call the user-mode function with a copy that ends in a NUL. A package without a name and one
 * whose name is no string is SEC_E_SECPKG_NOT_FOUND, such a principal SEC_E_UNKNOWN_CREDENTIALS,
 * such a target SEC_E_TARGET_UNKNOWN.
 */
#include "core/memory.h"
#include "core/text.h"
#include "ksecdd.h"

static SECURITY_STATUS copy_package(const SECURITY_STRING *name, SEC_WCHAR **copy)
{
    SECURITY_STATUS status = wide_from_counted(name, SEC_E_SECPKG_NOT_FOUND, copy);

    return status >= 0 && !*copy ? SEC_E_SECPKG_NOT_FOUND : status;
}

/* Both are to be freed, whatever the status. */
static SECURITY_STATUS copy_names(const SECURITY_STRING *principal, const SECURITY_STRING *package,
                                  SEC_WCHAR **wide_principal, SEC_WCHAR **wide_package)
{
    SECURITY_STATUS status = copy_package(package, wide_package);

    *wide_principal = NULL;
    return status < 0 ? status
                      : wide_from_counted(principal, SEC_E_UNKNOWN_CREDENTIALS, wide_principal);
}

SECURITY_STATUS WINAPI kernel_acquire(SECURITY_STRING *principal, SECURITY_STRING *package,
                                      ULONG use, void *logon_id, void *auth_data,
                                      SEC_GET_KEY_FN get_key, void *get_key_argument,
                                      CredHandle *credential, TimeStamp *expiry)
{
    SEC_WCHAR *wide_principal, *wide_package;
    SECURITY_STATUS status = copy_names(principal, package, &wide_principal, &wide_package);

    if (status >= 0)
        status = AcquireCredentialsHandleW(wide_principal, wide_package, use, logon_id, auth_data,
                                           get_key, get_key_argument, credential, expiry);
    heap_free(wide_principal);
    heap_free(wide_package);
    return status;
}

SECURITY_STATUS WINAPI kernel_add(CredHandle *credentials, SECURITY_STRING *principal,
                                  SECURITY_STRING *package, ULONG use, void *auth_data,
                                  SEC_GET_KEY_FN get_key, void *get_key_argument, TimeStamp *expiry)
{
    SEC_WCHAR *wide_principal, *wide_package;
    SECURITY_STATUS status = copy_names(principal, package, &wide_principal, &wide_package);

    if (status >= 0)
        status = AddCredentialsW(credentials, wide_principal, wide_package, use, auth_data, get_key,
                                 get_key_argument, expiry);
    heap_free(wide_principal);
    heap_free(wide_package);
    return status;
}

SECURITY_STATUS WINAPI kernel_initialize(CredHandle *credential, CtxtHandle *context,
                                         SECURITY_STRING *target, ULONG requirements,
                                         ULONG reserved1, ULONG data_representation,
                                         SecBufferDesc *input, ULONG reserved2,
                                         CtxtHandle *new_context, SecBufferDesc *output,
                                         ULONG *attributes, TimeStamp *expiry)
{
    SEC_WCHAR *wide;
    SECURITY_STATUS status = wide_from_counted(target, SEC_E_TARGET_UNKNOWN, &wide);

    if (status < 0)
        return status;
    status = InitializeSecurityContextW(credential, context, wide, requirements, reserved1,
                                        data_representation, input, reserved2, new_context, output,
                                        attributes, expiry);
    heap_free(wide);
    return status;
}

SECURITY_STATUS WINAPI kernel_package_info(SECURITY_STRING *package, SecPkgInfoW **info)
{
    SEC_WCHAR *wide;
    SECURITY_STATUS status = copy_package(package, &wide);

    if (status < 0)
        return status;
    status = QuerySecurityPackageInfoW(wide, info);
    heap_free(wide);
    return status;
}

SECURITY_STATUS WINAPI kernel_import(SECURITY_STRING *package, SecBuffer *packed, void *token,
                                     CtxtHandle *context)
{
    SEC_WCHAR *wide;
    SECURITY_STATUS status = copy_package(package, &wide);

    if (status < 0)
        return status;
    status = ImportSecurityContextW(wide, packed, token, context);
    heap_free(wide);
    return status;
}
