/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates as crypt32 reads them. */
#include "tls/certificate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MOST_NAMES 8

/* To be freed; NULL: it is something else. */
static void *decode(LPCSTR kind, const BYTE *data, DWORD data_size)
{
    void *value = NULL;
    DWORD size = 0;

    if (CryptDecodeObject(X509_ASN_ENCODING, kind, data, data_size, 0, NULL, &size) &&
        (value = malloc(size)) &&
        !CryptDecodeObject(X509_ASN_ENCODING, kind, data, data_size, 0, value, &size)) {
        free(value);
        value = NULL;
    }
    return value;
}

void *certificate_extension(PCCERT_CONTEXT certificate, const char *oid)
{
    const CERT_INFO *info = certificate->pCertInfo;
    PCERT_EXTENSION found = CertFindExtension(oid, info->cExtension, info->rgExtension);

    return found ? decode(oid, found->Value.pbData, found->Value.cbData) : NULL;
}

void certificate_format_name(const CERT_NAME_BLOB *name, char *text, DWORD size)
{
    WCHAR wide[512];

    CertNameToStrW(X509_ASN_ENCODING, (CERT_NAME_BLOB *)name,
                   CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG, wide, ARRAYSIZE(wide));
    if (!WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, (int)size, NULL, NULL))
        snprintf(text, size, "?");
    clean_text(text);
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

void certificate_names(PCCERT_CONTEXT certificate, char *text, size_t size)
{
    CERT_ALT_NAME_INFO *names = certificate_extension(certificate, szOID_SUBJECT_ALT_NAME2);
    const char *separator = "";
    char name[256];
    size_t used = 0;

    text[0] = 0;
    for (DWORD i = 0; names && i < min(names->cAltEntry, MOST_NAMES); i++) {
        if (used >= size || !format_alternative(&names->rgAltEntry[i], name, sizeof(name)))
            continue;
        used += snprintf(text + used, size - used, "%s%s", separator, name);
        separator = ", ";
    }
    if (names && names->cAltEntry > MOST_NAMES && used < size)
        snprintf(text + used, size - used, ", and %lu more", names->cAltEntry - MOST_NAMES);
    free(names);
    clean_text(text);
}

static void format_time(const FILETIME *time, char text[24])
{
    SYSTEMTIME parts = {0};

    FileTimeToSystemTime(time, &parts);
    snprintf(text, 24, "%04u-%02u-%02u %02u:%02u", parts.wYear, parts.wMonth, parts.wDay,
             parts.wHour, parts.wMinute);
}

/* Of RFC 5480 and RFC 8410. */
static const struct {
    const char *oid, *name;
} kinds[] = {
    {"1.2.840.10045.3.1.7", "P-256"}, {"1.3.132.0.34", "P-384"}, {"1.3.132.0.35", "P-521"},
    {"1.3.101.112", "Ed25519"},       {"1.3.101.113", "Ed448"},
};

static const char *name_of_kind(const char *oid)
{
    for (size_t i = 0; i < ARRAYSIZE(kinds); i++) {
        if (!strcmp(kinds[i].oid, oid))
            return kinds[i].name;
    }
    return oid;
}

/* "RSA, 2048 bits", "P-256" */
static void format_key(const CERT_PUBLIC_KEY_INFO *key, char *text, size_t size)
{
    const CRYPT_OBJID_BLOB *parameters = &key->Algorithm.Parameters;
    char curve[128];
    DWORD curve_size = sizeof(curve);

    if (!strcmp(key->Algorithm.pszObjId, szOID_RSA_RSA))
        snprintf(text, size, "RSA, %lu bits",
                 CertGetPublicKeyLength(X509_ASN_ENCODING, (CERT_PUBLIC_KEY_INFO *)key));
    else if (!strcmp(key->Algorithm.pszObjId, "1.2.840.10045.2.1") &&
             CryptDecodeObject(X509_ASN_ENCODING, X509_OBJECT_IDENTIFIER, parameters->pbData,
                               parameters->cbData, 0, curve, &curve_size))
        snprintf(text, size, "%s", name_of_kind(*(const char **)(void *)curve));
    else
        snprintf(text, size, "%s", name_of_kind(key->Algorithm.pszObjId));
}

