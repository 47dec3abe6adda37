/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stores of trusted certificates: which of them count, and whom a server's certificate requests
 * name.
 */
#include "schannel/credentials/roots.h"
#include "core/memory.h"
#include "schannel/credentials/systemstore.h"
#include "winegnutls/unixlib.h"

/* As Windows sends no more either; a message of the handshake has room for 64 KiB. */
#define MAX_ISSUER_NAMES 16384

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
    HCERTSTORE system = system_store_get(SYSTEM_STORE_ROOT);
    const CERT_CONTEXT *root = NULL;

    while (restricted && (root = CertEnumCertificatesInStore(roots, root))) {
        if (system && store_has(system, root))
            CertAddCertificateContextToStore(restricted, root, CERT_STORE_ADD_USE_EXISTING, NULL);
    }
    if (system)
        CertCloseStore(system, 0);
    return restricted;
}

tls_u64 roots_number(HCERTSTORE roots)
{
    const CERT_CONTEXT *root = NULL;
    BYTE hash[20];
    tls_u64 number = 1, part;

    /* A sum, because stores have no order. */
    while ((root = CertEnumCertificatesInStore(roots, root))) {
        DWORD size = sizeof(hash);

        if (!CertGetCertificateContextProperty(root, CERT_SHA1_HASH_PROP_ID, hash, &size))
            continue;
        memcpy(&part, hash, sizeof(part));
        number += part;
    }
    return number ? number : 1;
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
    HCERTSTORE store = system_store_get(SYSTEM_STORE_ROOT);
    SECURITY_STATUS status;

    if (!store)
        return SEC_E_OK;
    status = issuer_list_add(list, store);
    CertCloseStore(store, 0);
    return status;
}

void issuer_list_free(struct issuer_list *list)
{
    for (unsigned int i = 0; i < list->count; i++)
        CertFreeCertificateContext(list->certificates[i]);
    heap_free(list->certificates);
    heap_free(list->blobs);
}
