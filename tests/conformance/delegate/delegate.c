/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the system's own packages and functions do behind the same exports: NTLM, Negotiate, names,
 * LSA, authentication identities.
 */
#include <windows.h>
#define SECURITY_WIN32
#include <security.h>
#include <ntsecapi.h>
#include "kit/other.h"
#include "kit/secrets.h"
#include "wine/test.h"

/* Whether the package is in the list; what it needs may be missing on a machine. */
static BOOL has_package(const WCHAR *name)
{
    SecPkgInfoW *info;

    if (QuerySecurityPackageInfoW((SEC_WCHAR *)name, &info) != SEC_E_OK)
        return FALSE;
    FreeContextBuffer(info);
    return TRUE;
}

struct peer {
    CredHandle credentials;
    CtxtHandle context;
    BOOL started;
    SECURITY_STATUS status;
    BYTE *token;
    ULONG token_size;
};

static SEC_WINNT_AUTH_IDENTITY_W identity = {
    .User = (unsigned short *)L"tester",
    .UserLength = 6,
    .Domain = (unsigned short *)L"TESTDOMAIN",
    .DomainLength = 10,
    .Password = (unsigned short *)L"secret",
    .PasswordLength = 6,
    .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE,
};

static void start_client(struct peer *client, BOOL ansi)
{
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    const ULONG flags = ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_CONFIDENTIALITY | ISC_REQ_INTEGRITY;
    ULONG attributes;

    if (ansi)
        client->status = InitializeSecurityContextA(
            &client->credentials, NULL, (SEC_CHAR *)"host/server.example", flags, 0,
            SECURITY_NETWORK_DREP, NULL, 0, &client->context, &output, &attributes, NULL);
    else
        client->status = InitializeSecurityContextW(
            &client->credentials, NULL, (SEC_WCHAR *)L"host/server.example", flags, 0,
            SECURITY_NETWORK_DREP, NULL, 0, &client->context, &output, &attributes, NULL);
    client->started = !FAILED(client->status);
    client->token = out.pvBuffer;
    client->token_size = out.cbBuffer;
}

static BOOL is_going_on(SECURITY_STATUS status)
{
    return status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED ||
           status == SEC_I_COMPLETE_NEEDED || status == SEC_I_COMPLETE_AND_CONTINUE;
}

/* Windows' own functions of that name are missing in old versions of it. */
static void check_told_size(CtxtHandle *context)
{
    SECURITY_STATUS(SEC_ENTRY * query_ex)(CtxtHandle *, ULONG, void *, ULONG);
    static const ULONG attributes[] = {SECPKG_ATTR_SIZES, SECPKG_ATTR_NAMES, SECPKG_ATTR_KEY_INFO,
                                       SECPKG_ATTR_NEGOTIATION_INFO};
    BYTE memory[64];
    unsigned int i, j;

    query_ex = (void *)GetProcAddress(GetModuleHandleA("secur32.dll"), "QueryContextAttributesExW");
    if (!query_ex) {
        win_skip("no QueryContextAttributesEx\n");
        return;
    }
    for (i = 0; i < ARRAY_SIZE(attributes); i++) {
        SECURITY_STATUS status;

        memset(memory, 0x5a, sizeof(memory));
        status = query_ex(context, attributes[i], memory, 3);
        ok(status == SEC_E_BUFFER_TOO_SMALL || broken(FAILED(status)), "attribute %lu: %#lx\n",
           attributes[i], status);
        for (j = 0; j < sizeof(memory) && memory[j] == 0x5a; j++)
            ;
        ok(j == sizeof(memory), "attribute %lu: byte %u is written to\n", attributes[i], j);
    }
}

