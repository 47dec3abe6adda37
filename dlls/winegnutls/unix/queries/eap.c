/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS_CALL_EAP_KEYS: the keys that EAP methods derive from a TLS session (RFC 5216, RFC 5281,
 * RFC 4851). EAP-TLS also wants initialization vectors, which come from a PRF over no secret at
 * all; GnuTLS has none that leaves the master secret out, so that P_hash (RFC 5246 5) is here.
 *
 * TLS 1.3 has no such PRF; EAP methods use its exporter (RFC 9190, RFC 9427).
 */
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/state/session.h"

#define MAX_HASH 64
#define MAX_SEED 128 /* label and both randoms */

static const struct {
    const char *label;
    int server_random_first;
} derivations[] = {
    [TLS_EAP_TLS] = {"client EAP encryption", 0},
    [TLS_EAP_TTLS_KEYS] = {"ttls keying material", 0},
    [TLS_EAP_TTLS_CHALLENGE] = {"ttls challenge", 0},
    [TLS_EAP_FAST] = {"key expansion", 1},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* P_hash with an empty secret, mixed into `output`. */
static int mix_p_hash(gnutls_mac_algorithm_t mac, const uint8_t *seed, size_t seed_size,
                      uint8_t *output, size_t size)
{
    const size_t hash_size = gnutls_hmac_get_len(mac);
    uint8_t block[MAX_HASH], text[MAX_HASH + MAX_SEED];
    size_t done, i;
    int error;

    error = gnutls_hmac_fast(mac, "", 0, seed, seed_size, text);
    memcpy(text + hash_size, seed, seed_size);
    for (done = 0; error >= 0 && done < size; done += hash_size) {
        error = gnutls_hmac_fast(mac, "", 0, text, hash_size + seed_size, block);
        for (i = 0; error >= 0 && i < hash_size && done + i < size; i++)
            output[done + i] ^= block[i];
        if (error >= 0)
            error = gnutls_hmac_fast(mac, "", 0, text, hash_size, block);
        memcpy(text, block, hash_size);
    }
    return error;
}

static int derive_vectors(gnutls_session_t tls, const char *label, uint8_t *output, size_t size)
{
    const gnutls_digest_algorithm_t digest = gnutls_prf_hash_get(tls);
    const size_t label_size = strlen(label);
    gnutls_datum_t client, server;
    uint8_t seed[MAX_SEED];
    size_t seed_size;
    int error;

    gnutls_session_get_random(tls, &client, &server);
    seed_size = label_size + client.size + server.size;
    if (seed_size > sizeof(seed))
        return GNUTLS_E_INTERNAL_ERROR;
    memcpy(seed, label, label_size);
    memcpy(seed + label_size, client.data, client.size);
    memcpy(seed + label_size + client.size, server.data, server.size);
    memset(output, 0, size);
    /* Before TLS 1.2 the PRF is made of two hashes. */
    if (gnutls_protocol_get_version(tls) == GNUTLS_TLS1_2 ||
        gnutls_protocol_get_version(tls) == GNUTLS_DTLS1_2)
        return mix_p_hash((gnutls_mac_algorithm_t)digest, seed, seed_size, output, size);
    error = mix_p_hash(GNUTLS_MAC_MD5, seed, seed_size, output, size);
    return error < 0 ? error : mix_p_hash(GNUTLS_MAC_SHA1, seed, seed_size, output, size);
}

void call_eap_keys(struct tls_eap_keys *params)
{
    struct session *session = pointer(params->session);
    int error;

    memset(params->vectors, 0, sizeof(params->vectors));
    if (!session || !is_connected(session)) {
        params->status = SEC_E_INVALID_HANDLE;
        return;
    }
    if (params->kind >= COUNT(derivations)) {
        params->status = SEC_E_INVALID_PARAMETER;
        return;
    }
    if (gnutls_protocol_get_version(session->tls) == GNUTLS_TLS1_3) {
        params->status = SEC_E_UNSUPPORTED_FUNCTION;
        return;
    }
    error =
        gnutls_prf(session->tls, strlen(derivations[params->kind].label),
                   derivations[params->kind].label, derivations[params->kind].server_random_first,
                   0, NULL, sizeof(params->keys), (char *)params->keys);
    if (error >= 0 && params->kind == TLS_EAP_TLS)
        error = derive_vectors(session->tls, derivations[params->kind].label, params->vectors,
                               sizeof(params->vectors));
    params->status = error < 0 ? status_from_error(error) : SEC_E_OK;
}
