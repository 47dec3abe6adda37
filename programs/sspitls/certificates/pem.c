/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PEM text: the system decodes and encodes what stands between the lines. */
#include "certificates/pem.h"

#include <string.h>

#include "asyncsspi.h"
#include "base/file.h"

static const char begin_certificate[] = "-----BEGIN CERTIFICATE-----";
static const char end_certificate[] = "-----END CERTIFICATE-----";

/* Finds `what` in bytes that need not end with a NUL. */
static const char *find_text(const char *at, const char *end, const char *what)
{
    size_t length = strlen(what);

    for (; (size_t)(end - at) >= length; at++) {
        if (!memcmp(at, what, length))
            return at;
    }
    return NULL;
}

bool is_pem(const struct buffer *text)
{
    const char *start = (const char *)text->data;

    return text->size && find_text(start, start + text->size, "-----BEGIN ");
}

static bool add_certificate(HCERTSTORE store, const char *text, size_t length, struct buffer *der)
{
    DWORD size = 0;

    return CryptStringToBinaryA(text, (DWORD)length, CRYPT_STRING_BASE64HEADER, NULL, &size, NULL,
                                NULL) &&
           buffer_reserve(der, size) &&
           CryptStringToBinaryA(text, (DWORD)length, CRYPT_STRING_BASE64HEADER, der->data, &size,
                                NULL, NULL) &&
           CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, der->data, size,
                                            CERT_STORE_ADD_USE_EXISTING, NULL);
}

unsigned pem_certificates(const struct buffer *text, HCERTSTORE store)
{
    const char *at = (const char *)text->data, *end = at + text->size, *stop;
    struct buffer der = {0};
    unsigned count = 0;

    while ((at = find_text(at, end, begin_certificate)) &&
           (stop = find_text(at + strlen(begin_certificate), end, end_certificate))) {
        stop += strlen(end_certificate);
        count += add_certificate(store, at, stop - at, &der);
        at = stop;
    }
    buffer_free(&der);
    return count;
}

static bool write_pem(const char *path, const void *data, DWORD size, const char *label)
{
    struct buffer text = {0};
    DWORD length = 0;
    bool ok;

    CryptBinaryToStringA(data, size, CRYPT_STRING_BASE64, NULL, &length);
    ok = buffer_printf(&text, "-----BEGIN %s-----\n", label) && buffer_reserve(&text, length) &&
         CryptBinaryToStringA(data, size, CRYPT_STRING_BASE64, (char *)text.data + text.size,
                              &length);
    if (ok) {
        text.size += length;
        ok = buffer_printf(&text, "-----END %s-----\n", label) &&
             write_file(path, text.data, text.size);
    }
    buffer_free(&text);
    return ok;
}

bool pem_save_certificate(PCCERT_CONTEXT certificate, const char *path)
{
    return write_pem(path, certificate->pbCertEncoded, certificate->cbCertEncoded, "CERTIFICATE");
}

bool pem_save_key(PCCERT_CONTEXT certificate, const char *path)
{
    struct buffer key = {0};
    DWORD size = 0;
    bool ok =
        CertGetCertificateContextProperty(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, NULL, &size) &&
        buffer_reserve(&key, size) &&
        CertGetCertificateContextProperty(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, key.data,
                                          &size);

    if (ok) {
        key.size = size;
        ok = write_pem(path, key.data, size, "PRIVATE KEY");
    }
    buffer_free(&key);
    return ok;
}