/* The first message that NTLM's client makes from given credentials. */
static void check_first_token(const WCHAR *package, BOOL ansi)
{
    struct peer client = {0};
    SecPkgContext_Sizes sizes;
    SECURITY_STATUS status;
    char name[64];

    winetest_push_context("%s%s", wine_dbgstr_w(package), ansi ? " in ANSI" : "");
    if (ansi) {
        SEC_WINNT_AUTH_IDENTITY_A ansi_identity = {
            .User = (unsigned char *)"tester",
            .UserLength = 6,
            .Domain = (unsigned char *)"TESTDOMAIN",
            .DomainLength = 10,
            .Password = (unsigned char *)"secret",
            .PasswordLength = 6,
            .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI,
        };

        WideCharToMultiByte(CP_ACP, 0, package, -1, name, sizeof(name), NULL, NULL);
        status = AcquireCredentialsHandleA(NULL, name, SECPKG_CRED_OUTBOUND, NULL, &ansi_identity,
                                           NULL, NULL, &client.credentials, NULL);
    } else {
        status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)package, SECPKG_CRED_OUTBOUND, NULL,
                                           &identity, NULL, NULL, &client.credentials, NULL);
    }
    ok(status == SEC_E_OK, "AcquireCredentialsHandle: %#lx\n", status);
    if (status != SEC_E_OK) {
        winetest_pop_context();
        return;
    }
    start_client(&client, ansi);
    ok(is_going_on(client.status), "InitializeSecurityContext: %#lx\n", client.status);
    ok(client.token && client.token_size > 8, "a token of %lu bytes\n", client.token_size);
    if (client.token && client.token_size > 8 && !lstrcmpW(package, L"NTLM"))
        ok(!memcmp(client.token, "NTLMSSP", 8), "it does not look like NTLM\n");
    /* A context of a delegate takes the calls of the core like any other. */
    if (client.started) {
        status = QueryContextAttributesW(&client.context, SECPKG_ATTR_SIZES, &sizes);
        ok(status != SEC_E_INVALID_PARAMETER, "SIZES: %#lx\n", status);
        check_told_size(&client.context);
        if (client.token)
            ok(FreeContextBuffer(client.token) == SEC_E_OK, "the token is not freed\n");
        status = DeleteSecurityContext(&client.context);
        ok(status == SEC_E_OK, "DeleteSecurityContext: %#lx\n", status);
        status = DeleteSecurityContext(&client.context);
        ok(status == SEC_E_INVALID_HANDLE || broken(TRUE), "deleted again: %#lx\n", status);
    }
    status = FreeCredentialsHandle(&client.credentials);
    ok(status == SEC_E_OK, "FreeCredentialsHandle: %#lx\n", status);
    winetest_pop_context();
}

static void test_first_tokens(void)
{
    static const WCHAR *const packages[] = {L"NTLM", L"Negotiate"};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(packages); i++) {
        if (!has_package(packages[i])) {
            skip("no package %s\n", wine_dbgstr_w(packages[i]));
            continue;
        }
        /* Wine's has nothing to choose from without winbind and without Kerberos. */
        if (!has_package(L"NTLM") && !has_package(L"Kerberos")) {
            skip("nothing to negotiate\n");
            continue;
        }
        check_first_token(packages[i], FALSE);
        check_first_token(packages[i], TRUE);
    }
}

