/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * begin: which Schannel this program gets, in one line: the status of acquiring a credential,
 * through the A and W functions alike, the package's capabilities and the status of a handshake's
 * first leg.
 */
#include <windows.h>
#include <stdio.h>
#include <subauth.h>
#define SECURITY_WIN32
#include <schannel.h>
#include <sspi.h>

int main(void)
{
    static WCHAR name[] = UNISP_NAME_W;
    static char ansi_name[] = UNISP_NAME_A;
    SCHANNEL_CRED settings = {.dwVersion = SCHANNEL_CRED_VERSION,
                              .dwFlags =
                                  SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS};
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
    SecPkgInfoW *info = NULL;
    CredHandle credential, other;
    SECURITY_STATUS status, ansi, leg = SEC_E_INVALID_HANDLE;
    CtxtHandle context;
    ULONG attributes;

    QuerySecurityPackageInfoW(name, &info);
    status = AcquireCredentialsHandleW(NULL, name, SECPKG_CRED_OUTBOUND, NULL, &settings, NULL,
                                       NULL, &credential, NULL);
    ansi = AcquireCredentialsHandleA(NULL, ansi_name, SECPKG_CRED_OUTBOUND, NULL, &settings, NULL,
                                     NULL, &other, NULL);
    if (status == SEC_E_OK)
        leg = InitializeSecurityContextW(&credential, NULL, NULL,
                                         ISC_REQ_STREAM | ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0,
                                         &context, &output, &attributes, NULL);
    printf("Schannel: %08lx, capabilities %08lx, handshake begun %08lx\n", (ULONG)status,
           info ? info->fCapabilities : 0, (ULONG)leg);
    if (ansi != status)
        printf("but %08lx by AcquireCredentialsHandleA\n", (ULONG)ansi);
    if (leg == SEC_I_CONTINUE_NEEDED) {
        FreeContextBuffer(token.pvBuffer);
        DeleteSecurityContext(&context);
    }
    if (ansi == SEC_E_OK)
        FreeCredentialsHandle(&other);
    if (status == SEC_E_OK)
        FreeCredentialsHandle(&credential);
    FreeContextBuffer(info);
    return status != ansi;
}
