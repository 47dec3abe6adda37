/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A reader for PKCS#12 (RFC 7292) as today's tools write it: PBES2 (RFC 8018) with PBKDF2 and
 * AES-CBC, in DER.
 *
 *   PFX            version, authSafe (ContentInfo with AuthenticatedSafe), macData
 *   AuthenticatedSafe  SEQUENCE OF ContentInfo: data, or encryptedData
 *   each of those  SafeContents = SEQUENCE OF SafeBag
 *   SafeBag        certificate, key, or encrypted ("shrouded") key; attributes
 *
 * The MAC over the whole is not looked at: it has a key derivation of its own, and what it would
 * say about a wrong password the padding of the decrypted parts says too. Whether the key belongs
 * to the certificate is checked where both are used.
 */
#include "certificates/pkcs12.h"

#include <bcrypt.h>
#include <stdlib.h>
#include <string.h>

#include "certificates/der.h"

#define MAX_ITERATIONS 10000000

struct slice {
    const unsigned char *data;
    size_t size;
};

static const unsigned char oid_data[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
static const unsigned char oid_encrypted[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x06};
static const unsigned char oid_pbes2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
static const unsigned char oid_pbkdf2[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
static const unsigned char oid_local_key[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x15};
/* One more byte says which bag: 1 key, 2 shrouded key, 3 certificate. */
static const unsigned char oid_bag[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01};
/* hmacWithSHA...: one more byte, 7 SHA-1, 9 SHA-256, 10 SHA-384, 11 SHA-512. */
static const unsigned char oid_hmac[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02};
/* AES: one more byte, 2, 22 or 42 for CBC with 128, 192 or 256 bits. */
static const unsigned char oid_aes[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01};

struct reader {
    const char *password;
    HCERTSTORE store;
    PCCERT_CONTEXT *certificate;
    bool certificate_has_key_id;
    struct buffer *pkcs8;
};

/* Takes the next element, which has to have this tag, off the slice. */
static bool take(struct slice *from, unsigned char tag, struct slice *content)
{
    const unsigned char *at = from->data;
    unsigned char found;

    if (!der_read(&at, from->data + from->size, &found, &content->data, &content->size) ||
        found != tag)
        return false;
    from->size -= at - from->data;
    from->data = at;
    return true;
}

static bool equals(const struct slice *slice, const void *bytes, size_t size)
{
    return slice->size == size && !memcmp(slice->data, bytes, size);
}

/* The byte behind a known beginning, 0 when it begins otherwise. */
static unsigned char last_arc(const struct slice *oid, const void *prefix, size_t size)
{
    return oid->size == size + 1 && !memcmp(oid->data, prefix, size) ? oid->data[size] : 0;
}

/* Decryption ----------------------------------------------------------------------------------- */

struct scheme {
    struct slice salt;
    struct slice iv;
    ULONGLONG iterations;
    const WCHAR *hash;
    ULONG key_size;
};

static bool parse_hash(struct slice *parameters, struct scheme *scheme)
{
    struct slice algorithm, oid;

    scheme->hash = BCRYPT_SHA1_ALGORITHM;
    if (!parameters->size)
        return true;
    if (!take(parameters, DER_SEQUENCE, &algorithm) || !take(&algorithm, DER_OID, &oid))
        return false;
    switch (last_arc(&oid, oid_hmac, sizeof(oid_hmac))) {
    case 7:
        return true;
    case 9:
        scheme->hash = BCRYPT_SHA256_ALGORITHM;
        return true;
    case 10:
        scheme->hash = BCRYPT_SHA384_ALGORITHM;
        return true;
    case 11:
        scheme->hash = BCRYPT_SHA512_ALGORITHM;
        return true;
    default:
        return false;
    }
}

static bool parse_kdf(struct slice *kdf, struct scheme *scheme)
{
    struct slice oid, parameters, number;

    if (!take(kdf, DER_OID, &oid) || !equals(&oid, oid_pbkdf2, sizeof(oid_pbkdf2)) ||
        !take(kdf, DER_SEQUENCE, &parameters) ||
        !take(&parameters, DER_OCTET_STRING, &scheme->salt) ||
        !take(&parameters, DER_INTEGER, &number) || number.size > 4)
        return false;
    for (size_t i = 0; i < number.size; i++)
        scheme->iterations = scheme->iterations << 8 | number.data[i];
    /* The key's length may be given; the cipher says it as well. */
    take(&parameters, DER_INTEGER, &number);
    return scheme->iterations && scheme->iterations <= MAX_ITERATIONS &&
           parse_hash(&parameters, scheme);
}

static bool parse_scheme(struct slice *algorithm, struct scheme *scheme)
{
    struct slice oid, parameters, kdf, cipher;

    memset(scheme, 0, sizeof(*scheme));
    if (!take(algorithm, DER_OID, &oid) || !equals(&oid, oid_pbes2, sizeof(oid_pbes2)) ||
        !take(algorithm, DER_SEQUENCE, &parameters) || !take(&parameters, DER_SEQUENCE, &kdf) ||
        !take(&parameters, DER_SEQUENCE, &cipher) || !parse_kdf(&kdf, scheme) ||
        !take(&cipher, DER_OID, &oid) || !take(&cipher, DER_OCTET_STRING, &scheme->iv))
        return false;
    switch (last_arc(&oid, oid_aes, sizeof(oid_aes))) {
    case 2:
        scheme->key_size = 16;
        break;
    case 22:
        scheme->key_size = 24;
        break;
    case 42:
        scheme->key_size = 32;
        break;
    }
    return scheme->key_size && scheme->iv.size == 16;
}

static bool derive_key(const struct scheme *scheme, const char *password, unsigned char key[32])
{
    BCRYPT_ALG_HANDLE algorithm;
    bool ok;

    if (BCryptOpenAlgorithmProvider(&algorithm, scheme->hash, NULL, BCRYPT_ALG_HANDLE_HMAC_FLAG))
        return false;
    ok = !BCryptDeriveKeyPBKDF2(algorithm, (unsigned char *)password, (ULONG)strlen(password),
                                (unsigned char *)scheme->salt.data, (ULONG)scheme->salt.size,
                                scheme->iterations, key, scheme->key_size, 0);
    BCryptCloseAlgorithmProvider(algorithm, 0);
    return ok;
}

static bool decrypt_cbc(const struct scheme *scheme, unsigned char *key, const struct slice *cipher,
                        struct buffer *plain)
{
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_KEY_HANDLE handle = NULL;
    unsigned char iv[16];
    ULONG size = 0;
    bool ok;

    if (BCryptOpenAlgorithmProvider(&algorithm, BCRYPT_AES_ALGORITHM, NULL, 0))
        return false;
    memcpy(iv, scheme->iv.data, sizeof(iv));
    ok = !BCryptSetProperty(algorithm, BCRYPT_CHAINING_MODE, (unsigned char *)BCRYPT_CHAIN_MODE_CBC,
                            sizeof(BCRYPT_CHAIN_MODE_CBC), 0) &&
         !BCryptGenerateSymmetricKey(algorithm, &handle, NULL, 0, key, scheme->key_size, 0) &&
         buffer_reserve(plain, cipher->size) &&
         !BCryptDecrypt(handle, (unsigned char *)cipher->data, (ULONG)cipher->size, NULL, iv,
                        sizeof(iv), plain->data, (ULONG)cipher->size, &size, 0);
    if (handle)
        BCryptDestroyKey(handle);
    BCryptCloseAlgorithmProvider(algorithm, 0);
    plain->size = size;
    return ok && size == cipher->size;
}

/* Takes off the padding: n bytes of value n. */
static bool unpad(struct buffer *plain)
{
    unsigned char count = plain->size ? plain->data[plain->size - 1] : 0;

    if (!count || count > 16 || count > plain->size)
        return false;
    for (size_t i = plain->size - count; i < plain->size; i++) {
        if (plain->data[i] != count)
            return false;
    }
    plain->size -= count;
    return true;
}

static bool decrypt(const struct reader *reader, struct slice *algorithm,
                    const struct slice *cipher, struct buffer *plain)
{
    struct scheme scheme;
    unsigned char key[32];
    bool ok = parse_scheme(algorithm, &scheme) && cipher->size && cipher->size % 16 == 0 &&
              derive_key(&scheme, reader->password, key) &&
              decrypt_cbc(&scheme, key, cipher, plain) && unpad(plain);

    SecureZeroMemory(key, sizeof(key));
    return ok;
}

/* Contents ------------------------------------------------------------------------------------- */

/* The leaf's certificate is the one that is tied to a key; in doubt, the first. */
static bool read_certificate(struct reader *reader, struct slice *value, bool has_key_id)
{
    struct slice bag, oid, wrapped, der;
    PCCERT_CONTEXT added;

    if (!take(value, DER_SEQUENCE, &bag) || !take(&bag, DER_OID, &oid) ||
        !take(&bag, 0xa0, &wrapped) || !take(&wrapped, DER_OCTET_STRING, &der) ||
        !CertAddEncodedCertificateToStore(reader->store, X509_ASN_ENCODING, der.data,
                                          (DWORD)der.size, CERT_STORE_ADD_USE_EXISTING, &added))
        return false;
    if (*reader->certificate && (reader->certificate_has_key_id || !has_key_id)) {
        CertFreeCertificateContext(added);
        return true;
    }
    if (*reader->certificate)
        CertFreeCertificateContext(*reader->certificate);
    *reader->certificate = added;
    reader->certificate_has_key_id = has_key_id;
    return true;
}

static bool read_shrouded_key(struct reader *reader, struct slice *value)
{
    struct slice bag, algorithm, cipher;
    struct buffer plain = {0};
    bool ok = take(value, DER_SEQUENCE, &bag) && take(&bag, DER_SEQUENCE, &algorithm) &&
              take(&bag, DER_OCTET_STRING, &cipher) && decrypt(reader, &algorithm, &cipher, &plain);

    if (ok && !reader->pkcs8->size)
        ok = buffer_append(reader->pkcs8, plain.data, plain.size);
    buffer_free(&plain);
    return ok;
}

static bool has_local_key_id(struct slice attributes)
{
    struct slice attribute, oid;

    while (take(&attributes, DER_SEQUENCE, &attribute)) {
        if (take(&attribute, DER_OID, &oid) && equals(&oid, oid_local_key, sizeof(oid_local_key)))
            return true;
    }
    return false;
}

static bool read_bags(struct reader *reader, struct slice contents)
{
    struct slice bags, bag, oid, value, attributes = {NULL, 0};
    bool ok = take(&contents, DER_SEQUENCE, &bags);

    while (ok && bags.size) {
        ok = take(&bags, DER_SEQUENCE, &bag) && take(&bag, DER_OID, &oid) &&
             take(&bag, 0xa0, &value);
        if (!ok)
            break;
        attributes.size = 0;
        take(&bag, DER_SET, &attributes);
        switch (last_arc(&oid, oid_bag, sizeof(oid_bag))) {
        case 1:
            ok = reader->pkcs8->size || buffer_append(reader->pkcs8, value.data, value.size);
            break;
        case 2:
            ok = read_shrouded_key(reader, &value);
            break;
        case 3:
            ok = read_certificate(reader, &value, has_local_key_id(attributes));
            break;
        }
    }
    return ok;
}

static bool read_encrypted(struct reader *reader, struct slice *content)
{
    struct slice outer, version, inner, oid, algorithm, cipher;
    struct buffer plain = {0};
    bool ok = take(content, DER_SEQUENCE, &outer) && take(&outer, DER_INTEGER, &version) &&
              take(&outer, DER_SEQUENCE, &inner) && take(&inner, DER_OID, &oid) &&
              take(&inner, DER_SEQUENCE, &algorithm) && take(&inner, 0x80, &cipher) &&
              decrypt(reader, &algorithm, &cipher, &plain);

    ok = ok && read_bags(reader, (struct slice){plain.data, plain.size});
    buffer_free(&plain);
    return ok;
}

static bool read_content(struct reader *reader, struct slice *info)
{
    struct slice oid, content, octets;

    if (!take(info, DER_OID, &oid) || !take(info, 0xa0, &content))
        return false;
    if (equals(&oid, oid_encrypted, sizeof(oid_encrypted)))
        return read_encrypted(reader, &content);
    return equals(&oid, oid_data, sizeof(oid_data)) && take(&content, DER_OCTET_STRING, &octets) &&
           read_bags(reader, octets);
}

bool pkcs12_read(const struct buffer *file, const char *password, HCERTSTORE store,
                 PCCERT_CONTEXT *certificate, struct buffer *pkcs8)
{
    struct reader reader = {password, store, certificate, false, pkcs8};
    struct slice whole = {file->data, file->size}, pfx, version, info, oid, content, octets, safes;
    bool ok = take(&whole, DER_SEQUENCE, &pfx) && take(&pfx, DER_INTEGER, &version) &&
              take(&pfx, DER_SEQUENCE, &info) && take(&info, DER_OID, &oid) &&
              equals(&oid, oid_data, sizeof(oid_data)) && take(&info, 0xa0, &content) &&
              take(&content, DER_OCTET_STRING, &octets) && take(&octets, DER_SEQUENCE, &safes);

    while (ok && safes.size)
        ok = take(&safes, DER_SEQUENCE, &info) && read_content(&reader, &info);
    return ok && *certificate && pkcs8->size;
}
