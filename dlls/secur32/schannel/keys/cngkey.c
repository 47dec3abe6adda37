/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys of CNG key storage providers: exported, or used where they are.
 *
 * A key whose export policy forbids it is not exported, even where the provider would do it. What a
 * key that stays can do is tried out when its certificate is given: providers differ, and Wine's
 * refuses PKCS#1 signatures with an RSA key that has once made a PSS one. Both at acquisition cost
 * some milliseconds that the first handshake would have to pay otherwise.
 */
#include "schannel/keys/cngkey.h"
#include "core/memory.h"
#include "schannel/keys/keyblob.h"
#include "schannel/keys/provider.h"
#include "winegnutls/unixlib.h"

#include <ncrypt.h>

#define MAX_PUBLIC_BLOB (sizeof(BCRYPT_RSAKEY_BLOB) + 8 + TLS_MAX_KEY_DATA)

/* ncrypt.dll, loaded when a CNG key is met for the first time: most programs never have one. */
struct ncrypt {
    SECURITY_STATUS(WINAPI *open_provider)(NCRYPT_PROV_HANDLE *, LPCWSTR, DWORD);
    SECURITY_STATUS(WINAPI *open_key)
    (NCRYPT_PROV_HANDLE, NCRYPT_KEY_HANDLE *, LPCWSTR, DWORD, DWORD);
    SECURITY_STATUS(WINAPI *export_key)
    (NCRYPT_KEY_HANDLE, NCRYPT_KEY_HANDLE, LPCWSTR, NCryptBufferDesc *, PBYTE, DWORD, DWORD *,
     DWORD);
    SECURITY_STATUS(WINAPI *get_property)
    (NCRYPT_HANDLE, LPCWSTR, PBYTE, DWORD, DWORD *, DWORD);
    SECURITY_STATUS(WINAPI *sign_hash)
    (NCRYPT_KEY_HANDLE, VOID *, PBYTE, DWORD, PBYTE, DWORD, DWORD *, DWORD);
    SECURITY_STATUS(WINAPI *decrypt)
    (NCRYPT_KEY_HANDLE, PBYTE, DWORD, VOID *, PBYTE, DWORD, DWORD *, DWORD);
    SECURITY_STATUS(WINAPI *free_object)(NCRYPT_HANDLE);
};

struct cng_key {
    struct provider_key base;
    NCRYPT_KEY_HANDLE handle;
    NCRYPT_PROV_HANDLE provider; /* ours, with the handle; or 0: the certificate's */
    DWORD modulus;               /* RSA: bytes; 0: an elliptic curve's key */
    DWORD coordinate;            /* elliptic curve: bytes */
};

static const struct {
    const WCHAR *name; /* NULL: MD5 and SHA-1, without a name in the signature */
    DWORD size;
    uint32_t ability;
} hashes[] = {
    {NULL, 36, TLS_KEY_CAN_MD5_SHA1},
    {BCRYPT_SHA1_ALGORITHM, 20, TLS_KEY_CAN_SHA1},
    {BCRYPT_SHA256_ALGORITHM, 32, TLS_KEY_CAN_SHA256},
    {BCRYPT_SHA384_ALGORITHM, 48, TLS_KEY_CAN_SHA384},
    {BCRYPT_SHA512_ALGORITHM, 64, TLS_KEY_CAN_SHA512},
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
    ncrypt.get_property = (void *)GetProcAddress(module, "NCryptGetProperty");
    ncrypt.sign_hash = (void *)GetProcAddress(module, "NCryptSignHash");
    ncrypt.decrypt = (void *)GetProcAddress(module, "NCryptDecrypt");
    ncrypt.export_key = (void *)GetProcAddress(module, "NCryptExportKey");
    return TRUE;
}

static bool have_ncrypt(void)
{
    InitOnceExecuteOnce(&ncrypt_once, load_ncrypt, NULL, NULL);
    return ncrypt.open_provider && ncrypt.open_key && ncrypt.free_object && ncrypt.export_key &&
           ncrypt.get_property && ncrypt.sign_hash && ncrypt.decrypt;
}

