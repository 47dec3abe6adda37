/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the certificates of the peer's chain were revoked.
 *
 * Wine's own check is not used: it forgets to look into a list that it has fetched before, does not
 * verify the list's signature, and leaves out the path of a responder's address. Here every
 * certificate is asked about in this order until an answer counts: the OCSP response that the peer
 * stapled, the OCSP responders and then the lists that the certificate names. What an answer is
 * worth is judged by the engine, which verifies its signature and dates.
 *
 * Fetching is cryptnet's, by HTTP only; what it has in its cache is tried first. An address comes
 * from a certificate that is already known to be trustworthy.
 */
#include "schannel/peer/revocation.h"
#include "core/memory.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/credentials/credentials.h"
#include "schannel/peer/peer.h"
#include "winegnutls/unixlib.h"

/* What crypt32 of Windows gives all the fetching for one chain. */
#define TIME_LIMIT   15000
/* Sources of one certificate, with room for an OCSP request in each. */
#define SOURCES_SIZE 4096

typedef BOOL WINAPI retrieve_function(const WCHAR *url, const char *kind, DWORD flags,
                                      DWORD timeout, void **object, HCRYPTASYNC async,
                                      CRYPT_CREDENTIALS *credentials, void *verify, void *info);

/* One certificate to ask about. */
struct subject {
    const struct schannel_context *context;
    const CERT_CONTEXT *certificate, *issuer;
    DWORD index;        /* in the chain that the peer sent */
    bool cache_only;    /* nothing goes over the network */
    ULONGLONG deadline; /* GetTickCount64 */
};

/* cryptnet.h is not in mingw-w64. Loaded late: few programs check revocation. */
static BOOL WINAPI load_cryptnet(INIT_ONCE *once, void *parameter, void **function)
{
    HMODULE module = LoadLibraryExW(L"cryptnet.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);

    (void)once;
    (void)parameter;
    *function = module ? (void *)GetProcAddress(module, "CryptRetrieveObjectByUrlW") : NULL;
    return *function != NULL;
}

static CRYPT_BLOB_ARRAY *retrieve(const WCHAR *url, DWORD flags, DWORD timeout)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    void *function, *object = NULL;

    if (!InitOnceExecuteOnce(&once, load_cryptnet, NULL, &function) ||
        !((retrieve_function *)function)(url, NULL, flags, timeout, &object, NULL, NULL, NULL,
                                         NULL))
        return NULL;
    return object;
}

static SECURITY_STATUS judge(const struct subject *subject, uint32_t kind, const void *evidence,
                             uint32_t size)
{
    struct tls_revocation_check params = {.certificate =
                                              (ULONG_PTR)subject->certificate->pbCertEncoded,
                                          .certificate_size = subject->certificate->cbCertEncoded,
                                          .issuer = (ULONG_PTR)subject->issuer->pbCertEncoded,
                                          .issuer_size = subject->issuer->cbCertEncoded,
                                          .evidence = (ULONG_PTR)evidence,
                                          .evidence_size = size,
                                          .kind = kind};

    if (engine_call(TLS_CALL_REVOCATION_CHECK, &params) != SEC_E_OK)
        return CRYPT_E_REVOCATION_OFFLINE;
    return params.status;
}

static SECURITY_STATUS ask_once(const struct subject *subject, uint32_t kind, const WCHAR *url,
                                DWORD flags, DWORD timeout)
{
    SECURITY_STATUS status = CRYPT_E_REVOCATION_OFFLINE;
    CRYPT_BLOB_ARRAY *answer = retrieve(url, flags, timeout);

    if (!answer)
        return status;
    if (answer->cBlob)
        status = judge(subject, kind, answer->rgBlob[0].pbData, answer->rgBlob[0].cbData);
    CryptMemFree(answer);
    return status;
}

/* What lies in the cache may be too old, or an error page that once came instead of the list. */
static SECURITY_STATUS ask(const struct subject *subject, uint32_t kind, const WCHAR *url)
{
    SECURITY_STATUS status = ask_once(subject, kind, url, CRYPT_CACHE_ONLY_RETRIEVAL, 0);
    ULONGLONG now = GetTickCount64();

    if (status != CRYPT_E_REVOCATION_OFFLINE || subject->cache_only || now >= subject->deadline)
        return status;
    return ask_once(subject, kind, url, CRYPT_WIRE_ONLY_RETRIEVAL,
                    (DWORD)(subject->deadline - now));
}