/* The wrong kind of handle between packages. */
static void test_mixed_packages(void)
{
    CredHandle ntlm, schannel;
    struct peer client = {0};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SECURITY_STATUS status;
    ULONG attributes;

    if (!has_package(L"NTLM") || !winetest_platform_is_wine) {
        skip("no NTLM\n");
        return;
    }
    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"NTLM", SECPKG_CRED_OUTBOUND, NULL,
                                       &identity, NULL, NULL, &ntlm, NULL);
    ok(status == SEC_E_OK, "NTLM: %#lx\n", status);
    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND, NULL,
                                       NULL, NULL, NULL, &schannel, NULL);
    ok(status == SEC_E_OK, "Schannel: %#lx\n", status);

    client.credentials = schannel;
    start_client(&client, FALSE);
    ok(client.status == SEC_I_CONTINUE_NEEDED, "Schannel: %#lx\n", client.status);
    status = InitializeSecurityContextW(&ntlm, &client.context, (SEC_WCHAR *)L"localhost",
                                        ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0, &client.context,
                                        &output, &attributes, NULL);
    ok(status == SEC_E_WRONG_CREDENTIAL_HANDLE,
       "Schannel's context with NTLM's credentials: %#lx\n", status);
    if (client.token)
        FreeContextBuffer(client.token);
    DeleteSecurityContext(&client.context);

    client = (struct peer){.credentials = ntlm};
    start_client(&client, FALSE);
    if (is_going_on(client.status)) {
        status = InitializeSecurityContextW(&schannel, &client.context, (SEC_WCHAR *)L"localhost",
                                            ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0, &client.context,
                                            &output, &attributes, NULL);
        ok(status == SEC_E_WRONG_CREDENTIAL_HANDLE,
           "NTLM's context with Schannel's credentials: %#lx\n", status);
        DeleteSecurityContext(&client.context);
    }
    if (client.token)
        FreeContextBuffer(client.token);
    FreeCredentialsHandle(&schannel);
    FreeCredentialsHandle(&ntlm);
}

/* The same between two packages of Wine's. */
static void test_mixed_delegates(void)
{
    CredHandle ntlm, negotiate;
    struct peer client = {0};
    SecBuffer out = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &out};
    SECURITY_STATUS status;
    ULONG attributes;

    if (!has_package(L"NTLM") || !has_package(L"Negotiate") || !winetest_platform_is_wine) {
        skip("no NTLM or no Negotiate\n");
        return;
    }
    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"NTLM", SECPKG_CRED_OUTBOUND, NULL,
                                       &identity, NULL, NULL, &ntlm, NULL);
    ok(status == SEC_E_OK, "NTLM: %#lx\n", status);
    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Negotiate", SECPKG_CRED_OUTBOUND, NULL,
                                       &identity, NULL, NULL, &negotiate, NULL);
    ok(status == SEC_E_OK, "Negotiate: %#lx\n", status);

    client.credentials = ntlm;
    start_client(&client, FALSE);
    if (is_going_on(client.status)) {
        status = InitializeSecurityContextW(&negotiate, &client.context, (SEC_WCHAR *)L"localhost",
                                            ISC_REQ_ALLOCATE_MEMORY, 0, 0, NULL, 0, &client.context,
                                            &output, &attributes, NULL);
        ok(status == SEC_E_INVALID_HANDLE, "InitializeSecurityContext: %#lx\n", status);
        status =
            AcceptSecurityContext(&negotiate, &client.context, &output, ASC_REQ_ALLOCATE_MEMORY, 0,
                                  &client.context, &output, &attributes, NULL);
        ok(status == SEC_E_INVALID_HANDLE, "AcceptSecurityContext: %#lx\n", status);
        DeleteSecurityContext(&client.context);
    } else {
        skip("NTLM does not begin: %#lx\n", client.status);
    }
    if (client.token)
        FreeContextBuffer(client.token);
    FreeCredentialsHandle(&negotiate);
    FreeCredentialsHandle(&ntlm);
}

static void test_user_name(void)
{
    WCHAR wide[256], user[256];
    char ansi[256], converted[256];
    DWORD size = ARRAY_SIZE(wide), user_size = ARRAY_SIZE(user), needed = 1;
    const WCHAR *backslash;
    BOOLEAN result;

    result = GetUserNameExW(NameSamCompatible, wide, &size);
    ok(result, "GetUserNameExW: error %lu\n", GetLastError());
    if (!result)
        return;
    ok(size == (DWORD)lstrlenW(wide), "%lu characters of %s\n", size, wine_dbgstr_w(wide));
    ok(GetUserNameW(user, &user_size), "GetUserNameW: error %lu\n", GetLastError());
    backslash = wcschr(wide, '\\');
    ok(backslash && !lstrcmpiW(backslash + 1, user), "%s and %s\n", wine_dbgstr_w(wide),
       wine_dbgstr_w(user));

    size = ARRAY_SIZE(ansi);
    result = GetUserNameExA(NameSamCompatible, ansi, &size);
    ok(result, "GetUserNameExA: error %lu\n", GetLastError());
    WideCharToMultiByte(CP_ACP, 0, wide, -1, converted, sizeof(converted), NULL, NULL);
    ok(!strcmp(ansi, converted), "%s and %s\n", ansi, converted);

    SetLastError(0);
    result = GetUserNameExW(NameSamCompatible, wide, &needed);
    ok(!result && GetLastError() == ERROR_MORE_DATA, "small buffer: %d, error %lu\n", result,
       GetLastError());
    ok(needed > 1, "%lu characters are needed\n", needed);
}

