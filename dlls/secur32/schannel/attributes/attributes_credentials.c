/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QueryCredentialsAttributes for Schannel: what the credential allows and whose it is. And
 * SetCredentialsAttributes: how a server treats its clients' certificates, and the keys of its
 * session tickets.
 *
 * A policy is set once and stays, because contexts in other threads look at it.
 */
#include "schannel/attributes/attributes_credentials.h"
#include "core/ansi.h"
#include "core/memory.h"
#include "core/package.h"
#include "schannel/base/engine.h"
#include "schannel/credentials/credentials.h"
#include "schannel/credentials/crypto.h"
#include "schannel/credentials/roots.h"
#include "schannel/credentials/systemstore.h"
#include "winegnutls/unixlib.h"

#include <string.h>

/* Newer than the headers of mingw-w64 12. */
#ifndef SECPKG_ATTR_SESSION_TICKET_KEYS
#define SECPKG_ATTR_SESSION_TICKET_KEYS 0x73
#define SESSION_TICKET_INFO_VERSION     0

typedef struct _SecPkgCred_SessionTicketKey {
    DWORD TicketInfoVersion;
    BYTE KeyId[16];
    BYTE KeyingMaterial[64];
    BYTE KeyingMaterialSize; /* 32 to 64 */
} SecPkgCred_SessionTicketKey;

typedef struct _SecPkgCred_SessionTicketKeys {
    DWORD cSessionTicketKeys;
    SecPkgCred_SessionTicketKey *pSessionTicketKeys;
} SecPkgCred_SessionTicketKeys;
#endif

static SECURITY_STATUS query_algorithms(struct schannel_credentials *credentials, void *buffer)
{
    SecPkgCred_SupportedAlgs *algorithms = buffer;
    ALG_ID list[SCHANNEL_MAX_ALGORITHMS];
    unsigned int count = schannel_allowed_algorithms(credentials->limits.disabled, list);

    algorithms->palgSupportedAlgs = heap_zalloc(sizeof(list));
    if (!algorithms->palgSupportedAlgs)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(algorithms->palgSupportedAlgs, list, count * sizeof(*list));
    algorithms->cSupportedAlgs = count;
    return SEC_E_OK;
}

static SECURITY_STATUS query_strengths(struct schannel_credentials *credentials, void *buffer)
{
    SecPkgCred_CipherStrengths *strengths = buffer;

    schannel_allowed_strengths(credentials->limits.disabled, &strengths->dwMinimumCipherStrength,
                               &strengths->dwMaximumCipherStrength);
    return SEC_E_OK;
}

static SECURITY_STATUS query_protocols(struct schannel_credentials *credentials, void *buffer)
{
    ((SecPkgCred_SupportedProtocols *)buffer)->grbitProtocol = credentials->protocols;
    return SEC_E_OK;
}

static SECURITY_STATUS query_name(struct schannel_credentials *credentials, void *buffer)
{
    SecPkgCredentials_NamesW *names = buffer;
    CERT_NAME_BLOB *subject;
    DWORD length;

    if (!credentials->certificate_count)
        return SEC_E_NO_CREDENTIALS;
    subject = &credentials->certificates[0].context->pCertInfo->Subject;
    length = CertNameToStrW(X509_ASN_ENCODING, subject, CERT_X500_NAME_STR, NULL, 0);
    names->sUserName = heap_zalloc(length * sizeof(WCHAR));
    if (!names->sUserName)
        return SEC_E_INSUFFICIENT_MEMORY;
    CertNameToStrW(X509_ASN_ENCODING, subject, CERT_X500_NAME_STR, names->sUserName, length);
    return SEC_E_OK;
}

static SECURITY_STATUS query_certificate(struct schannel_credentials *credentials, void *buffer)
{
    SecPkgCredentials_Cert *certificate = buffer;
    const CERT_CONTEXT *context;

    if (!credentials->certificate_count)
        return SEC_E_NO_CREDENTIALS;
    context = credentials->certificates[0].context;
    certificate->EncodedCert = heap_zalloc(context->cbCertEncoded);
    if (!certificate->EncodedCert)
        return SEC_E_INSUFFICIENT_MEMORY;
    memcpy(certificate->EncodedCert, context->pbCertEncoded, context->cbCertEncoded);
    certificate->EncodedCertSize = context->cbCertEncoded;
    return SEC_E_OK;
}

