/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AddCredentials: more credentials on a handle that exists.
 */
#include "core/memory.h"
#include "core/object.h"
#include "core/package.h"
#include "core/sspi.h"
#include "core/text.h"

static SECURITY_STATUS add(const CredHandle *handle, const struct acquire_args *args,
                           TimeStamp *expiry)
{
    bool bad;
    struct credentials *credentials = credentials_of(handle, &bad);
    const struct package_operations *operations;
    SECURITY_STATUS status = SEC_E_UNSUPPORTED_FUNCTION;
    TimeStamp unwanted;

    if (!credentials)
        return SEC_E_INVALID_HANDLE;
    operations = credentials->object.package->operations;
    if (!args->package)
        status = SEC_E_SECPKG_NOT_FOUND;
    else if (operations->add_credentials)
        status = operations->add_credentials(credentials, args, expiry ? expiry : &unwanted);
    object_release(&credentials->object);
    return status;
}

SECURITY_STATUS WINAPI AddCredentialsW(PCredHandle hCredentials, SEC_WCHAR *pszPrincipal,
                                       SEC_WCHAR *pszPackage, ULONG fCredentialUse, void *pAuthData,
                                       SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument,
                                       PTimeStamp ptsExpiry)
{
    return add(hCredentials,
               &(struct acquire_args){.principal = pszPrincipal,
                                      .package = pszPackage,
                                      .use = fCredentialUse,
                                      .auth_data = pAuthData,
                                      .get_key = pGetKeyFn,
                                      .get_key_argument = pvGetKeyArgument},
               ptsExpiry);
}

SECURITY_STATUS WINAPI AddCredentialsA(PCredHandle hCredentials, SEC_CHAR *pszPrincipal,
                                       SEC_CHAR *pszPackage, ULONG fCredentialUse, void *pAuthData,
                                       SEC_GET_KEY_FN pGetKeyFn, void *pvGetKeyArgument,
                                       PTimeStamp ptsExpiry)
{
    SEC_WCHAR *principal = wide_from_ansi(pszPrincipal);
    SEC_WCHAR *package = wide_from_ansi(pszPackage);
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;

    if ((!pszPrincipal || principal) && (!pszPackage || package))
        status = add(hCredentials,
                     &(struct acquire_args){.principal = principal,
                                            .package = package,
                                            .use = fCredentialUse,
                                            .auth_data = pAuthData,
                                            .get_key = pGetKeyFn,
                                            .get_key_argument = pvGetKeyArgument,
                                            .ansi = true},
                     ptsExpiry);
    heap_free(principal);
    heap_free(package);
    return status;
}
