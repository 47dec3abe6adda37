/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Calls of a driver that need no connection: names, the function table, what only kernel mode has,
 * what is not there.
 */
#include "kit/end.h"
#include "tests.h"

#include <bcrypt.h>

/* Not in the headers. */
NTSTATUS WINAPI MapSecurityError(SECURITY_STATUS status);
BOOL WINAPI SystemPrng(UCHAR *data, SIZE_T size);
SECURITY_STATUS WINAPI SslGetServerIdentity(BYTE *hello, DWORD hello_size, BYTE **identity,
                                            DWORD *identity_size, DWORD flags);
LONG WINAPI SslOpenProvider(ULONG_PTR *provider, const WCHAR *name, DWORD flags);
LONG WINAPI TokenBindingGetKeyTypesServer(void **types);
LONG WINAPI KSecRegisterSecurityProvider(SECURITY_STRING *name, void *table);

static unsigned short text[] = {'S', 'c', 'h', 'a', 'n', 'n', 'e', 'l', 0, 'x'};

/* Strings that are none. */
static SECURITY_STRING wrong[] = {
    {15, 20, text}, /* half a character */
    {16, 14, text}, /* longer than its buffer */
    {16, 16, NULL}, /* no buffer */
    {20, 20, text}, /* a NUL in it */
};

static SECURITY_STATUS acquire(SECURITY_STRING *principal, SECURITY_STRING *package,
                               CredHandle *credential)
{
    return AcquireCredentialsHandleW(principal, package, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                                     NULL, credential, NULL);
}

static void test_names(void)
{
    SECURITY_STRING package = {16, 16, text}, empty = {0, 2, text}, none = {0},
                    nobody = text_of(L"nobody");
    CredHandle credential;
    SECURITY_STATUS status;
    SecPkgInfoW *info;

    say("names");
    for (ULONG i = 0; i < ARRAYSIZE(wrong); i++) {
        info = NULL;
        status = QuerySecurityPackageInfoW(&wrong[i], &info);
        ok(status == SEC_E_SECPKG_NOT_FOUND && !info, "package %lu: %08lx", i, status);
        status = acquire(NULL, &wrong[i], &credential);
        ok(status == SEC_E_SECPKG_NOT_FOUND, "package %lu: %08lx", i, status);
        status = acquire(&wrong[i], &package, &credential);
        ok(status == SEC_E_UNKNOWN_CREDENTIALS, "principal %lu: %08lx", i, status);
        status = AddCredentialsW(&credential, NULL, &wrong[i], SECPKG_CRED_OUTBOUND, NULL, NULL,
                                 NULL, NULL);
        ok(status == SEC_E_SECPKG_NOT_FOUND, "added %lu: %08lx", i, status);
        status = ImportSecurityContextW(&wrong[i], NULL, NULL, NULL);
        ok(status == SEC_E_SECPKG_NOT_FOUND, "imported %lu: %08lx", i, status);
    }
    for (int i = 0; i < 3; i++) {
        status = acquire(NULL, i == 0 ? NULL : i == 1 ? &none : &empty, &credential);
        ok(status == SEC_E_SECPKG_NOT_FOUND, "no package, %d: %08lx", i, status);
    }
    status = QuerySecurityPackageInfoW(&nobody, &info);
    ok(status == SEC_E_SECPKG_NOT_FOUND, "an unknown package: %08lx", status);
    status = QuerySecurityPackageInfoW(&package, &info);
    ok(status == SEC_E_OK, "QuerySecurityPackageInfoW: %08lx", status);
    if (status == SEC_E_OK)
        FreeContextBuffer(info);
    status = acquire(&none, &package, &credential);
    ok(status == SEC_E_OK, "an empty principal: %08lx", status);
    if (status == SEC_E_OK)
        FreeCredentialsHandle(&credential);
}

