/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The key containers of rsaenh, Wine's own CryptoAPI provider.
 *
 * It keeps a container in a key of the registry and each key pair in a value of that: a
 * PRIVATEKEYBLOB behind CryptProtectData. Whether a key may be exported is only a number beside it.
 * Wine's own Schannel reads keys there in any case, and so do we: such a key makes no PSS
 * signatures in its provider, and TLS 1.3 needs them. The program gets nothing of it.
 *
 * Only rsaenh's: what another provider keeps, and be it in a container of the same name, is its own
 * affair.
 */
#include "schannel/keys/rsaenh.h"
#include "schannel/keys/keyblob.h"
#include "schannel/keys/keymatch.h"

#include <string.h>

#define CONTAINERS_KEY L"Software\\Wine\\Crypto\\RSA\\"
#define PROVIDERS_KEY  "Software\\Microsoft\\Cryptography\\Defaults\\Provider\\"
#define MAX_NAME       260
/* Of a key of 16384 bits, protected, and far more. */
#define MAX_VALUE      65536

bool rsaenh_open_container(const WCHAR *container, DWORD set, HKEY *key)
{
    WCHAR path[ARRAYSIZE(CONTAINERS_KEY) + MAX_NAME];

    if (!container || !*container || wcslen(container) >= MAX_NAME)
        return false;
    wcscpy(path, CONTAINERS_KEY);
    wcscat(path, container);
    return !RegOpenKeyExW(set ? HKEY_LOCAL_MACHINE : HKEY_CURRENT_USER, path, 0, KEY_READ, key);
}

/* Whether the provider's code is rsaenh of the system directory. */
static bool is_rsaenh(HCRYPTPROV provider)
{
    static const char file[] = "\\rsaenh.dll";
    char path[sizeof(PROVIDERS_KEY) + MAX_NAME], image[MAX_PATH], own[MAX_PATH + sizeof(file)];
    DWORD size = MAX_NAME;
    UINT length = GetSystemDirectoryA(own, MAX_PATH);

    strcpy(path, PROVIDERS_KEY);
    if (!length || length >= MAX_PATH ||
        !CryptGetProvParam(provider, PP_NAME, (BYTE *)path + strlen(path), &size, 0))
        return false;
    size = sizeof(image);
    if (RegGetValueA(HKEY_LOCAL_MACHINE, path, "Image Path", RRF_RT_REG_SZ, NULL, image, &size))
        return false;
    strcat(own, file);
    return !_stricmp(image, own) || !_stricmp(image, file + 1);
}

/* A value on the process heap; NULL: there is none. */
static BYTE *read_value(const WCHAR *container, DWORD set, const WCHAR *name, DWORD *size)
{
    BYTE *value = NULL;
    HKEY key;

    if (!rsaenh_open_container(container, set, &key))
        return NULL;
    *size = 0;
    if (!RegGetValueW(key, NULL, name, RRF_RT_REG_BINARY, NULL, NULL, size) && *size &&
        *size <= MAX_VALUE && (value = HeapAlloc(GetProcessHeap(), 0, *size)) &&
        RegGetValueW(key, NULL, name, RRF_RT_REG_BINARY, NULL, value, size)) {
        HeapFree(GetProcessHeap(), 0, value);
        value = NULL;
    }
    RegCloseKey(key);
    return value;
}

SECURITY_STATUS rsaenh_read_key(const CERT_CONTEXT *certificate, HCRYPTPROV provider,
                                const WCHAR *container, DWORD set, DWORD key_spec,
                                struct schannel_private_key *key)
{
    const WCHAR *name = key_spec == AT_SIGNATURE ? L"SignatureKeyPair" : L"KeyExchangeKeyPair";
    const DWORD flags = CRYPTPROTECT_UI_FORBIDDEN | (set ? CRYPTPROTECT_LOCAL_MACHINE : 0);
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS;
    DATA_BLOB value = {0, NULL}, blob = {0, NULL};

    if (!is_rsaenh(provider))
        return SEC_E_NO_CREDENTIALS;
    value.pbData = read_value(container, set, name, &value.cbData);
    if (!value.pbData)
        return SEC_E_NO_CREDENTIALS;
    if (CryptUnprotectData(&value, NULL, NULL, NULL, NULL, flags, &blob)) {
        if (key_matches(certificate, blob.pbData, blob.cbData))
            status = keyblob_from_capi(blob.pbData, blob.cbData, key);
        SecureZeroMemory(blob.pbData, blob.cbData);
        LocalFree(blob.pbData);
    }
    HeapFree(GetProcessHeap(), 0, value.pbData);
    return status == SEC_E_UNKNOWN_CREDENTIALS ? SEC_E_NO_CREDENTIALS : status;
}
