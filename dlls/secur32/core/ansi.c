/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ANSI: the results of attribute queries. The core works with wide strings throughout; the A
 * functions themselves stand beside their W twins, and core/text.c converts their arguments.
 */
#include "core/ansi.h"
#include "core/memory.h"
#include "core/package.h"
#include "core/text.h"

/*
 * Converts strings that are a block of their own each. The members are wide pointers before and
 * ANSI pointers after.
 */
static SECURITY_STATUS convert(SEC_WCHAR **first, SEC_WCHAR **second)
{
    SEC_WCHAR **members[] = {first, second};
    char *ansi[2] = {NULL, NULL};
    SECURITY_STATUS status = SEC_E_OK;

    for (int i = 0; i < 2; i++) {
        if (!members[i] || !*members[i])
            continue;
        ansi[i] = ansi_from_wide(*members[i]);
        if (!ansi[i])
            status = SEC_E_INSUFFICIENT_MEMORY;
    }
    for (int i = 0; i < 2; i++) {
        if (!members[i])
            continue;
        if (status < 0) {
            heap_free(ansi[i]);
            ansi[i] = NULL;
        }
        heap_free(*members[i]);
        *members[i] = (SEC_WCHAR *)ansi[i];
    }
    return status;
}

static SECURITY_STATUS convert_info(SecPkgInfoW **member)
{
    SecPkgInfoW *wide = *member;

    if (!wide)
        return SEC_E_OK;
    *member = package_info_copy(wide, true);
    heap_free(wide);
    return *member ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS context_attribute_to_ansi(ULONG attribute, void *buffer)
{
    switch (attribute) {
    case SECPKG_ATTR_NAMES:
        return convert(&((SecPkgContext_NamesW *)buffer)->sUserName, NULL);
    case SECPKG_ATTR_AUTHORITY:
        return convert(&((SecPkgContext_AuthorityW *)buffer)->sAuthorityName, NULL);
    case SECPKG_ATTR_PROTO_INFO:
        return convert(&((SecPkgContext_ProtoInfoW *)buffer)->sProtocolName, NULL);
    case SECPKG_ATTR_CREDENTIAL_NAME:
        return convert(&((SecPkgContext_CredentialNameW *)buffer)->sCredentialName, NULL);
    case SECPKG_ATTR_KEY_INFO: {
        SecPkgContext_KeyInfoW *info = buffer;

        return convert(&info->sSignatureAlgorithmName, &info->sEncryptAlgorithmName);
    }
    case SECPKG_ATTR_NATIVE_NAMES: {
        SecPkgContext_NativeNamesW *names = buffer;

        return convert(&names->sClientName, &names->sServerName);
    }
    case SECPKG_ATTR_PACKAGE_INFO:
        return convert_info(&((SecPkgContext_PackageInfoW *)buffer)->PackageInfo);
    case SECPKG_ATTR_NEGOTIATION_INFO:
        return convert_info(&((SecPkgContext_NegotiationInfoW *)buffer)->PackageInfo);
    default:
        return SEC_E_OK;
    }
}

SECURITY_STATUS credentials_attribute_to_ansi(ULONG attribute, void *buffer)
{
    switch (attribute) {
    case SECPKG_CRED_ATTR_NAMES:
        return convert(&((SecPkgCredentials_NamesW *)buffer)->sUserName, NULL);
    case SECPKG_CRED_ATTR_SSI_PROVIDER:
        return convert(&((SecPkgCredentials_SSIProviderW *)buffer)->sProviderName, NULL);
    default:
        return SEC_E_OK;
    }
}
