/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Primitives whose arguments differ in kernel mode, and SystemPrng, which only kernel mode has.
 */
#include "ksecdd.h"

#include <bcrypt.h>

/* The kernel's flag for a provider that can be used at DISPATCH_LEVEL, as all can here. */
#ifndef BCRYPT_PROV_DISPATCH
#define BCRYPT_PROV_DISPATCH 0x00000001
#endif

NTSTATUS WINAPI kernel_open_provider(BCRYPT_ALG_HANDLE *algorithm, LPCWSTR id,
                                     LPCWSTR implementation, ULONG flags);
BOOL WINAPI kernel_random(UCHAR *data, SIZE_T size);

NTSTATUS WINAPI kernel_open_provider(BCRYPT_ALG_HANDLE *algorithm, LPCWSTR id,
                                     LPCWSTR implementation, ULONG flags)
{
    return BCryptOpenAlgorithmProvider(algorithm, id, implementation,
                                       flags & ~BCRYPT_PROV_DISPATCH);
}

/* Its page says that it always returns TRUE. FALSE: there are no random numbers. */
BOOL WINAPI kernel_random(UCHAR *data, SIZE_T size)
{
    while (size > 0) {
        ULONG part = size < 0x10000000 ? size : 0x10000000;

        if (BCryptGenRandom(NULL, data, part, BCRYPT_USE_SYSTEM_PREFERRED_RNG) < 0)
            return FALSE;
        data += part;
        size -= part;
    }
    return TRUE;
}
