/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Default credentials: the certificate of the user's that a client presents when the server asks
 * for one, the program has given none, and has not forbidden it (SCH_CRED_NO_DEFAULT_CREDS,
 * ISC_REQ_USE_SUPPLIED_CREDS).
 *
 * It is the first one of the user's store MY that is valid today, may be used for client
 * authentication, has a private key that can be used, and comes from one of the authorities that
 * the server names, if it names any.
 */
#include "schannel/legs/default.h"
#include "core/memory.h"
#include "schannel/base/context.h"
#include "schannel/credentials/chain.h"
#include "schannel/credentials/credentials.h"
#include "schannel/peer/peer.h"

#include <string.h>

static bool names(const struct issuer_names *list, const CERT_NAME_BLOB *issuer)
{
    uint32_t size;

    for (DWORD offset = 0; list->size - offset >= sizeof(size); offset += size) {
        memcpy(&size, list->data + offset, sizeof(size));
        offset += sizeof(size);
        if (size > list->size - offset)
            return false;
        if (size == issuer->cbData && !memcmp(list->data + offset, issuer->pbData, size))
            return true;
    }
    return false;
}

static bool is_named(const CERT_CONTEXT *certificate, const struct issuer_names *list)
{
    const CERT_CONTEXT *chain[SCHANNEL_MAX_CHAIN];
    unsigned int count;
    bool found = false;

    if (!list->count)
        return true;
    count = schannel_build_chain(certificate, true, chain);
    for (unsigned int i = 0; i < count; i++) {
        found = found || names(list, &chain[i]->pCertInfo->Issuer);
        CertFreeCertificateContext(chain[i]);
    }
    return found;
}

static bool is_for_clients(const CERT_CONTEXT *certificate)
{
    BYTE buffer[2048];
    CERT_ENHKEY_USAGE *usage = (CERT_ENHKEY_USAGE *)(void *)buffer;
    DWORD size = sizeof(buffer);

    if (!CertGetEnhancedKeyUsage(certificate, 0, usage, &size))
        return false;
    /* Without such an extension it is for everything. */
    if (!usage->cUsageIdentifier)
        return GetLastError() == (DWORD)CRYPT_E_NOT_FOUND;
    for (DWORD i = 0; i < usage->cUsageIdentifier; i++)
        if (!strcmp(usage->rgpszUsageIdentifier[i], szOID_PKIX_KP_CLIENT_AUTH))
            return true;
    return false;
}

static struct schannel_credentials *choose(const struct schannel_context *context, HCERTSTORE store,
                                           const struct issuer_names *list)
{
    struct schannel_credentials *credentials = NULL;
    const CERT_CONTEXT *certificate = NULL;

    while (!credentials && (certificate = CertEnumCertificatesInStore(store, certificate))) {
        if (!CertVerifyTimeValidity(NULL, certificate->pCertInfo) && is_for_clients(certificate) &&
            is_named(certificate, list))
            schannel_credentials_with(context->credentials, certificate, &credentials);
    }
    if (certificate)
        CertFreeCertificateContext(certificate);
    return credentials;
}

struct schannel_credentials *schannel_default_credentials(const struct schannel_context *context)
{
    struct schannel_credentials *credentials = NULL;
    struct issuer_names list;
    HCERTSTORE store;

    if (context->credentials->flags & SCH_CRED_NO_DEFAULT_CREDS ||
        schannel_requested_issuers(context, &list) != SEC_E_OK)
        return NULL;
    store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0,
                          CERT_SYSTEM_STORE_CURRENT_USER | CERT_STORE_READONLY_FLAG |
                              CERT_STORE_OPEN_EXISTING_FLAG,
                          L"MY");
    if (store) {
        credentials = choose(context, store, &list);
        CertCloseStore(store, 0);
    }
    heap_free(list.data);
    return credentials;
}
