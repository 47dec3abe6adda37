/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Self-signed certificates made at run time.
 *
 * RSA goes the way of Windows programs: a key in a CAPI key set, CertCreateSelfSignCertificate.
 * There is no such way for ECDSA under Wine, so for P-256 the certificate is written here, element
 * by element, signed with bcrypt, and its key goes into the PKCS#8 property.
 */
#include "certificates/certificate.h"

#include <bcrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asyncsspi.h"
#include "certificates/der.h"
#include "base/error.h"

#define P256_BYTES 32

/* AlgorithmIdentifier: id-ecPublicKey with prime256v1; ecdsa-with-SHA256. */
static const unsigned char p256_algorithm[] = {0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                               0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
                                               0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
static const unsigned char ecdsa_sha256[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86,
                                             0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const unsigned char common_name[] = {0x55, 0x04, 0x03};
static const unsigned char subject_alt_name[] = {0x55, 0x1d, 0x11};
static const char host_name[] = "localhost";
static const unsigned char ipv4_loopback[] = {127, 0, 0, 1};
static const unsigned char ipv6_loopback[16] = {[15] = 1};

/* GeneralNames: the DNS name and both loopback addresses. */
static bool add_alternative_names(struct buffer *out)
{
    size_t begin = der_begin(out);

    return der_add(out, 0x82, host_name, strlen(host_name)) &&
           der_add(out, 0x87, ipv4_loopback, sizeof(ipv4_loopback)) &&
           der_add(out, 0x87, ipv6_loopback, sizeof(ipv6_loopback)) &&
           der_end(out, begin, DER_SEQUENCE);
}

static void validity(SYSTEMTIME *from, SYSTEMTIME *to)
{
    ULARGE_INTEGER now;
    FILETIME time;
    const ULONGLONG day = 24ull * 3600 * 10000000;

    GetSystemTimeAsFileTime(&time);
    now.LowPart = time.dwLowDateTime;
    now.HighPart = time.dwHighDateTime;
    now.QuadPart -= day;
    time.dwLowDateTime = now.LowPart;
    time.dwHighDateTime = now.HighPart;
    FileTimeToSystemTime(&time, from);
    now.QuadPart += 31 * day;
    time.dwLowDateTime = now.LowPart;
    time.dwHighDateTime = now.HighPart;
    FileTimeToSystemTime(&time, to);
}

/* RSA
 * ------------------------------------------------------------------------------------------
 */

static bool create_rsa_key(WCHAR *container, HCRYPTPROV *provider)
{
    HCRYPTKEY key;

    if (!CryptAcquireContextW(provider, container, NULL, PROV_RSA_AES, CRYPT_NEWKEYSET))
        return false;
    if (!CryptGenKey(*provider, AT_KEYEXCHANGE, 2048u << 16 | CRYPT_EXPORTABLE, &key)) {
        CryptReleaseContext(*provider, 0);
        return false;
    }
    CryptDestroyKey(key);
    return true;
}

static bool sign_rsa_certificate(struct identity *identity, HCRYPTPROV provider)
{
    CRYPT_KEY_PROV_INFO info = {
        .pwszContainerName = identity->container,
        .dwProvType = PROV_RSA_AES,
        .dwKeySpec = AT_KEYEXCHANGE,
    };
    CRYPT_ALGORITHM_IDENTIFIER algorithm = {.pszObjId = (char *)szOID_RSA_SHA256RSA};
    struct buffer names = {0};
    CERT_EXTENSION extension = {.pszObjId = (char *)szOID_SUBJECT_ALT_NAME2};
    CERT_EXTENSIONS extensions = {1, &extension};
    BYTE subject[128];
    CERT_NAME_BLOB name = {sizeof(subject), subject};
    SYSTEMTIME from, to;

    validity(&from, &to);
    if (!add_alternative_names(&names) ||
        !CertStrToNameA(X509_ASN_ENCODING, "CN=localhost", CERT_X500_NAME_STR, NULL, subject,
                        &name.cbData, NULL))
        return false;
    extension.Value.cbData = (DWORD)names.size;
    extension.Value.pbData = names.data;
    identity->certificate = CertCreateSelfSignCertificate(provider, &name, 0, &info, &algorithm,
                                                          &from, &to, &extensions);
    buffer_free(&names);
    return identity->certificate != NULL;
}

static bool generate_rsa(struct identity *identity)
{
    static LONG counter;
    WCHAR container[64];
    HCRYPTPROV provider;
    bool ok;

    snwprintf(container, ARRAYSIZE(container), L"sspitls-%lx-%lx", GetCurrentProcessId(),
              InterlockedIncrement(&counter));
    if (!create_rsa_key(container, &provider))
        return false;
    identity->container = wcsdup(container);
    ok = identity->container && sign_rsa_certificate(identity, provider);
    CryptReleaseContext(provider, 0);
    return ok;
}

/* P-256
 * ----------------------------------------------------------------------------------------
 */

struct p256_key {
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_KEY_HANDLE key;
    /* BCRYPT_ECCKEY_BLOB, X, Y, d */
    unsigned char blob[sizeof(BCRYPT_ECCKEY_BLOB) + 3 * P256_BYTES];
};

static const unsigned char *p256_public(const struct p256_key *key)
{
    return key->blob + sizeof(BCRYPT_ECCKEY_BLOB);
}

static bool create_p256_key(struct p256_key *key)
{
    ULONG size;

    return !BCryptOpenAlgorithmProvider(&key->algorithm, BCRYPT_ECDSA_P256_ALGORITHM, NULL, 0) &&
           !BCryptGenerateKeyPair(key->algorithm, &key->key, 256, 0) &&
           !BCryptFinalizeKeyPair(key->key, 0) &&
           !BCryptExportKey(key->key, NULL, BCRYPT_ECCPRIVATE_BLOB, key->blob, sizeof(key->blob),
                            &size, 0) &&
           size == sizeof(key->blob);
}

static void free_p256_key(struct p256_key *key)
{
    if (key->key)
        BCryptDestroyKey(key->key);
    if (key->algorithm)
        BCryptCloseAlgorithmProvider(key->algorithm, 0);
    SecureZeroMemory(key->blob, sizeof(key->blob));
}

/* BIT STRING with the uncompressed point. */
static bool add_point(struct buffer *out, const struct p256_key *key)
{
    unsigned char point[2 + 2 * P256_BYTES] = {0, 4};

    memcpy(point + 2, p256_public(key), 2 * P256_BYTES);
    return der_add(out, DER_BIT_STRING, point, sizeof(point));
}

/* PKCS#8 around SEC1: version 1, d, [1] public key. */
static bool add_p256_private_key(struct buffer *out, const struct p256_key *key)
{
    size_t whole = der_begin(out), octets, sec1, public;
    bool ok = der_add(out, DER_INTEGER, "", 1) &&
              buffer_append(out, p256_algorithm, sizeof(p256_algorithm));

    octets = sec1 = der_begin(out);
    ok = ok && der_add(out, DER_INTEGER, "\1", 1) &&
         der_add(out, DER_OCTET_STRING, p256_public(key) + 2 * P256_BYTES, P256_BYTES);
    public = der_begin(out);
    return ok && add_point(out, key) && der_end(out, public, 0xa1) &&
           der_end(out, sec1, DER_SEQUENCE) && der_end(out, octets, DER_OCTET_STRING) &&
           der_end(out, whole, DER_SEQUENCE);
}

static bool add_name(struct buffer *out)
{
    size_t name = der_begin(out), set = name, pair = name;

    return der_add(out, DER_OID, common_name, sizeof(common_name)) &&
           der_add(out, DER_UTF8_STRING, host_name, strlen(host_name)) &&
           der_end(out, pair, DER_SEQUENCE) && der_end(out, set, DER_SET) &&
           der_end(out, name, DER_SEQUENCE);
}

static bool add_time(struct buffer *out, const SYSTEMTIME *time)
{
    char text[48];
    int size = snprintf(text, sizeof(text), "%02u%02u%02u%02u%02u%02uZ", time->wYear % 100,
                        time->wMonth, time->wDay, time->wHour, time->wMinute, time->wSecond);

    return der_add(out, DER_UTC_TIME, text, size);
}

static bool add_validity(struct buffer *out)
{
    size_t begin = der_begin(out);
    SYSTEMTIME from, to;

    validity(&from, &to);
    return add_time(out, &from) && add_time(out, &to) && der_end(out, begin, DER_SEQUENCE);
}

static bool add_public_key(struct buffer *out, const struct p256_key *key)
{
    size_t begin = der_begin(out);

    return buffer_append(out, p256_algorithm, sizeof(p256_algorithm)) && add_point(out, key) &&
           der_end(out, begin, DER_SEQUENCE);
}

static bool add_extensions(struct buffer *out)
{
    size_t begin = der_begin(out), list = begin, extension = begin, value;

    if (!der_add(out, DER_OID, subject_alt_name, sizeof(subject_alt_name)))
        return false;
    value = der_begin(out);
    return add_alternative_names(out) && der_end(out, value, DER_OCTET_STRING) &&
           der_end(out, extension, DER_SEQUENCE) && der_end(out, list, DER_SEQUENCE) &&
           der_end(out, begin, 0xa3);
}

/* TBSCertificate: version 3, serial, algorithm, issuer, validity, subject, key, extensions. */
static bool add_tbs(struct buffer *out, const struct p256_key *key)
{
    static const unsigned char version3[] = {0xa0, 3, DER_INTEGER, 1, 2};
    size_t begin = der_begin(out);
    unsigned char serial[12];

    if (BCryptGenRandom(NULL, serial, sizeof(serial), BCRYPT_USE_SYSTEM_PREFERRED_RNG))
        return false;
    serial[0] |= 1;
    return buffer_append(out, version3, sizeof(version3)) &&
           der_add_number(out, serial, sizeof(serial)) &&
           buffer_append(out, ecdsa_sha256, sizeof(ecdsa_sha256)) && add_name(out) &&
           add_validity(out) && add_name(out) && add_public_key(out, key) && add_extensions(out) &&
           der_end(out, begin, DER_SEQUENCE);
}

static bool sha256(const void *data, ULONG size, unsigned char digest[32])
{
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_HASH_HANDLE hash = NULL;
    bool ok;

    if (BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0))
        return false;
    ok = !BCryptCreateHash(algorithm, &hash, NULL, 0, NULL, 0, 0) &&
         !BCryptHashData(hash, (void *)data, size, 0) && !BCryptFinishHash(hash, digest, 32, 0);
    if (hash)
        BCryptDestroyHash(hash);
    BCryptCloseAlgorithmProvider(algorithm, 0);
    return ok;
}

/* BIT STRING with SEQUENCE { r, s }. */
static bool add_signature(struct buffer *out, const struct p256_key *key, const struct buffer *tbs)
{
    unsigned char digest[32], signature[2 * P256_BYTES];
    size_t bits, pair;
    ULONG size;

    if (!sha256(tbs->data, (ULONG)tbs->size, digest) ||
        BCryptSignHash(key->key, NULL, digest, sizeof(digest), signature, sizeof(signature), &size,
                       0) ||
        size != sizeof(signature))
        return false;
    bits = der_begin(out);
    if (!buffer_append(out, "", 1))
        return false;
    pair = der_begin(out);
    return der_add_number(out, signature, P256_BYTES) &&
           der_add_number(out, signature + P256_BYTES, P256_BYTES) &&
           der_end(out, pair, DER_SEQUENCE) && der_end(out, bits, DER_BIT_STRING);
}

static bool generate_p256(struct identity *identity)
{
    struct p256_key key = {0};
    struct buffer tbs = {0}, certificate = {0}, pkcs8 = {0};
    CRYPT_DATA_BLOB blob;
    bool ok;

    ok = create_p256_key(&key) && add_tbs(&tbs, &key) &&
         buffer_append(&certificate, tbs.data, tbs.size) &&
         buffer_append(&certificate, ecdsa_sha256, sizeof(ecdsa_sha256)) &&
         add_signature(&certificate, &key, &tbs) && der_end(&certificate, 0, DER_SEQUENCE) &&
         add_p256_private_key(&pkcs8, &key);
    if (ok)
        identity->certificate = CertCreateCertificateContext(X509_ASN_ENCODING, certificate.data,
                                                             (DWORD)certificate.size);
    blob.cbData = (DWORD)pkcs8.size;
    blob.pbData = pkcs8.data;
    ok = identity->certificate &&
         CertSetCertificateContextProperty(identity->certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, 0,
                                           &blob);
    free_p256_key(&key);
    buffer_free(&tbs);
    buffer_free(&certificate);
    buffer_free(&pkcs8);
    return ok;
}

bool identity_generate(struct identity *identity, enum key_kind kind)
{
    bool ok;

    memset(identity, 0, sizeof(*identity));
    SetLastError(0);
    ok = kind == KEY_RSA ? generate_rsa(identity) : generate_p256(identity);
    if (!ok) {
        report_status(kind == KEY_RSA ? "making an RSA certificate" : "making a P-256 certificate",
                      (LONG)GetLastError());
        identity_free(identity);
    }
    return ok;
}
