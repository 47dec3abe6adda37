/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificate revocation lists, RFC 5280 section 6.3 for complete lists of the certificate's own
 * issuer: lists of changes and those in which one authority speaks for another say nothing.
 *
 * An issuer may divide its list. Which part one is stands in a critical extension that GnuTLS does
 * not know, the issuing distribution point; it is read here.
 */
#include <string.h>

#include <gnutls/x509.h>

#include "unix/base/status.h"
#include "unix/queries/crl.h"

#define OID_ISSUING_DISTRIBUTION_POINT "2.5.29.28"
#define OID_DELTA_CRL_INDICATOR        "2.5.29.27"

/* IssuingDistributionPoint's members, and how a name in the first one is tagged. */
enum {
    IDP_POINT = 0xa0,
    IDP_ONLY_USERS = 0x81,
    IDP_ONLY_AUTHORITIES = 0x82,
    POINT_FULL_NAME = 0xa0,
    GENERAL_NAME_URI = 0x86,
    DER_SEQUENCE = 0x30,
};

struct element {
    uint8_t tag;
    gnutls_datum_t content;
};

/* Takes one DER element off the front of data; false at its end and when it is not well-formed. */
static bool take_element(gnutls_datum_t *data, struct element *element)
{
    const uint8_t *at = data->data, *end = at + data->size;
    size_t size;

    if (end - at < 2)
        return false;
    element->tag = *at++;
    size = *at++;
    if (size & 0x80) {
        unsigned int octets = size & 0x7f;

        if (!octets || octets > 3 || octets > end - at)
            return false;
        for (size = 0; octets; octets--)
            size = size << 8 | *at++;
    }
    if (size > (size_t)(end - at))
        return false;
    element->content.data = (unsigned char *)at;
    element->content.size = (unsigned int)size;
    data->data = (unsigned char *)at + size;
    data->size = (unsigned int)(end - at - size);
    return true;
}

/* Whether the certificate names this distribution point, for all reasons. */
static bool is_point_of(gnutls_x509_crt_t certificate, const gnutls_datum_t *uri)
{
    unsigned int seq, reasons;
    char name[1024];

    for (seq = 0; seq < 16; seq++) {
        size_t size = sizeof(name);
        int type =
            gnutls_x509_crt_get_crl_dist_points(certificate, seq, name, &size, &reasons, NULL);

        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            break;
        if (type == GNUTLS_SAN_URI && !reasons && size == uri->size &&
            !memcmp(name, uri->data, size))
            return true;
    }
    return false;
}

static bool point_matches(gnutls_datum_t point, gnutls_x509_crt_t certificate)
{
    struct element names, name;

    if (!take_element(&point, &names) || names.tag != POINT_FULL_NAME)
        return false;
    while (take_element(&names.content, &name))
        if (name.tag == GENERAL_NAME_URI && is_point_of(certificate, &name.content))
            return true;
    return false;
}

/* Whether a divided list is the part that the certificate would be in. */
static bool part_covers(gnutls_datum_t extension, gnutls_x509_crt_t certificate)
{
    bool authority = gnutls_x509_crt_get_ca_status(certificate, NULL) == 1;
    struct element whole, member;

    if (!take_element(&extension, &whole) || whole.tag != DER_SEQUENCE)
        return false;
    while (take_element(&whole.content, &member)) {
        switch (member.tag) {
        case IDP_POINT:
            if (!point_matches(member.content, certificate))
                return false;
            break;
        case IDP_ONLY_USERS:
            if (authority)
                return false;
            break;
        case IDP_ONLY_AUTHORITIES:
            if (!authority)
                return false;
            break;
        default:
            return false;
        }
    }
    return !whole.content.size;
}

/* Whether nothing in the list's extensions keeps it from speaking about the certificate. */
static bool list_covers(gnutls_x509_crl_t list, gnutls_x509_crt_t certificate)
{
    unsigned int index, critical;
    uint8_t bytes[2048];
    char oid[64];

    for (index = 0;; index++) {
        size_t oid_size = sizeof(oid), size = sizeof(bytes);
        int error = gnutls_x509_crl_get_extension_info(list, index, oid, &oid_size, &critical);
        gnutls_datum_t data = {bytes, 0};

        if (error == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            return true;
        if (error < 0 || !strcmp(oid, OID_DELTA_CRL_INDICATOR))
            return false;
        if (strcmp(oid, OID_ISSUING_DISTRIBUTION_POINT)) {
            if (critical)
                return false;
            continue;
        }
        if (gnutls_x509_crl_get_extension_data(list, index, bytes, &size) < 0)
            return false;
        data.size = (unsigned int)size;
        if (!part_covers(data, certificate))
            return false;
    }
}

static bool may_sign_lists(gnutls_x509_crt_t issuer)
{
    unsigned int usage;

    return gnutls_x509_crt_get_key_usage(issuer, &usage, NULL) < 0 || usage & GNUTLS_KEY_CRL_SIGN;
}

/* Signed by the issuer, of its name, and of now. */
static bool is_genuine(gnutls_x509_crl_t list, gnutls_x509_crt_t issuer)
{
    unsigned int problems = 0;

    return may_sign_lists(issuer) &&
           gnutls_x509_crl_verify(list, &issuer, 1, GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT,
                                  &problems) >= 0 &&
           !(problems & ~(unsigned int)GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS);
}

static int32_t look_up(gnutls_x509_crl_t list, gnutls_x509_crt_t certificate)
{
    uint8_t wanted[64], serial[64];
    size_t wanted_size = sizeof(wanted), size = sizeof(serial);
    gnutls_x509_crl_iter_t iterator = NULL;
    int32_t status = SEC_E_OK;
    int error;

    if (gnutls_x509_crt_get_serial(certificate, wanted, &wanted_size) < 0)
        return CRYPT_E_REVOCATION_OFFLINE;
    while ((error = gnutls_x509_crl_iter_crt_serial(list, &iterator, serial, &size, NULL)) >= 0) {
        if (size == wanted_size && !memcmp(serial, wanted, size)) {
            status = CRYPT_E_REVOKED;
            break;
        }
        size = sizeof(serial);
    }
    if (error < 0 && error != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        status = CRYPT_E_REVOCATION_OFFLINE;
    gnutls_x509_crl_iter_deinit(iterator);
    return status;
}

int32_t crl_check(const gnutls_datum_t *bytes, gnutls_x509_crt_t certificate,
                  gnutls_x509_crt_t issuer)
{
    int32_t status = CRYPT_E_REVOCATION_OFFLINE;
    gnutls_x509_crl_t list;

    if (gnutls_x509_crl_init(&list) < 0)
        return status;
    if (gnutls_x509_crl_import(list, bytes, GNUTLS_X509_FMT_DER) >= 0 && is_genuine(list, issuer) &&
        list_covers(list, certificate))
        status = look_up(list, certificate);
    gnutls_x509_crl_deinit(list);
    return status;
}