static void test_table(void)
{
    SECURITY_STRING package = {16, 16, text}, target = text_of(L"server.example");
    SecurityFunctionTableW *table = InitSecurityInterfaceW();
    SecBuffer token = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &token};
    CredHandle credential;
    CtxtHandle context;
    SECURITY_STATUS status;
    SecPkgInfoW *info;
    ULONG attributes;

    say("the function table");
    ok(table != NULL && table->dwVersion >= 1, "no table");
    if (!table)
        return;
    ok(!table->Reserved9, "ChangeAccountPassword in kernel mode");
    status = table->QuerySecurityPackageInfoW(&package, &info);
    ok(status == SEC_E_OK, "QuerySecurityPackageInfoW: %08lx", status);
    if (status == SEC_E_OK)
        table->FreeContextBuffer(info);
    status = table->AcquireCredentialsHandleW(NULL, &package, SECPKG_CRED_OUTBOUND, NULL, NULL,
                                              NULL, NULL, &credential, NULL);
    ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %08lx", status);
    if (status != SEC_E_OK)
        return;
    status = table->InitializeSecurityContextW(&credential, NULL, &target, ISC_REQ_ALLOCATE_MEMORY,
                                               0, 0, NULL, 0, &context, &output, &attributes, NULL);
    ok(status == SEC_I_CONTINUE_NEEDED, "InitializeSecurityContextW: %08lx", status);
    if (status == SEC_I_CONTINUE_NEEDED) {
        table->FreeContextBuffer(token.pvBuffer);
        status = table->DeleteSecurityContext(&context);
        ok(status == SEC_E_OK, "DeleteSecurityContext: %08lx", status);
    }
    status = table->FreeCredentialsHandle(&credential);
    ok(status == SEC_E_OK, "FreeCredentialsHandle: %08lx", status);
}

static void test_service_names(void)
{
    UNICODE_STRING class = text_of(L"host"), name = text_of(L"server.example");
    UNICODE_STRING instance = text_of(L"one"), address = text_of(L"127.0.0.1"), spn = {0};
    static WCHAR room[64];
    NTSTATUS status;
    ULONG size = 0;

    say("names of services");
    status = SecMakeSPN(&class, &name, NULL, 0, NULL, &spn, &size, TRUE);
    ok(status == 0 && size == sizeof(L"host/server.example") && spn.Length == size - 2 &&
           !memcmp(spn.Buffer, L"host/server.example", size),
       "SecMakeSPN: %08lx, %lu bytes", status, size);
    if (status == 0)
        pool_free(spn.Buffer);
    spn = (UNICODE_STRING){0, sizeof(room), (void *)room};
    status = SecMakeSPNEx(&class, &name, &instance, 8443, NULL, NULL, &spn, &size, FALSE);
    ok(status == 0 && !memcmp(room, L"host/one:8443/server.example", size), "SecMakeSPNEx: %08lx",
       status);
    status = SecMakeSPNEx2(&class, &address, NULL, 0, &name, NULL, &spn, NULL, FALSE, FALSE);
    ok(status == 0 && !memcmp(room, L"host/server.example", sizeof(L"host/server.example")),
       "an address with a referrer: %08lx", status);
    status = SecMakeSPNEx2(&class, &name, NULL, 0, &instance, &instance, &spn, NULL, FALSE, TRUE);
    ok(status == 0 && !memcmp(room, L"host/server.exampleone", sizeof(L"host/server.exampleone")),
       "marshalled information: %08lx", status);
    status = SecMakeSPNEx(&class, &name, NULL, 0, NULL, &instance, &spn, NULL, FALSE);
    ok(status == (NTSTATUS)0xc00000bb /* STATUS_NOT_SUPPORTED */, "other information: %08lx",
       status);
    spn.MaximumLength = sizeof(L"host/server.example") - 1;
    status = SecMakeSPN(&class, &name, NULL, 0, NULL, &spn, &size, FALSE);
    ok(status == (NTSTATUS)0x80000005 /* STATUS_BUFFER_OVERFLOW */ &&
           size == sizeof(L"host/server.example"),
       "a small buffer: %08lx, %lu bytes", status, size);
    for (ULONG i = 0; i < ARRAYSIZE(wrong); i++) {
        status = SecMakeSPN(&class, (UNICODE_STRING *)&wrong[i], NULL, 0, NULL, &spn, &size, FALSE);
        ok(status == (NTSTATUS)0xc000000d /* STATUS_INVALID_PARAMETER */, "name %lu: %08lx", i,
           status);
    }
    class.Length = 3;
    status = SecMakeSPN(&class, &name, NULL, 0, NULL, &spn, &size, FALSE);
    ok(status == (NTSTATUS)0xc000000d /* STATUS_INVALID_PARAMETER */, "half a character: %08lx",
       status);
}

