/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes about certificates: the peer's, ours, and how long they last.
 *
 * REMOTE_CERT_CONTEXT and REMOTE_CERT_CHAIN are answered during the handshake too, as soon as the
 * peer's certificates have arrived. A peer that sent none is SEC_E_NO_CREDENTIALS.
 */
#include "schannel/attributes/attributes_cert.h"
#include "core/memory.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/credentials/credentials.h"
#include "schannel/peer/peer.h"
#include "schannel/peer/validate.h"
#include "winegnutls/unixlib.h"

/* The engine reads the session; nobody may be using it meanwhile. */
static const CERT_CONTEXT *peer_certificate(struct schannel_context *context)
{
    const CERT_CONTEXT *certificate;

    if (!context->session)
        return NULL;
    context_lock(context);
    certificate = schannel_peer_certificate(context);
    context_unlock(context);
    return certificate;
}

SECURITY_STATUS query_remote_certificate(struct schannel_context *context, void *buffer)
{
    const CERT_CONTEXT *certificate = peer_certificate(context);

    *(const CERT_CONTEXT **)buffer = certificate;
    return certificate ? SEC_E_OK : SEC_E_NO_CREDENTIALS;
}

/* The structure's chain has the engine's format: a length in host order before each certificate. */
SECURITY_STATUS query_remote_certificates(struct schannel_context *context, void *buffer)
{
    SecPkgContext_Certificates *certificates = buffer;
    struct peer_chain chain;
    SECURITY_STATUS status;

    if (!context->session)
        return SEC_E_NO_CREDENTIALS;
    context_lock(context);
    status = peer_chain_get(context, &chain);
    context_unlock(context);
    if (status)
        return status;
    certificates->cCertificates = chain.count;
    certificates->cbCertificateChain = chain.size;
    certificates->pbCertificateChain = chain.data;
    return SEC_E_OK;
}

/* The certificate we presented, or NULL. Borrowed from the credentials. */
static const CERT_CONTEXT *local_certificate(struct schannel_context *context)
{
    const struct schannel_credentials *credentials = context->credentials;
    struct tls_info negotiated;

    if (connection_info(context, &negotiated) || negotiated.key_index < 0 ||
        (uint32_t)negotiated.key_index >= credentials->certificate_count)
        return NULL;
    return credentials->certificates[negotiated.key_index].context;
}

SECURITY_STATUS query_local_certificate(struct schannel_context *context, void *buffer)
{
    const CERT_CONTEXT *certificate = local_certificate(context);

    *(const CERT_CONTEXT **)buffer = NULL;
    if (!certificate)
        return SEC_E_NO_CREDENTIALS;
    *(const CERT_CONTEXT **)buffer = CertDuplicateCertificateContext(certificate);
    return SEC_E_OK;
}

/* A name as text in a block of its own, with its size in bytes. */
static WCHAR *name_to_string(CERT_NAME_BLOB *name, DWORD *size)
{
    const DWORD format = CERT_X500_NAME_STR | CERT_NAME_STR_NO_PLUS_FLAG;
    DWORD length = CertNameToStrW(X509_ASN_ENCODING, name, format, NULL, 0);
    WCHAR *text = heap_zalloc(length * sizeof(*text));

    if (text)
        CertNameToStrW(X509_ASN_ENCODING, name, format, text, length);
    *size = length * sizeof(*text);
    return text;
}

/* Bits of a certificate's key. crypt32 knows RSA; Wine's nothing else. */
static DWORD key_bits(CERT_PUBLIC_KEY_INFO *info)
{
    DWORD bits = CertGetPublicKeyLength(X509_ASN_ENCODING, info);

    if (bits || !info->PublicKey.cbData)
        return bits;
    /* A point in its uncompressed form, 04 X Y; else the whole string is the key. */
    if (info->PublicKey.pbData[0] != 4 || !(info->PublicKey.cbData & 1))
        return info->PublicKey.cbData * 8;
    bits = (info->PublicKey.cbData - 1) / 2 * 8;
    return bits == 528 ? 521 : bits;
}

