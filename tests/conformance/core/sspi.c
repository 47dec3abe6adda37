/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What secur32.dll and sspicli.dll offer: exports, function tables, the list of packages.
 */
#include "kit/pair.h"
#include "wine/test.h"

/* Every name that Wine's secur32.dll exports. */
static const char *const secur32_names[] = {
    "AcceptSecurityContext",
    "AcquireCredentialsHandleA",
    "AcquireCredentialsHandleW",
    "AddCredentialsA",
    "AddCredentialsW",
    "AddSecurityPackageA",
    "AddSecurityPackageW",
    "ApplyControlToken",
    "CompleteAuthToken",
    "DecryptMessage",
    "DeleteSecurityContext",
    "DeleteSecurityPackageA",
    "DeleteSecurityPackageW",
    "EncryptMessage",
    "EnumerateSecurityPackagesA",
    "EnumerateSecurityPackagesW",
    "ExportSecurityContext",
    "FreeContextBuffer",
    "FreeCredentialsHandle",
    "GetComputerObjectNameA",
    "GetComputerObjectNameW",
    "GetUserNameExA",
    "GetUserNameExW",
    "ImpersonateSecurityContext",
    "ImportSecurityContextA",
    "ImportSecurityContextW",
    "InitSecurityInterfaceA",
    "InitSecurityInterfaceW",
    "InitializeSecurityContextA",
    "InitializeSecurityContextW",
    "LsaCallAuthenticationPackage",
    "LsaConnectUntrusted",
    "LsaDeregisterLogonProcess",
    "LsaEnumerateLogonSessions",
    "LsaFreeReturnBuffer",
    "LsaGetLogonSessionData",
    "LsaLogonUser",
    "LsaLookupAuthenticationPackage",
    "LsaRegisterLogonProcess",
    "LsaRegisterPolicyChangeNotification",
    "LsaUnregisterPolicyChangeNotification",
    "MakeSignature",
    "QueryContextAttributesA",
    "QueryContextAttributesW",
    "QueryCredentialsAttributesA",
    "QueryCredentialsAttributesW",
    "QuerySecurityContextToken",
    "QuerySecurityPackageInfoA",
    "QuerySecurityPackageInfoW",
    "RevertSecurityContext",
    "SaslAcceptSecurityContext",
    "SaslEnumerateProfilesA",
    "SaslEnumerateProfilesW",
    "SaslGetProfilePackageA",
    "SaslGetProfilePackageW",
    "SaslIdentifyPackageA",
    "SaslIdentifyPackageW",
    "SaslInitializeSecurityContextA",
    "SaslInitializeSecurityContextW",
    "SealMessage",
    "SetContextAttributesA",
    "SetContextAttributesW",
    "SspiEncodeAuthIdentityAsStrings",
    "SspiEncodeStringsAsAuthIdentity",
    "SspiFreeAuthIdentity",
    "SspiLocalFree",
    "SspiPrepareForCredWrite",
    "SspiZeroAuthIdentity",
    "TranslateNameA",
    "TranslateNameW",
    "UnsealMessage",
    "VerifySignature",
};

/* Names of Wine's that belong to the insides of Windows; versions of it differ in them. */
static const char *const inner_names[] = {
    "GetSecurityUserInfo",      "SecCacheSspiPackages",
    "SecDeleteUserModeContext", "SecGetLocaleSpecificEncryptionRules",
    "SecInitUserModeContext",   "SecpFreeMemory",
    "SecpTranslateName",        "SecpTranslateNameEx",
};

static const char *const async_names[] = {
    "SspiAcceptSecurityContextAsync",
    "SspiAcquireCredentialsHandleAsyncA",
    "SspiAcquireCredentialsHandleAsyncW",
    "SspiAsyncContextRequiresNotify",
    "SspiCreateAsyncContext",
    "SspiDeleteSecurityContextAsync",
    "SspiFreeAsyncContext",
    "SspiFreeCredentialsHandleAsync",
    "SspiGetAsyncCallStatus",
    "SspiInitializeSecurityContextAsyncA",
    "SspiInitializeSecurityContextAsyncW",
    "SspiReinitAsyncContext",
    "SspiSetAsyncNotifyCallback",
};

