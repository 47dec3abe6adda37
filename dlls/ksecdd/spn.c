/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SecMakeSPN...: CLASS/HOST[:PORT], or CLASS/INSTANCE[:PORT]/NAME for a service that is no host
 * (the forms of DsMakeSpn). A referrer stands for a service whose name is an address.
 *
 * The size that is told is in bytes and counts a NUL, which is written as well. Marshalled
 * information about a target is put behind the name; there is nothing here that marshals it.
 */
#include "core/text.h"
#include "ksecdd.h"

#define PAGED_POOL 1
#define POOL_TAG   0x4e505341 /* ASPN */
#define LONGEST    0xffff     /* bytes, of SPN and NUL */

/* Of ntoskrnl.exe, whose header does not go together with that of SSPI. */
void *WINAPI ExAllocatePoolWithTag(ULONG type, SIZE_T size, ULONG tag);

NTSTATUS WINAPI kernel_spn(SECURITY_STRING *class, SECURITY_STRING *name, SECURITY_STRING *instance,
                           USHORT port, SECURITY_STRING *referrer, SECURITY_STRING *spn,
                           ULONG *size, BOOLEAN allocate);
NTSTATUS WINAPI kernel_spn_ex(SECURITY_STRING *class, SECURITY_STRING *name,
                              SECURITY_STRING *instance, USHORT port, SECURITY_STRING *referrer,
                              SECURITY_STRING *target_info, SECURITY_STRING *spn, ULONG *size,
                              BOOLEAN allocate);
NTSTATUS WINAPI kernel_spn_ex2(SECURITY_STRING *class, SECURITY_STRING *name,
                               SECURITY_STRING *instance, USHORT port, SECURITY_STRING *referrer,
                               SECURITY_STRING *target_info, SECURITY_STRING *spn, ULONG *size,
                               BOOLEAN allocate, BOOLEAN marshalled);

static bool is_string(const SECURITY_STRING *string)
{
    return string && string->Length && is_counted_text(string);
}

/* NULL and an empty string are none; what is neither is wrong. */
static bool is_optional(const SECURITY_STRING *string)
{
    return !string || !string->Length || is_string(string);
}

/* IPv6: only an address has a colon here. IPv4: nothing but digits and dots. */
static bool is_address(const SECURITY_STRING *name)
{
    bool numbers = true;

    for (USHORT i = 0; i < name->Length / sizeof(SEC_WCHAR); i++) {
        if (name->Buffer[i] == ':')
            return true;
        if (name->Buffer[i] != '.' && (name->Buffer[i] < '0' || name->Buffer[i] > '9'))
            numbers = false;
    }
    return numbers;
}

/* The SPN's pieces, in order; those that are not there have no length. */
struct pieces {
    SECURITY_STRING list[8]; /* class, slash, host, colon, port, slash, name, target */
    ULONG count;
};

static void add(struct pieces *pieces, const SECURITY_STRING *piece)
{
    pieces->list[pieces->count++] = *piece;
}

static void add_text(struct pieces *pieces, SEC_WCHAR *text, ULONG length)
{
    USHORT bytes = length * sizeof(*text);

    add(pieces, &(SECURITY_STRING){bytes, bytes, (unsigned short *)text});
}

/* Behind 5 places for digits; returns how many were needed. */
static ULONG digits_of(USHORT port, SEC_WCHAR *end)
{
    ULONG count = 0;

    for (; port; port /= 10, count++)
        *--end = '0' + port % 10;
    return count;
}

static NTSTATUS join(const struct pieces *pieces, SECURITY_STRING *spn, ULONG *size,
                     BOOLEAN allocate)
{
    ULONG needed = sizeof(SEC_WCHAR);
    BYTE *buffer;

    for (ULONG i = 0; i < pieces->count; i++)
        needed += pieces->list[i].Length;
    if (needed > LONGEST)
        return STATUS_INVALID_PARAMETER;
    if (size)
        *size = needed;
    if (!spn)
        return allocate ? STATUS_INVALID_PARAMETER : STATUS_BUFFER_OVERFLOW;
    if (allocate) {
        buffer = ExAllocatePoolWithTag(PAGED_POOL, needed, POOL_TAG);
        if (!buffer)
            return STATUS_NO_MEMORY;
        spn->Buffer = (unsigned short *)buffer;
        spn->MaximumLength = needed;
    } else if (!spn->Buffer || spn->MaximumLength < needed) {
        return STATUS_BUFFER_OVERFLOW;
    }
    buffer = (BYTE *)spn->Buffer;
    for (ULONG i = 0; i < pieces->count; buffer += pieces->list[i++].Length)
        memcpy(buffer, pieces->list[i].Buffer, pieces->list[i].Length);
    memset(buffer, 0, sizeof(SEC_WCHAR));
    spn->Length = needed - sizeof(SEC_WCHAR);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI kernel_spn_ex2(SECURITY_STRING *class, SECURITY_STRING *name,
                               SECURITY_STRING *instance, USHORT port, SECURITY_STRING *referrer,
                               SECURITY_STRING *target_info, SECURITY_STRING *spn, ULONG *size,
                               BOOLEAN allocate, BOOLEAN marshalled)
{
    SEC_WCHAR digits[5];
    ULONG digit_count = digits_of(port, digits + 5);
    struct pieces pieces = {.count = 0};

    if (!is_string(class) || !is_string(name) || !is_optional(instance) || !is_optional(referrer) ||
        !is_optional(target_info))
        return STATUS_INVALID_PARAMETER;
    if (is_string(target_info) && !marshalled)
        return STATUS_NOT_SUPPORTED;
    if (is_string(referrer) && is_address(name))
        name = referrer;
    add(&pieces, class);
    add_text(&pieces, L"/", 1);
    add(&pieces, is_string(instance) ? instance : name);
    if (port) {
        add_text(&pieces, L":", 1);
        add_text(&pieces, digits + 5 - digit_count, digit_count);
    }
    if (is_string(instance)) {
        add_text(&pieces, L"/", 1);
        add(&pieces, name);
    }
    if (is_string(target_info))
        add(&pieces, target_info);
    return join(&pieces, spn, size, allocate);
}

NTSTATUS WINAPI kernel_spn_ex(SECURITY_STRING *class, SECURITY_STRING *name,
                              SECURITY_STRING *instance, USHORT port, SECURITY_STRING *referrer,
                              SECURITY_STRING *target_info, SECURITY_STRING *spn, ULONG *size,
                              BOOLEAN allocate)
{
    return kernel_spn_ex2(class, name, instance, port, referrer, target_info, spn, size, allocate,
                          FALSE);
}

NTSTATUS WINAPI kernel_spn(SECURITY_STRING *class, SECURITY_STRING *name, SECURITY_STRING *instance,
                           USHORT port, SECURITY_STRING *referrer, SECURITY_STRING *spn,
                           ULONG *size, BOOLEAN allocate)
{
    return kernel_spn_ex2(class, name, instance, port, referrer, NULL, spn, size, allocate, FALSE);
}