SECURITY_STATUS query_local_certificate_info(struct schannel_context *context, void *buffer)
{
    const CERT_CONTEXT *certificate = local_certificate(context);
    SecPkgContext_CertInfo *info = buffer;

    if (!certificate)
        return SEC_E_NO_CREDENTIALS;
    info->dwVersion = KERN_CONTEXT_CERT_INFO_V1;
    info->pwszSubjectName = name_to_string(&certificate->pCertInfo->Subject, &info->cbSubjectName);
    info->pwszIssuerName = name_to_string(&certificate->pCertInfo->Issuer, &info->cbIssuerName);
    info->dwKeySize = key_bits(&certificate->pCertInfo->SubjectPublicKeyInfo);
    if (!info->pwszSubjectName || !info->pwszIssuerName) {
        heap_free(info->pwszSubjectName);
        heap_free(info->pwszIssuerName);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    return SEC_E_OK;
}

static void to_time_stamp(const FILETIME *time, TimeStamp *stamp)
{
    FILETIME local = {0, 0};

    FileTimeToLocalFileTime(time, &local);
    stamp->LowPart = local.dwLowDateTime;
    stamp->HighPart = (LONG)local.dwHighDateTime;
}

/* A connection is good for as long as the certificate that vouches for it: the peer's, or ours. */
SECURITY_STATUS query_lifespan(struct schannel_context *context, void *buffer)
{
    SecPkgContext_Lifespan *lifespan = buffer;
    const CERT_CONTEXT *certificate = peer_certificate(context);

    if (!certificate)
        certificate = CertDuplicateCertificateContext(local_certificate(context));
    if (!certificate)
        return SEC_E_NO_CREDENTIALS;
    to_time_stamp(&certificate->pCertInfo->NotBefore, &lifespan->tsStart);
    to_time_stamp(&certificate->pCertInfo->NotAfter, &lifespan->tsExpiry);
    CertFreeCertificateContext(certificate);
    return SEC_E_OK;
}

/* Who the peer is, and who says so, in words. */
static SECURITY_STATUS peer_name(struct schannel_context *context, bool issuer, SEC_WCHAR **name)
{
    const CERT_CONTEXT *certificate = peer_certificate(context);
    DWORD size;

    if (!certificate)
        return SEC_E_NO_CREDENTIALS;
    *name = name_to_string(
        issuer ? &certificate->pCertInfo->Issuer : &certificate->pCertInfo->Subject, &size);
    CertFreeCertificateContext(certificate);
    return *name ? SEC_E_OK : SEC_E_INSUFFICIENT_MEMORY;
}

SECURITY_STATUS query_names(struct schannel_context *context, void *buffer)
{
    return peer_name(context, false, &((SecPkgContext_NamesW *)buffer)->sUserName);
}

SECURITY_STATUS query_authority(struct schannel_context *context, void *buffer)
{
    return peer_name(context, true, &((SecPkgContext_AuthorityW *)buffer)->sAuthorityName);
}

SECURITY_STATUS query_check_result(struct schannel_context *context, void *buffer)
{
    const CERT_CONTEXT *certificate = peer_certificate(context);
    struct certificate_check check;
    SECURITY_STATUS status;

    if (!certificate)
        return SEC_E_NO_CREDENTIALS;
    status = schannel_check_certificate(context, certificate, &check.dwChainErrorStatus,
                                        &check.hrVerifyChainStatus);
    if (!status)
        *(struct certificate_check *)buffer = check;
    CertFreeCertificateContext(certificate);
    return status;
}

/*
 * The chain as a store for CERT_STORE_PROV_SERIALIZED. Windows numbers its certificates in a
 * property of Schannel's own; Wine's crypt32 drops certificates with properties it does not know.
 * What it keeps is their order: it opens the store with the last certificate first, which is the
 * leaf.
 */
SECURITY_STATUS query_serialized_chain(struct schannel_context *context, void *buffer)
{
    const CERT_CONTEXT *certificate = peer_certificate(context);
    CERT_BLOB *blob = buffer, made = {0, NULL};
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;

    if (!certificate)
        return SEC_E_NO_CREDENTIALS;
    if (!CertSaveStore(certificate->hCertStore, X509_ASN_ENCODING, CERT_STORE_SAVE_AS_STORE,
                       CERT_STORE_SAVE_TO_MEMORY, &made, 0))
        goto done;
    status = SEC_E_INSUFFICIENT_MEMORY;
    made.pbData = heap_zalloc(made.cbData);
    if (!made.pbData)
        goto done;
    status = SEC_E_INTERNAL_ERROR;
    if (!CertSaveStore(certificate->hCertStore, X509_ASN_ENCODING, CERT_STORE_SAVE_AS_STORE,
                       CERT_STORE_SAVE_TO_MEMORY, &made, 0))
        goto done;
    *blob = made;
    made.pbData = NULL;
    status = SEC_E_OK;
done:
    heap_free(made.pbData);
    CertFreeCertificateContext(certificate);
    return status;
}

/* One block: the names' descriptions, behind them the names. */
SECURITY_STATUS query_issuers(struct schannel_context *context, void *buffer)
{
    SecPkgContext_IssuerListInfoEx *info = buffer;
    struct issuer_names list;
    SECURITY_STATUS status;
    BYTE *bytes;

    info->aIssuers = NULL;
    info->cIssuers = 0;
    if (context->role != TLS_CLIENT)
        return SEC_E_UNSUPPORTED_FUNCTION;
    context_lock(context);
    status = schannel_requested_issuers(context, &list);
    context_unlock(context);
    /* Not asked yet, or by a server that names nobody. */
    if (status == SEC_E_UNSUPPORTED_FUNCTION || (!status && !list.count))
        return SEC_E_OK;
    if (status)
        return status;
    info->aIssuers = heap_zalloc(list.count * sizeof(*info->aIssuers) + list.size);
    if (!info->aIssuers) {
        heap_free(list.data);
        return SEC_E_INSUFFICIENT_MEMORY;
    }
    bytes = (BYTE *)(info->aIssuers + list.count);
    memcpy(bytes, list.data, list.size);
    for (DWORD i = 0; i < list.count; i++) {
        uint32_t size;

        memcpy(&size, bytes, sizeof(size));
        info->aIssuers[i].pbData = bytes + sizeof(size);
        info->aIssuers[i].cbData = size;
        bytes += sizeof(size) + size;
    }
    info->cIssuers = list.count;
    heap_free(list.data);
    return SEC_E_OK;
}
