/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How the key gets to Schannel: as the certificate's property ASYNCSSPI_CERT_PKCS8_PROP_ID, which
 * only asyncsspi's secur32.dll reads. It keeps the key in this process, and takes keys that Wine's
 * key stores cannot hold. Windows and Wine's own secur32.dll want a key container instead
 * (PFXImportCertStore); for them the certificate below has no key.
 */
#include "certificates.h"

#include <asyncsspi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *read_text(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *text = NULL;

    *size = 0;
    if (file && !fseek(file, 0, SEEK_END) && (*size = (size_t)ftell(file)) < 1 << 20) {
        text = calloc(1, *size + 1);
        rewind(file);
        if (text)
            *size = fread(text, 1, *size, file);
    }
    if (file)
        fclose(file);
    if (!text)
        fprintf(stderr, "%s: cannot be read\n", path);
    return text;
}

/* The bytes of the first PEM block `label` in *text, which moves on behind it; NULL: no more. */
static BYTE *next_block(char **text, const char *label, DWORD *size)
{
    char begin[64], end[64], *from, *to;
    BYTE *bytes;

    snprintf(begin, sizeof(begin), "-----BEGIN %s-----", label);
    snprintf(end, sizeof(end), "-----END %s-----", label);
    from = strstr(*text, begin);
    to = from ? strstr(from, end) : NULL;
    if (!to)
        return NULL;
    from += strlen(begin);
    *text = to + strlen(end);
    *size = (DWORD)(to - from);
    bytes = malloc(*size + 1);
    if (bytes && CryptStringToBinaryA(from, *size, CRYPT_STRING_BASE64, bytes, size, NULL, NULL))
        return bytes;
    free(bytes);
    return NULL;
}

HCERTSTORE load_certificates(const char *path, PCCERT_CONTEXT *first)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    size_t length;
    char *text = read_text(path, &length), *rest = text;
    PCCERT_CONTEXT none = NULL, *found = first ? first : &none;
    BYTE *bytes;
    DWORD size;

    *found = NULL;
    while (text && (bytes = next_block(&rest, "CERTIFICATE", &size))) {
        CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, bytes, size,
                                         CERT_STORE_ADD_ALWAYS, *found ? NULL : found);
        free(bytes);
    }
    if (text && !*found)
        fprintf(stderr, "%s: no PEM certificate in it\n", path);
    free(text);
    if (!*found) {
        CertCloseStore(store, 0);
        return NULL;
    }
    CertFreeCertificateContext(none);
    return store;
}

PCCERT_CONTEXT load_identity(const char *certificate_path, const char *key_path)
{
    PCCERT_CONTEXT certificate = NULL;
    HCERTSTORE store = load_certificates(certificate_path, &certificate);
    size_t length = 0;
    char *text = store ? read_text(key_path, &length) : NULL, *rest = text;
    CRYPT_DATA_BLOB key = {0, NULL};
    BOOL set = FALSE;

    if (text) {
        key.pbData = next_block(&rest, "PRIVATE KEY", &key.cbData);
        set = key.pbData &&
              CertSetCertificateContextProperty(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, 0, &key);
        if (!set)
            fprintf(stderr, "%s: no PEM block PRIVATE KEY in it that can be used\n", key_path);
        SecureZeroMemory(text, length);
    }
    if (key.pbData)
        SecureZeroMemory(key.pbData, key.cbData);
    free(key.pbData);
    free(text);
    if (store)
        CertCloseStore(store, 0); /* it lives as long as the certificate */
    if (set)
        return certificate;
    CertFreeCertificateContext(certificate);
    return NULL;
}
