/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates from files: PFX through PFXImportCertStore, or pkcs12.c where that cannot; PEM pairs
 * through a memory store whose leaf carries its key in the PKCS#8 property (see asyncsspi.h).
 */
#include "certificates/certificate.h"

#include <stdlib.h>
#include <string.h>

#include "asyncsspi.h"
#include "certificates/der.h"
#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "certificates/pkcs12.h"

#define FILE_LIMIT (4u << 20)

static HCERTSTORE open_memory_store(void)
{
    HCERTSTORE store =
        CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);

    if (!store)
        report_status("certificate store", (LONG)GetLastError());
    return store;
}

/* The leaf's key, so that the certificate alone is enough for AcquireCredentialsHandle. */
static bool attach_key(struct identity *identity, const struct buffer *pkcs8)
{
    CRYPT_DATA_BLOB blob = {(DWORD)pkcs8->size, pkcs8->data};

    if (CertSetCertificateContextProperty(identity->certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, 0,
                                          &blob))
        return true;
    report_status("private key", (LONG)GetLastError());
    return false;
}

static bool load_pem(struct identity *identity, const char *certificate_name,
                     const struct buffer *text, const char *key_name)
{
    struct buffer key_text = {0}, pkcs8 = {0};
    const struct buffer *key_source = text;
    bool ok = false;

    identity->store = open_memory_store();
    if (!identity->store)
        return false;
    if (!pem_certificates(text, identity->store, &identity->certificate)) {
        report("%s: no certificate in this file", certificate_name);
        goto done;
    }
    if (key_name) {
        if (!read_file(key_name, FILE_LIMIT, &key_text)) {
            report_system(key_name, GetLastError());
            goto done;
        }
        key_source = &key_text;
    }
    if (!pem_private_key(key_name ? key_name : certificate_name, key_source, &pkcs8))
        goto done;
    ok = attach_key(identity, &pkcs8);
done:
    buffer_free(&key_text);
    buffer_free(&pkcs8);
    return ok;
}

static bool issues_another(HCERTSTORE store, PCCERT_CONTEXT certificate)
{
    PCCERT_CONTEXT other = NULL;

    while ((other = CertEnumCertificatesInStore(store, other))) {
        if (!CertCompareCertificate(X509_ASN_ENCODING, other->pCertInfo, certificate->pCertInfo) &&
            CertCompareCertificateName(X509_ASN_ENCODING, &other->pCertInfo->Issuer,
                                       &certificate->pCertInfo->Subject)) {
            CertFreeCertificateContext(other);
            return true;
        }
    }
    return false;
}

/* The leaf of an imported store: Wine gives its key to every certificate of the file. */
static PCCERT_CONTEXT find_with_key(HCERTSTORE store)
{
    PCCERT_CONTEXT certificate = NULL;
    DWORD size;

    while ((certificate = CertEnumCertificatesInStore(store, certificate))) {
        if ((CertGetCertificateContextProperty(certificate, CERT_KEY_PROV_INFO_PROP_ID, NULL,
                                               &size) ||
             CertGetCertificateContextProperty(certificate, CERT_KEY_CONTEXT_PROP_ID, NULL,
                                               &size)) &&
            !issues_another(store, certificate))
            break;
    }
    return certificate;
}

/* The way of Windows programs; Wine's takes RSA keys only. */
static void import_pfx(struct identity *identity, const struct buffer *content,
                       const char *password)
{
    CRYPT_DATA_BLOB blob = {(DWORD)content->size, content->data};
    WCHAR *wide = wide_text(password);

    if (!wide)
        return;
    /* The key stays in this process; it does not go into the user's key store. */
    identity->store = PFXImportCertStore(&blob, wide, CRYPT_EXPORTABLE | PKCS12_NO_PERSIST_KEY);
    if (identity->store)
        identity->certificate = find_with_key(identity->store);
    SecureZeroMemory(wide, wcslen(wide) * sizeof(*wide));
    free(wide);
}

static bool load_pfx(struct identity *identity, const char *name, const struct buffer *content,
                     const char *password)
{
    struct buffer pkcs8 = {0};
    bool ok;

    if (!password)
        password = "";
    import_pfx(identity, content, password);
    if (identity->certificate)
        return true;
    if (identity->store)
        CertCloseStore(identity->store, 0);
    identity->store = open_memory_store();
    if (!identity->store)
        return false;
    ok = pkcs12_read(content, password, identity->store, &identity->certificate, &pkcs8);
    if (ok) {
        ok = attach_key(identity, &pkcs8);
    } else {
        report("%s: cannot be read: no PFX file, wrong password (FILE.pfx:PASSWORD), or of a kind",
               name);
        report(
            "    that is not known here; openssl pkcs12 -in %s -nodes -out both.pem makes PEM of",
            name);
        report("    it, for --cert both.pem");
    }
    buffer_free(&pkcs8);
    return ok;
}

