/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the pure parts of secur32 call of Windows, but for memory and texts (tests/kit/windows), and
 * of the rest of secur32, in a Linux program.
 */
#include "fuzz/windows/system.h"

#include "schannel/base/engine.h"
#include "schannel/keys/provider.h"

/* The C library's, which this target's headers do not fit. */
void *malloc(size_t size);
void free(void *memory);

/* Declared inline in the headers. */
PVOID RtlSecureZeroMemory(PVOID memory, SIZE_T size)
{
    return memset(memory, 0, size);
}

PCERT_EXTENSION WINAPI CertFindExtension(LPCSTR identifier, DWORD count,
                                         CERT_EXTENSION extensions[])
{
    for (DWORD i = 0; i < count; i++)
        if (!strcmp(extensions[i].pszObjId, identifier))
            return &extensions[i];
    return NULL;
}

/* The "encoded" name is the text of its common name. */
BOOL WINAPI CryptDecodeObjectEx(DWORD encoding, LPCSTR type, const BYTE *data, DWORD size,
                                DWORD flags, PCRYPT_DECODE_PARA parameters, void *result,
                                DWORD *result_size)
{
    CERT_RDN_ATTR *attribute;

    (void)encoding;
    (void)type;
    (void)flags;
    (void)parameters;
    if (!size || !(attribute = malloc(sizeof(*attribute) + size)))
        return FALSE;
    attribute->Value.cbData = size;
    attribute->Value.pbData = (BYTE *)(attribute + 1);
    memcpy(attribute->Value.pbData, data, size);
    *(void **)result = attribute;
    *result_size = (DWORD)sizeof(*attribute) + size;
    return TRUE;
}

PCERT_RDN_ATTR WINAPI CertFindRDNAttr(LPCSTR identifier, PCERT_NAME_INFO name)
{
    (void)identifier;
    return (CERT_RDN_ATTR *)name;
}

HLOCAL WINAPI LocalFree(HLOCAL memory)
{
    free(memory);
    return NULL;
}

/* No addresses: what is compared with them is not parsed. */
LONG NTAPI RtlIpv4StringToAddressW(const WCHAR *text, BOOLEAN strict, const WCHAR **end,
                                   void *address)
{
    (void)strict;
    memset(address, 1, 4);
    *end = text + wide_length(text, 64);
    return text[0] == '4' ? 0 : (LONG)0xc000000d;
}

LONG NTAPI RtlIpv6StringToAddressW(const WCHAR *text, const WCHAR **end, void *address)
{
    memset(address, 1, 16);
    *end = text + wide_length(text, 64);
    return text[0] == '6' ? 0 : (LONG)0xc000000d;
}

/* IDN is not converted. */
HMODULE WINAPI GetModuleHandleW(LPCWSTR name)
{
    (void)name;
    return NULL;
}

HMODULE WINAPI LoadLibraryExW(LPCWSTR name, HANDLE file, DWORD flags)
{
    (void)name;
    (void)file;
    (void)flags;
    return NULL;
}

FARPROC WINAPI GetProcAddress(HMODULE module, LPCSTR name)
{
    (void)module;
    (void)name;
    return NULL;
}

/* Of secur32 */

SECURITY_STATUS session_call(struct schannel_context *context, enum tls_call code, void *params)
{
    (void)context;
    (void)code;
    (void)params;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

void schannel_free_key(struct schannel_private_key *key)
{
    free(key->data);
    memset(key, 0, sizeof(*key));
}
