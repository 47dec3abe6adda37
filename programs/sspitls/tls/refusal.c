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

#include "base/text.h"

#define MOST_NAMES 8

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

/* The value of an extension, for the caller to free; NULL: there is none. */
static void *read_extension(PCCERT_CONTEXT certificate, const char *oid)
{
    const CERT_INFO *info = certificate->pCertInfo;
    PCERT_EXTENSION found = CertFindExtension(oid, info->cExtension, info->rgExtension);
    void *value = NULL;
    DWORD size = 0;

    if (!found ||
        !CryptDecodeObject(X509_ASN_ENCODING, oid, found->Value.pbData, found->Value.cbData, 0,
                           NULL, &size) ||
        !(value = malloc(size)))
        return NULL;
    if (CryptDecodeObject(X509_ASN_ENCODING, oid, found->Value.pbData, found->Value.cbData, 0,
                          value, &size))
        return value;
    free(value);
    return NULL;
}

static bool format_alternative(const CERT_ALT_NAME_ENTRY *name, char *text, size_t size)
{
    const BYTE *address = name->IPAddress.pbData;

    if (name->dwAltNameChoice == CERT_ALT_NAME_DNS_NAME)
        return WideCharToMultiByte(CP_UTF8, 0, name->pwszDNSName, -1, text, (int)size, NULL, NULL);
    if (name->dwAltNameChoice != CERT_ALT_NAME_IP_ADDRESS || name->IPAddress.cbData != 4)
        return false;
    snprintf(text, size, "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
    return true;
}

static void describe_names(PCCERT_CONTEXT certificate, char *text, size_t size)
{
    CERT_ALT_NAME_INFO *names = read_extension(certificate, szOID_SUBJECT_ALT_NAME2);
    size_t used = snprintf(text, size, "it is for another name");
    const char *separator = ": ";
    char name[256];

    for (DWORD i = 0; names && i < min(names->cAltEntry, MOST_NAMES); i++) {
        if (used >= size || !format_alternative(&names->rgAltEntry[i], name, sizeof(name)))
            continue;
        used += snprintf(text + used, size - used, "%s%s", separator, name);
        separator = ", ";
    }
    free(names);
    clean_text(text);
}

/* No usage named means any. */
static bool is_for_servers(PCCERT_CONTEXT certificate)
{
    CERT_ENHKEY_USAGE *usage = read_extension(certificate, szOID_ENHANCED_KEY_USAGE);
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