static void test_exports(void)
{
    HMODULE secur32 = LoadLibraryA("secur32.dll"), sspicli = LoadLibraryA("sspicli.dll");
    unsigned int i;

    ok(secur32 != NULL, "no secur32.dll\n");
    for (i = 0; i < ARRAY_SIZE(secur32_names); i++)
        ok(GetProcAddress(secur32, secur32_names[i]) != NULL, "secur32 has no %s\n",
           secur32_names[i]);
    for (i = 0; i < ARRAY_SIZE(inner_names); i++)
        ok(GetProcAddress(secur32, inner_names[i]) || broken(TRUE), "secur32 has no %s\n",
           inner_names[i]);

    if (!GetProcAddress(secur32, async_names[0])) {
        win_skip("no asynchronous functions\n");
        return;
    }
    ok(sspicli != NULL, "no sspicli.dll\n");
    for (i = 0; i < ARRAY_SIZE(async_names); i++) {
        FARPROC function = GetProcAddress(secur32, async_names[i]);

        ok(function != NULL, "secur32 has no %s\n", async_names[i]);
        ok(GetProcAddress(sspicli, async_names[i]) == function, "sspicli's %s is not secur32's\n",
           async_names[i]);
    }
    /* Programs that import sspicli.dll directly meet the programs that import secur32.dll. */
    ok(GetProcAddress(sspicli, "AcceptSecurityContext") ==
           GetProcAddress(secur32, "AcceptSecurityContext"),
       "sspicli has an AcceptSecurityContext of its own\n");
}

#define CHECK_ENTRY(table, entry) ok((table)->entry != NULL, "no " #entry "\n")

static void test_tables(void)
{
    SecurityFunctionTableW *wide = InitSecurityInterfaceW();
    SecurityFunctionTableA *ansi = InitSecurityInterfaceA();
    SecPkgInfoW *info = NULL;
    SECURITY_STATUS status;

    ok(wide != NULL && ansi != NULL, "tables %p, %p\n", wide, ansi);
    if (!wide || !ansi)
        return;
    ok(wide->dwVersion == SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION, "version %lu\n",
       wide->dwVersion);
    ok(ansi->dwVersion == wide->dwVersion, "versions %lu and %lu\n", ansi->dwVersion,
       wide->dwVersion);
    CHECK_ENTRY(wide, EnumerateSecurityPackagesW);
    CHECK_ENTRY(wide, QueryCredentialsAttributesW);
    CHECK_ENTRY(wide, AcquireCredentialsHandleW);
    CHECK_ENTRY(wide, FreeCredentialsHandle);
    CHECK_ENTRY(wide, InitializeSecurityContextW);
    CHECK_ENTRY(wide, AcceptSecurityContext);
    CHECK_ENTRY(wide, CompleteAuthToken);
    CHECK_ENTRY(wide, DeleteSecurityContext);
    CHECK_ENTRY(wide, ApplyControlToken);
    CHECK_ENTRY(wide, QueryContextAttributesW);
    CHECK_ENTRY(wide, ImpersonateSecurityContext);
    CHECK_ENTRY(wide, RevertSecurityContext);
    CHECK_ENTRY(wide, MakeSignature);
    CHECK_ENTRY(wide, VerifySignature);
    CHECK_ENTRY(wide, FreeContextBuffer);
    CHECK_ENTRY(wide, QuerySecurityPackageInfoW);
    CHECK_ENTRY(wide, ExportSecurityContext);
    CHECK_ENTRY(wide, ImportSecurityContextW);
    CHECK_ENTRY(wide, QuerySecurityContextToken);
    CHECK_ENTRY(wide, EncryptMessage);
    CHECK_ENTRY(wide, DecryptMessage);
    CHECK_ENTRY(ansi, EnumerateSecurityPackagesA);
    CHECK_ENTRY(ansi, QueryCredentialsAttributesA);
    CHECK_ENTRY(ansi, AcquireCredentialsHandleA);
    CHECK_ENTRY(ansi, FreeCredentialsHandle);
    CHECK_ENTRY(ansi, InitializeSecurityContextA);
    CHECK_ENTRY(ansi, AcceptSecurityContext);
    CHECK_ENTRY(ansi, CompleteAuthToken);
    CHECK_ENTRY(ansi, DeleteSecurityContext);
    CHECK_ENTRY(ansi, ApplyControlToken);
    CHECK_ENTRY(ansi, QueryContextAttributesA);
    CHECK_ENTRY(ansi, MakeSignature);
    CHECK_ENTRY(ansi, VerifySignature);
    CHECK_ENTRY(ansi, FreeContextBuffer);
    CHECK_ENTRY(ansi, QuerySecurityPackageInfoA);
    CHECK_ENTRY(ansi, EncryptMessage);
    CHECK_ENTRY(ansi, DecryptMessage);
    ok(InitSecurityInterfaceW() == wide, "the table moves\n");

    status = wide->QuerySecurityPackageInfoW((SEC_WCHAR *)L"Schannel", &info);
    ok(status == SEC_E_OK, "QuerySecurityPackageInfoW of the table: %s\n", status_name(status));
    if (status == SEC_E_OK)
        wide->FreeContextBuffer(info);
}

