/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PEM files: certificates into a store, and private keys in their three
 * spellings into PKCS#8.
 *
 *   PRIVATE KEY      PKCS#8 already
 *   RSA PRIVATE KEY  PKCS#1: the OCTET STRING inside a PKCS#8 with
 * rsaEncryption EC PRIVATE KEY   SEC1: likewise with id-ecPublicKey; the curve
 * is its own [0] element, or in an EC PARAMETERS block before it
 */
#include "certificates/certificate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "certificates/der.h"
#include "base/error.h"

static const unsigned char rsa_algorithm[] = {0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86,
                                              0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00};
static const unsigned char ec_public_key[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

/* Finds `text` in bytes that need not end with a NUL. */
static const unsigned char *find_text(const unsigned char *at, const unsigned char *end,
                                      const char *text)
{
    size_t length = strlen(text);

    for (; (size_t)(end - at) >= length; at++) {
        if (!memcmp(at, text, length))
            return at;
    }
    return NULL;
}

bool is_pem(const struct buffer *text)
{
    return find_text(text->data, text->data + text->size, "-----BEGIN ") != NULL;
}

/* Decodes the first block with this label at or behind *at, and moves *at behind it. */
static bool next_block(const unsigned char **at, const unsigned char *end, const char *label,
                       struct buffer *der)
{
    char begin[64], finish[64];
    const unsigned char *start, *stop;
    DWORD size = 0;

    snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
    snprintf(finish, sizeof(finish), "-----END %s-----", label);
    start = find_text(*at, end, begin);
    stop = start ? find_text(start, end, finish) : NULL;
    if (!stop)
        return false;
    *at = stop + strlen(finish);
    start += strlen(begin);
    der->size = 0;
    if (!CryptStringToBinaryA((const char *)start, (DWORD)(stop - start), CRYPT_STRING_BASE64, NULL,
                              &size, NULL, NULL) ||
        !buffer_reserve(der, size) ||
        !CryptStringToBinaryA((const char *)start, (DWORD)(stop - start), CRYPT_STRING_BASE64,
                              der->data, &size, NULL, NULL))
        return false;
    der->size = size;
    return true;
}

unsigned pem_certificates(const struct buffer *text, HCERTSTORE store, PCCERT_CONTEXT *first)
{
    const unsigned char *at = text->data, *end = text->data + text->size;
    struct buffer der = {0};
    PCCERT_CONTEXT added;
    unsigned count = 0;

    while (next_block(&at, end, "CERTIFICATE", &der)) {
        if (!CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der.data, (DWORD)der.size,
                                              CERT_STORE_ADD_USE_EXISTING, &added))
            continue;
        if (!count++ && first)
            *first = added;
        else
            CertFreeCertificateContext(added);
    }
    buffer_free(&der);
    return count;
}

/* version 0, AlgorithmIdentifier, OCTET STRING: PKCS#8 around an older form. */
static bool wrap_key(struct buffer *pkcs8, const void *algorithm, size_t algorithm_size,
                     const struct buffer *key)
{
    size_t begin = der_begin(pkcs8);

    return der_add(pkcs8, DER_INTEGER, "", 1) && buffer_append(pkcs8, algorithm, algorithm_size) &&
           der_add(pkcs8, DER_OCTET_STRING, key->data, key->size) &&
           der_end(pkcs8, begin, DER_SEQUENCE);
}

/* The curve's OID element from SEC1's [0]; false when there is none. */
static bool find_curve(const struct buffer *sec1, struct buffer *curve)
{
    const unsigned char *at = sec1->data, *end = at + sec1->size, *content;
    unsigned char tag;
    size_t size;

    if (!der_read(&at, end, &tag, &content, &size) || tag != DER_SEQUENCE)
        return false;
    at = content;
    end = content + size;
    while (der_read(&at, end, &tag, &content, &size)) {
        if (tag == 0xa0)
            return buffer_append(curve, content, size);
    }
    return false;
}

static bool wrap_ec_key(const struct buffer *text, const struct buffer *sec1, struct buffer *pkcs8)
{
    const unsigned char *at = text->data;
    struct buffer curve = {0}, algorithm = {0};
    bool ok;

    ok = (find_curve(sec1, &curve) ||
          next_block(&at, text->data + text->size, "EC PARAMETERS", &curve)) &&
         der_add(&algorithm, DER_OID, ec_public_key, sizeof(ec_public_key)) &&
         buffer_append(&algorithm, curve.data, curve.size) &&
         der_end(&algorithm, 0, DER_SEQUENCE) &&
         wrap_key(pkcs8, algorithm.data, algorithm.size, sec1);
    buffer_free(&curve);
    buffer_free(&algorithm);
    return ok;
}

bool pem_private_key(const char *name, const struct buffer *text, struct buffer *pkcs8)
{
    const unsigned char *start = text->data, *end = text->data + text->size, *at;
    struct buffer der = {0};
    bool ok = true;

    if (find_text(start, end, "-----BEGIN ENCRYPTED PRIVATE KEY-----") ||
        find_text(start, end, "Proc-Type: 4,ENCRYPTED")) {
        report("%s: the private key is encrypted; decrypt it first (openssl pkey -in %s)", name,
               name);
        return false;
    }
    if (at = start, next_block(&at, end, "PRIVATE KEY", &der))
        ok = buffer_append(pkcs8, der.data, der.size);
    else if (at = start, next_block(&at, end, "RSA PRIVATE KEY", &der))
        ok = wrap_key(pkcs8, rsa_algorithm, sizeof(rsa_algorithm), &der);
    else if (at = start, next_block(&at, end, "EC PRIVATE KEY", &der))
        ok = wrap_ec_key(text, &der, pkcs8);
    else
        ok = false;
    if (!ok)
        report("%s: no private key in this file that can be read (PEM: PRIVATE KEY, RSA PRIVATE "
               "KEY or EC PRIVATE KEY)",
               name);
    buffer_free(&der);
    return ok;
}
