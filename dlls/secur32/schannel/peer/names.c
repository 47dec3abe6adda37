/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The name check of RFC 6125 and RFC 2818: is this certificate for that server?
 *
 * A host name is compared, in A-label form, with the dNSName entries of the certificate's
 * alternative names, an address with its iPAddress entries and, as Windows does it, with dNSName
 * entries that spell it; only a certificate without alternative names is judged by its common name.
 * A wildcard stands for one whole leftmost label and needs two labels behind it. Without a target
 * nothing matches: a program that does not say whom it wants to reach has to say that it does not
 * care.
 *
 * The alternative names are read from the extension's DER here rather than by crypt32, which
 * returns C strings: "good.example\0.evil.example" would be taken for "good.example".
 */
#include "schannel/peer/names.h"
#include "schannel/peer/target.h"

#include <string.h>

/* ntdll's, which no header of mingw-w64 declares. Addresses in network order. */
LONG NTAPI RtlIpv4StringToAddressW(const WCHAR *text, BOOLEAN strict, const WCHAR **end,
                                   void *address);
LONG NTAPI RtlIpv6StringToAddressW(const WCHAR *text, const WCHAR **end, void *address);

enum { IPV4_SIZE = 4, IPV6_SIZE = 16 };

/* More characters than any address has, with its NUL. */
#define MAX_ADDRESS 64

/* GeneralName's context tags. */
enum { GENERAL_NAME_DNS = 0x82, GENERAL_NAME_IP = 0x87, DER_SEQUENCE_TAG = 0x30 };

struct text {
    const char *data;
    size_t size;
};

/* Whom we want: a host name or an address. */
struct wanted {
    char name[SERVER_NAME_MAX + 1];
    size_t name_size; /* 0: not a host name */
    BYTE address[IPV6_SIZE];
    size_t address_size; /* 0: not an address */
};

static char lower(char character)
{
    return character >= 'A' && character <= 'Z' ? (char)(character + 'a' - 'A') : character;
}

static bool equal(struct text a, struct text b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower(a.data[i]) != lower(b.data[i]))
            return false;
    return true;
}

static struct text behind_first_label(struct text name)
{
    const char *dot = memchr(name.data, '.', name.size);
    struct text rest = {NULL, 0};

    if (dot) {
        rest.data = dot + 1;
        rest.size = name.size - (size_t)(rest.data - name.data);
    }
    return rest;
}

static bool host_matches(struct text pattern, struct text host)
{
    struct text suffix, rest;

    if (pattern.size && pattern.data[pattern.size - 1] == '.')
        pattern.size--;
    if (pattern.size < 2 || pattern.data[0] != '*')
        return pattern.size && equal(pattern, host);
    suffix = behind_first_label(pattern);
    rest = behind_first_label(host);
    return pattern.data[1] == '.' && memchr(suffix.data, '.', suffix.size) &&
           rest.data != host.data + 1 && rest.size && equal(suffix, rest);
}

/* Takes one DER element off the front of *data; false when it is not well-formed. */
static bool take_element(const BYTE **data, size_t *size, BYTE *tag, const BYTE **content,
                         size_t *content_size)
{
    const BYTE *p = *data;
    size_t left = *size, length;

    if (left < 2)
        return false;
    *tag = p[0];
    length = p[1];
    p += 2;
    left -= 2;
    if (length & 0x80) {
        size_t octets = length & 0x7f;

        if (!octets || octets > 3 || octets > left)
            return false;
        for (length = 0; octets; octets--, left--)
            length = length << 8 | *p++;
    }
    if (length > left)
        return false;
    *content = p;
    *content_size = length;
    *data = p + length;
    *size = left - length;
    return true;
}

static size_t address_from_text(const WCHAR *text, BYTE address[IPV6_SIZE])
{
    const WCHAR *end;

    if (!RtlIpv4StringToAddressW(text, TRUE, &end, address) && !*end)
        return IPV4_SIZE;
    return !RtlIpv6StringToAddressW(text, &end, address) && !*end ? IPV6_SIZE : 0;
}