static void check_schannel_info(const SecPkgInfoW *info)
{
    const ULONG needed = SECPKG_FLAG_PRIVACY | SECPKG_FLAG_CONNECTION | SECPKG_FLAG_STREAM;

    ok(info->wRPCID == 14, "rpc id %u\n", info->wRPCID);
    ok(info->wVersion == 1, "version %u\n", info->wVersion);
    ok(info->cbMaxToken >= 16384 + 5, "maximum token %lu\n", info->cbMaxToken);
    ok((info->fCapabilities & needed) == needed, "capabilities %#lx\n", info->fCapabilities);
    ok(info->Comment && info->Comment[0], "comment %s\n", wine_dbgstr_w(info->Comment));
}

static void check_package_info(SecPkgInfoW *listed)
{
    SecPkgInfoW *info = NULL;
    SECURITY_STATUS status = QuerySecurityPackageInfoW(listed->Name, &info);

    ok(status == SEC_E_OK, "QuerySecurityPackageInfoW: %s\n", status_name(status));
    if (status != SEC_E_OK)
        return;
    ok(!lstrcmpW(info->Name, listed->Name), "name %s\n", wine_dbgstr_w(info->Name));
    ok(info->fCapabilities == listed->fCapabilities, "capabilities %#lx and %#lx\n",
       info->fCapabilities, listed->fCapabilities);
    ok(info->cbMaxToken == listed->cbMaxToken, "maximum token %lu and %lu\n", info->cbMaxToken,
       listed->cbMaxToken);
    ok(info->wRPCID == listed->wRPCID, "rpc id %u and %u\n", info->wRPCID, listed->wRPCID);
    status = FreeContextBuffer(info);
    ok(status == SEC_E_OK, "FreeContextBuffer: %s\n", status_name(status));
}

static void test_package_list(void)
{
    SecPkgInfoW *wide = NULL;
    SecPkgInfoA *ansi = NULL;
    ULONG count = 0, ansi_count = 0, i, j;
    unsigned int schannels = 0;
    SECURITY_STATUS status;
    char name[256];

    status = EnumerateSecurityPackagesW(&count, &wide);
    ok(status == SEC_E_OK, "EnumerateSecurityPackagesW: %s\n", status_name(status));
    if (status != SEC_E_OK)
        return;
    ok(count >= 2, "%lu packages\n", count);
    for (i = 0; i < count; i++) {
        winetest_push_context("%s", wine_dbgstr_w(wide[i].Name));
        if (!lstrcmpiW(wide[i].Name, L"Schannel") ||
            !lstrcmpiW(wide[i].Name, L"Microsoft Unified Security Protocol Provider") ||
            !lstrcmpiW(wide[i].Name, L"Default TLS SSP")) {
            schannels++;
            check_schannel_info(&wide[i]);
        }
        check_package_info(&wide[i]);
        for (j = 0; j < i; j++)
            ok(lstrcmpiW(wide[i].Name, wide[j].Name), "twice in the list\n");
        winetest_pop_context();
    }
    ok(schannels == 3 || broken(schannels < 3), "Schannel's names are there %u times\n", schannels);

    status = EnumerateSecurityPackagesA(&ansi_count, &ansi);
    ok(status == SEC_E_OK, "EnumerateSecurityPackagesA: %s\n", status_name(status));
    ok(ansi_count == count, "%lu packages, %lu in ANSI\n", count, ansi_count);
    for (i = 0; i < count && i < ansi_count; i++) {
        WideCharToMultiByte(CP_ACP, 0, wide[i].Name, -1, name, sizeof(name), NULL, NULL);
        ok(!strcmp(name, ansi[i].Name), "names %s and %s\n", name, ansi[i].Name);
        WideCharToMultiByte(CP_ACP, 0, wide[i].Comment, -1, name, sizeof(name), NULL, NULL);
        ok(!strcmp(name, ansi[i].Comment), "comments %s and %s\n", name, ansi[i].Comment);
        ok(wide[i].wRPCID == ansi[i].wRPCID, "rpc ids %u and %u\n", wide[i].wRPCID, ansi[i].wRPCID);
    }
    status = FreeContextBuffer(wide);
    ok(status == SEC_E_OK, "FreeContextBuffer: %s\n", status_name(status));
    status = FreeContextBuffer(ansi);
    ok(status == SEC_E_OK, "FreeContextBuffer: %s\n", status_name(status));
}

