/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See kit/testprovider.h. ncrypt.dll is loaded at run time, as in the program under test.
 */
#include "kit/testprovider.h"
#include "wine/test.h"

#define RSA_BITS 2048

BOOL container_generate(const WCHAR *name, DWORD type, DWORD set, DWORD flags)
{
    HCRYPTPROV provider;
    HCRYPTKEY key = 0;
    BOOL result;

    result =
        CryptAcquireContextW(&provider, name, NULL, type, set | CRYPT_SILENT) ||
        CryptAcquireContextW(&provider, name, NULL, type, set | CRYPT_NEWKEYSET | CRYPT_SILENT);
    ok(result, "no container, error %#lx\n", GetLastError());
    if (!result)
        return FALSE;
    result = CryptGenKey(provider, AT_KEYEXCHANGE, RSA_BITS << 16 | flags, &key);
    ok(result, "no key, error %#lx\n", GetLastError());
    if (key)
        CryptDestroyKey(key);
    CryptReleaseContext(provider, 0); /* Wine writes the container down here */
    return result;
}

void container_delete(const WCHAR *name, DWORD set)
{
    HCRYPTPROV gone;

    CryptAcquireContextW(&gone, name, NULL, PROV_RSA_AES, set | CRYPT_DELETEKEYSET | CRYPT_SILENT);
}

static void reverse(BYTE *bytes, DWORD size)
{
    DWORD i;

    for (i = 0; i < size / 2; i++) {
        BYTE byte = bytes[i];

        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

struct test_key *container_key(HCRYPTPROV provider)
{
    BYTE blob[sizeof(BLOBHEADER) + sizeof(RSAPUBKEY) + RSA_BITS / 8];
    BYTE *modulus = blob + sizeof(BLOBHEADER) + sizeof(RSAPUBKEY);
    RSAPUBKEY *header = (RSAPUBKEY *)(blob + sizeof(BLOBHEADER));
    DWORD size = sizeof(blob);
    HCRYPTKEY key = 0;
    BYTE exponent[4];
    BOOL result;

    result = CryptGetUserKey(provider, AT_KEYEXCHANGE, &key) &&
             CryptExportKey(key, 0, PUBLICKEYBLOB, 0, blob, &size) && size == sizeof(blob);
    ok(result, "no public key, error %#lx\n", GetLastError());
    if (key)
        CryptDestroyKey(key);
    if (!result)
        return NULL;
    memcpy(exponent, &header->pubexp, sizeof(exponent));
    reverse(exponent, sizeof(exponent));
    reverse(modulus, RSA_BITS / 8);
    return test_key_of_rsa(modulus, RSA_BITS / 8, exponent, sizeof(exponent));
}

#define PROVIDERS_KEY L"Software\\Microsoft\\Cryptography\\Defaults\\Provider\\"
#define MAX_PROVIDERS 2

static struct {
    DWORD type;
    WCHAR name[64];
} providers[MAX_PROVIDERS];
static unsigned int provider_count;
static WCHAR copy_directory[MAX_PATH], copy_file[MAX_PATH];

static BOOL copy_provider(void)
{
    WCHAR file[MAX_PATH], temporary[MAX_PATH];

    if (copy_file[0])
        return TRUE;
    GetSystemDirectoryW(file, ARRAY_SIZE(file) - 16);
    lstrcatW(file, L"\\rsaenh.dll");
    GetTempPathW(ARRAY_SIZE(temporary), temporary);
    swprintf(copy_directory, ARRAY_SIZE(copy_directory), L"%lsasyncsspi-provider-%lu", temporary,
             GetCurrentProcessId());
    CreateDirectoryW(copy_directory, NULL);
    swprintf(copy_file, ARRAY_SIZE(copy_file), L"%ls\\rsaenh.dll", copy_directory);
    if (CopyFileW(file, copy_file, FALSE))
        return TRUE;
    copy_file[0] = 0;
    RemoveDirectoryW(copy_directory);
    return FALSE;
}

static BOOL register_provider(const WCHAR *name, DWORD type)
{
    static const BYTE signature[4];
    WCHAR path[ARRAY_SIZE(PROVIDERS_KEY) + 64];
    BOOL result;
    HKEY key;

    lstrcpyW(path, PROVIDERS_KEY);
    lstrcatW(path, name);
    if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, path, 0, NULL, 0, KEY_WRITE, NULL, &key, NULL))
        return FALSE;
    result = !RegSetValueExW(key, L"Image Path", 0, REG_SZ, (const BYTE *)copy_file,
                             (lstrlenW(copy_file) + 1) * sizeof(WCHAR)) &&
             !RegSetValueExW(key, L"Type", 0, REG_DWORD, (const BYTE *)&type, sizeof(type)) &&
             !RegSetValueExW(key, L"Signature", 0, REG_BINARY, signature, sizeof(signature));
    RegCloseKey(key);
    return result;
}