static const struct {
    ULONG attribute;
    ULONG size;
    SECURITY_STATUS (*query)(struct schannel_credentials *credentials, void *buffer);
} queries[] = {
    {SECPKG_CRED_ATTR_NAMES, sizeof(SecPkgCredentials_NamesW), query_name},
    {SECPKG_CRED_ATTR_CERT, sizeof(SecPkgCredentials_Cert), query_certificate},
    {SECPKG_ATTR_SUPPORTED_ALGS, sizeof(SecPkgCred_SupportedAlgs), query_algorithms},
    {SECPKG_ATTR_CIPHER_STRENGTHS, sizeof(SecPkgCred_CipherStrengths), query_strengths},
    {SECPKG_ATTR_SUPPORTED_PROTOCOLS, sizeof(SecPkgCred_SupportedProtocols), query_protocols},
};

SECURITY_STATUS schannel_query_credentials(struct credentials *base, ULONG attribute, void *buffer,
                                           ULONG size, bool ansi)
{
    struct schannel_credentials *credentials = (struct schannel_credentials *)base;
    SECURITY_STATUS status;

    for (unsigned int i = 0; i < ARRAYSIZE(queries); i++) {
        if (queries[i].attribute != attribute)
            continue;
        if (size < queries[i].size)
            return SEC_E_BUFFER_TOO_SMALL;
        status = queries[i].query(credentials, buffer);
        if (!status && ansi)
            status = credentials_attribute_to_ansi(attribute, buffer);
        return status;
    }
    return SEC_E_UNSUPPORTED_FUNCTION;
}

/* The keys as the engine takes them: id and material, without what may stand behind the latter. */
struct ticket_key {
    BYTE id[16];
    BYTE material[64];
};

static SECURITY_STATUS set_ticket_keys(struct schannel_credentials *credentials, void *buffer)
{
    const SecPkgCred_SessionTicketKeys *wanted = buffer;
    struct ticket_key keys[TLS_MAX_TICKET_KEYS] = {{{0}, {0}}};
    struct tls_blob blobs[TLS_MAX_TICKET_KEYS];
    struct tls_set_ticket_keys call = {.credentials = credentials->engine,
                                       .keys = (ULONG_PTR)blobs,
                                       .count = wanted->cSessionTicketKeys};
    SECURITY_STATUS status = SEC_E_INVALID_PARAMETER;

    if (!call.count || call.count > ARRAYSIZE(keys) || !wanted->pSessionTicketKeys)
        return SEC_E_INVALID_PARAMETER;
    for (unsigned int i = 0; i < call.count; i++) {
        const SecPkgCred_SessionTicketKey *key = &wanted->pSessionTicketKeys[i];

        if (key->TicketInfoVersion != SESSION_TICKET_INFO_VERSION || key->KeyingMaterialSize < 32 ||
            key->KeyingMaterialSize > sizeof(key->KeyingMaterial))
            goto done;
        memcpy(keys[i].id, key->KeyId, sizeof(keys[i].id));
        memcpy(keys[i].material, key->KeyingMaterial, key->KeyingMaterialSize);
        blobs[i] = (struct tls_blob){.data = (ULONG_PTR)&keys[i], .size = sizeof(keys[i])};
    }
    status = engine_call(TLS_CALL_SET_TICKET_KEYS, &call);
    if (!status)
        status = call.status;
done:
    RtlSecureZeroMemory(keys, sizeof(keys));
    return status;
}

/* Certificate requests name the certificates of this store. */
static SECURITY_STATUS name_issuers(struct schannel_credentials *credentials, const WCHAR *name)
{
    struct tls_set_issuers call = {.credentials = credentials->engine};
    struct issuer_list issuers = {0};
    HCERTSTORE store = system_store_open(name);
    SECURITY_STATUS status;

    if (!store)
        return SEC_E_INVALID_PARAMETER;
    status = issuer_list_add(&issuers, store);
    if (!status) {
        call.issuers = (ULONG_PTR)issuers.blobs;
        call.count = issuers.count;
        status = engine_call(TLS_CALL_SET_ISSUERS, &call);
    }
    if (!status)
        status = call.status;
    issuer_list_free(&issuers);
    CertCloseStore(store, 0);
    return status;
}

