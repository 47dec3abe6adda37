/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The functions on opaque authentication identities. The identities made here are plain
 * SEC_WINNT_AUTH_IDENTITY structures whose strings lie behind the structure in the same block of
 * the process heap, so that freeing one frees all and credui's work as well.
 */
#include "core/identity.h"
#include "core/memory.h"

#include <wincred.h>
#include <string.h>

/* Wipes and frees a block of the process heap. HeapSize alone crashes over other memory since
 * Wine 10. */
static void wipe_and_free(void *block)
{
    if (!block || !HeapValidate(GetProcessHeap(), 0, block))
        return;
    SecureZeroMemory(block, HeapSize(GetProcessHeap(), 0, block));
    heap_free(block);
}

/* Copies a string into the block, behind what is there already. */
static WCHAR *append(WCHAR **end, const WCHAR *text, SIZE_T length)
{
    WCHAR *start = *end;

    memcpy(start, text, length * sizeof(*text));
    start[length] = 0;
    *end = start + length + 1;
    return start;
}

SECURITY_STATUS SEC_ENTRY SspiEncodeStringsAsAuthIdentity(
    PCWSTR pszUserName, PCWSTR pszDomainName, PCWSTR pszPackedCredentialsString,
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE *ppAuthIdentity)
{
    PCWSTR texts[] = {pszUserName, pszDomainName, pszPackedCredentialsString};
    SIZE_T characters = 0;
    SEC_WINNT_AUTH_IDENTITY_W *identity;
    WCHAR *end;

    if (!ppAuthIdentity)
        return SEC_E_INVALID_PARAMETER;
    if (!pszUserName && !pszDomainName && !pszPackedCredentialsString)
        return SEC_E_INVALID_TOKEN;
    for (int i = 0; i < 3; i++)
        characters += texts[i] ? wcslen(texts[i]) + 1 : 0;
    identity = heap_zalloc(sizeof(*identity) + characters * sizeof(WCHAR));
    if (!identity)
        return SEC_E_INSUFFICIENT_MEMORY;
    end = (WCHAR *)(identity + 1);
    if (pszUserName) {
        identity->UserLength = wcslen(pszUserName);
        identity->User = append(&end, pszUserName, identity->UserLength);
    }
    if (pszDomainName) {
        identity->DomainLength = wcslen(pszDomainName);
        identity->Domain = append(&end, pszDomainName, identity->DomainLength);
    }
    if (pszPackedCredentialsString) {
        identity->PasswordLength = wcslen(pszPackedCredentialsString);
        identity->Password = append(&end, pszPackedCredentialsString, identity->PasswordLength);
    }
    identity->Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE;
    *ppAuthIdentity = identity;
    return SEC_E_OK;
}

/* A terminated copy of its own; absent stays absent. */
static bool copy_text(const WCHAR *text, ULONG length, PCWSTR *copy)
{
    WCHAR *end;

    *copy = NULL;
    if (!text)
        return true;
    end = heap_zalloc(((SIZE_T)length + 1) * sizeof(*text));
    if (!end)
        return false;
    *copy = append(&end, text, length);
    return true;
}

SECURITY_STATUS SEC_ENTRY
SspiEncodeAuthIdentityAsStrings(PSEC_WINNT_AUTH_IDENTITY_OPAQUE pAuthIdentity, PCWSTR *ppszUserName,
                                PCWSTR *ppszDomainName, PCWSTR *ppszPackedCredentialsString)
{
    struct identity parts;
    PCWSTR user = NULL, domain = NULL, password = NULL;
    SECURITY_STATUS status;

    if (!pAuthIdentity)
        return SEC_E_INVALID_TOKEN;
    if (!ppszUserName || !ppszDomainName || !ppszPackedCredentialsString)
        return SEC_E_INVALID_PARAMETER;
    status = identity_parse(pAuthIdentity, false, &parts);
    if (status < 0)
        return status;
    if (copy_text(parts.user, parts.user_length, &user) &&
        copy_text(parts.domain, parts.domain_length, &domain) &&
        copy_text(parts.password, parts.password_length, &password)) {
        *ppszUserName = user;
        *ppszDomainName = domain;
        *ppszPackedCredentialsString = password;
    } else {
        wipe_and_free((void *)user);
        wipe_and_free((void *)domain);
        status = SEC_E_INSUFFICIENT_MEMORY;
    }
    identity_release(&parts);
    return status;
}

void SEC_ENTRY SspiFreeAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    wipe_and_free(AuthData);
}

void SEC_ENTRY SspiLocalFree(PVOID DataBuffer)
{
    wipe_and_free(DataBuffer);
}

void SEC_ENTRY SspiZeroAuthIdentity(PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthData)
{
    if (AuthData)
        identity_wipe(AuthData);
}

BOOLEAN SEC_ENTRY SspiIsAuthIdentityEncrypted(PSEC_WINNT_AUTH_IDENTITY_OPAQUE EncryptedAuthData)
{
    return EncryptedAuthData && identity_is_encrypted(EncryptedAuthData);
}

/* "domain\user", or the user alone where there is no domain. */
static WCHAR *qualified_name(const struct identity *parts)
{
    SIZE_T size = ((SIZE_T)parts->domain_length + parts->user_length + 2) * sizeof(WCHAR);
    WCHAR *name = heap_zalloc(size), *end = name;

    if (!name)
        return NULL;
    if (parts->domain_length) {
        append(&end, parts->domain, parts->domain_length);
        end[-1] = L'\\';
    }
    if (parts->user_length)
        append(&end, parts->user, parts->user_length);
    return name;
}

SECURITY_STATUS SEC_ENTRY SspiPrepareForCredWrite(
    PSEC_WINNT_AUTH_IDENTITY_OPAQUE AuthIdentity, PCWSTR pszTargetName,
    PULONG pCredmanCredentialType, PCWSTR *ppszCredmanTargetName, PCWSTR *ppszCredmanUserName,
    PUCHAR *ppCredentialBlob, PULONG pCredentialBlobSize)
{
    struct identity parts;
    PCWSTR user, target = NULL, password = NULL;
    SECURITY_STATUS status;
    bool copied;

    if (!AuthIdentity)
        return SEC_E_INVALID_TOKEN;
    if (!pCredmanCredentialType || !ppszCredmanTargetName || !ppszCredmanUserName ||
        !ppCredentialBlob || !pCredentialBlobSize)
        return SEC_E_INVALID_PARAMETER;
    status = identity_parse(AuthIdentity, false, &parts);
    if (status < 0)
        return status;
    user = qualified_name(&parts);
    copied = user && (pszTargetName ? copy_text(pszTargetName, wcslen(pszTargetName), &target)
                                    : copy_text(user, wcslen(user), &target));
    if (copied &&
        copy_text(parts.password ? parts.password : L"", parts.password_length, &password)) {
        *pCredmanCredentialType = CRED_TYPE_DOMAIN_PASSWORD;
        *ppszCredmanTargetName = target;
        *ppszCredmanUserName = user;
        *ppCredentialBlob = (UCHAR *)password;
        *pCredentialBlobSize = parts.password_length * sizeof(WCHAR);
    } else {
        wipe_and_free((void *)user);
        wipe_and_free((void *)target);
        status = SEC_E_INSUFFICIENT_MEMORY;
    }
    identity_release(&parts);
    return status;
}
