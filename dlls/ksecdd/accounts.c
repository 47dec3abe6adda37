/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SecLookup...: the accounts of user mode's functions, with kernel mode's strings and statuses.
 *
 * Sizes are in bytes, those of strings without a terminating NUL. A string that is not there is not
 * filled, and its size is zero. When a buffer is too small nothing but the sizes is written:
 * STATUS_BUFFER_TOO_SMALL.
 */
#include "core/memory.h"
#include "core/text.h"
#include "ksecdd.h"

NTSTATUS WINAPI kernel_account_name(SECURITY_STRING *name, ULONG *sid_size, PSID sid,
                                    SID_NAME_USE *use, ULONG *domain_size, SECURITY_STRING *domain);
NTSTATUS WINAPI kernel_account_sid(PSID sid, ULONG *name_size, SECURITY_STRING *name,
                                   ULONG *domain_size, SECURITY_STRING *domain, SID_NAME_USE *use);
NTSTATUS WINAPI kernel_well_known_sid(WELL_KNOWN_SID_TYPE type, PSID sid, ULONG size,
                                      ULONG *needed);

static NTSTATUS last_status(void)
{
    switch (GetLastError()) {
    case ERROR_NONE_MAPPED:
        return STATUS_NONE_MAPPED;
    case ERROR_NOT_ENOUGH_MEMORY:
        return STATUS_NO_MEMORY;
    case ERROR_INVALID_SID:
    case ERROR_INVALID_PARAMETER:
        return STATUS_INVALID_PARAMETER;
    default:
        return SEC_E_INTERNAL_ERROR;
    }
}

static ULONG bytes_of(const SEC_WCHAR *text)
{
    return wcslen(text) * sizeof(*text);
}

/* Tells the size, and whether the text fits. */
static bool fits(const SECURITY_STRING *string, const SEC_WCHAR *text, ULONG *size)
{
    ULONG needed = string ? bytes_of(text) : 0;

    if (size)
        *size = needed;
    return !string || (string->Buffer && string->MaximumLength >= needed);
}

static void put(SECURITY_STRING *string, const SEC_WCHAR *text)
{
    if (!string)
        return;
    string->Length = bytes_of(text);
    memcpy(string->Buffer, text, string->Length);
}

static NTSTATUS find_account(const SEC_WCHAR *name, BYTE *sid, DWORD sid_size, SEC_WCHAR **domain,
                             SID_NAME_USE *use)
{
    DWORD needed = 0, length = 0;

    LookupAccountNameW(NULL, name, NULL, &needed, NULL, &length, use);
    *domain = heap_zalloc((length + 1) * sizeof(**domain));
    if (!*domain)
        return STATUS_NO_MEMORY;
    if (LookupAccountNameW(NULL, name, sid, &sid_size, *domain, &length, use))
        return STATUS_SUCCESS;
    return last_status();
}

NTSTATUS WINAPI kernel_account_name(SECURITY_STRING *name, ULONG *sid_size, PSID sid,
                                    SID_NAME_USE *use, ULONG *domain_size, SECURITY_STRING *domain)
{
    SEC_WCHAR *account, *found_domain = NULL;
    BYTE found[SECURITY_MAX_SID_SIZE];
    SID_NAME_USE found_use;
    ULONG room;
    NTSTATUS status;
    bool domain_fits;

    if (!sid_size || !use)
        return STATUS_INVALID_PARAMETER;
    status = wide_from_counted(name, STATUS_INVALID_PARAMETER, &account);
    if (status == SEC_E_INSUFFICIENT_MEMORY)
        return STATUS_NO_MEMORY;
    if (!account)
        return STATUS_INVALID_PARAMETER;
    status = find_account(account, found, sizeof(found), &found_domain, &found_use);
    if (status < 0)
        goto done;
    room = sid ? *sid_size : 0;
    *sid_size = GetLengthSid(found);
    domain_fits = fits(domain, found_domain, domain_size);
    if (room < *sid_size || !domain_fits) {
        status = STATUS_BUFFER_TOO_SMALL;
        goto done;
    }
    memcpy(sid, found, *sid_size);
    put(domain, found_domain);
    *use = found_use;
done:
    heap_free(found_domain);
    heap_free(account);
    return status;
}

NTSTATUS WINAPI kernel_account_sid(PSID sid, ULONG *name_size, SECURITY_STRING *name,
                                   ULONG *domain_size, SECURITY_STRING *domain, SID_NAME_USE *use)
{
    DWORD name_length = 0, domain_length = 0;
    SEC_WCHAR *account, *found_domain;
    SID_NAME_USE found_use;
    NTSTATUS status;
    bool name_fits, domain_fits;

    if (!sid || !use)
        return STATUS_INVALID_PARAMETER;
    LookupAccountSidW(NULL, sid, NULL, &name_length, NULL, &domain_length, &found_use);
    account = heap_zalloc((name_length + 1) * sizeof(*account));
    found_domain = heap_zalloc((domain_length + 1) * sizeof(*found_domain));
    if (!account || !found_domain) {
        status = STATUS_NO_MEMORY;
        goto done;
    }
    if (!LookupAccountSidW(NULL, sid, account, &name_length, found_domain, &domain_length,
                           &found_use)) {
        status = last_status();
        goto done;
    }
    name_fits = fits(name, account, name_size);
    domain_fits = fits(domain, found_domain, domain_size);
    status = name_fits && domain_fits ? STATUS_SUCCESS : STATUS_BUFFER_TOO_SMALL;
    if (status < 0)
        goto done;
    put(name, account);
    put(domain, found_domain);
    *use = found_use;
done:
    heap_free(account);
    heap_free(found_domain);
    return status;
}

NTSTATUS WINAPI kernel_well_known_sid(WELL_KNOWN_SID_TYPE type, PSID sid, ULONG size, ULONG *needed)
{
    BYTE found[SECURITY_MAX_SID_SIZE];
    DWORD found_size = sizeof(found);

    if (!sid && size)
        return STATUS_INVALID_PARAMETER;
    if (!CreateWellKnownSid(type, NULL, found, &found_size))
        return STATUS_INVALID_PARAMETER;
    if (needed)
        *needed = found_size;
    if (size < found_size)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(sid, found, found_size);
    return STATUS_SUCCESS;
}
