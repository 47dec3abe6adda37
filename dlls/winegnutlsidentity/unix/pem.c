/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PEM files: certificates in any order, and one private key. */
#include "unix/pem.h"

#include <stdbool.h>
#include <string.h>

#define ID_SIZE 64

static bool contains(const gnutls_datum_t *text, const char *what)
{
    return memmem(text->data, text->size, what, strlen(what)) != NULL;
}

static int32_t read_key(const gnutls_datum_t *text, const char *password, struct found *found)
{
    bool encrypted = contains(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----") ||
                     contains(text, "Proc-Type: 4,ENCRYPTED");

    if (!contains(text, "PRIVATE KEY-----"))
        return IDENTITY_NO_KEY;
    if (encrypted && !password)
        return IDENTITY_PASSWORD_NEEDED;
    found->error = gnutls_x509_privkey_init(&found->key);
    if (found->error >= 0)
        found->error = gnutls_x509_privkey_import2(found->key, text, GNUTLS_X509_FMT_PEM,
                                                   encrypted ? password : NULL, 0);
    return found->error < 0 ? status_from_error(found->error) : IDENTITY_OK;
}

static int32_t read_certificates(const gnutls_datum_t *text, struct found *found)
{
    found->error =
        gnutls_x509_crt_list_import2(&found->chain, &found->count, text, GNUTLS_X509_FMT_PEM, 0);
    if (found->error >= 0)
        return IDENTITY_OK;
    found->chain = NULL;
    found->count = 0;
    return contains(text, "-----BEGIN CERTIFICATE-----") ? status_from_error(found->error)
                                                         : IDENTITY_NO_CERTIFICATE;
}

static void swap(gnutls_x509_crt_t *a, gnutls_x509_crt_t *b)
{
    gnutls_x509_crt_t kept = *a;

    *a = *b;
    *b = kept;
}

/* Moves the key's certificate to the front; false: it is not among them. */
static bool find_leaf(struct found *found)
{
    unsigned char key_id[ID_SIZE], id[ID_SIZE];
    size_t key_size = sizeof(key_id), size;

    if (gnutls_x509_privkey_get_key_id(found->key, GNUTLS_KEYID_USE_SHA256, key_id, &key_size) < 0)
        return false;
    for (unsigned int i = 0; i < found->count; i++) {
        size = sizeof(id);
        if (gnutls_x509_crt_get_key_id(found->chain[i], GNUTLS_KEYID_USE_SHA256, id, &size) >= 0 &&
            size == key_size && !memcmp(id, key_id, size)) {
            swap(&found->chain[0], &found->chain[i]);
            return true;
        }
    }
    return false;
}

/* Behind the leaf come its issuer, the issuer's and so on; what is left over goes. */
static void order_chain(struct found *found)
{
    unsigned int length = 1, i;

    do {
        for (i = length; i < found->count; i++) {
            if (gnutls_x509_crt_check_issuer(found->chain[length - 1], found->chain[i]))
                break;
        }
        if (i < found->count)
            swap(&found->chain[length++], &found->chain[i]);
    } while (i < found->count);
    while (found->count > length)
        gnutls_x509_crt_deinit(found->chain[--found->count]);
}

int32_t pem_read(const gnutls_datum_t *certificates, const gnutls_datum_t *key,
                 const char *password, struct found *found)
{
    int32_t status = read_certificates(certificates, found);

    if (status == IDENTITY_OK)
        status = read_key(key, password, found);
    if (status == IDENTITY_OK && !find_leaf(found))
        status = IDENTITY_NO_MATCH;
    if (status == IDENTITY_OK)
        order_chain(found);
    return status;
}
