/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates as crypt32 reads them. */
#include "tls/certificate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define MOST_NAMES 8

void *certificate_extension(PCCERT_CONTEXT certificate, const char *oid)
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

static void print_fingerprint(FILE *file, PCCERT_CONTEXT certificate)
{
    BYTE hash[32];
    DWORD size = sizeof(hash);

    if (!CryptHashCertificate(0, CALG_SHA_256, 0, certificate->pbCertEncoded,
                              certificate->cbCertEncoded, hash, &size))
        return;
    fprintf(file, "    SHA-256: ");
    for (DWORD i = 0; i < size; i++)
        fprintf(file, "%02x", hash[i]);
    fprintf(file, "\n");
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

void certificate_print(FILE *file, unsigned depth, PCCERT_CONTEXT certificate)
{
    const CERT_INFO *info = certificate->pCertInfo;
    char text[768], from[24], to[24];

    certificate_format_name(&info->Subject, text, sizeof(text));
    fprintf(file, "  %u subject: %s\n", depth, text);
    certificate_format_name(&info->Issuer, text, sizeof(text));
    fprintf(file, "    issuer:  %s\n", text);
    format_time(&info->NotBefore, from);
    format_time(&info->NotAfter, to);
    fprintf(file, "    valid:   %s to %s UTC\n", from, to);
    certificate_names(certificate, text, sizeof(text));
    if (text[0])
        fprintf(file, "    names:   %s\n", text);
    format_key(&info->SubjectPublicKeyInfo, text, sizeof(text));
    fprintf(file, "    key:     %s\n", text);
    print_fingerprint(file, certificate);
}
