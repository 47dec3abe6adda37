/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A DLL of its own (tests/namesake.dll), from whose code kit/namesake.c acquires credentials.
 */
#define SECURITY_WIN32
#include <windows.h>
#include <sspi.h>

__declspec(dllexport) SECURITY_STATUS
    call_acquire(ACQUIRE_CREDENTIALS_HANDLE_FN_W acquire, WCHAR *package, ULONG use,
                 void *auth_data, CredHandle *credentials);

SECURITY_STATUS call_acquire(ACQUIRE_CREDENTIALS_HANDLE_FN_W acquire, WCHAR *package, ULONG use,
                             void *auth_data, CredHandle *credentials)
{
    /* So that the call returns here, instead of being the last jump. */
    volatile SECURITY_STATUS status =
        acquire(NULL, package, use, NULL, auth_data, NULL, NULL, credentials, NULL);

    return status;
}
