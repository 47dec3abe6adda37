/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QueryCredentialsAttributes for Schannel: what the credential allows and whose it is. There is
 * nothing to set yet.
 */
#include "crypto.h"
#include "../core.h"

#include <string.h>

static SECURITY_STATUS query_algorithms(struct schannel_credentials *credentials, void *buffer)
{
    SecPkgCred_SupportedAlgs *algorithms = buffer;
    ALG_ID list[SCHANNEL_MAX_ALGORITHMS];
    unsigned int count = schannel_allowed_algorithms(credentials->disabled, list);

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

    schannel_allowed_strengths(credentials->disabled, &strengths->dwMinimumCipherStrength,
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

SECURITY_STATUS schannel_set_credentials(struct credentials *base, ULONG attribute, void *buffer,
                                         ULONG size, bool ansi)
{
    (void)base;
    (void)attribute;
    (void)buffer;
    (void)size;
    (void)ansi;
    return SEC_E_UNSUPPORTED_FUNCTION;
}
