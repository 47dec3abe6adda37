/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private keys for test certificates: RSA through CAPI, ECDSA P-256 through bcrypt.
 *
 * Both are turned into PKCS#8 from the providers' export formats, because Wine's providers do not
 * write it. Windows keeps ECDSA keys in CNG; there the PKCS#8 form is imported into a named key of
 * the software key storage provider, which is deleted with the key.
 */
#include "kit/testkey.h"
#include "asyncsspi.h"
#include "wine/test.h"
#include <ncrypt.h>

#define OID_RSA            "1.2.840.113549.1.1.1"
#define OID_EC             "1.2.840.10045.2.1"
#define OID_EC_P256        "1.2.840.10045.3.1.7"
#define EC_P256_SIZE       32
#define RSA_BITS           2048
#define RSA_SIZE           (RSA_BITS / 8)
#define RSA_COMPONENTS_MAX 2048

static const struct {
    ALG_ID capi;
    const WCHAR *cng;
    DWORD size;
    const char *rsa, *ecdsa; /* OIDs of signatures with it */
} hashes[] = {
    [TEST_HASH_SHA256] = {CALG_SHA_256, BCRYPT_SHA256_ALGORITHM, 32, "1.2.840.113549.1.1.11",
                          "1.2.840.10045.4.3.2"},
    [TEST_HASH_SHA1] = {CALG_SHA1, BCRYPT_SHA1_ALGORITHM, 20, "1.2.840.113549.1.1.5",
                        "1.2.840.10045.4.1"},
    [TEST_HASH_MD5] = {CALG_MD5, BCRYPT_MD5_ALGORITHM, 16, "1.2.840.113549.1.1.4", NULL},
};

static struct test_key *process_rsa_key;

static void reverse(BYTE *to, const BYTE *from, DWORD size)
{
    DWORD i;

    for (i = 0; i < size; i++)
        to[i] = from[size - 1 - i];
}

/* PrivateKeyInfo around the key that was written since mark. `parameters`: an OID or NULL. */
static void wrap_private_key(struct der *der, DWORD mark, const char *algorithm,
                             const char *parameters)
{
    DWORD inner;

    der_wrap(der, 0x04, mark);
    inner = der_mark(der);
    if (parameters)
        der_oid(der, parameters);
    else
        der_null(der);
    der_oid(der, algorithm);
    der_wrap(der, 0x30, inner);
    der_integer(der, 0);
    der_wrap(der, 0x30, mark);
}

/* SubjectPublicKeyInfo around the key that was written since mark. */
static void wrap_public_key(struct der *der, DWORD mark, const char *algorithm,
                            const char *parameters)
{
    DWORD inner;

    der_wrap_bits(der, mark);
    inner = der_mark(der);
    if (parameters)
        der_oid(der, parameters);
    else
        der_null(der);
    der_oid(der, algorithm);
    der_wrap(der, 0x30, inner);
    der_wrap(der, 0x30, mark);
}

static void write_rsa_public(struct test_key *key, const BYTE *modulus, DWORD modulus_size,
                             const BYTE *exponent, DWORD exponent_size)
{
    DWORD mark;

    der_init(&key->spki);
    mark = der_mark(&key->spki);
    der_unsigned(&key->spki, exponent, exponent_size);
    der_unsigned(&key->spki, modulus, modulus_size);
    der_wrap(&key->spki, 0x30, mark);
    wrap_public_key(&key->spki, mark, OID_RSA, NULL);
}

