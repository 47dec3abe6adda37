/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Credentials: certificates with their keys, the priorities and a server's ticket key.
 *
 * Keys are loaded as abstract keys beside pcert lists, the form GnuTLS uses itself. GnuTLS's own
 * check that key and certificate belong together signs and verifies, which for RSA costs a hundred
 * times the loading; comparing the two public keys says the same, so that is done here and GnuTLS's
 * is skipped.
 *
 * A server hands its keys to GnuTLS, which then chooses by the client's algorithms and server name.
 * A client keeps them and chooses in select_client_key, because GnuTLS would hold back a
 * certificate whose issuer the server did not name, which Schannel presents when it was given
 * explicitly.
 */
#include <stdlib.h>
#include <string.h>

#include "engine.h"

#define MAX_KEYS 100 /* SCHANNEL_CRED's limit */

/* Whether the certificate's public key is the private key's. */
static int keys_match(gnutls_x509_crt_t leaf, gnutls_x509_privkey_t key)
{
    uint8_t certificate_id[64], key_id[64];
    size_t certificate_size = sizeof(certificate_id), key_size = sizeof(key_id);
    int error;

    error = gnutls_x509_crt_get_key_id(leaf, GNUTLS_KEYID_USE_SHA256, certificate_id,
                                       &certificate_size);
    if (error >= 0)
        error = gnutls_x509_privkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, key_id, &key_size);
    if (error < 0)
        return error;
    if (certificate_size != key_size || memcmp(certificate_id, key_id, key_size))
        return GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
    return 0;
}