/* Out of a domain there is no such name: the variants fail in the same way. */
static void test_computer_name(void)
{
    WCHAR wide[256];
    char ansi[256];
    ULONG wide_size = ARRAY_SIZE(wide), ansi_size = ARRAY_SIZE(ansi);
    BOOLEAN wide_result, ansi_result;
    DWORD wide_error, ansi_error;

    SetLastError(0);
    wide_result = GetComputerObjectNameW(NameSamCompatible, wide, &wide_size);
    wide_error = GetLastError();
    SetLastError(0);
    ansi_result = GetComputerObjectNameA(NameSamCompatible, ansi, &ansi_size);
    ansi_error = GetLastError();
    ok(wide_result == ansi_result, "results %d and %d\n", wide_result, ansi_result);
    if (!wide_result)
        ok(wide_error && wide_error == ansi_error, "errors %lu and %lu\n", wide_error, ansi_error);
}

static void test_lsa(void)
{
    static char kerberos[] = "Kerberos";
    LSA_STRING name = {sizeof(kerberos) - 1, sizeof(kerberos), kerberos};
    HANDLE handle = NULL;
    ULONG package = ~0u, count = 0;
    LUID *sessions = NULL;
    NTSTATUS status;

    status = LsaConnectUntrusted(&handle);
    ok(!status && handle, "LsaConnectUntrusted: %#lx\n", status);
    if (status)
        return;
    status = LsaLookupAuthenticationPackage(handle, &name, &package);
    if (has_package(L"Kerberos"))
        ok(!status && package != ~0u, "LsaLookupAuthenticationPackage: %#lx, %lu\n", status,
           package);
    else
        ok(status, "LsaLookupAuthenticationPackage found package %lu\n", package);
    status = LsaDeregisterLogonProcess(handle);
    ok(!status, "LsaDeregisterLogonProcess: %#lx\n", status);

    status = LsaEnumerateLogonSessions(&count, &sessions);
    ok(!status, "LsaEnumerateLogonSessions: %#lx\n", status);
    if (!status && sessions) {
        status = LsaFreeReturnBuffer(sessions);
        ok(!status, "LsaFreeReturnBuffer: %#lx\n", status);
    }
}

