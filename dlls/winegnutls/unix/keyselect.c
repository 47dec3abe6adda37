/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of a credential's keys a client presents, and which one a session has presented.
 */
#include <string.h>

#include <gnutls/x509.h>

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

/* Whether a server could have presented the key in this session: TLS 1.2's suite names the kind of
 * signature, TLS 1.3's does not, but the client says what it takes. */
static bool key_fits(const struct session *session, const struct credential_key *key)
{
    gnutls_kx_algorithm_t kx = gnutls_kx_get(session->tls);
    bool rsa = key->algorithm == GNUTLS_PK_RSA || key->algorithm == GNUTLS_PK_RSA_PSS;
    gnutls_sign_algorithm_t sign;
    size_t i;

    if (gnutls_protocol_get_version(session->tls) != GNUTLS_TLS1_3)
        return rsa == (kx != GNUTLS_KX_ECDHE_ECDSA);
    for (i = 0; gnutls_sign_algorithm_get_requested(session->tls, i, &sign) >= 0; i++)
        if (gnutls_sign_supports_pk_algorithm(sign, key->algorithm))
            return true;
    return false;
}

static bool key_is_for(const struct session *session, uint32_t index)
{
    gnutls_x509_crt_t certificate;
    gnutls_datum_t leaf;
    char name[256];
    size_t size = sizeof(name);
    unsigned int type;
    bool result;

    if (gnutls_server_name_get(session->tls, name, &size, &type, 0) < 0)
        return true;
    if (gnutls_certificate_get_crt_raw(session->credentials->tls, index, 0, &leaf) < 0 ||
        gnutls_x509_crt_init(&certificate) < 0)
        return false;
    result = gnutls_x509_crt_import(certificate, &leaf, GNUTLS_X509_FMT_DER) >= 0 &&
             gnutls_x509_crt_check_hostname(certificate, name);
    gnutls_x509_crt_deinit(certificate);
    return result;
}

/*
 * A resumed session presents nothing anew. A client's resumption data tell which key it was. A
 * server's tickets do not: it is the first one that would do now, for the name if there is one.
 */
static int32_t resumed_key(const struct session *session)
{
    const struct credentials *credentials = session->credentials;
    int32_t found = -1;
    uint32_t i;

    if (!gnutls_session_is_resumed(session->tls))
        return -1;
    if (credentials->role == TLS_CLIENT)
        return session->resumed_key < (int32_t)credentials->key_count ? session->resumed_key : -1;
    if (credentials->key_count == 1)
        return 0;
    for (i = 0; i < credentials->key_count; i++) {
        if (!key_fits(session, &credentials->keys[i]))
            continue;
        if (key_is_for(session, i))
            return (int32_t)i;
        if (found < 0)
            found = (int32_t)i;
    }
    return found;
}

int32_t session_key_index(const struct session *session)
{
    const struct credentials *credentials = session->credentials;
    const gnutls_datum_t *ours = gnutls_certificate_get_ours(session->tls);
    uint32_t i;

    for (i = 0; ours && i < credentials->key_count; i++)
        if (ours->data == credentials->keys[i].leaf)
            return (int32_t)i;
    return resumed_key(session);
}