const WCHAR *other_provider(DWORD type)
{
    WCHAR *name = providers[provider_count].name;
    unsigned int i;

    for (i = 0; i < provider_count; i++)
        if (providers[i].type == type)
            return providers[i].name;
    if (provider_count < MAX_PROVIDERS) {
        swprintf(name, ARRAY_SIZE(providers[0].name), L"asyncsspi test provider %lu", type);
        if (copy_provider() && register_provider(name, type)) {
            providers[provider_count++].type = type;
            return name;
        }
    }
    skip("no other provider of type %lu\n", type);
    return NULL;
}

void providers_remove(void)
{
    WCHAR path[ARRAY_SIZE(PROVIDERS_KEY) + 64];

    while (provider_count) {
        lstrcpyW(path, PROVIDERS_KEY);
        lstrcatW(path, providers[--provider_count].name);
        RegDeleteKeyW(HKEY_LOCAL_MACHINE, path);
    }
    if (!copy_file[0])
        return;
    DeleteFileW(copy_file);
    RemoveDirectoryW(copy_directory);
    copy_file[0] = 0;
}

static BOOL make_cert(const struct test_cert *ca, const WCHAR *name, const WCHAR *provider_name,
                      DWORD type, DWORD set, DWORD set_named, struct test_cert *cert)
{
    struct test_cert_options options = {.place = TEST_KEY_NOWHERE,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER | TEST_CERT_CLIENT,
                                        .issuer = ca};
    CRYPT_KEY_PROV_INFO info = {.pwszContainerName = (WCHAR *)name,
                                .pwszProvName = (WCHAR *)provider_name,
                                .dwProvType = type,
                                .dwFlags = set_named,
                                .dwKeySpec = AT_KEYEXCHANGE};
    HCRYPTPROV provider;
    BOOL result;

    result = CryptAcquireContextW(&provider, name, NULL, type, set | CRYPT_SILENT);
    ok(result, "no container, error %#lx\n", GetLastError());
    if (!result)
        return FALSE;
    options.key = container_key(provider);
    CryptReleaseContext(provider, 0);
    if (!options.key)
        return FALSE;
    result = test_cert_create(&options, cert);
    test_key_release(options.key);
    if (result)
        CertSetCertificateContextProperty(cert->context, CERT_KEY_PROV_INFO_PROP_ID, 0, &info);
    return result;
}

BOOL container_cert(const struct test_cert *ca, const WCHAR *name, DWORD type, DWORD set,
                    DWORD set_named, struct test_cert *cert)
{
    return make_cert(ca, name, NULL, type, set, set_named, cert);
}

BOOL container_cert_that_stays(const struct test_cert *ca, const WCHAR *name, DWORD type, DWORD set,
                               DWORD set_named, struct test_cert *cert)
{
    const WCHAR *provider = other_provider(type);

    return provider && make_cert(ca, name, provider, type, set, set_named, cert);
}