/* From the PRIVATEKEYBLOB: header, modulus, primes, exponents, coefficient, private exponent. */
static void write_rsa(struct test_key *key, const BYTE *blob)
{
    const DWORD whole = key->bits / 8, half = whole / 2;
    const DWORD sizes[] = {whole, half, half, half, half, half, whole};
    enum { MODULUS, PRIME1, PRIME2, EXPONENT1, EXPONENT2, COEFFICIENT, PRIVATE_EXPONENT, COUNT };
    const RSAPUBKEY *header = (const RSAPUBKEY *)(blob + sizeof(BLOBHEADER));
    const BYTE *at = (const BYTE *)(header + 1);
    BYTE numbers[COUNT][RSA_SIZE], exponent[sizeof(header->pubexp)];
    DWORD i, mark;

    for (i = 0; i < COUNT; at += sizes[i++])
        reverse(numbers[i], at, sizes[i]);
    reverse(exponent, (const BYTE *)&header->pubexp, sizeof(exponent));

    der_init(&key->pkcs8);
    mark = der_mark(&key->pkcs8);
    der_unsigned(&key->pkcs8, numbers[COEFFICIENT], sizes[COEFFICIENT]);
    der_unsigned(&key->pkcs8, numbers[EXPONENT2], sizes[EXPONENT2]);
    der_unsigned(&key->pkcs8, numbers[EXPONENT1], sizes[EXPONENT1]);
    der_unsigned(&key->pkcs8, numbers[PRIME2], sizes[PRIME2]);
    der_unsigned(&key->pkcs8, numbers[PRIME1], sizes[PRIME1]);
    der_unsigned(&key->pkcs8, numbers[PRIVATE_EXPONENT], sizes[PRIVATE_EXPONENT]);
    der_unsigned(&key->pkcs8, exponent, sizeof(exponent));
    der_unsigned(&key->pkcs8, numbers[MODULUS], sizes[MODULUS]);
    der_integer(&key->pkcs8, 0);
    der_wrap(&key->pkcs8, 0x30, mark);
    wrap_private_key(&key->pkcs8, mark, OID_RSA, NULL);

    write_rsa_public(key, numbers[MODULUS], sizes[MODULUS], exponent, sizeof(exponent));
    SecureZeroMemory(numbers, sizeof(numbers));
}

/*
 * A new key in the container. Wine writes a container down when its last handle is closed, and
 * others find the key only then.
 */
static BOOL generate_rsa(const WCHAR *container, DWORD bits)
{
    HCRYPTPROV provider;
    HCRYPTKEY rsa;
    BOOL result;

    result = CryptAcquireContextW(&provider, container, NULL, PROV_RSA_AES,
                                  CRYPT_NEWKEYSET | CRYPT_SILENT);
    ok(result, "no key container, error %#lx\n", GetLastError());
    if (!result)
        return FALSE;
    result = CryptGenKey(provider, AT_KEYEXCHANGE, bits << 16 | CRYPT_EXPORTABLE, &rsa);
    ok(result, "no RSA key, error %#lx\n", GetLastError());
    if (result)
        CryptDestroyKey(rsa);
    CryptReleaseContext(provider, 0);
    return result;
}

static BOOL create_rsa(struct test_key *key)
{
    BYTE blob[RSA_COMPONENTS_MAX];
    DWORD size = sizeof(blob);
    BOOL result;

    swprintf(key->container, ARRAY_SIZE(key->container), L"asyncsspi-test-%lu-%lu-%lu",
             GetCurrentProcessId(), GetTickCount(), key->bits);
    if (!generate_rsa(key->container, key->bits))
        return FALSE;
    result =
        CryptAcquireContextW(&key->provider, key->container, NULL, PROV_RSA_AES, CRYPT_SILENT) &&
        CryptGetUserKey(key->provider, AT_KEYEXCHANGE, &key->rsa) &&
        CryptExportKey(key->rsa, 0, PRIVATEKEYBLOB, 0, blob, &size);
    ok(result, "the RSA key is not exported, error %#lx\n", GetLastError());
    if (result)
        write_rsa(key, blob);
    SecureZeroMemory(blob, sizeof(blob));
    return result;
}

/* From the ECCPRIVATE_BLOB: header, x, y, d, all big-endian. */
static void write_ec(struct test_key *key, const BYTE *blob)
{
    const BYTE *point = blob + sizeof(BCRYPT_ECCKEY_BLOB), *secret = point + 2 * EC_P256_SIZE;
    static const BYTE uncompressed = 4;
    DWORD mark, inner;

    der_init(&key->pkcs8);
    mark = der_mark(&key->pkcs8);
    inner = mark;
    der_raw(&key->pkcs8, point, 2 * EC_P256_SIZE);
    der_raw(&key->pkcs8, &uncompressed, 1);
    der_wrap_bits(&key->pkcs8, inner);
    der_wrap(&key->pkcs8, 0xa1, inner);
    der_element(&key->pkcs8, 0x04, secret, EC_P256_SIZE);
    der_integer(&key->pkcs8, 1);
    der_wrap(&key->pkcs8, 0x30, mark);
    wrap_private_key(&key->pkcs8, mark, OID_EC, OID_EC_P256);

    der_init(&key->spki);
    mark = der_mark(&key->spki);
    der_raw(&key->spki, point, 2 * EC_P256_SIZE);
    der_raw(&key->spki, &uncompressed, 1);
    wrap_public_key(&key->spki, mark, OID_EC, OID_EC_P256);
}

