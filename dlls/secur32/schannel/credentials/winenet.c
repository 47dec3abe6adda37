/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether Wine's winhttp or wininet makes a credential.
 *
 * They ask with SCHANNEL_CRED, which ends at TLS 1.2, while on Windows their namesakes reach
 * servers that speak TLS 1.3 only. What they ask for looks like other programs' calls, so the code
 * that calls decides: it is theirs. Whether their handshakes look as calls/callers.c knows them is
 * seen later; those that do not go without TLS 1.3.
 */
#include "schannel/credentials/winenet.h"
#include "core/sspitypes.h"

static const WCHAR *const names[] = {L"winhttp.dll", L"wininet.dll"};

bool is_winenet(const void *caller)
{
    HMODULE module;

    if (!caller || !GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                                           GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                                       caller, &module))
        return false;
    for (unsigned int i = 0; i < ARRAYSIZE(names); i++) {
        if (GetModuleHandleW(names[i]) == module)
            return true;
    }
    return false;
}