static SECURITY_STATUS ask_sources(const struct subject *subject)
{
    char sources[SOURCES_SIZE];
    WCHAR url[SOURCES_SIZE];
    struct tls_revocation_sources params = {.certificate =
                                                (ULONG_PTR)subject->certificate->pbCertEncoded,
                                            .certificate_size = subject->certificate->cbCertEncoded,
                                            .issuer = (ULONG_PTR)subject->issuer->pbCertEncoded,
                                            .issuer_size = subject->issuer->cbCertEncoded,
                                            .buffer = (ULONG_PTR)sources,
                                            .buffer_size = sizeof(sources)};
    SECURITY_STATUS status = CRYPT_E_REVOCATION_OFFLINE;
    uint32_t offset = 0;

    if (engine_call(TLS_CALL_REVOCATION_SOURCES, &params) != SEC_E_OK || params.status != SEC_E_OK)
        return status;
    if (!params.count)
        return CRYPT_E_NO_REVOCATION_CHECK;
    /* Each is a byte for the kind and the address, with its NUL. */
    while (offset < params.size && status == CRYPT_E_REVOCATION_OFFLINE) {
        const uint8_t kind = (uint8_t)sources[offset++];
        const size_t size = strlen(sources + offset) + 1;

        for (size_t i = 0; i < size; i++)
            url[i] = (WCHAR)sources[offset + i];
        offset += (uint32_t)size;
        status = ask(subject, kind, url);
    }
    return status;
}

/* The response that the peer sent along, if it is of use. */
static SECURITY_STATUS ask_staple(const struct subject *subject)
{
    SECURITY_STATUS status;
    DWORD size;
    BYTE *response = peer_stapled_response(subject->context, subject->index, &size);

    if (!response)
        return CRYPT_E_REVOCATION_OFFLINE;
    status = judge(subject, TLS_EVIDENCE_OCSP, response, size);
    heap_free(response);
    return status;
}

static SECURITY_STATUS check_one(const struct subject *subject)
{
    SECURITY_STATUS status = ask_staple(subject);

    return status == CRYPT_E_REVOCATION_OFFLINE ? ask_sources(subject) : status;
}

/* How many certificates from the leaf upwards are to be checked. */
static DWORD checked_count(const CERT_SIMPLE_CHAIN *chain, DWORD flags)
{
    if (flags & SCH_CRED_REVOCATION_CHECK_CHAIN || !chain->cElement)
        return chain->cElement;
    if (flags & SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT)
        return chain->cElement - 1; /* nobody, when the server is its own root */
    return flags & SCH_CRED_REVOCATION_CHECK_END_CERT ? 1 : 0;
}

SECURITY_STATUS revocation_check(const struct schannel_context *context,
                                 const CERT_CHAIN_CONTEXT *chain)
{
    const struct client_policy *policy = client_policy_of(context->credentials);
    const DWORD flags = context->credentials->flags | (policy ? policy->revocation : 0);
    const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[0];
    const DWORD count = checked_count(simple, flags);
    struct subject subject = {.context = context, .deadline = GetTickCount64() + TIME_LIMIT};
    SECURITY_STATUS status, result = SEC_E_OK;

    subject.cache_only =
        flags & (SCH_CRED_REVOCATION_CHECK_CACHE_ONLY | SCH_CRED_CACHE_ONLY_URL_RETRIEVAL);
    for (DWORD i = 0; i < count; i++) {
        bool root = i && i + 1 == simple->cElement;

        subject.index = i;
        subject.certificate = simple->rgpElement[i]->pCertContext;
        subject.issuer = simple->rgpElement[i + 1 < simple->cElement ? i + 1 : i]->pCertContext;
        status = check_one(&subject);
        /* A root says nothing about itself as a rule; trust in it is the store's to give. */
        if (status == SEC_E_OK || (root && status == CRYPT_E_NO_REVOCATION_CHECK))
            continue;
        if (status == CRYPT_E_REVOKED)
            return status;
        if (status == CRYPT_E_NO_REVOCATION_CHECK ? flags & SCH_CRED_IGNORE_NO_REVOCATION_CHECK
                                                  : flags & SCH_CRED_IGNORE_REVOCATION_OFFLINE)
            continue;
        if (result == SEC_E_OK)
            result = status;
    }
    return result;
}
