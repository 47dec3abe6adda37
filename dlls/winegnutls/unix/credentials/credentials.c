/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Credentials: certificates with their keys, the priorities and a server's ticket key.
 *
 * Which of the keys is presented is decided in credentials/keyselect.c, for servers as well,
 * although GnuTLS could choose by itself: keys that it chooses from have to be its own, and these
 * are shared among credentials (credentials/keycache.c).
 */
#include <stdlib.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/reason.h"
#include "unix/base/status.h"
#include "unix/credentials/credentials.h"
#include "unix/credentials/external.h"
#include "unix/credentials/issuers.h"
#include "unix/credentials/keycache.h"
#include "unix/credentials/keyload.h"
#include "unix/credentials/keyselect.h"
#include "unix/credentials/priority.h"
#include "unix/credentials/sessioncache.h"
#include "unix/credentials/tickets.h"

#define MAX_KEYS 100 /* SCHANNEL_CRED's limit */

static void free_keys(struct credentials *credentials)
{
    uint32_t i;

    for (i = 0; credentials->keys && i < credentials->key_count; i++)
        key_release(credentials->keys[i]);
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
    session_cache_free(credentials->session_cache);
    pthread_mutex_destroy(&credentials->settings_lock);
    if (credentials->cookie_key.data)
        gnutls_memset(credentials->cookie_key.data, 0, credentials->cookie_key.size);
    gnutls_free(credentials->cookie_key.data);
    free(credentials);
}

static int setup(struct credentials *credentials, const struct tls_credentials_create *params)
{
    int error;

    error = gnutls_certificate_allocate_credentials(&credentials->tls);
    if (error < 0)
        return error;
    gnutls_certificate_set_retrieve_function3(
        credentials->tls, credentials->role == TLS_CLIENT ? select_client_key : select_server_key);
    if (credentials->role == TLS_CLIENT)
        return 0;
    if (params->issuer_count)
        error = issuers_set(credentials, pointer(params->issuers), params->issuer_count);
    if (error >= 0)
        error = gnutls_certificate_set_known_dh_params(credentials->tls, GNUTLS_SEC_PARAM_MEDIUM);
    if (error >= 0 && !(credentials->flags & TLS_CREDENTIALS_NO_TICKETS))
        error = ticket_keys_generate(&credentials->ticket_keys);
    if (error >= 0 && params->session_limit &&
        !(credentials->session_cache =
              session_cache_create(params->session_limit, session_lifetime(credentials))))
        error = GNUTLS_E_MEMORY_ERROR;
    if (error >= 0 && (credentials->protocols & TLS_PROTOCOL_ANY_DTLS))
        error = gnutls_key_generate(&credentials->cookie_key, GNUTLS_COOKIE_KEY_SIZE);
    return error;
}

static int load_keys(struct credentials *credentials, const struct tls_key *keys, uint32_t count,
                     uint32_t *failed)
{
    int error;

    if (count && !(credentials->keys = calloc(count, sizeof(*credentials->keys))))
        return GNUTLS_E_MEMORY_ERROR;
    for (uint32_t i = 0; i < count; i++) {
        error = key_get(&keys[i], i, &credentials->keys[i]);
        if (error < 0) {
            *failed = i;
            return error;
        }
        credentials->key_count = i + 1;
        if (credentials->keys[i]->external)
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

    if (!credentials->external && credentials->role != TLS_SERVER)
        return;
    for (i = 0; i < credentials->key_count; i++) {
        const struct credential_key *key = credentials->keys[i];
        uint32_t own = key->external ? external_protocols(key->external, *protocols) : *protocols;

        if (credentials->role == TLS_SERVER)
            own = key_usage_protocols(key, own);
        if (credentials->role == TLS_SERVER && key->external &&
            !external_can_decrypt(key->external))
            *disabled |= TLS_DISABLE_KX_RSA;
        possible |= own;
    }
    *protocols = possible;
}

void call_credentials_create(struct tls_credentials_create *params)
{
    struct credentials *credentials = NULL;
    const struct tls_key *keys = pointer(params->keys);
    uint64_t disabled = params->disabled;
    int error;

    reason_forget();
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
    if (!(params->flags & TLS_CREDENTIALS_ALLOW_3DES))
        disabled |= TLS_DISABLE_3DES_CBC;
    if (!(params->flags & TLS_CREDENTIALS_ALLOW_NULL))
        disabled |= TLS_DISABLE_NULL;
    if (params->flags & TLS_CREDENTIALS_SAFE_RENEGOTIATION)
        disabled |= PRIORITY_NO_UNSAFE_PEERS;
    error = load_keys(credentials, keys, params->key_count, &params->failed_key);
    if (error >= 0) {
        params->protocols = priority_protocols(params->protocols, &params->order);
        limit_to_keys(credentials, &params->protocols, &disabled);
        credentials->protocols = params->protocols;
        credentials->priority = priority_get(params->role, params->protocols, disabled,
                                             &params->order, &params->status);
        if (!credentials->priority)
            goto done;
        error = setup(credentials, params);
    }
    if (error < 0 && error != KEY_NOT_KEPT)
        reason_error(error);
    if (error == GNUTLS_E_MEMORY_ERROR)
        params->status = SEC_E_INSUFFICIENT_MEMORY;
    else if (error == KEY_NOT_KEPT)
        params->status = SEC_E_NO_CREDENTIALS;
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
