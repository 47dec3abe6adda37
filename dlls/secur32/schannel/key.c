/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The private key of a certificate context.
 *
 * A certificate says in one of its properties where its key is. They are looked at in this order,
 * and the first that is there decides: the key itself (ASYNCSSPI_CERT_PKCS8_PROP_ID), an open
 * CryptoAPI or CNG handle, an open CNG handle, the name of a key container. The key is exported
 * once, handed to the TLS engine, and every copy made here is wiped.
 *
 * A key that its provider does not let out is SEC_E_NO_CREDENTIALS.
 */
#include "keyblob.h"
#include "der.h"
#include "asyncsspi.h"

#include <ncrypt.h>

/* ncrypt.dll, loaded when a CNG key is met for the first time: most programs never have one. */
struct ncrypt {
    SECURITY_STATUS(WINAPI *open_provider)(NCRYPT_PROV_HANDLE *, LPCWSTR, DWORD);
    SECURITY_STATUS(WINAPI *open_key)
    (NCRYPT_PROV_HANDLE, NCRYPT_KEY_HANDLE *, LPCWSTR, DWORD, DWORD);
    SECURITY_STATUS(WINAPI *export_key)
    (NCRYPT_KEY_HANDLE, NCRYPT_KEY_HANDLE, LPCWSTR, NCryptBufferDesc *, PBYTE, DWORD, DWORD *,
     DWORD);
    SECURITY_STATUS(WINAPI *free_object)(NCRYPT_HANDLE);
};

static INIT_ONCE ncrypt_once = INIT_ONCE_STATIC_INIT;
static struct ncrypt ncrypt;

