/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which of a credential's keys a session presents, and which one it has presented.
 */
#include <string.h>

#include <gnutls/x509.h>

#include "unix/credentials/external.h"
#include "unix/credentials/keyload.h"
#include "unix/credentials/keyselect.h"
#include "unix/credentials/priority.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"

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

/* TLS 1.3 lists PKCS#1 and SHA-1 too, but for the signatures on certificates alone. */
static bool version_fits(gnutls_session_t tls, gnutls_sign_algorithm_t algorithm)
{
    if (gnutls_protocol_get_version(tls) != GNUTLS_TLS1_3)
        return true;
    switch (algorithm) {
    case GNUTLS_SIGN_RSA_SHA1:
    case GNUTLS_SIGN_RSA_SHA256:
    case GNUTLS_SIGN_RSA_SHA384:
    case GNUTLS_SIGN_RSA_SHA512:
    case GNUTLS_SIGN_ECDSA_SHA1:
        return false;
    default:
        return true;
    }
}

/* Whether the peer takes signatures of this key; without a list (TLS 1.0, 1.1) it takes them all.
 */
static bool signature_wanted(gnutls_session_t tls, const struct credential_key *key)
{
    gnutls_sign_algorithm_t algorithm;
    size_t i;

    for (i = 0; gnutls_sign_algorithm_get_requested(tls, i, &algorithm) >= 0; i++)
        if (gnutls_sign_supports_pk_algorithm(algorithm, key->algorithm) &&
            version_fits(tls, algorithm) && curve_fits(algorithm, key) &&
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

/* What a callback answers: one of the keys, or none. */
static void present(const struct credential_key *chosen, gnutls_pcert_st **chain,
                    unsigned int *chain_count, gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count,
                    gnutls_privkey_t *key)
{
    *chain = chosen ? chosen->chain : NULL;
    *chain_count = chosen ? chosen->chain_count : 0;
    *key = chosen ? chosen->key : NULL;
    *ocsp_count = chosen && chosen->ocsp.response.data;
    *ocsp = *ocsp_count ? (gnutls_ocsp_data_st *)&chosen->ocsp : NULL;
}

/*
 * Not GnuTLS's own choice, which would hold back a certificate whose issuer the server did not
 * name: Schannel presents it when it was given explicitly.
 */
int select_client_key(gnutls_session_t tls, const struct gnutls_cert_retr_st *info,
                      gnutls_pcert_st **chain, unsigned int *chain_count,
                      gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count, gnutls_privkey_t *key,
                      unsigned int *flags)
{
    const struct session *session = gnutls_session_get_ptr(tls);
    const struct credentials *credentials = session->credentials;
    const struct credential_key *chosen = NULL;
    uint32_t i;

    for (i = 0; i < credentials->key_count; i++) {
        if (!signature_wanted(tls, credentials->keys[i]))
            continue;
        if (issuer_wanted(info, credentials->keys[i])) {
            chosen = credentials->keys[i];
            break;
        }
        if (!chosen)
            chosen = credentials->keys[i];
    }
    *flags = 0;
    present(chosen, chain, chain_count, ocsp, ocsp_count, key);
    return 0;
}

static bool is_rsa(const struct credential_key *key)
{
    return key->algorithm == GNUTLS_PK_RSA || key->algorithm == GNUTLS_PK_RSA_PSS;
}

/* Whether the two sides share a suite in which such a key signs. TLS 1.3's go with all. */
static bool suite_fits(const struct session *session, const struct credential_key *key)
{
    return gnutls_protocol_get_version(session->tls) == GNUTLS_TLS1_3 ||
           (session->common_suites & (is_rsa(key) ? SUITE_WITH_RSA : SUITE_WITH_ECDSA));
}

uint32_t key_usage_protocols(const struct credential_key *key, uint32_t protocols)
{
    if (key->usage & GNUTLS_KEY_DIGITAL_SIGNATURE)
        return protocols;
    if (key->algorithm == GNUTLS_PK_RSA && key->usage & GNUTLS_KEY_KEY_ENCIPHERMENT)
        return protocols & ~(uint32_t)TLS_PROTOCOL_TLS1_3;
    return 0;
}

static bool usage_fits(gnutls_session_t tls, const struct credential_key *key)
{
    const bool latest = gnutls_protocol_get_version(tls) == GNUTLS_TLS1_3;

    return key_usage_protocols(key, latest ? TLS_PROTOCOL_TLS1_3 : TLS_PROTOCOL_TLS1_2) != 0;
}

static bool name_fits(gnutls_session_t tls, const struct credential_key *key)
{
    char name[256];
    size_t size = sizeof(name);
    unsigned int type;

    return gnutls_server_name_get(tls, name, &size, &type, 0) >= 0 && type == GNUTLS_NAME_DNS &&
           gnutls_x509_crt_check_hostname(key->certificate, name);
}

/* Whether the client can verify the key. */
static bool key_usable(const struct session *session, const struct credential_key *key)
{
    return suite_fits(session, key) && usage_fits(session->tls, key) &&
           signature_wanted(session->tls, key);
}

/* A server's first key that fits, preferably with a certificate for the name that the client asked
 * for; -1: none. */
static int32_t find_server_key(const struct session *session,
                               bool (*fits)(const struct session *, const struct credential_key *))
{
    const struct credentials *credentials = session->credentials;
    int32_t found = -1;

    for (uint32_t i = 0; i < credentials->key_count; i++) {
        if (!fits(session, credentials->keys[i]))
            continue;
        if (name_fits(session->tls, credentials->keys[i]))
            return (int32_t)i;
        if (found < 0)
            found = (int32_t)i;
    }
    return found;
}

/*
 * The first key that the client can verify, preferably with a certificate for the name it asked
 * for. When there is none, the first one lets GnuTLS find out what is wrong.
 */
int select_server_key(gnutls_session_t tls, const struct gnutls_cert_retr_st *info,
                      gnutls_pcert_st **chain, unsigned int *chain_count,
                      gnutls_ocsp_data_st **ocsp, unsigned int *ocsp_count, gnutls_privkey_t *key,
                      unsigned int *flags)
{
    const struct session *session = gnutls_session_get_ptr(tls);
    const struct credentials *credentials = session->credentials;
    int32_t found = -1;

    (void)info;
    if (credentials->key_count > 1)
        found = find_server_key(session, key_usable);
    *flags = 0;
    present(credentials->keys[found < 0 ? 0 : found], chain, chain_count, ocsp, ocsp_count, key);
    return 0;
}

/* Whether a server could have presented the key in this session: TLS 1.2's suite names the kind of
 * signature, TLS 1.3's does not, but the client says what it takes. */
static bool key_fits(const struct session *session, const struct credential_key *key)
{
    gnutls_kx_algorithm_t kx = gnutls_kx_get(session->tls);
    gnutls_sign_algorithm_t sign;
    size_t i;

    if (gnutls_protocol_get_version(session->tls) != GNUTLS_TLS1_3)
        return is_rsa(key) == (kx != GNUTLS_KX_ECDHE_ECDSA);
    for (i = 0; gnutls_sign_algorithm_get_requested(session->tls, i, &sign) >= 0; i++)
        if (gnutls_sign_supports_pk_algorithm(sign, key->algorithm))
            return true;
    return false;
}

/*
 * A resumed session presents nothing anew. A client's resumption data tell which key it was. A
 * server's tickets do not: it is the first one that would do now, for the name if there is one.
 */
static int32_t resumed_key(const struct session *session)
{
    const struct credentials *credentials = session->credentials;

    if (!gnutls_session_is_resumed(session->tls))
        return -1;
    if (credentials->role == TLS_CLIENT)
        return session->resumed_key < (int32_t)credentials->key_count ? session->resumed_key : -1;
    if (credentials->key_count == 1)
        return 0;
    return find_server_key(session, key_fits);
}

int32_t session_key_index(const struct session *session)
{
    const struct credentials *credentials = session->credentials;
    const gnutls_datum_t *ours = gnutls_certificate_get_ours(session->tls);
    uint32_t i;

    for (i = 0; ours && i < credentials->key_count; i++)
        if (ours->data == credentials->keys[i]->chain[0].cert.data)
            return (int32_t)i;
    return resumed_key(session);
}