static void test_accounts(void)
{
    static UCHAR sid[SECURITY_MAX_SID_SIZE], again[SECURITY_MAX_SID_SIZE];
    static WCHAR name_room[64], domain_room[64];
    UNICODE_STRING name = {0, sizeof(name_room), (void *)name_room};
    UNICODE_STRING domain = {0, sizeof(domain_room), (void *)domain_room};
    ULONG size = 0, name_size = 0, domain_size = 0;
    SID_NAME_USE use;
    NTSTATUS status;

    say("accounts");
    status = SecLookupWellKnownSid(WinLocalSystemSid, NULL, 0, &size);
    ok(status == (NTSTATUS)0xc0000023 /* STATUS_BUFFER_TOO_SMALL */ && size == 12,
       "no room for a SID: %08lx, %lu bytes", status, size);
    status = SecLookupWellKnownSid(WinLocalSystemSid, sid, sizeof(sid), &size);
    ok(status == 0 && size == 12 && sid[8] == 18, "SecLookupWellKnownSid: %08lx", status);
    status = SecLookupAccountSid(sid, &name_size, &name, &domain_size, &domain, &use);
    ok(status == 0 && name.Length == name_size && domain.Length == domain_size && name_size,
       "SecLookupAccountSid: %08lx, %lu and %lu bytes", status, name_size, domain_size);
    size = sizeof(again);
    status = SecLookupAccountName(&name, &size, again, &use, NULL, NULL);
    ok(status == 0 && size == 12 && !memcmp(sid, again, size), "SecLookupAccountName: %08lx",
       status);
    size = 4;
    status = SecLookupAccountName(&name, &size, again, &use, NULL, NULL);
    ok(status == (NTSTATUS)0xc0000023 && size == 12, "a small SID: %08lx, %lu bytes", status, size);
    name.MaximumLength = 2;
    status = SecLookupAccountSid(sid, &name_size, &name, &domain_size, &domain, &use);
    ok(status == (NTSTATUS)0xc0000023 && name_size > 2, "a small name: %08lx, %lu bytes", status,
       name_size);
    status = SecLookupAccountName((UNICODE_STRING *)&wrong[0], &size, again, &use, NULL, NULL);
    ok(status == (NTSTATUS)0xc000000d, "half a character: %08lx", status);
}

static void test_primitives(void)
{
    static UCHAR data[64], zero[64];
    BCRYPT_ALG_HANDLE algorithm;
    NTSTATUS status;

    say("primitives");
    ok(SystemPrng(data, sizeof(data)), "SystemPrng");
    ok(memcmp(data, zero, sizeof(data)), "random numbers are zero");
    status = BCryptOpenAlgorithmProvider(&algorithm, L"SHA256", NULL, 1 /* BCRYPT_PROV_DISPATCH */);
    ok(status == 0, "BCryptOpenAlgorithmProvider: %08lx", status);
    if (status == 0)
        BCryptCloseAlgorithmProvider(algorithm, 0);
    status = MapSecurityError(SEC_E_INVALID_HANDLE);
    ok(status == (NTSTATUS)0xc0000008 /* STATUS_INVALID_HANDLE */, "MapSecurityError: %08lx",
       status);
    status = MapSecurityError(SEC_E_ILLEGAL_MESSAGE);
    ok(status == (NTSTATUS)0xc0000001 /* STATUS_UNSUCCESSFUL */, "any error: %08lx", status);
    ok(MapSecurityError(SEC_E_OK) == 0, "no error");
}

/* Wine ends the driver's process where these are called. */
static void test_missing(void)
{
    ULONG_PTR provider;
    SECURITY_STATUS status;
    ULONG count;
    BCRYPT_PROVIDER_NAME *names;

    say("what is not there");
    status = SslGetServerIdentity(NULL, 0, NULL, NULL, 0);
    ok(status == SEC_E_UNSUPPORTED_FUNCTION, "SslGetServerIdentity: %08lx", status);
    status = TokenBindingGetKeyTypesServer(NULL);
    ok(status == SEC_E_UNSUPPORTED_FUNCTION, "TokenBindingGetKeyTypesServer: %08lx", status);
    status = KSecRegisterSecurityProvider(NULL, NULL);
    ok(status == SEC_E_UNSUPPORTED_FUNCTION, "KSecRegisterSecurityProvider: %08lx", status);
    status = SslOpenProvider(&provider, NULL, 0);
    ok(status == NTE_NOT_SUPPORTED, "SslOpenProvider: %08lx", status);
    status = BCryptEnumProviders(L"SHA256", &count, &names, 0);
    ok(status == (NTSTATUS)0xc00000bb, "BCryptEnumProviders: %08lx", status);
}

void test_calls(void)
{
    test_names();
    test_table();
    test_service_names();
    test_accounts();
    test_primitives();
    test_missing();
}
