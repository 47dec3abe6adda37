/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See checks/delegate.h. */
#include "checks/delegate.h"

#include <stdbool.h>
#include <stdio.h>
#define SECURITY_WIN32
#include <sspi.h>

#include "checks/files.h"

#define PATH_SIZE (MAX_PATH + 40)

/* The file that has Wine's own DLL loaded. */
static bool find_marker(WCHAR path[PATH_SIZE])
{
    UINT length = GetSystemDirectoryW(path, MAX_PATH);

    swprintf(path + length, PATH_SIZE - length, L"\\asyncsspi\\secur32.dll");
    return is_wines(path);
}

void check_marker(struct finding *finding)
{
    WCHAR path[PATH_SIZE];

    if (find_marker(path)) {
        finding_set(finding, VERDICT_OK, "there, for NTLM, Kerberos and LSA");
        return;
    }
    finding_set(finding, VERDICT_BAD, "not to be loaded: %s is not Wine's secur32.dll", utf8(path));
    finding_explain(finding, "NTLM, Kerberos and LSA do not work; asyncsspi-setup install puts it "
                             "there");
}

void check_ntlm(struct finding *finding)
{
    HMODULE module = LoadLibraryA("secur32.dll");
    ACQUIRE_CREDENTIALS_HANDLE_FN_A acquire =
        (ACQUIRE_CREDENTIALS_HANDLE_FN_A)(void *)GetProcAddress(module,
                                                                "AcquireCredentialsHandleA");
    FREE_CREDENTIALS_HANDLE_FN release =
        (FREE_CREDENTIALS_HANDLE_FN)(void *)GetProcAddress(module, "FreeCredentialsHandle");
    static char package[] = "NTLM";
    CredHandle credential;
    WCHAR path[PATH_SIZE];
    SECURITY_STATUS status;

    if (!acquire || !release || !find_marker(path))
        return;
    status =
        acquire(NULL, package, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL, &credential, NULL);
    if (status == SEC_E_OK) {
        release(&credential);
        finding_set(finding, VERDICT_OK, "there");
        return;
    }
    finding_set(finding, VERDICT_NOTE, "not there: Wine needs ntlm_auth (package winbind) for it");
    finding_explain(finding, "status 0x%08lx", (unsigned long)status);
}