#define REVOCATION_FLAGS                                                                           \
    (CERT_CHAIN_REVOCATION_CHECK_END_CERT | CERT_CHAIN_REVOCATION_CHECK_CHAIN |                    \
     CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT | CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY)

/* peer/revocation.c knows the credentials' names for them. */
static DWORD revocation_flags(DWORD chain_flags)
{
    DWORD flags = 0;

    if (chain_flags & CERT_CHAIN_REVOCATION_CHECK_END_CERT)
        flags |= SCH_CRED_REVOCATION_CHECK_END_CERT;
    if (chain_flags & CERT_CHAIN_REVOCATION_CHECK_CHAIN)
        flags |= SCH_CRED_REVOCATION_CHECK_CHAIN;
    if (chain_flags & CERT_CHAIN_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT)
        flags |= SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT;
    if (chain_flags & CERT_CHAIN_REVOCATION_CHECK_CACHE_ONLY)
        flags |= SCH_CRED_REVOCATION_CHECK_CACHE_ONLY;
    return flags;
}

static SECURITY_STATUS set_client_policy(struct schannel_credentials *credentials, void *buffer)
{
    const SecPkgCred_ClientCertPolicy *wanted = buffer;
    struct client_policy *policy;
    SECURITY_STATUS status = SEC_E_OK;

    /* Lists of trusted certificates by their name within a store are none of crypt32's in Wine, and
     * nothing is said about dwFlags. Evidence is good for as long as it says itself. */
    if (credentials->role != TLS_SERVER || wanted->dwFlags ||
        wanted->fCheckRevocationFreshnessTime ||
        (wanted->pwszSslCtlIdentifier && *wanted->pwszSslCtlIdentifier) ||
        client_policy_of(credentials))
        return SEC_E_UNSUPPORTED_FUNCTION;
    policy = heap_zalloc(sizeof(*policy));
    if (!policy)
        return SEC_E_INSUFFICIENT_MEMORY;
    policy->chain_flags = wanted->dwCertFlags & ~REVOCATION_FLAGS;
    policy->revocation = revocation_flags(wanted->dwCertFlags);
    policy->url_timeout = wanted->dwUrlRetrievalTimeout;
    policy->omit_usage = wanted->fOmitUsageCheck;
    if (wanted->pwszSslCtlStoreName && *wanted->pwszSslCtlStoreName)
        status = name_issuers(credentials, wanted->pwszSslCtlStoreName);
    if (!status &&
        InterlockedCompareExchangePointer((void **)&credentials->client_policy, policy, NULL))
        status = SEC_E_UNSUPPORTED_FUNCTION;
    if (status)
        heap_free(policy);
    return status;
}

static const struct {
    ULONG attribute;
    ULONG size;
    SECURITY_STATUS (*set)(struct schannel_credentials *credentials, void *buffer);
} sets[] = {
    {SECPKG_ATTR_CLIENT_CERT_POLICY, sizeof(SecPkgCred_ClientCertPolicy), set_client_policy},
    {SECPKG_ATTR_SESSION_TICKET_KEYS, sizeof(SecPkgCred_SessionTicketKeys), set_ticket_keys},
};

SECURITY_STATUS schannel_set_credentials(struct credentials *base, ULONG attribute, void *buffer,
                                         ULONG size, bool ansi)
{
    struct schannel_credentials *credentials = (struct schannel_credentials *)base;

    if (!credentials->engine)
        return SEC_E_NO_CREDENTIALS;
    /* Neither structure has strings that come in two forms. */
    (void)ansi;
    for (unsigned int i = 0; i < ARRAYSIZE(sets); i++) {
        if (sets[i].attribute != attribute)
            continue;
        return size < sets[i].size ? SEC_E_BUFFER_TOO_SMALL : sets[i].set(credentials, buffer);
    }
    return SEC_E_UNSUPPORTED_FUNCTION;
}