static BOOL create_ec(struct test_key *key)
{
    BYTE blob[sizeof(BCRYPT_ECCKEY_BLOB) + 3 * EC_P256_SIZE];
    BCRYPT_ALG_HANDLE algorithm = NULL;
    NTSTATUS status;
    ULONG size;

    status = BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_ECDSA_P256_ALGORITHM, NULL, 0);
    ok(!status, "no ECDSA, status %#lx\n", status);
    if (status)
        return FALSE;
    status = BCryptGenerateKeyPair(algorithm, &key->ec, EC_P256_SIZE * 8, 0);
    if (!status)
        status = BCryptFinalizeKeyPair(key->ec, 0);
    ok(!status, "no ECDSA key, status %#lx\n", status);
    if (!status) {
        status =
            BCryptExportKey(key->ec, NULL, BCRYPT_ECCPRIVATE_BLOB, blob, sizeof(blob), &size, 0);
        ok(!status && size == sizeof(blob), "the key is not exported, status %#lx\n", status);
    }
    if (!status)
        write_ec(key, blob);
    SecureZeroMemory(blob, sizeof(blob));
    BCryptCloseAlgorithmProvider(algorithm, 0);
    return !status;
}

void test_key_release(struct test_key *key)
{
    HCRYPTPROV gone;

    if (!key || InterlockedDecrement(&key->references))
        return;
    if (key->rsa)
        CryptDestroyKey(key->rsa);
    if (key->provider) {
        CryptReleaseContext(key->provider, 0);
        CryptAcquireContextW(&gone, key->container, NULL, PROV_RSA_AES, CRYPT_DELETEKEYSET);
    }
    if (key->ec)
        BCryptDestroyKey(key->ec);
    SecureZeroMemory(&key->pkcs8, sizeof(key->pkcs8));
    free(key);
}

static void release_process_rsa_key(void)
{
    test_key_release(process_rsa_key);
    process_rsa_key = NULL;
}

static struct test_key *new_key(enum test_key_type type, DWORD bits)
{
    struct test_key *key = calloc(1, sizeof(*key));

    if (!key)
        return NULL;
    key->references = 1;
    key->type = type;
    key->bits = bits;
    if (!(type == TEST_KEY_RSA ? create_rsa(key) : create_ec(key))) {
        test_key_release(key);
        return NULL;
    }
    return key;
}

struct test_key *test_key_create_rsa(DWORD bits)
{
    return new_key(TEST_KEY_RSA, bits);
}

struct test_key *test_key_create(enum test_key_type type)
{
    struct test_key *key = type == TEST_KEY_RSA ? process_rsa_key : NULL;

    if (key) {
        InterlockedIncrement(&key->references);
        return key;
    }
    key = new_key(type, RSA_BITS);
    if (!key)
        return NULL;
    if (type == TEST_KEY_RSA) {
        process_rsa_key = key;
        InterlockedIncrement(&key->references);
        atexit(release_process_rsa_key);
    }
    return key;
}

struct test_key *test_key_of_rsa(const BYTE *modulus, DWORD modulus_size, const BYTE *exponent,
                                 DWORD exponent_size)
{
    struct test_key *key = calloc(1, sizeof(*key));

    if (!key)
        return NULL;
    key->references = 1;
    key->type = TEST_KEY_RSA;
    der_init(&key->pkcs8);
    write_rsa_public(key, modulus, modulus_size, exponent, exponent_size);
    return key;
}

void test_key_signature_algorithm(const struct test_key *key, enum test_hash hash, struct der *der)
{
    const DWORD mark = der_mark(der);

    if (key->type == TEST_KEY_RSA)
        der_null(der);
    der_oid(der, key->type == TEST_KEY_RSA ? hashes[hash].rsa : hashes[hash].ecdsa);
    der_wrap(der, 0x30, mark);
}

static BOOL sign_rsa(const struct test_key *key, ALG_ID algorithm, const BYTE *data, DWORD size,
                     struct der *der)
{
    BYTE signature[RSA_SIZE], big_endian[RSA_SIZE];
    DWORD signature_size = sizeof(signature);
    HCRYPTHASH hash = 0;
    BOOL result;

    result = CryptCreateHash(key->provider, algorithm, 0, 0, &hash) &&
             CryptHashData(hash, data, size, 0) &&
             CryptSignHashW(hash, AT_KEYEXCHANGE, NULL, 0, signature, &signature_size);
    ok(result, "no RSA signature, error %#lx\n", GetLastError());
    if (hash)
        CryptDestroyHash(hash);
    if (!result)
        return FALSE;
    reverse(big_endian, signature, signature_size);
    der_raw(der, big_endian, signature_size);
    return TRUE;
}

