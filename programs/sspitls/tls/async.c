/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Finds the asynchronous functions of the secur32.dll this process runs with.
 */
#include "tls/async.h"

#include <string.h>

#include "base/error.h"

struct async_functions async;

bool async_load(void)
{
    static const char *const names[] = {
        "SspiCreateAsyncContext",
        "SspiFreeAsyncContext",
        "SspiReinitAsyncContext",
        "SspiSetAsyncNotifyCallback",
        "SspiGetAsyncCallStatus",
        "SspiAcquireCredentialsHandleAsyncW",
        "SspiInitializeSecurityContextAsyncW",
        "SspiAcceptSecurityContextAsync",
        "SspiFreeCredentialsHandleAsync",
        "SspiDeleteSecurityContextAsync",
    };
    FARPROC found[ARRAYSIZE(names)];
    HMODULE secur32 = GetModuleHandleA("secur32.dll");

    _Static_assert(sizeof(found) == sizeof(async), "one name per member, in the same order");
    for (size_t i = 0; i < ARRAYSIZE(names); i++) {
        found[i] = secur32 ? GetProcAddress(secur32, names[i]) : NULL;
        if (!found[i]) {
            report("this secur32.dll has no %s: asyncsspi is not installed here", names[i]);
            report("    asyncsspi-setup install puts it into a prefix; --sync does without");
            return false;
        }
    }
    memcpy(&async, found, sizeof(async));
    return true;
}