/* Reads NAME; if there is no such file, its part before a colon, with the password behind that. */
static bool read_with_password(char *name, struct buffer *content, const char **password)
{
    DWORD error;

    if (read_file(name, FILE_LIMIT, content))
        return true;
    error = GetLastError();
    for (char *colon = name; (colon = strchr(colon, ':')); colon++) {
        /* C:\file is a drive, not a password. */
        if (colon == name + 1)
            continue;
        *colon = 0;
        if (read_file(name, FILE_LIMIT, content)) {
            *password = colon + 1;
            return true;
        }
        *colon = ':';
    }
    /* Without what may be a password. */
    if (strlen(name) > 2 && strchr(name + 2, ':'))
        *strchr(name + 2, ':') = 0;
    report_system(name, error);
    return false;
}

bool identity_load(struct identity *identity, const char *certificate, const char *key)
{
    struct buffer content = {0};
    const char *password = NULL;
    char *name = strdup(certificate);
    size_t size = strlen(certificate);
    bool ok = false;

    memset(identity, 0, sizeof(*identity));
    if (!name)
        return false;
    if (read_with_password(name, &content, &password)) {
        if (is_pem(&content))
            ok = load_pem(identity, name, &content, key);
        else if (key)
            report("%s: --key belongs to a certificate in PEM form, and this file is not", name);
        else
            ok = load_pfx(identity, name, &content, password);
    }
    buffer_free(&content);
    SecureZeroMemory(name, size);
    free(name);
    if (!ok)
        identity_free(identity);
    return ok;
}

bool identity_staple(struct identity *identity, const char *path)
{
    struct buffer response = {0};
    const unsigned char *at, *content;
    CRYPT_DATA_BLOB blob;
    unsigned char tag;
    size_t size;
    bool ok = false;

    if (!read_file(path, FILE_LIMIT, &response)) {
        report_system(path, GetLastError());
        goto done;
    }
    at = response.data;
    if (!der_read(&at, at + response.size, &tag, &content, &size) || tag != DER_SEQUENCE) {
        report("%s: no OCSP response in DER form", path);
        goto done;
    }
    blob = (CRYPT_DATA_BLOB){(DWORD)response.size, response.data};
    ok = CertSetCertificateContextProperty(identity->certificate, CERT_OCSP_RESPONSE_PROP_ID, 0,
                                           &blob);
    if (!ok)
        report_status(path, (LONG)GetLastError());
done:
    buffer_free(&response);
    return ok;
}

void identity_free(struct identity *identity)
{
    HCRYPTPROV provider;

    if (identity->certificate)
        CertFreeCertificateContext(identity->certificate);
    if (identity->store)
        CertCloseStore(identity->store, 0);
    if (identity->container) {
        CryptAcquireContextW(&provider, identity->container, NULL, PROV_RSA_AES,
                             CRYPT_DELETEKEYSET);
        free(identity->container);
    }
    memset(identity, 0, sizeof(*identity));
}

HCERTSTORE load_roots(const char *path)
{
    struct buffer content = {0};
    HCERTSTORE store = NULL;
    unsigned count;

    if (!read_file(path, FILE_LIMIT, &content)) {
        report_system(path, GetLastError());
        return NULL;
    }
    store = open_memory_store();
    if (!store)
        goto done;
    if (is_pem(&content))
        count = pem_certificates(&content, store, NULL);
    else
        count = CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, content.data,
                                                 (DWORD)content.size, CERT_STORE_ADD_ALWAYS, NULL);
    if (!count) {
        report("%s: no certificate in this file", path);
        CertCloseStore(store, 0);
        store = NULL;
    }
done:
    buffer_free(&content);
    return store;
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

bool identity_save_pem(const struct identity *identity, const char *certificate_path,
                       const char *key_path)
{
    PCCERT_CONTEXT certificate = identity->certificate;
    struct buffer key = {0};
    DWORD size = 0;
    bool ok = write_pem(certificate_path, certificate->pbCertEncoded, certificate->cbCertEncoded,
                        "CERTIFICATE");

    if (!ok || !key_path)
        return ok;
    ok =
        CertGetCertificateContextProperty(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, NULL, &size) &&
        buffer_reserve(&key, size) &&
        CertGetCertificateContextProperty(certificate, ASYNCSSPI_CERT_PKCS8_PROP_ID, key.data,
                                          &size);
    if (ok) {
        key.size = size;
        ok = write_pem(key_path, key.data, size, "PRIVATE KEY");
    }
    buffer_free(&key);
    return ok;
}
