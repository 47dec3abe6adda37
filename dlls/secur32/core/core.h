/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files of the SSPI core share among themselves. Packages and the asynchronous engine
 * need secur32.h only.
 */
#ifndef ASYNCSSPI_CORE_H
#define ASYNCSSPI_CORE_H

#include "core/secur32.h"

/* Zeroed memory on the process heap, where FreeContextBuffer looks for it. NULL: out of memory. */
static inline void *heap_zalloc(SIZE_T size)
{
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
}

static inline void heap_free(void *memory)
{
    HeapFree(GetProcessHeap(), 0, memory);
}

/* main.c */
extern HINSTANCE secur32_module;

/* ansi.c: process-heap copy, NULL for NULL or out of memory. */
char *ansi_from_wide(const SEC_WCHAR *text);

/* package.c: SecPkgInfoA or SecPkgInfoW in one block with its strings; NULL: out of memory. */
void *package_info_copy(const SecPkgInfoW *info, bool ansi);

/*
 * ansi.c: for the A form of a call whose result has strings: replaces the wide strings in the
 * structure by ANSI ones and frees the wide ones. Attributes without strings stay as they are.
 * When out of memory the structure holds no strings.
 */
SECURITY_STATUS context_attribute_to_ansi(ULONG attribute, void *buffer);
SECURITY_STATUS credentials_attribute_to_ansi(ULONG attribute, void *buffer);

/*
 * identity.c: any form of authentication identity, taken apart. The strings belong to the identity
 * they came from or, when converted, to `memory`; identity_release wipes and frees that.
 */
struct identity {
    const WCHAR *user, *domain, *password;             /* not terminated; NULL when absent */
    ULONG user_length, domain_length, password_length; /* in characters */
    void *memory;
    SIZE_T memory_size;
};

/* What SEC_WINNT_AUTH_IDENTITY structure it is. */
enum identity_form { IDENTITY_PLAIN, IDENTITY_EX, IDENTITY_EX2 };
enum identity_form identity_form(const void *auth_identity);

/* `ansi`: the strings are ANSI when the identity's flags do not tell. */
SECURITY_STATUS identity_parse(const void *auth_identity, bool ansi, struct identity *identity);
void identity_release(struct identity *identity);
ULONG identity_flags(const void *auth_identity);
bool identity_is_encrypted(const void *auth_identity);
/* Zeroes the identity and the strings it points to. */
void identity_wipe(void *auth_identity);

/* delegate.c: Wine's packages except Schannel. Loads Wine's secur32. */
const struct package *delegate_packages(unsigned int *count);

/* delegate_package.c */
extern const struct package_operations delegate_operations;

/* unsupported.c: ChangeAccountPassword, for the function tables. */
SECURITY_STATUS WINAPI sspi_unsupported8(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d,
                                         ULONG_PTR e, ULONG_PTR f, ULONG_PTR g, ULONG_PTR h);

#endif