static void test_auth_identity(void)
{
    SECURITY_STATUS(SEC_ENTRY * encode)(PCWSTR, PCWSTR, PCWSTR, void **);
    SECURITY_STATUS(SEC_ENTRY * decode)(void *, PCWSTR *, PCWSTR *, PCWSTR *);
    void(SEC_ENTRY * free_identity)(void *), (SEC_ENTRY * local_free)(void *);
    HMODULE module = GetModuleHandleA("secur32.dll");
    const WCHAR *user = NULL, *domain = NULL, *password = NULL;
    SECURITY_STATUS status;
    void *opaque = NULL;

    encode = (void *)GetProcAddress(module, "SspiEncodeStringsAsAuthIdentity");
    decode = (void *)GetProcAddress(module, "SspiEncodeAuthIdentityAsStrings");
    free_identity = (void *)GetProcAddress(module, "SspiFreeAuthIdentity");
    local_free = (void *)GetProcAddress(module, "SspiLocalFree");
    if (!encode || !decode || !free_identity || !local_free) {
        win_skip("no authentication identities\n");
        return;
    }
    status = encode(L"tester", L"TESTDOMAIN", L"secret", &opaque);
    ok(status == SEC_E_OK && opaque, "SspiEncodeStringsAsAuthIdentity: %#lx\n", status);
    if (status != SEC_E_OK)
        return;
    status = decode(opaque, &user, &domain, &password);
    ok(status == SEC_E_OK, "SspiEncodeAuthIdentityAsStrings: %#lx\n", status);
    ok(user && !lstrcmpW(user, L"tester"), "user %s\n", wine_dbgstr_w(user));
    ok(domain && !lstrcmpW(domain, L"TESTDOMAIN"), "domain %s\n", wine_dbgstr_w(domain));
    /* Windows keeps the password to itself. */
    ok((password && !lstrcmpW(password, L"secret")) || broken(!password), "password %s\n",
       wine_dbgstr_w(password));
    local_free((void *)user);
    local_free((void *)domain);
    local_free((void *)password);
    free_identity(opaque);
    status = encode(NULL, NULL, NULL, &opaque);
    ok(FAILED(status), "nothing to encode: %#lx\n", status);
}

/* A length without a string is nothing to read. */
static void test_identity_without_strings(void)
{
    SECURITY_STATUS(SEC_ENTRY * decode)(void *, PCWSTR *, PCWSTR *, PCWSTR *);
    SECURITY_STATUS(SEC_ENTRY * prepare)
    (void *, PCWSTR, ULONG *, PCWSTR *, PCWSTR *, UCHAR **, ULONG *);
    SEC_WINNT_AUTH_IDENTITY_W identity = {
        .UserLength = 6, .DomainLength = 0x10000, .PasswordLength = 3};
    const ULONG flags[] = {SEC_WINNT_AUTH_IDENTITY_UNICODE, SEC_WINNT_AUTH_IDENTITY_ANSI};
    HMODULE module = GetModuleHandleA("secur32.dll");
    void(SEC_ENTRY * local_free)(void *);
    unsigned int i;

    decode = (void *)GetProcAddress(module, "SspiEncodeAuthIdentityAsStrings");
    prepare = (void *)GetProcAddress(module, "SspiPrepareForCredWrite");
    local_free = (void *)GetProcAddress(module, "SspiLocalFree");
    if (!winetest_platform_is_wine || !decode || !prepare || !local_free) {
        win_skip("Windows may trust the lengths\n");
        return;
    }
    for (i = 0; i < ARRAY_SIZE(flags); i++) {
        const WCHAR *user = L"?", *domain = L"?", *password = L"?", *target = NULL;
        ULONG type = 0, size = 77;
        SECURITY_STATUS status;
        CredHandle credentials;
        UCHAR *blob = NULL;

        winetest_push_context("flags %#lx", flags[i]);
        identity.Flags = flags[i];
        status = decode(&identity, &user, &domain, &password);
        ok(status == SEC_E_OK && !user && !domain && !password, "decode: %#lx\n", status);
        status = prepare(&identity, L"target", &type, &target, &user, &blob, &size);
        ok(status == SEC_E_OK, "prepare: %#lx\n", status);
        if (status == SEC_E_OK) {
            ok(user && !*user, "user %s\n", wine_dbgstr_w(user));
            ok(!size, "%lu bytes of password\n", size);
            local_free((void *)target);
            local_free((void *)user);
            local_free(blob);
        }
        status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"NTLM", SECPKG_CRED_OUTBOUND, NULL,
                                           &identity, NULL, NULL, &credentials, NULL);
        if (status == SEC_E_OK)
            FreeCredentialsHandle(&credentials);
        winetest_pop_context();
    }
}

