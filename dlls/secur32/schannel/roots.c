/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stores of trusted certificates: which of them count, and whom a server's certificate requests
 * name.
 */
#include "roots.h"
#include "../core.h"

/* As Windows sends no more either; a message of the handshake has room for 64 KiB. */
#define MAX_ISSUER_NAMES 16384

static HCERTSTORE open_system_store(const WCHAR *name, DWORD location)
{
    return CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0,
                         location | CERT_STORE_OPEN_EXISTING_FLAG | CERT_STORE_READONLY_FLAG, name);
}

HCERTSTORE roots_open_named(const WCHAR *name)
{
    /* The user's store has the machine's in it; and who opens the user's makes an empty one of that
     * name for the machine as well. */
    HCERTSTORE store = open_system_store(name, CERT_SYSTEM_STORE_CURRENT_USER);

    return store ? store : open_system_store(name, CERT_SYSTEM_STORE_LOCAL_MACHINE);
}

static bool store_has(HCERTSTORE store, const CERT_CONTEXT *certificate)
{
    const CERT_CONTEXT *found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                           CERT_FIND_EXISTING, certificate, NULL);

    if (found)
        CertFreeCertificateContext(found);
    return found != NULL;
}

HCERTSTORE roots_restrict(HCERTSTORE roots)
{
    HCERTSTORE restricted =
        CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    HCERTSTORE system[] = {open_system_store(L"Root", CERT_SYSTEM_STORE_LOCAL_MACHINE),
                           open_system_store(L"Root", CERT_SYSTEM_STORE_CURRENT_USER)};
    const CERT_CONTEXT *root = NULL;

    while (restricted && (root = CertEnumCertificatesInStore(roots, root))) {
        if ((system[0] && store_has(system[0], root)) || (system[1] && store_has(system[1], root)))
            CertAddCertificateContextToStore(restricted, root, CERT_STORE_ADD_USE_EXISTING, NULL);
    }
    for (unsigned int i = 0; i < ARRAYSIZE(system); i++) {
        if (system[i])
            CertCloseStore(system[i], 0);
    }
    return restricted;
}

static SECURITY_STATUS add_issuer(struct issuer_list *list, const CERT_CONTEXT *certificate)
{
    const CERT_CONTEXT **certificates;
    struct tls_blob *blobs;

    if (list->count == list->capacity) {
        unsigned int capacity = list->capacity ? 2 * list->capacity : 16;

        certificates = heap_zalloc(capacity * sizeof(*certificates));
        blobs = heap_zalloc(capacity * sizeof(*blobs));
        if (!certificates || !blobs) {
            heap_free(certificates);
            heap_free(blobs);
            return SEC_E_INSUFFICIENT_MEMORY;
        }
        if (list->count) {
            memcpy(certificates, list->certificates, list->count * sizeof(*certificates));
            memcpy(blobs, list->blobs, list->count * sizeof(*blobs));
        }
        heap_free(list->certificates);
        heap_free(list->blobs);
        list->certificates = certificates;
        list->blobs = blobs;
        list->capacity = capacity;
    }
    list->certificates[list->count] = CertDuplicateCertificateContext(certificate);
    list->blobs[list->count].data = (ULONG_PTR)certificate->pbCertEncoded;
    list->blobs[list->count].size = certificate->cbCertEncoded;
    list->count++;
    return SEC_E_OK;
}

SECURITY_STATUS issuer_list_add(struct issuer_list *list, HCERTSTORE store)
{
    const CERT_CONTEXT *certificate = NULL;
    SECURITY_STATUS status = SEC_E_OK;

    while (!status && (certificate = CertEnumCertificatesInStore(store, certificate))) {
        DWORD size = certificate->pCertInfo->Subject.cbData + sizeof(USHORT);

        if (size > MAX_ISSUER_NAMES - list->names_size)
            continue;
        status = add_issuer(list, certificate);
        list->names_size += size;
    }
    if (status)
        CertFreeCertificateContext(certificate);
    return status;
}

SECURITY_STATUS issuer_list_add_system(struct issuer_list *list)
{
    static const DWORD locations[] = {CERT_SYSTEM_STORE_LOCAL_MACHINE,
                                      CERT_SYSTEM_STORE_CURRENT_USER};
    SECURITY_STATUS status = SEC_E_OK;

    for (unsigned int i = 0; i < ARRAYSIZE(locations) && !status; i++) {
        HCERTSTORE store = open_system_store(L"Root", locations[i]);

        if (!store)
            continue;
        status = issuer_list_add(list, store);
        CertCloseStore(store, 0);
    }
    return status;
}

void issuer_list_free(struct issuer_list *list)
{
    for (unsigned int i = 0; i < list->count; i++)
        CertFreeCertificateContext(list->certificates[i]);
    heap_free(list->certificates);
    heap_free(list->blobs);
}