static SECURITY_STATUS export_as(NCRYPT_KEY_HANDLE handle, const WCHAR *type,
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
    key_free_secret(blob, capacity);
    return status;
}

static bool may_export(NCRYPT_KEY_HANDLE handle)
{
    DWORD policy = 0, size = 0;

    return ncrypt.get_property(handle, NCRYPT_EXPORT_POLICY_PROPERTY, (BYTE *)&policy,
                               sizeof(policy), &size, 0) ||
           (policy & NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG);
}

/* SEC_E_NO_CREDENTIALS when it is not let out. */
static SECURITY_STATUS export_key(NCRYPT_KEY_HANDLE handle, struct schannel_private_key *key)
{
    SECURITY_STATUS status;

    if (!may_export(handle))
        return SEC_E_NO_CREDENTIALS;
    status = export_as(handle, BCRYPT_RSAFULLPRIVATE_BLOB, key);
    if (status == SEC_E_NO_CREDENTIALS)
        status = export_as(handle, BCRYPT_ECCPRIVATE_BLOB, key);
    return status;
}

/* Whether the numbers are equal but for leading zeros; the second's bytes are in reverse order. */
static bool equal_numbers(const BYTE *number, DWORD size, const BYTE *reversed, DWORD reversed_size)
{
    DWORD common = min(size, reversed_size);

    for (DWORD i = 0; i < size || i < reversed_size; i++) {
        BYTE byte = i < size ? number[size - 1 - i] : 0;

        if (byte != (i < reversed_size ? reversed[i] : 0))
            return false;
    }
    return common > 0;
}

/* The RSA modulus' size if the public key is the certificate's, else 0. */
static DWORD match_rsa(const CERT_CONTEXT *certificate, NCRYPT_KEY_HANDLE handle)
{
    const CRYPT_BIT_BLOB *encoded = &certificate->pCertInfo->SubjectPublicKeyInfo.PublicKey;
    BYTE blob[MAX_PUBLIC_BLOB], decoded[sizeof(BLOBHEADER) + sizeof(RSAPUBKEY) + TLS_MAX_KEY_DATA];
    const DWORD header = sizeof(BLOBHEADER) + sizeof(RSAPUBKEY);
    DWORD size = 0, decoded_size = sizeof(decoded);
    BCRYPT_RSAKEY_BLOB rsa;

    if (ncrypt.export_key(handle, 0, BCRYPT_RSAPUBLIC_BLOB, NULL, blob, sizeof(blob), &size,
                          NCRYPT_SILENT_FLAG) ||
        size < sizeof(rsa))
        return 0;
    memcpy(&rsa, blob, sizeof(rsa));
    if (rsa.cbPublicExp > size - sizeof(rsa) ||
        rsa.cbModulus > size - sizeof(rsa) - rsa.cbPublicExp ||
        !CryptDecodeObject(X509_ASN_ENCODING, RSA_CSP_PUBLICKEYBLOB, encoded->pbData,
                           encoded->cbData, 0, decoded, &decoded_size) ||
        decoded_size < header)
        return 0;
    return equal_numbers(blob + sizeof(rsa) + rsa.cbPublicExp, rsa.cbModulus, decoded + header,
                         decoded_size - header)
               ? rsa.cbModulus
               : 0;
}

/* The size of a coordinate if the public key is the certificate's, else 0. */
static DWORD match_ec(const CERT_CONTEXT *certificate, NCRYPT_KEY_HANDLE handle)
{
    const CRYPT_BIT_BLOB *encoded = &certificate->pCertInfo->SubjectPublicKeyInfo.PublicKey;
    BCRYPT_ECCKEY_BLOB ec;
    BYTE blob[sizeof(ec) + 2 * 66];
    DWORD size = 0;

    if (ncrypt.export_key(handle, 0, BCRYPT_ECCPUBLIC_BLOB, NULL, blob, sizeof(blob), &size,
                          NCRYPT_SILENT_FLAG) ||
        size < sizeof(ec))
        return 0;
    memcpy(&ec, blob, sizeof(ec));
    /* The certificate has an uncompressed point: 4, then x and y. */
    if (size != sizeof(ec) + 2 * ec.cbKey || encoded->cbData != 1 + 2 * ec.cbKey ||
        memcmp(encoded->pbData + 1, blob + sizeof(ec), 2 * ec.cbKey))
        return 0;
    return ec.cbKey;
}

