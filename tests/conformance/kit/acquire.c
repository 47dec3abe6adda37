/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's credentials from structures that a test fills itself, see kit/acquire.h.
 */
#include "kit/acquire.h"

SECURITY_STATUS acquire(ULONG use, void *data, CredHandle *credentials)
{
    return AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", use, NULL, data, NULL, NULL,
                                     credentials, NULL);
}

SECURITY_STATUS try_acquire(ULONG use, void *data)
{
    CredHandle credentials;
    SECURITY_STATUS status = acquire(use, data, &credentials);

    if (status == SEC_E_OK)
        FreeCredentialsHandle(&credentials);
    return status;
}