/* The key is wrapped for GnuTLS only once it is known to be the certificate's. */
static int load_private_key(struct credential_key *key, const struct tls_blob *blob,
                            gnutls_x509_crt_t leaf)
{
    gnutls_datum_t der = {pointer(blob->data), blob->size};
    gnutls_x509_privkey_t private_key = NULL;
    int error;

    error = gnutls_x509_privkey_init(&private_key);
    if (error >= 0)
        error = gnutls_x509_privkey_import_pkcs8(private_key, &der, GNUTLS_X509_FMT_DER, NULL,
                                                 GNUTLS_PKCS_PLAIN);
    if (error >= 0)
        error = keys_match(leaf, private_key);
    if (error >= 0)
        error = gnutls_privkey_init(&key->key);
    if (error >= 0) {
        error =
            gnutls_privkey_import_x509(key->key, private_key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE);
        if (error >= 0)
            private_key = NULL;
    }
    if (private_key)
        gnutls_x509_privkey_deinit(private_key);
    return error;
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

static int load_certificate(struct credential_key *key, const struct tls_blob *blob,
                            gnutls_x509_crt_t *certificate)
{
    gnutls_datum_t der = {pointer(blob->data), blob->size};
    int error;

    *certificate = NULL;
    if (!der.data || !der.size)
        return GNUTLS_E_ASN1_DER_ERROR;
    error = gnutls_x509_crt_init(certificate);
    if (error >= 0)
        error = gnutls_x509_crt_import(*certificate, &der, GNUTLS_X509_FMT_DER);
    if (error >= 0)
        error = gnutls_x509_crt_get_raw_issuer_dn(*certificate, &key->issuers[key->chain_count]);
    if (error >= 0)
        error = gnutls_pcert_import_x509(&key->chain[key->chain_count], *certificate, 0);
    if (error >= 0)
        key->chain_count++;
    return error;
}

static int load_key(struct credential_key *key, uint32_t index, const struct tls_key *source)
{
    const struct tls_blob *chain = pointer(source->chain);
    gnutls_x509_crt_t leaf = NULL, certificate;
    uint32_t i;
    int error = 0;

    if (!chain || !source->chain_count || source->chain_count > MAX_CHAIN ||
        (!source->key.data && !source->abilities))
        return GNUTLS_E_INVALID_REQUEST;
    if (!(key->chain = calloc(source->chain_count, sizeof(*key->chain))))
        return GNUTLS_E_MEMORY_ERROR;

    for (i = 0; i < source->chain_count && error >= 0; i++) {
        error = load_certificate(key, &chain[i], &certificate);
        if (i == 0)
            leaf = certificate;
        else if (certificate)
            gnutls_x509_crt_deinit(certificate);
    }
    if (error >= 0) {
        key->leaf = key->chain[0].cert.data;
        key->algorithm = gnutls_pubkey_get_pk_algorithm(key->chain[0].pubkey, NULL);
        error = source->key.data ? load_private_key(key, &source->key, leaf)
                                 : load_external_key(key, index, source->abilities, leaf);
    }
    if (leaf)
        gnutls_x509_crt_deinit(leaf);
    return error;
}

static void free_keys(struct credentials *credentials)
{
    uint32_t i;
    unsigned int j;

    for (i = 0; credentials->keys && i < credentials->key_count; i++) {
        struct credential_key *key = &credentials->keys[i];

        for (j = 0; j < MAX_CHAIN; j++)
            gnutls_free(key->issuers[j].data);
        if (credentials->keys_owned) {
            for (j = 0; j < key->chain_count; j++)
                gnutls_pcert_deinit(&key->chain[j]);
            if (key->key)
                gnutls_privkey_deinit(key->key);
        }
        free(key->chain);
    }
    free(credentials->keys);
}

void credentials_reference(struct credentials *credentials)
{
    atomic_fetch_add_explicit(&credentials->references, 1, memory_order_relaxed);
}

void credentials_release(struct credentials *credentials)
{
    if (!credentials ||
        atomic_fetch_sub_explicit(&credentials->references, 1, memory_order_acq_rel) != 1)
        return;
    free_keys(credentials);
    if (credentials->tls)
        gnutls_certificate_free_credentials(credentials->tls);
    priority_release(credentials->priority);
    ticket_keys_wipe(&credentials->ticket_keys);
    pthread_mutex_destroy(&credentials->settings_lock);
    if (credentials->cookie_key.data)
        gnutls_memset(credentials->cookie_key.data, 0, credentials->cookie_key.size);
    gnutls_free(credentials->cookie_key.data);
    free(credentials);
}

static int give_keys_to_gnutls(struct credentials *credentials, uint32_t *failed)
{
    uint32_t i;
    int error;

    for (i = 0; i < credentials->key_count; i++) {
        struct credential_key *key = &credentials->keys[i];

        error = gnutls_certificate_set_key(credentials->tls, NULL, 0, key->chain,
                                           (int)key->chain_count, key->key);
        if (error < 0) {
            *failed = i;
            return error;
        }
        /* The list's elements and the key are GnuTLS's now, the array of the list is still ours. */
        key->chain_count = 0;
        key->key = NULL;
    }
    return 0;
}

/* A response that does not fit its certificate is as good as none. */
static int give_responses_to_gnutls(struct credentials *credentials, const struct tls_key *keys)
{
    uint32_t i;
    int error = 0;

    for (i = 0; i < credentials->key_count && error != GNUTLS_E_MEMORY_ERROR; i++) {
        gnutls_datum_t response = {pointer(keys[i].ocsp.data), keys[i].ocsp.size};

        if (response.data && response.size)
            error = gnutls_certificate_set_ocsp_status_request_mem(credentials->tls, &response, i,
                                                                   GNUTLS_X509_FMT_DER);
    }
    return error == GNUTLS_E_MEMORY_ERROR ? error : 0;
}

static int setup(struct credentials *credentials, const struct tls_credentials_create *params,
                 uint32_t *failed)
{
    int error;

    error = gnutls_certificate_allocate_credentials(&credentials->tls);
    if (error < 0)
        return error;
    gnutls_certificate_set_flags(credentials->tls, GNUTLS_CERTIFICATE_SKIP_KEY_CERT_MATCH);

    if (credentials->role == TLS_CLIENT) {
        gnutls_certificate_set_retrieve_function3(credentials->tls, select_client_key);
        return 0;
    }
    error = give_keys_to_gnutls(credentials, failed);
    if (error >= 0)
        error = give_responses_to_gnutls(credentials, pointer(params->keys));
    if (error >= 0 && params->issuer_count)
        error = issuers_set(credentials, pointer(params->issuers), params->issuer_count);
    if (error >= 0)
        error = gnutls_certificate_set_known_dh_params(credentials->tls, GNUTLS_SEC_PARAM_MEDIUM);
    if (error >= 0 && !(credentials->flags & TLS_CREDENTIALS_NO_TICKETS))
        error = ticket_keys_generate(&credentials->ticket_keys);
    if (error >= 0 && (credentials->protocols & (TLS_PROTOCOL_DTLS1_0 | TLS_PROTOCOL_DTLS1_2)))
        error = gnutls_key_generate(&credentials->cookie_key, GNUTLS_COOKIE_KEY_SIZE);
    return error;
}

static int load_keys(struct credentials *credentials, const struct tls_key *keys, uint32_t count,
                     uint32_t *failed)
{
    uint32_t i;
    int error;

    if (count && !(credentials->keys = calloc(count, sizeof(*credentials->keys))))
        return GNUTLS_E_MEMORY_ERROR;
    for (i = 0; i < count; i++) {
        credentials->key_count = i + 1;
        error = load_key(&credentials->keys[i], i, &keys[i]);
        if (error < 0) {
            *failed = i;
            return error;
        }
        if (credentials->keys[i].external)
            credentials->external = true;
    }
    return 0;
}

/* Takes away what the keys cannot do: versions that none of them can sign in, and the exchange that
 * needs decryption, which GnuTLS would choose without asking. */
static void limit_to_keys(const struct credentials *credentials, uint32_t *protocols,
                          uint64_t *disabled)
{
    uint32_t i, possible = 0;

    if (!credentials->external)
        return;
    for (i = 0; i < credentials->key_count; i++) {
        const struct external_key *external = credentials->keys[i].external;

        possible |= external ? external_protocols(external, *protocols) : *protocols;
        if (external && credentials->role == TLS_SERVER && !external_can_decrypt(external))
            *disabled |= TLS_DISABLE_KX_RSA;
    }
    *protocols = possible;
}

void call_credentials_create(struct tls_credentials_create *params)
{
    struct credentials *credentials = NULL;
    const struct tls_key *keys = pointer(params->keys);
    uint64_t disabled = params->disabled;
    int error;

    params->credentials = 0;
    params->failed_key = 0;
    params->status = SEC_E_OK;
    if (params->role > TLS_SERVER || params->key_count > MAX_KEYS || (params->key_count && !keys) ||
        (params->issuer_count && !params->issuers)) {
        params->status = SEC_E_INVALID_PARAMETER;
        return;
    }
    if (params->role == TLS_SERVER && !params->key_count) {
        params->status = SEC_E_UNKNOWN_CREDENTIALS;
        return;
    }

    if (!(credentials = calloc(1, sizeof(*credentials)))) {
        params->status = SEC_E_INSUFFICIENT_MEMORY;
        return;
    }
    atomic_init(&credentials->references, 1);
    credentials->role = params->role;
    credentials->flags = params->flags;
    credentials->protocols = params->protocols;
    credentials->ticket_lifetime = params->ticket_lifetime;
    credentials->min_rsa_bits = params->min_rsa_bits;
    credentials->max_rsa_bits = params->max_rsa_bits;
    credentials->min_dh_bits = params->min_dh_bits;
    pthread_mutex_init(&credentials->settings_lock, NULL);
    credentials->keys_owned = true;
    if (!(params->flags & TLS_CREDENTIALS_ALLOW_3DES))
        disabled |= TLS_DISABLE_3DES_CBC;
    if (!(params->flags & TLS_CREDENTIALS_ALLOW_NULL))
        disabled |= TLS_DISABLE_NULL;
    error = load_keys(credentials, keys, params->key_count, &params->failed_key);
    if (error >= 0) {
        limit_to_keys(credentials, &params->protocols, &disabled);
        credentials->protocols = params->protocols;
        credentials->priority =
            priority_get(params->role, params->protocols, disabled, &params->status);
        if (!credentials->priority)
            goto done;
        error = setup(credentials, params, &params->failed_key);
    }
    if (error == GNUTLS_E_MEMORY_ERROR)
        params->status = SEC_E_INSUFFICIENT_MEMORY;
    else if (error < 0)
        params->status = SEC_E_UNKNOWN_CREDENTIALS;

done:
    if (params->status == SEC_E_OK)
        params->credentials = (tls_u64)(uintptr_t)credentials;
    else
        credentials_release(credentials);
}

void call_credentials_free(struct tls_free *params)
{
    credentials_release(pointer(params->object));
    params->object = 0;
}