static bool sign_rsa(const struct cng_key *key, uint32_t operation, uint32_t ability,
                     const BYTE *value, DWORD value_size, BYTE *signature, DWORD *size)
{
    BCRYPT_PKCS1_PADDING_INFO pkcs1;
    BCRYPT_PSS_PADDING_INFO pss;
    bool with_pss = operation == TLS_KEY_SIGN_PSS;

    for (unsigned int i = 0; i < ARRAYSIZE(hashes); i++) {
        if (hashes[i].ability != ability || hashes[i].size != value_size)
            continue;
        pkcs1 = (BCRYPT_PKCS1_PADDING_INFO){.pszAlgId = hashes[i].name};
        pss = (BCRYPT_PSS_PADDING_INFO){.pszAlgId = hashes[i].name, .cbSalt = hashes[i].size};
        *size = 0;
        return !ncrypt.sign_hash(key->handle, with_pss ? (void *)&pss : (void *)&pkcs1,
                                 (BYTE *)value, value_size, signature, TLS_MAX_KEY_DATA, size,
                                 (with_pss ? BCRYPT_PAD_PSS : BCRYPT_PAD_PKCS1) |
                                     NCRYPT_SILENT_FLAG);
    }
    return false;
}

static bool sign_ecdsa(const struct cng_key *key, const BYTE *value, DWORD value_size,
                       BYTE *signature, DWORD *size)
{
    /* Of a longer hash ECDSA uses the leftmost bits, but not every provider cuts it. */
    *size = 0;
    return !ncrypt.sign_hash(key->handle, NULL, (BYTE *)value, min(value_size, key->coordinate),
                             signature, TLS_MAX_KEY_DATA, size, NCRYPT_SILENT_FLAG);
}

static bool decrypt(const struct cng_key *key, const BYTE *ciphertext, DWORD ciphertext_size,
                    BYTE *plaintext, DWORD *size)
{
    *size = 0;
    return !ncrypt.decrypt(key->handle, (BYTE *)ciphertext, ciphertext_size, NULL, plaintext,
                           plaintext ? TLS_MAX_KEY_DATA : 0, size,
                           NCRYPT_PAD_PKCS1_FLAG | NCRYPT_SILENT_FLAG);
}

static SECURITY_STATUS use(struct provider_key *base, const struct tls_key_request *request,
                           BYTE *answer, DWORD *size)
{
    struct cng_key *key = (struct cng_key *)base;
    bool done = false;

    switch (request->operation) {
    case TLS_KEY_SIGN_PKCS1:
    case TLS_KEY_SIGN_PSS:
        done = sign_rsa(key, request->operation, request->hash, request->data, request->size,
                        answer, size);
        break;
    case TLS_KEY_SIGN_ECDSA:
        done = sign_ecdsa(key, request->data, request->size, answer, size);
        break;
    case TLS_KEY_DECRYPT:
        done = decrypt(key, request->data, request->size, answer, size);
        break;
    }
    return done ? SEC_E_OK : SEC_E_NO_CREDENTIALS;
}

static void destroy(struct provider_key *base)
{
    struct cng_key *key = (struct cng_key *)base;

    if (key->provider) {
        ncrypt.free_object(key->handle);
        ncrypt.free_object(key->provider);
    }
    HeapFree(GetProcessHeap(), 0, key);
}

static const struct provider_key_operations operations = {.use = use, .destroy = destroy};

