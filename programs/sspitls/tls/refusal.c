/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The verdict comes from secur32 as one status for the whole chain. What can be seen in the
 * certificates themselves is told of the one it is seen in: dates, names, usage, and where the
 * chain ends. Revocation and signatures are not looked at again.
 */
#include "tls/refusal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls/certificate.h"

bool is_refusal(LONG status)
{
    switch (status) {
    case SEC_E_CERT_EXPIRED:
    case SEC_E_CERT_UNKNOWN:
    case SEC_E_CERT_WRONG_USAGE:
    case SEC_E_UNTRUSTED_ROOT:
    case SEC_E_WRONG_PRINCIPAL:
    case CRYPT_E_REVOKED:
    case CRYPT_E_NO_REVOCATION_CHECK:
    case CRYPT_E_REVOCATION_OFFLINE:
        return true;
    default:
        return false;
    }
}

static void describe_names(PCCERT_CONTEXT certificate, char *text, size_t size)
{
    char names[384];

    certificate_names(certificate, names, sizeof(names));
    snprintf(text, size, "it is for another name%s%s", names[0] ? ": " : "", names);
}

/* No usage named means any. */
static bool is_for_servers(PCCERT_CONTEXT certificate)
{
    CERT_ENHKEY_USAGE *usage = certificate_extension(certificate, szOID_ENHANCED_KEY_USAGE);
    bool good = !usage;

    for (DWORD i = 0; usage && i < usage->cUsageIdentifier; i++)
        good |= !strcmp(usage->rgpszUsageIdentifier[i], szOID_PKIX_KP_SERVER_AUTH) ||
                !strcmp(usage->rgpszUsageIdentifier[i], szOID_ANY_ENHANCED_KEY_USAGE);
    free(usage);
    return good;
}

/* A server signs, or in old suites decrypts, with its key. */
static bool is_key_for_tls(PCCERT_CONTEXT certificate)
{
    BYTE usage = 0;

    return !CertGetIntendedKeyUsage(X509_ASN_ENCODING, certificate->pCertInfo, &usage, 1) ||
           usage & (CERT_DIGITAL_SIGNATURE_KEY_USAGE | CERT_KEY_ENCIPHERMENT_KEY_USAGE);
}

void refusal_describe(LONG status, PCCERT_CONTEXT certificate, unsigned depth, bool last,
                      char *text, size_t size)
{
    CERT_INFO *info = certificate->pCertInfo;
    LONG when = CertVerifyTimeValidity(NULL, info);

    text[0] = 0;
    if (status == SEC_E_CERT_EXPIRED && when)
        snprintf(text, size, when > 0 ? "it has expired" : "it is not valid yet");
    else if (status == SEC_E_WRONG_PRINCIPAL && !depth)
        describe_names(certificate, text, size);
    else if (status == SEC_E_CERT_WRONG_USAGE && !is_for_servers(certificate))
        snprintf(text, size, "it is not for servers");
    else if (status == SEC_E_CERT_WRONG_USAGE && !depth && !is_key_for_tls(certificate))
        snprintf(text, size, "its key is for something else");
    else if (status == SEC_E_UNTRUSTED_ROOT && last)
        snprintf(text, size,
                 CertCompareCertificateName(X509_ASN_ENCODING, &info->Subject, &info->Issuer)
                     ? "it vouches for itself, and nobody here trusts it"
                     : "its issuer was not shown, and nobody here trusts it");
}
