/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PFXImportCertStore, and which of the certificates is the one with the key. */
#include "certificates/pfx.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/text.h"

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

HCERTSTORE pfx_import(const struct buffer *file, const char *password, PCCERT_CONTEXT *leaf)
{
    CRYPT_DATA_BLOB blob = {(DWORD)file->size, file->data};
    WCHAR *wide = wide_text(password ? password : "");
    HCERTSTORE store;

    *leaf = NULL;
    if (!wide)
        return NULL;
    /* The key stays in this process; it does not go into the user's key store. */
    store = PFXImportCertStore(&blob, wide, CRYPT_EXPORTABLE | PKCS12_NO_PERSIST_KEY);
    SecureZeroMemory(wide, wcslen(wide) * sizeof(*wide));
    free(wide);
    if (store && !(*leaf = find_with_key(store))) {
        CertCloseStore(store, 0);
        store = NULL;
    }
    return store;
}