/* PSS first: what fails after it would fail in the middle of connections. */
static uint32_t try_rsa(const struct cng_key *key)
{
    const uint32_t sha2 = TLS_KEY_CAN_SHA256 | TLS_KEY_CAN_SHA384 | TLS_KEY_CAN_SHA512;
    BYTE zeros[TLS_MAX_KEY_DATA] = {0}, answer[TLS_MAX_KEY_DATA];
    uint32_t abilities = 0;
    DWORD size;

    if (sign_rsa(key, TLS_KEY_SIGN_PSS, TLS_KEY_CAN_SHA256, zeros, 32, answer, &size))
        abilities |= TLS_KEY_CAN_PSS | sha2;
    if (sign_rsa(key, TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_SHA256, zeros, 32, answer, &size)) {
        abilities |= TLS_KEY_CAN_PKCS1 | TLS_KEY_CAN_SHA1 | sha2;
        if (sign_rsa(key, TLS_KEY_SIGN_PKCS1, TLS_KEY_CAN_MD5_SHA1, zeros, 36, answer, &size))
            abilities |= TLS_KEY_CAN_MD5_SHA1;
    }
    if (abilities && decrypt(key, zeros, key->modulus, NULL, &size))
        abilities |= TLS_KEY_CAN_DECRYPT;
    return abilities;
}

/* The key as one that stays; takes over `provider` with the handle when it succeeds. */
static SECURITY_STATUS keep_in_provider(const CERT_CONTEXT *certificate, NCRYPT_KEY_HANDLE handle,
                                        NCRYPT_PROV_HANDLE provider,
                                        struct schannel_private_key *result)
{
    struct cng_key *key = heap_zalloc(sizeof(*key));

    if (!key)
        return SEC_E_INSUFFICIENT_MEMORY;
    key->base.operations = &operations;
    key->handle = handle;
    if ((key->modulus = match_rsa(certificate, handle)))
        key->base.abilities = try_rsa(key);
    else if ((key->coordinate = match_ec(certificate, handle)))
        key->base.abilities = TLS_KEY_CAN_ECDSA | TLS_KEY_CAN_SHA1 | TLS_KEY_CAN_SHA256 |
                              TLS_KEY_CAN_SHA384 | TLS_KEY_CAN_SHA512;
    if (!key->base.abilities) {
        destroy(&key->base);
        return SEC_E_NO_CREDENTIALS;
    }
    key->provider = provider;
    result->provider = &key->base;
    return SEC_E_OK;
}

SECURITY_STATUS cng_key_from_handle(const CERT_CONTEXT *certificate, ULONG_PTR handle,
                                    struct schannel_private_key *key)
{
    SECURITY_STATUS status;

    if (!have_ncrypt())
        return SEC_E_NO_CREDENTIALS;
    status = export_key(handle, key);
    if (status == SEC_E_NO_CREDENTIALS)
        status = keep_in_provider(certificate, handle, 0, key);
    return status;
}

SECURITY_STATUS cng_key_from_name(const CERT_CONTEXT *certificate, const CRYPT_KEY_PROV_INFO *info,
                                  struct schannel_private_key *key)
{
    SECURITY_STATUS status = SEC_E_UNKNOWN_CREDENTIALS;
    NCRYPT_PROV_HANDLE provider = 0;
    NCRYPT_KEY_HANDLE handle = 0;
    DWORD flags = NCRYPT_SILENT_FLAG;

    if (!have_ncrypt())
        return SEC_E_NO_CREDENTIALS;
    if (info->dwFlags & (CRYPT_MACHINE_KEYSET | NCRYPT_MACHINE_KEY_FLAG))
        flags |= NCRYPT_MACHINE_KEY_FLAG;
    if (!ncrypt.open_provider(&provider, info->pwszProvName, 0) &&
        !ncrypt.open_key(provider, &handle, info->pwszContainerName, 0, flags)) {
        status = export_key(handle, key);
        if (status == SEC_E_NO_CREDENTIALS)
            status = keep_in_provider(certificate, handle, provider, key);
    }
    if (key->provider)
        return status;
    if (handle)
        ncrypt.free_object(handle);
    if (provider)
        ncrypt.free_object(provider);
    return status;
}
