/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A certificate with its chain and its key, from DER into GnuTLS's objects.
 *
 * The key is loaded as an abstract key beside a pcert list, the form in which GnuTLS's callbacks
 * give keys to a session. GnuTLS's own check that key and certificate belong together signs and
 * verifies, which for RSA costs a hundred times the loading; comparing the two public keys says the
 * same.
 */
#include <stdlib.h>
#include <string.h>

#include <gnutls/ocsp.h>

#include "unix/base/engine.h"
#include "unix/credentials/external.h"
#include "unix/credentials/keyload.h"
#include "unix/credentials/libcrypto.h"

#define RESPONSE_LIFETIME (15 * 24 * 60 * 60)

int certificate_import(gnutls_x509_crt_t *certificate, tls_u64 data, uint32_t size)
{
    gnutls_datum_t der = {pointer(data), size};
    int error;

    *certificate = NULL;
    if (!der.data)
        return GNUTLS_E_INVALID_REQUEST;
    error = gnutls_x509_crt_init(certificate);
    if (error < 0)
        return error;
    return gnutls_x509_crt_import(*certificate, &der, GNUTLS_X509_FMT_DER);
}

int key_id_of_certificate(gnutls_x509_crt_t certificate, uint8_t id[KEY_DIGEST_SIZE])
{
    size_t size = KEY_DIGEST_SIZE;

    return gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256, id, &size);
}

/* Whether the public key of that digest is the private key's. */
static int keys_match(const uint8_t public_id[KEY_DIGEST_SIZE], gnutls_x509_privkey_t key)
{
    uint8_t id[KEY_DIGEST_SIZE];
    size_t size = sizeof(id);
    int error = gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, id, &size);

    if (error >= 0 && memcmp(public_id, id, sizeof(id)) != 0)
        error = GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
    return error;
}

static bool is_odd(const gnutls_datum_t *number)
{
    return number->size && number->data[number->size - 1] & 1;
}

static void wipe_number(gnutls_datum_t *number)
{
    if (number->data)
        gnutls_memset(number->data, 0, number->size);
    gnutls_free(number->data);
}

/*
 * Whether the numbers of an RSA key belong together. GnuTLS computes with them unseen, and GMP ends
 * the process over an even modulus. That the primes are prime is not looked at: it would take
 * longer than a handshake, and who gives us the key has it anyhow.
 */
static int check_numbers(gnutls_x509_privkey_t key)
{
    gnutls_datum_t m = {NULL, 0}, e = m, d = m, p = m, q = m;
    int error;

    if (gnutls_x509_privkey_get_pk_algorithm(key) != GNUTLS_PK_RSA &&
        gnutls_x509_privkey_get_pk_algorithm(key) != GNUTLS_PK_RSA_PSS)
        return 0;
    error = gnutls_x509_privkey_export_rsa_raw2(key, &m, &e, &d, &p, &q, NULL, NULL, NULL);
    if (error >= 0 && !(is_odd(&m) && is_odd(&e) && is_odd(&d) && is_odd(&p) && is_odd(&q)))
        error = GNUTLS_E_PK_INVALID_PRIVKEY;
    if (error >= 0)
        error = gnutls_x509_privkey_verify_params(key);
    gnutls_free(m.data);
    gnutls_free(e.data);
    wipe_number(&d);
    wipe_number(&p);
    wipe_number(&q);
    return error;
}

