/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates to trust. */
#include "certificates/roots.h"

#include "base/error.h"
#include "base/file.h"
#include "certificates/pem.h"

#define FILE_LIMIT (4u << 20)

HCERTSTORE load_roots(const char *path)
{
    struct buffer content = {0};
    HCERTSTORE store = NULL;
    unsigned count;

    if (!read_file(path, FILE_LIMIT, &content)) {
        report_system(path, GetLastError());
        return NULL;
    }
    store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    if (!store) {
        report_status("certificate store", (LONG)GetLastError());
        goto done;
    }
    if (is_pem(&content))
        count = pem_certificates(&content, store);
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

bool add_system_roots(HCERTSTORE store)
{
    HCERTSTORE system = CertOpenSystemStoreW(0, L"Root");
    PCCERT_CONTEXT root = NULL;

    if (!system) {
        report_status("the system's roots", (LONG)GetLastError());
        return false;
    }
    while ((root = CertEnumCertificatesInStore(system, root)))
        CertAddCertificateContextToStore(store, root, CERT_STORE_ADD_USE_EXISTING, NULL);
    CertCloseStore(system, 0);
    return true;
}
