/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PFX files.
 *
 * A file's MAC is made with its password, so a MAC that does not match does not tell whether the
 * password is wrong or the file has changed since. What is encrypted does: if the password opens
 * any of it, it is the right one. A file may do without a MAC, and without encryption.
 */
#include "unix/pfx.h"

#include <gnutls/pkcs12.h>
#include <stdbool.h>

struct survey {
    bool opened; /* by the password */
    bool keys, certificates;
};

static bool opens_key(const gnutls_datum_t *key, const char *password)
{
    gnutls_x509_privkey_t opened = NULL;
    bool ok = gnutls_x509_privkey_init(&opened) >= 0 &&
              gnutls_x509_privkey_import_pkcs8(opened, key, GNUTLS_X509_FMT_DER, password, 0) >= 0;

    if (opened)
        gnutls_x509_privkey_deinit(opened);
    return ok;
}

static void look_into(gnutls_pkcs12_bag_t bag, const char *password, struct survey *survey)
{
    int count = gnutls_pkcs12_bag_get_count(bag);

    for (int i = 0; i < count; i++) {
        gnutls_datum_t data;

        switch (gnutls_pkcs12_bag_get_type(bag, i)) {
        case GNUTLS_BAG_PKCS8_ENCRYPTED_KEY:
            if (gnutls_pkcs12_bag_get_data(bag, i, &data) >= 0)
                survey->opened |= opens_key(&data, password);
            survey->keys = true;
            break;
        case GNUTLS_BAG_PKCS8_KEY:
            survey->keys = true;
            break;
        case GNUTLS_BAG_CERTIFICATE:
            survey->certificates = true;
            break;
        default:
            break;
        }
    }
}

/* What there is in a file that could not be read. */
static struct survey make_survey(gnutls_pkcs12_t pfx, const char *password)
{
    struct survey survey = {false, false, false};
    gnutls_pkcs12_bag_t bag = NULL;

    for (int i = 0; gnutls_pkcs12_bag_init(&bag) >= 0; i++) {
        if (gnutls_pkcs12_get_bag(pfx, i, bag) < 0)
            break;
        if (gnutls_pkcs12_bag_get_type(bag, 0) == GNUTLS_BAG_ENCRYPTED)
            survey.opened |= gnutls_pkcs12_bag_decrypt(bag, password) >= 0;
        look_into(bag, password, &survey);
        gnutls_pkcs12_bag_deinit(bag);
        bag = NULL;
    }
    if (bag)
        gnutls_pkcs12_bag_deinit(bag);
    return survey;
}

static int32_t parse(gnutls_pkcs12_t pfx, const char *password, struct found *found)
{
    struct survey survey;

    found->error = gnutls_pkcs12_simple_parse(pfx, password, &found->key, &found->chain,
                                              &found->count, NULL, NULL, NULL, 0);
    if (found->error >= 0)
        return IDENTITY_OK;
    survey = make_survey(pfx, password);
    if (found->error == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return !survey.keys           ? IDENTITY_NO_KEY
               : !survey.certificates ? IDENTITY_NO_CERTIFICATE
                                      : IDENTITY_NO_MATCH;
    if (found->error == GNUTLS_E_DECRYPTION_FAILED && survey.opened)
        return IDENTITY_DAMAGED;
    return status_from_error(found->error);
}

/* 0: it is right, or there is none. */
static int check_mac(gnutls_pkcs12_t pfx, const char *password)
{
    int error = gnutls_pkcs12_verify_mac(pfx, password);

    /* Without a password: some write an empty one as nothing at all, some as its final NUL. */
    if (error == GNUTLS_E_MAC_VERIFY_FAILED && !*password)
        error = gnutls_pkcs12_verify_mac(pfx, NULL);
    return error == GNUTLS_E_ASN1_ELEMENT_NOT_FOUND || error == GNUTLS_E_ASN1_VALUE_NOT_FOUND
               ? 0
               : error;
}

int32_t pfx_read(const gnutls_datum_t *file, const char *password, struct found *found)
{
    gnutls_pkcs12_t pfx = NULL;
    int32_t status;

    if (!password)
        password = "";
    found->error = gnutls_pkcs12_init(&pfx);
    if (found->error >= 0)
        found->error = gnutls_pkcs12_import(pfx, file, GNUTLS_X509_FMT_DER, 0);
    if (found->error >= 0)
        found->error = check_mac(pfx, password);
    if (found->error == GNUTLS_E_MAC_VERIFY_FAILED)
        status = make_survey(pfx, password).opened ? IDENTITY_WRONG_MAC : IDENTITY_WRONG_PASSWORD;
    else if (found->error < 0)
        status = status_from_error(found->error);
    else
        status = parse(pfx, password, found);
    if (pfx)
        gnutls_pkcs12_deinit(pfx);
    return status;
}