/* Gives the key what sessions use; the private key is used up. */
static int take_private_key(struct credential_key *key, gnutls_x509_privkey_t private_key)
{
    int error = gnutls_privkey_init(&key->own);

    if (error >= 0)
        error =
            gnutls_privkey_import_x509(key->own, private_key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
    if (error < 0) {
        gnutls_x509_privkey_deinit(private_key);
        return error;
    }
    key->key = libcrypto_import(key->own);
    if (!key->key)
        key->key = key->own;
    return 0;
}

/* The key is wrapped for GnuTLS only once it is known to be the certificate's. */
static int load_private_key(struct credential_key *key, const struct tls_blob *blob)
{
    gnutls_datum_t der = {pointer(blob->data), blob->size};
    gnutls_x509_privkey_t private_key = NULL;
    int error;

    error = gnutls_x509_privkey_init(&private_key);
    if (error >= 0)
        error = gnutls_x509_privkey_import_pkcs8(private_key, &der, GNUTLS_X509_FMT_DER, NULL,
                                                 GNUTLS_PKCS_PLAIN);
    if (error >= 0)
        error = key_id_of_certificate(key->certificate, key->public_id);
    if (error >= 0)
        error = keys_match(key->public_id, private_key);
    if (error >= 0)
        error = check_numbers(private_key);
    if (error >= 0)
        return take_private_key(key, private_key);
    if (private_key)
        gnutls_x509_privkey_deinit(private_key);
    return error;
}

/* Another object with the same private key. */
static int copy_private_key(struct credential_key *key, const struct credential_key *kept)
{
    gnutls_x509_privkey_t private_key;
    int error = gnutls_privkey_export_x509(kept->own, &private_key);

    if (error < 0)
        return error;
    memcpy(key->public_id, kept->public_id, sizeof(key->public_id));
    return take_private_key(key, private_key);
}

static int load_external_key(struct credential_key *key, uint32_t index, uint32_t abilities,
                             gnutls_x509_crt_t leaf)
{
    struct external_key *external = NULL;
    int error;

    error = gnutls_privkey_init(&key->key);
    if (error >= 0)
        error = external_import(key->key, index, abilities, leaf, &external);
    key->external = external;
    return error;
}

/* The certificate is kept in the key when it is the leaf. */
static int load_certificate(struct credential_key *key, const struct tls_blob *blob)
{
    gnutls_datum_t der = {pointer(blob->data), blob->size};
    gnutls_x509_crt_t certificate;
    int error;

    if (!der.data || !der.size)
        return GNUTLS_E_ASN1_DER_ERROR;
    error = gnutls_x509_crt_init(&certificate);
    if (error < 0)
        return error;
    if (!key->chain_count)
        key->certificate = certificate;
    error = gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER);
    if (error >= 0)
        error = gnutls_x509_crt_get_raw_issuer_dn(certificate, &key->issuers[key->chain_count]);
    if (error >= 0)
        error = gnutls_pcert_import_x509(&key->chain[key->chain_count], certificate, 0);
    if (certificate != key->certificate)
        gnutls_x509_crt_deinit(certificate);
    if (error >= 0)
        key->chain_count++;
    return error;
}

/*
 * A response that does not parse or is about another certificate is as good as none. GnuTLS takes
 * one without an end for valid for 15 days; so do we.
 */
static int load_response(struct credential_key *key, const struct tls_blob *blob)
{
    gnutls_datum_t der = {pointer(blob->data), blob->size};
    gnutls_ocsp_resp_t response = NULL;
    time_t start = -1, end = -1;
    int error;

    if (!der.data || !der.size)
        return 0;
    error = gnutls_ocsp_resp_init(&response);
    if (error >= 0)
        error = gnutls_ocsp_resp_import(response, &der);
    if (error >= 0)
        error = gnutls_ocsp_resp_check_crt(response, 0, key->certificate);
    if (error >= 0)
        error = gnutls_ocsp_resp_get_single(response, 0, NULL, NULL, NULL, NULL, NULL, &start, &end,
                                            NULL, NULL);
    if (error >= 0 && (key->ocsp.response.data = gnutls_malloc(der.size))) {
        memcpy(key->ocsp.response.data, der.data, der.size);
        key->ocsp.response.size = der.size;
        key->ocsp.exptime = end != -1 ? end : start + RESPONSE_LIFETIME;
    }
    if (response)
        gnutls_ocsp_resp_deinit(response);
    return error == GNUTLS_E_MEMORY_ERROR ? error : 0;
}

int key_load(struct credential_key *key, uint32_t index, const struct tls_key *source,
             const struct credential_key *kept)
{
    const struct tls_blob *chain = pointer(source->chain);
    int error = 0;

    if (!chain || !source->chain_count || source->chain_count > MAX_CHAIN ||
        (!source->key.data && !source->abilities))
        return GNUTLS_E_INVALID_REQUEST;
    if (!(key->chain = calloc(source->chain_count, sizeof(*key->chain))))
        return GNUTLS_E_MEMORY_ERROR;

    for (uint32_t i = 0; i < source->chain_count && error >= 0; i++)
        error = load_certificate(key, &chain[i]);
    if (error >= 0)
        key->algorithm = gnutls_pubkey_get_pk_algorithm(key->chain[0].pubkey, NULL);
    if (error >= 0 && gnutls_x509_crt_get_key_usage(key->certificate, &key->usage, NULL) < 0)
        key->usage = ~0u; /* says nothing */
    if (error >= 0 && kept)
        error = copy_private_key(key, kept);
    else if (error >= 0)
        error = source->key.data
                    ? load_private_key(key, &source->key)
                    : load_external_key(key, index, source->abilities, key->certificate);
    if (error >= 0)
        error = load_response(key, &source->ocsp);
    return error;
}

void key_unload(struct credential_key *key)
{
    for (unsigned int i = 0; i < MAX_CHAIN; i++)
        gnutls_free(key->issuers[i].data);
    for (unsigned int i = 0; i < key->chain_count; i++)
        gnutls_pcert_deinit(&key->chain[i]);
    free(key->chain);
    if (key->key && key->key != key->own)
        gnutls_privkey_deinit(key->key);
    if (key->own)
        gnutls_privkey_deinit(key->own);
    if (key->certificate)
        gnutls_x509_crt_deinit(key->certificate);
    gnutls_free(key->ocsp.response.data);
}