static void format_fingerprint(PCCERT_CONTEXT certificate, char text[65])
{
    BYTE hash[32];
    DWORD size = sizeof(hash);

    text[0] = 0;
    if (!CryptHashCertificate(0, CALG_SHA_256, 0, certificate->pbCertEncoded,
                              certificate->cbCertEncoded, hash, &size))
        return;
    for (DWORD i = 0; i < size; i++)
        snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

void certificate_print_pem(FILE *file, PCCERT_CONTEXT certificate)
{
    DWORD size = 0;
    char *text;

    if (!CryptBinaryToStringA(certificate->pbCertEncoded, certificate->cbCertEncoded,
                              CRYPT_STRING_BASE64HEADER | CRYPT_STRING_NOCR, NULL, &size) ||
        !(text = malloc(size)))
        return;
    if (CryptBinaryToStringA(certificate->pbCertEncoded, certificate->cbCertEncoded,
                             CRYPT_STRING_BASE64HEADER | CRYPT_STRING_NOCR, text, &size))
        fputs(text, file);
    free(text);
}

/* What the first entry says, which nobody has checked here. */
static void format_entry(const OCSP_BASIC_RESPONSE_ENTRY *entry, char *text, size_t size)
{
    static const char *const statuses[] = {"good", "revoked", "unknown"};
    char time[24];

    format_time(&entry->NextUpdate, time);
    snprintf(text, size, "%s, stapled, until %s UTC",
             entry->dwCertStatus < ARRAYSIZE(statuses) ? statuses[entry->dwCertStatus] : "?",
             entry->NextUpdate.dwHighDateTime ? time : "?");
}

/* What is signed is the first part of the response; Wine's crypt32 takes those for damaged that
 * have certificates behind it, when they are decoded as OCSP_BASIC_SIGNED_RESPONSE. */
static void format_ocsp(PCCERT_CONTEXT certificate, char *text, size_t size)
{
    OCSP_RESPONSE_INFO *response = NULL;
    CRYPT_SEQUENCE_OF_ANY *parts = NULL;
    OCSP_BASIC_RESPONSE_INFO *basic = NULL;
    BYTE *data = NULL;
    DWORD length = 0;

    text[0] = 0;
    if (!CertGetCertificateContextProperty(certificate, CERT_OCSP_RESPONSE_PROP_ID, NULL,
                                           &length) ||
        !(data = malloc(length)) ||
        !CertGetCertificateContextProperty(certificate, CERT_OCSP_RESPONSE_PROP_ID, data, &length))
        goto done;
    snprintf(text, size, "stapled");
    if ((response = decode(OCSP_RESPONSE, data, length)) &&
        (parts = decode(X509_SEQUENCE_OF_ANY, response->Value.pbData, response->Value.cbData)) &&
        parts->cValue &&
        (basic = decode(OCSP_BASIC_RESPONSE, parts->rgValue[0].pbData, parts->rgValue[0].cbData)) &&
        basic->cResponseEntry)
        format_entry(basic->rgResponseEntry, text, size);
done:
    free(basic);
    free(parts);
    free(response);
    free(data);
}

void certificate_describe(PCCERT_CONTEXT certificate, struct certificate_text *text)
{
    const CERT_INFO *info = certificate->pCertInfo;

    certificate_format_name(&info->Subject, text->subject, sizeof(text->subject));
    certificate_format_name(&info->Issuer, text->issuer, sizeof(text->issuer));
    format_time(&info->NotBefore, text->from);
    format_time(&info->NotAfter, text->to);
    certificate_names(certificate, text->names, sizeof(text->names));
    format_key(&info->SubjectPublicKeyInfo, text->key, sizeof(text->key));
    format_fingerprint(certificate, text->sha256);
    format_ocsp(certificate, text->ocsp, sizeof(text->ocsp));
}
