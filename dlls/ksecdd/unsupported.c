/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands behind names that nothing here provides: an error instead of the exception that ends
 * winedevice.exe, where user mode's DLL of Wine has a stub as well. The number in a name is that of
 * words of arguments, which the function takes off the stack on i386.
 */
#include "ksecdd.h"

#include <winerror.h>

/* One per status and number of words; called through the export table only. */
#define NOTHING(name, status, ...)                                                                 \
    LONG WINAPI name(__VA_ARGS__);                                                                 \
    LONG WINAPI name(__VA_ARGS__)                                                                  \
    {                                                                                              \
        return status;                                                                             \
    }
#define ANY   __attribute__((unused)) ULONG_PTR
#define ANY64 __attribute__((unused)) ULONGLONG

/* Functions of SSPI */
NOTHING(security_nothing1, SEC_E_UNSUPPORTED_FUNCTION, ANY a)
NOTHING(security_nothing2, SEC_E_UNSUPPORTED_FUNCTION, ANY a, ANY b)
NOTHING(security_nothing5, SEC_E_UNSUPPORTED_FUNCTION, ANY a, ANY b, ANY c, ANY d, ANY e)
NOTHING(security_nothing6, SEC_E_UNSUPPORTED_FUNCTION, ANY a, ANY b, ANY c, ANY d, ANY e, ANY f)

/* SSL providers */
NOTHING(provider_nothing2, NTE_NOT_SUPPORTED, ANY a, ANY b)
NOTHING(provider_nothing3, NTE_NOT_SUPPORTED, ANY a, ANY b, ANY c)
NOTHING(provider_nothing6, NTE_NOT_SUPPORTED, ANY a, ANY b, ANY c, ANY d, ANY e, ANY f)
NOTHING(provider_nothing7, NTE_NOT_SUPPORTED, ANY a, ANY b, ANY c, ANY d, ANY e, ANY f, ANY g)
/* With a sequence number of 64 bits among them, which on i386 is two words. */
NOTHING(provider_nothing10, NTE_NOT_SUPPORTED, ANY a, ANY b, ANY c, ANY d, ANY e, ANY f, ANY g,
        ANY64 h, ANY i)
NOTHING(provider_nothing11, NTE_NOT_SUPPORTED, ANY a, ANY b, ANY c, ANY d, ANY e, ANY f, ANY g,
        ANY64 h, ANY i, ANY j)

/* Primitives */
NOTHING(primitive_nothing1, STATUS_NOT_SUPPORTED, ANY a)
NOTHING(primitive_nothing4, STATUS_NOT_SUPPORTED, ANY a, ANY b, ANY c, ANY d)
NOTHING(primitive_nothing6, STATUS_NOT_SUPPORTED, ANY a, ANY b, ANY c, ANY d, ANY e, ANY f)
NOTHING(primitive_nothing8, STATUS_NOT_SUPPORTED, ANY a, ANY b, ANY c, ANY d, ANY e, ANY f, ANY g,
        ANY h)

/*
 * Behind names whose parameters are not public. On 64-bit the caller cleans the stack up; on i386
 * the callee does, which we cannot without knowing how much, so the call ends there.
 */
LONG WINAPI undocumented(void);

LONG WINAPI undocumented(void)
{
#ifdef __i386__
    RaiseException((DWORD)STATUS_ENTRYPOINT_NOT_FOUND, EXCEPTION_NONCONTINUABLE, 0, NULL);
#endif
    return SEC_E_UNSUPPORTED_FUNCTION;
}