static BOOL WINAPI load_ncrypt(INIT_ONCE *once, void *parameter, void **context)
{
    HMODULE module = LoadLibraryExW(L"ncrypt.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);

    (void)once;
    (void)parameter;
    (void)context;
    if (!module)
        return TRUE;
    ncrypt.open_provider = (void *)GetProcAddress(module, "NCryptOpenStorageProvider");
    ncrypt.open_key = (void *)GetProcAddress(module, "NCryptOpenKey");
    ncrypt.free_object = (void *)GetProcAddress(module, "NCryptFreeObject");
    ncrypt.export_key = (void *)GetProcAddress(module, "NCryptExportKey");
    return TRUE;
}

static bool have_ncrypt(void)
{
    InitOnceExecuteOnce(&ncrypt_once, load_ncrypt, NULL, NULL);
    return ncrypt.open_provider && ncrypt.open_key && ncrypt.free_object && ncrypt.export_key;
}

static void free_secret(BYTE *data, DWORD size)
{
    if (!data)
        return;
    SecureZeroMemory(data, size);
    HeapFree(GetProcessHeap(), 0, data);
}

void schannel_free_key(struct schannel_private_key *key)
{
    free_secret(key->data, key->capacity);
    key->data = NULL;
    key->size = key->capacity = 0;
}

/* A property's bytes on the process heap; NULL when the certificate has none. */
static void *get_property(const CERT_CONTEXT *certificate, DWORD property, DWORD *size)
{
    void *data = NULL;

    *size = 0;
    if (!CertGetCertificateContextProperty(certificate, property, NULL, size) || !*size)
        return NULL;
    data = HeapAlloc(GetProcessHeap(), 0, *size);
    if (data && !CertGetCertificateContextProperty(certificate, property, data, size)) {
        free_secret(data, *size);
        data = NULL;
    }
    return data;
}

/* Whether the key pair of that kind in the container is the certificate's. */
static bool is_key_of(const CERT_CONTEXT *certificate, HCRYPTPROV provider, DWORD key_spec)
{
    CERT_PUBLIC_KEY_INFO *info;
    bool matches = false;
    DWORD size = 0;

    if (!CryptExportPublicKeyInfo(provider, key_spec, X509_ASN_ENCODING, NULL, &size))
        return false;
    info = HeapAlloc(GetProcessHeap(), 0, size);
    if (info && CryptExportPublicKeyInfo(provider, key_spec, X509_ASN_ENCODING, info, &size))
        matches = CertComparePublicKeyInfo(X509_ASN_ENCODING, info,
                                           &certificate->pCertInfo->SubjectPublicKeyInfo);
    if (info)
        HeapFree(GetProcessHeap(), 0, info);
    return matches;
}

static SECURITY_STATUS export_capi_as(HCRYPTPROV provider, DWORD key_spec,
                                      struct schannel_private_key *key)
{
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS;
    HCRYPTKEY handle = 0;
    BYTE *blob = NULL;
    DWORD size = 0, capacity = 0;

    if (!CryptGetUserKey(provider, key_spec, &handle))
        goto done;
    if (!CryptExportKey(handle, 0, PRIVATEKEYBLOB, 0, NULL, &size))
        goto done;
    capacity = size;
    blob = HeapAlloc(GetProcessHeap(), 0, capacity);
    if (!blob) {
        status = SEC_E_INSUFFICIENT_MEMORY;
        goto done;
    }
    if (!CryptExportKey(handle, 0, PRIVATEKEYBLOB, 0, blob, &size))
        goto done;
    status = keyblob_from_capi(blob, size, key);
done:
    free_secret(blob, capacity);
    if (handle)
        CryptDestroyKey(handle);
    return status;
}

/*
 * The key of the kind the certificate names, or of the other kind when that is the one that fits:
 * Wine's PFX import writes both kinds into the property. It also puts every key into the user's
 * one container, where a later import replaces it; such a stranger's key is not taken.
 */
static SECURITY_STATUS export_capi(const CERT_CONTEXT *certificate, HCRYPTPROV provider,
                                   DWORD key_spec, struct schannel_private_key *key)
{
    const DWORD kinds[] = {key_spec, AT_KEYEXCHANGE, AT_SIGNATURE};

    for (unsigned int i = 0; i < ARRAYSIZE(kinds); i++) {
        if (is_key_of(certificate, provider, kinds[i]))
            return export_capi_as(provider, kinds[i], key);
    }
    return SEC_E_NO_CREDENTIALS;
}

static SECURITY_STATUS export_cng_as(NCRYPT_KEY_HANDLE handle, const WCHAR *type,
                                     struct schannel_private_key *key)
{
    SECURITY_STATUS status;
    DWORD size = 0, capacity;
    BYTE *blob;

    if (ncrypt.export_key(handle, 0, type, NULL, NULL, 0, &size, NCRYPT_SILENT_FLAG) || !size)
        return SEC_E_NO_CREDENTIALS;
    capacity = size;
    blob = HeapAlloc(GetProcessHeap(), 0, capacity);
    if (!blob)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (ncrypt.export_key(handle, 0, type, NULL, blob, capacity, &size, NCRYPT_SILENT_FLAG))
        status = SEC_E_NO_CREDENTIALS;
    else if (!lstrcmpW(type, BCRYPT_RSAFULLPRIVATE_BLOB))
        status = keyblob_from_cng_rsa(blob, size, key);
    else
        status = keyblob_from_cng_ec(blob, size, key);
    free_secret(blob, capacity);
    return status;
}

static SECURITY_STATUS export_cng(NCRYPT_KEY_HANDLE handle, struct schannel_private_key *key)
{
    SECURITY_STATUS status;

    if (!have_ncrypt())
        return SEC_E_NO_CREDENTIALS;
    status = export_cng_as(handle, BCRYPT_RSAFULLPRIVATE_BLOB, key);
    if (status)
        status = export_cng_as(handle, BCRYPT_ECCPRIVATE_BLOB, key);
    return status;
}

static SECURITY_STATUS export_handle(const CERT_CONTEXT *certificate,
                                     const CERT_KEY_CONTEXT *context,
                                     struct schannel_private_key *key)
{
    if (context->dwKeySpec == CERT_NCRYPT_KEY_SPEC)
        return export_cng(context->hNCryptKey, key);
    return export_capi(certificate, context->hCryptProv, context->dwKeySpec, key);
}

/* A container of a CNG key storage provider. */
static SECURITY_STATUS export_named_cng(const CRYPT_KEY_PROV_INFO *info,
                                        struct schannel_private_key *key)
{
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS;
    NCRYPT_PROV_HANDLE provider = 0;
    NCRYPT_KEY_HANDLE handle = 0;
    DWORD flags = NCRYPT_SILENT_FLAG;

    if (!have_ncrypt())
        return status;
    if (info->dwFlags & (CRYPT_MACHINE_KEYSET | NCRYPT_MACHINE_KEY_FLAG))
        flags |= NCRYPT_MACHINE_KEY_FLAG;
    if (!ncrypt.open_provider(&provider, info->pwszProvName, 0) &&
        !ncrypt.open_key(provider, &handle, info->pwszContainerName, 0, flags))
        status = export_cng(handle, key);
    if (handle)
        ncrypt.free_object(handle);
    if (provider)
        ncrypt.free_object(provider);
    return status;
}

/* A container of a CryptoAPI provider, in the user's key sets or the machine's. */
static SECURITY_STATUS export_named_capi(const CERT_CONTEXT *certificate,
                                         const CRYPT_KEY_PROV_INFO *info,
                                         struct schannel_private_key *key)
{
    DWORD flags = (info->dwFlags & CRYPT_MACHINE_KEYSET) | CRYPT_SILENT;
    HCRYPTPROV provider = 0;
    SECURITY_STATUS status;

    if (!CryptAcquireContextW(&provider, info->pwszContainerName, info->pwszProvName,
                              info->dwProvType, flags) &&
        !CryptAcquireContextW(&provider, info->pwszContainerName, info->pwszProvName,
                              info->dwProvType, flags ^ CRYPT_MACHINE_KEYSET))
        return SEC_E_NO_CREDENTIALS;
    status = export_capi(certificate, provider, info->dwKeySpec, key);
    CryptReleaseContext(provider, 0);
    return status;
}

SECURITY_STATUS schannel_export_key(const CERT_CONTEXT *certificate,
                                    struct schannel_private_key *key)
{
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS;
    CRYPT_KEY_PROV_INFO *info;
    CERT_KEY_CONTEXT context;
    NCRYPT_KEY_HANDLE handle;
    DWORD size;

    key->data = get_property(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, &key->size);
    key->capacity = key->size;
    if (key->data && key->data[0] == DER_SEQUENCE)
        return SEC_E_OK;
    /* The property's number is also that of a key file's name, which is not for us. */
    schannel_free_key(key);

    size = sizeof(context);
    if (CertGetCertificateContextProperty(certificate, CERT_KEY_CONTEXT_PROP_ID, &context, &size))
        return export_handle(certificate, &context, key);

    size = sizeof(handle);
    if (CertGetCertificateContextProperty(certificate, CERT_NCRYPT_KEY_HANDLE_PROP_ID, &handle,
                                          &size))
        return export_cng(handle, key);

    info = get_property(certificate, CERT_KEY_PROV_INFO_PROP_ID, &size);
    if (!info)
        return SEC_E_NO_CREDENTIALS;
    status =
        info->dwProvType ? export_named_capi(certificate, info, key) : export_named_cng(info, key);
    HeapFree(GetProcessHeap(), 0, info);
    return status;
}