static void test_package_query(void)
{
    static const char *const names[] = {
        "Schannel",        "Microsoft Unified Security Protocol Provider",
        "schannel",        "microsoft unified security protocol provider",
        "Default TLS SSP",
    };
    SecPkgInfoA *info;
    SecPkgInfoW *wide;
    SECURITY_STATUS status;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++) {
        info = NULL;
        status = QuerySecurityPackageInfoA((SEC_CHAR *)names[i], &info);
        ok(status == SEC_E_OK, "%s: %s\n", names[i], status_name(status));
        if (status != SEC_E_OK)
            continue;
        ok(info->wRPCID == 14, "%s: rpc id %u\n", names[i], info->wRPCID);
        ok(info->cbMaxToken >= 16384 + 5, "%s: maximum token %lu\n", names[i], info->cbMaxToken);
        FreeContextBuffer(info);
    }
    status = QuerySecurityPackageInfoA((SEC_CHAR *)"No Such Package", &info);
    ok(status == SEC_E_SECPKG_NOT_FOUND, "%s\n", status_name(status));
    status = QuerySecurityPackageInfoW((SEC_WCHAR *)L"No Such Package", &wide);
    ok(status == SEC_E_SECPKG_NOT_FOUND, "%s\n", status_name(status));
    status = QuerySecurityPackageInfoW((SEC_WCHAR *)L"", &wide);
    ok(status == SEC_E_SECPKG_NOT_FOUND, "%s\n", status_name(status));
}

static void test_acquire_unknown_package(void)
{
    SECURITY_STATUS status;
    CredHandle credentials;

    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"No Such Package", SECPKG_CRED_OUTBOUND,
                                       NULL, NULL, NULL, NULL, &credentials, NULL);
    ok(status == SEC_E_SECPKG_NOT_FOUND, "%s\n", status_name(status));
    status = AcquireCredentialsHandleA(NULL, (SEC_CHAR *)"No Such Package", SECPKG_CRED_OUTBOUND,
                                       NULL, NULL, NULL, NULL, &credentials, NULL);
    ok(status == SEC_E_SECPKG_NOT_FOUND, "%s\n", status_name(status));
    if (!winetest_platform_is_wine)
        return;
    status = AcquireCredentialsHandleW(NULL, NULL, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                                       &credentials, NULL);
    ok(status == SEC_E_SECPKG_NOT_FOUND, "%s\n", status_name(status));
}

static void test_ansi_names(void)
{
    SECURITY_STATUS status;
    CredHandle credentials;
    SecBuffer buffer = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
    CtxtHandle context;
    ULONG attributes;

    status = AcquireCredentialsHandleA(NULL, (SEC_CHAR *)"Schannel", SECPKG_CRED_OUTBOUND, NULL,
                                       NULL, NULL, NULL, &credentials, NULL);
    ok(status == SEC_E_OK, "AcquireCredentialsHandleA: %s\n", status_name(status));
    if (status != SEC_E_OK)
        return;
    status = InitializeSecurityContextA(&credentials, NULL, (SEC_CHAR *)"ansi-name.example",
                                        ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM, 0, 0, NULL, 0,
                                        &context, &output, &attributes, NULL);
    ok(status == SEC_I_CONTINUE_NEEDED, "InitializeSecurityContextA: %s\n", status_name(status));
    if (status == SEC_I_CONTINUE_NEEDED) {
        const char *hello = buffer.pvBuffer;
        const char name[] = "ansi-name.example";
        BOOL found = FALSE;
        ULONG i;

        for (i = 0; i + sizeof(name) - 1 <= buffer.cbBuffer; i++)
            found |= !memcmp(hello + i, name, sizeof(name) - 1);
        ok(found, "the name is not in the ClientHello\n");
        FreeContextBuffer(buffer.pvBuffer);
        DeleteSecurityContext(&context);
    }
    FreeCredentialsHandle(&credentials);
}

static void test_free_context_buffer(void)
{
    SECURITY_STATUS status = FreeContextBuffer(NULL);

    ok(status == SEC_E_OK || broken(status == SEC_E_INVALID_HANDLE), "%s\n", status_name(status));
}

START_TEST(core_sspi)
{
    test_exports();
    test_tables();
    test_package_list();
    test_package_query();
    test_acquire_unknown_package();
    test_ansi_names();
    test_free_context_buffer();
}
