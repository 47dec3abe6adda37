/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exchange [NAME MINIMUM MAXIMUM]...: makes a client's credential without these key exchanges, as
 * CRYPTO_SETTINGS name them, with bounds in bits (0 0: none). Prints the status.
 */
#define SECURITY_WIN32
#include <windows.h>
#include <subauth.h>
#define SCHANNEL_USE_BLACKLISTS
#include <schannel.h>
#include <sspi.h>
#include <stdio.h>
#include <stdlib.h>

int wmain(int count, WCHAR **words)
{
    CRYPTO_SETTINGS settings[SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS] = {0};
    TLS_PARAMETERS parameters = {.pDisabledCrypto = settings};
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &parameters};
    WCHAR package[] = L"Microsoft Unified Security Protocol Provider";
    SECURITY_STATUS status;
    CredHandle credentials;

    for (int i = 1; i + 2 < count && parameters.cDisabledCrypto < ARRAYSIZE(settings); i += 3) {
        CRYPTO_SETTINGS *setting = &settings[parameters.cDisabledCrypto++];
        const USHORT size = (USHORT)(wcslen(words[i]) * sizeof(WCHAR));

        setting->eAlgorithmUsage = TlsParametersCngAlgUsageKeyExchange;
        setting->strCngAlgId = (UNICODE_STRING){size, size, words[i]};
        setting->dwMinBitLength = wcstoul(words[i + 1], NULL, 10);
        setting->dwMaxBitLength = wcstoul(words[i + 2], NULL, 10);
    }
    status = AcquireCredentialsHandleW(NULL, package, SECPKG_CRED_OUTBOUND, NULL, &data, NULL, NULL,
                                       &credentials, NULL);
    printf("%08lx\n", (unsigned long)status);
    if (status == SEC_E_OK)
        FreeCredentialsHandle(&credentials);
    return 0;
}