static SECURITY_STATUS(WINAPI *open_provider)(NCRYPT_PROV_HANDLE *, LPCWSTR, DWORD);
static SECURITY_STATUS(WINAPI *create_key)(NCRYPT_PROV_HANDLE, NCRYPT_KEY_HANDLE *, LPCWSTR,
                                           LPCWSTR, DWORD, DWORD);
static SECURITY_STATUS(WINAPI *set_property)(NCRYPT_HANDLE, LPCWSTR, PBYTE, DWORD, DWORD);
static SECURITY_STATUS(WINAPI *finalize_key)(NCRYPT_KEY_HANDLE, DWORD);
static SECURITY_STATUS(WINAPI *export_key)(NCRYPT_KEY_HANDLE, NCRYPT_KEY_HANDLE, LPCWSTR,
                                           NCryptBufferDesc *, PBYTE, DWORD, DWORD *, DWORD);
static SECURITY_STATUS(WINAPI *free_object)(NCRYPT_HANDLE);
static NCRYPT_PROV_HANDLE cng_provider;

static BOOL load_ncrypt(void)
{
    HMODULE module = LoadLibraryA("ncrypt.dll");

    if (cng_provider)
        return TRUE;
    open_provider = (void *)GetProcAddress(module, "NCryptOpenStorageProvider");
    create_key = (void *)GetProcAddress(module, "NCryptCreatePersistedKey");
    set_property = (void *)GetProcAddress(module, "NCryptSetProperty");
    finalize_key = (void *)GetProcAddress(module, "NCryptFinalizeKey");
    export_key = (void *)GetProcAddress(module, "NCryptExportKey");
    free_object = (void *)GetProcAddress(module, "NCryptFreeObject");
    return open_provider && !open_provider(&cng_provider, MS_KEY_STORAGE_PROVIDER, 0);
}

NCRYPT_KEY_HANDLE cng_generate(DWORD policy)
{
    NCRYPT_KEY_HANDLE key = 0;
    DWORD length = RSA_BITS;
    SECURITY_STATUS status;

    if (!load_ncrypt()) {
        win_skip("no CNG\n");
        return 0;
    }
    status = create_key(cng_provider, &key, BCRYPT_RSA_ALGORITHM, NULL, 0, 0);
    if (!status)
        status = set_property(key, NCRYPT_LENGTH_PROPERTY, (BYTE *)&length, sizeof(length), 0);
    if (!status && policy != ~0u)
        status =
            set_property(key, NCRYPT_EXPORT_POLICY_PROPERTY, (BYTE *)&policy, sizeof(policy), 0);
    if (!status)
        status = finalize_key(key, 0);
    ok(!status, "no CNG key, status %#lx\n", status);
    return status ? 0 : key;
}

void cng_free(NCRYPT_KEY_HANDLE key)
{
    free_object(key);
}

struct test_key *cng_key(NCRYPT_KEY_HANDLE key)
{
    BYTE blob[sizeof(BCRYPT_RSAKEY_BLOB) + 8 + RSA_BITS / 8];
    const BCRYPT_RSAKEY_BLOB *header = (const BCRYPT_RSAKEY_BLOB *)blob;
    const BYTE *exponent = (const BYTE *)(header + 1);
    SECURITY_STATUS status;
    DWORD size = 0;

    status = export_key(key, 0, BCRYPT_RSAPUBLIC_BLOB, NULL, blob, sizeof(blob), &size, 0);
    ok(!status, "no public key, status %#lx\n", status);
    if (status)
        return NULL;
    return test_key_of_rsa(exponent + header->cbPublicExp, header->cbModulus, exponent,
                           header->cbPublicExp);
}

BOOL cng_export(NCRYPT_KEY_HANDLE key, BYTE *blob, DWORD *size)
{
    return !export_key(key, 0, BCRYPT_RSAFULLPRIVATE_BLOB, NULL, blob, *size, size, 0);
}