/* The program's secur32.dll, however it is called. */
static void check_names(HMODULE own, const char *behind)
{
    static const char *const names[] = {"secur32.dll", "SECUR32", "secur32"};
    HMODULE found;
    unsigned int i;

    found = GetModuleHandleA("secur32.dll");
    ok(found == own, "behind %s GetModuleHandle finds %p, not %p\n", behind, found, own);
    for (i = 0; i < ARRAY_SIZE(names); i++) {
        found = LoadLibraryA(names[i]);
        ok(found == own, "behind %s LoadLibrary(%s) finds %p, not %p\n", behind, names[i], found,
           own);
        FreeLibrary(found);
    }
}

/* Look-ups by name never find the DLL that the packages come from. The first test: it wants to see
 * how that is loaded. */
static void test_module_names(void)
{
    HMODULE own = GetModuleHandleA("secur32.dll");
    SecPkgInfoW *infos = NULL;
    WCHAR name[256];
    ULONG count, size = ARRAY_SIZE(name);
    HANDLE lsa;

    EnumerateSecurityPackagesW(&count, &infos);
    check_names(own, "EnumerateSecurityPackages");
    FreeContextBuffer(infos);
    GetUserNameExW(NameSamCompatible, name, &size);
    check_names(own, "GetUserNameEx");
    if (!LsaConnectUntrusted(&lsa)) {
        check_names(own, "LsaConnectUntrusted");
        LsaDeregisterLogonProcess(lsa);
    }
    check_names(own, "LSA");
    if (has_package(L"NTLM")) {
        check_first_token(L"NTLM", FALSE);
        check_names(own, "a first token");
    }
}

/* How many copies of a password a credential leaves, whoever made them. */
static int copies_left(BOOL ansi)
{
    SEC_WINNT_AUTH_IDENTITY_W wide_identity = {.User = (unsigned short *)L"tester",
                                               .UserLength = 6,
                                               .PasswordLength = 30,
                                               .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
    SEC_WINNT_AUTH_IDENTITY_A ansi_identity = {.User = (unsigned char *)"tester",
                                               .UserLength = 6,
                                               .PasswordLength = 30,
                                               .Flags = SEC_WINNT_AUTH_IDENTITY_ANSI};
    CredHandle credentials;
    SECURITY_STATUS status;
    struct secret secret;
    WCHAR wide[30];
    BYTE bytes[30];
    int places;

    secret_make(bytes, sizeof(bytes));
    for (unsigned int i = 0; i < sizeof(bytes); i++)
        wide[i] = bytes[i] = 'a' + bytes[i] % 26;
    secret = secret_of(wide, sizeof(wide));
    wide_identity.Password = (unsigned short *)wide;
    ansi_identity.Password = bytes;
    if (ansi)
        SecureZeroMemory(wide, sizeof(wide));
    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"NTLM", SECPKG_CRED_OUTBOUND, NULL,
                                       ansi ? (void *)&ansi_identity : (void *)&wide_identity, NULL,
                                       NULL, &credentials, NULL);
    ok(status == SEC_E_OK, "%#lx\n", status);
    SecureZeroMemory(wide, sizeof(wide));
    places = (int)secret_places(&secret);
    if (status == SEC_E_OK)
        FreeCredentialsHandle(&credentials);
    return places;
}

/* What the system's package keeps is its own; a copy in another form is wiped. */
static void test_wiped_identity(void)
{
    int wide, ansi;

    if (!has_package(L"NTLM")) {
        skip("no NTLM\n");
        return;
    }
    wide = copies_left(FALSE);
    ansi = copies_left(TRUE);
    ok(ansi == wide || broken(!winetest_platform_is_wine), "%d copies instead of %d\n", ansi, wide);
}

START_TEST(delegate_delegate)
{
    RUN(test_module_names);
    RUN(test_first_tokens);
    RUN(test_mixed_packages);
    RUN(test_mixed_delegates);
    RUN(test_user_name);
    RUN(test_computer_name);
    RUN(test_lsa);
    RUN(test_auth_identity);
    RUN(test_identity_without_strings);
    RUN(test_wiped_identity);
}
