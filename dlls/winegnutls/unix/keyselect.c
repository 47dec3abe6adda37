/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of a credential's keys a client presents, and which one a session has presented.
 */
#include <string.h>

#include "engine.h"

/* TLS 1.3 binds an ECDSA signature algorithm to its curve, and GnuTLS gives each a number of its
 * own. */
static bool curve_fits(gnutls_sign_algorithm_t algorithm, const struct credential_key *key)
{
    gnutls_ecc_curve_t wanted, curve;

    switch (algorithm) {
    case GNUTLS_SIGN_ECDSA_SECP256R1_SHA256:
        wanted = GNUTLS_ECC_CURVE_SECP256R1;
        break;
    case GNUTLS_SIGN_ECDSA_SECP384R1_SHA384:
        wanted = GNUTLS_ECC_CURVE_SECP384R1;
        break;
    case GNUTLS_SIGN_ECDSA_SECP521R1_SHA512:
        wanted = GNUTLS_ECC_CURVE_SECP521R1;
        break;
    default:
        return true;
    }
    return gnutls_pubkey_export_ecc_raw2(key->chain[0].pubkey, &curve, NULL, NULL, 0) >= 0 &&
           curve == wanted;
}

/* Whether the peer takes signatures of this key; without a list (TLS 1.0, 1.1) it takes them all.
 */
static bool signature_wanted(gnutls_session_t tls, const struct credential_key *key)
{
    int pk = gnutls_privkey_get_pk_algorithm(key->key, NULL);
    gnutls_sign_algorithm_t algorithm;
    size_t i;

    for (i = 0; gnutls_sign_algorithm_get_requested(tls, i, &algorithm) >= 0; i++)
        if (gnutls_sign_supports_pk_algorithm(algorithm, pk) && curve_fits(algorithm, key) &&
            (!key->external || external_can_sign(key->external, algorithm)))
            return true;
    return i == 0;
}

static bool issuer_wanted(const struct gnutls_cert_retr_st *info, const struct credential_key *key)
{
    const gnutls_datum_t *issuer;
    unsigned int i, j;

    if (!info->nreqs)
        return true;
    for (i = 0; i < key->chain_count; i++) {
        issuer = &key->issuers[i];
        for (j = 0; j < info->nreqs; j++)
            if (info->req_ca_rdn[j].size == issuer->size &&
                !memcmp(info->req_ca_rdn[j].data, issuer->data, issuer->size))
                return true;
    }
    return false;
}

int select_client_key(gnutls_session_t tls, const struct gnutls_cert_retr_st *info,
                      gnutls_pcert_st **chain, unsigned int *chain_count,
                      gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count, gnutls_privkey_t *key,
                      unsigned int *flags)
{
    const struct session *session = gnutls_session_get_ptr(tls);
    const struct credentials *credentials = session->credentials;
    const struct credential_key *chosen = NULL;
    uint32_t i;

    *chain = NULL;
    *chain_count = 0;
    *ocsp = NULL;
    *ocsp_count = 0;
    *key = NULL;
    *flags = 0;
    for (i = 0; i < credentials->key_count; i++) {
        if (!signature_wanted(tls, &credentials->keys[i]))
            continue;
        if (issuer_wanted(info, &credentials->keys[i])) {
            chosen = &credentials->keys[i];
            break;
        }
        if (!chosen)
            chosen = &credentials->keys[i];
    }
    if (chosen) {
        *chain = chosen->chain;
        *chain_count = chosen->chain_count;
        *key = chosen->key;
    }
    return 0;
}

int32_t credentials_key_index(const struct credentials *credentials, gnutls_session_t tls)
{
    const gnutls_datum_t *ours = gnutls_certificate_get_ours(tls);
    uint32_t i;

    for (i = 0; ours && i < credentials->key_count; i++)
        if (ours->data == credentials->keys[i].leaf)
            return (int32_t)i;
    /* A resumed session presents nothing anew; with one key there is no doubt which it was. */
    if (credentials->role == TLS_SERVER && credentials->key_count == 1)
        return 0;
    return -1;
}