/* A name that is no name but the address that is wanted. */
static bool spells_address(struct text name, const struct wanted *wanted)
{
    BYTE address[IPV6_SIZE];
    WCHAR text[MAX_ADDRESS];

    if (!wanted->address_size || !name.size || name.size >= ARRAYSIZE(text))
        return false;
    for (size_t i = 0; i < name.size; i++) {
        if (!name.data[i])
            return false;
        text[i] = (BYTE)name.data[i];
    }
    text[name.size] = 0;
    return address_from_text(text, address) == wanted->address_size &&
           !memcmp(address, wanted->address, wanted->address_size);
}

static bool name_matches(struct text name, const struct wanted *wanted)
{
    struct text host = {wanted->name, wanted->name_size};

    return host.size ? host_matches(name, host) : spells_address(name, wanted);
}

static bool alternative_matches(const struct wanted *wanted, BYTE tag, const BYTE *content,
                                size_t size)
{
    struct text name = {(const char *)content, size};

    if (tag == GENERAL_NAME_DNS)
        return name_matches(name, wanted);
    if (tag == GENERAL_NAME_IP)
        return wanted->address_size && size == wanted->address_size &&
               !memcmp(content, wanted->address, size);
    return false;
}

static bool alternatives_match(const CERT_EXTENSION *extension, const struct wanted *wanted)
{
    const BYTE *data = extension->Value.pbData, *names, *content;
    size_t size = extension->Value.cbData, names_size, content_size;
    BYTE tag;

    if (!take_element(&data, &size, &tag, &names, &names_size) || tag != DER_SEQUENCE_TAG)
        return false;
    while (names_size) {
        if (!take_element(&names, &names_size, &tag, &content, &content_size))
            return false;
        if (alternative_matches(wanted, tag, content, content_size))
            return true;
    }
    return false;
}

/* The wide value of a relative name in 8-bit characters; false when it does not fit in them. */
static bool narrow(const CERT_RDN_VALUE_BLOB *value, char *text, size_t capacity, size_t *size)
{
    const WCHAR *wide = (const WCHAR *)value->pbData;

    *size = value->cbData / sizeof(WCHAR);
    /* Wine counts the terminator. */
    if (*size && !wide[*size - 1])
        --*size;
    if (*size > capacity)
        return false;
    for (size_t i = 0; i < *size; i++) {
        if (wide[i] > 0x7f)
            return false;
        text[i] = (char)wide[i];
    }
    return true;
}

static bool common_name_matches(const CERT_CONTEXT *certificate, const struct wanted *wanted)
{
    const CERT_NAME_BLOB *subject = &certificate->pCertInfo->Subject;
    char text[SERVER_NAME_MAX];
    struct text name = {text, 0};
    const CERT_RDN_ATTR *attribute;
    CERT_NAME_INFO *info = NULL;
    bool matches = false;
    DWORD size;

    if (!CryptDecodeObjectEx(X509_ASN_ENCODING, X509_UNICODE_NAME, subject->pbData, subject->cbData,
                             CRYPT_DECODE_ALLOC_FLAG, NULL, &info, &size))
        return false;
    attribute = CertFindRDNAttr(szOID_COMMON_NAME, info);
    if (attribute && narrow(&attribute->Value, text, sizeof(text), &name.size))
        matches = name_matches(name, wanted);
    LocalFree(info);
    return matches;
}

static void parse_address(const SEC_WCHAR *target, struct wanted *wanted)
{
    struct target_host host = target_find_host(target);
    WCHAR text[MAX_ADDRESS];
    size_t length = 0;

    /* A zone belongs to the machine, not to the address. */
    while (length < host.size && host.name[length] != '%')
        length++;
    if (length >= ARRAYSIZE(text))
        return;
    memcpy(text, host.name, length * sizeof(*text));
    text[length] = 0;
    wanted->address_size = address_from_text(text, wanted->address);
}

bool certificate_is_for(const CERT_CONTEXT *certificate, const SEC_WCHAR *target)
{
    struct wanted wanted = {.name_size = 0};
    const CERT_EXTENSION *alternatives;

    if (!target || !*target)
        return false;
    wanted.name_size = server_name_from_target(target, wanted.name);
    if (!wanted.name_size)
        parse_address(target, &wanted);
    alternatives = CertFindExtension(szOID_SUBJECT_ALT_NAME2, certificate->pCertInfo->cExtension,
                                     certificate->pCertInfo->rgExtension);
    if (alternatives)
        return alternatives_match(alternatives, &wanted);
    return common_name_matches(certificate, &wanted);
}