DWORD test_digest(enum test_hash hash, const BYTE *data, DWORD size, BYTE digest[32])
{
    BCRYPT_ALG_HANDLE algorithm = NULL;
    BCRYPT_HASH_HANDLE handle = NULL;
    NTSTATUS status;

    status = BCryptOpenAlgorithmProvider(&algorithm, hashes[hash].cng, NULL, 0);
    if (!status)
        status = BCryptCreateHash(algorithm, &handle, NULL, 0, NULL, 0, 0);
    if (!status)
        status = BCryptHashData(handle, (BYTE *)data, size, 0);
    if (!status)
        status = BCryptFinishHash(handle, digest, hashes[hash].size, 0);
    ok(!status, "no digest, status %#lx\n", status);
    if (handle)
        BCryptDestroyHash(handle);
    if (algorithm)
        BCryptCloseAlgorithmProvider(algorithm, 0);
    return status ? 0 : hashes[hash].size;
}

static BOOL sign_ec(const struct test_key *key, enum test_hash hash, const BYTE *data, DWORD size,
                    struct der *der)
{
    BYTE digest[32], signature[2 * EC_P256_SIZE];
    const DWORD mark = der_mark(der), digest_size = test_digest(hash, data, size, digest);
    ULONG signature_size = 0;
    NTSTATUS status = -1;

    if (digest_size)
        status = BCryptSignHash(key->ec, NULL, digest, digest_size, signature, sizeof(signature),
                                &signature_size, 0);
    ok(!status && signature_size == sizeof(signature), "no ECDSA signature, status %#lx\n", status);
    if (status)
        return FALSE;
    der_unsigned(der, signature + EC_P256_SIZE, EC_P256_SIZE);
    der_unsigned(der, signature, EC_P256_SIZE);
    der_wrap(der, 0x30, mark);
    return TRUE;
}

BOOL test_key_sign(const struct test_key *key, enum test_hash hash, const BYTE *data, DWORD size,
                   struct der *der)
{
    return key->type == TEST_KEY_RSA ? sign_rsa(key, hashes[hash].capi, data, size, der)
                                     : sign_ec(key, hash, data, size, der);
}

/* A CNG key of the certificate's own that is not kept anywhere: the certificate's handle owns it.
 */
static BOOL attach_cng_key(struct test_key *key, const CERT_CONTEXT *certificate)
{
    HMODULE module = LoadLibraryA("ncrypt.dll");
    SECURITY_STATUS(WINAPI * open_provider)(NCRYPT_PROV_HANDLE *, LPCWSTR, DWORD);
    SECURITY_STATUS(WINAPI * import_key)
    (NCRYPT_PROV_HANDLE, NCRYPT_KEY_HANDLE, LPCWSTR, NCryptBufferDesc *, NCRYPT_KEY_HANDLE *, PBYTE,
     DWORD, DWORD);
    NCRYPT_PROV_HANDLE provider;
    NCRYPT_KEY_HANDLE imported;
    SECURITY_STATUS status;

    open_provider = (void *)GetProcAddress(module, "NCryptOpenStorageProvider");
    import_key = (void *)GetProcAddress(module, "NCryptImportKey");
    if (!open_provider || !import_key)
        return FALSE;
    status = open_provider(&provider, MS_KEY_STORAGE_PROVIDER, 0);
    if (!status)
        status = import_key(provider, 0, NCRYPT_PKCS8_PRIVATE_KEY_BLOB, NULL, &imported,
                            (BYTE *)der_data(&key->pkcs8), der_size(&key->pkcs8), 0);
    ok(!status, "the key is not imported into CNG, status %#lx\n", status);
    if (status)
        return FALSE;
    return CertSetCertificateContextProperty(certificate, CERT_NCRYPT_KEY_HANDLE_PROP_ID, 0,
                                             &imported);
}

BOOL test_key_attach_provider(struct test_key *key, const CERT_CONTEXT *certificate)
{
    CRYPT_KEY_PROV_INFO info = {
        .pwszContainerName = key->container,
        .dwProvType = PROV_RSA_AES,
        .dwKeySpec = AT_KEYEXCHANGE,
    };

    if (key->type != TEST_KEY_RSA)
        return attach_cng_key(key, certificate);
    return CertSetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, 0, &info);
}

BOOL test_key_attach_property(struct test_key *key, const CERT_CONTEXT *certificate)
{
    CRYPT_DATA_BLOB blob = {
        .cbData = der_size(&key->pkcs8),
        .pbData = (BYTE *)der_data(&key->pkcs8),
    };

    return CertSetCertificateContextProperty(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, 0, &blob);
}
