/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Credentials for the native side. */
#include <gnutls/crypto.h>
#include <stdlib.h>

#include "unix/native.h"

static void free_credentials(struct bench_native_credentials *credentials)
{
    if (credentials->client)
        gnutls_certificate_free_credentials(credentials->client);
    if (credentials->server)
        gnutls_certificate_free_credentials(credentials->server);
    if (credentials->client_priority)
        priority_release(credentials->client_priority);
    if (credentials->server_priority)
        priority_release(credentials->server_priority);
    if (credentials->ticket_key.data) {
        gnutls_memset(credentials->ticket_key.data, 0, credentials->ticket_key.size);
        gnutls_free(credentials->ticket_key.data);
    }
    free(credentials);
}

/* Those of winegnutls's engine, so that both sides offer and choose the same. */
static struct priority *get_priority(uint32_t role, uint32_t versions)
{
    uint32_t protocols = (versions & BENCH_TLS_1_2 ? TLS_PROTOCOL_TLS1_2 : 0u) |
                         (versions & BENCH_TLS_1_3 ? TLS_PROTOCOL_TLS1_3 : 0u);
    const struct tls_order order = {0};
    int32_t status;

    return priority_get(role, protocols, TLS_DISABLE_3DES_CBC | TLS_DISABLE_NULL, &order, &status);
}

void bench_call_credentials(struct bench_credentials *params)
{
    struct bench_native_credentials *credentials = calloc(1, sizeof(*credentials));
    gnutls_datum_t certificate = {(void *)(uintptr_t)params->certificate, params->certificate_size};
    gnutls_datum_t key = {(void *)(uintptr_t)params->key, params->key_size};
    int error;

    params->credentials = 0;
    params->status = GNUTLS_E_MEMORY_ERROR;
    if (!credentials)
        return;
    credentials->client_priority = get_priority(TLS_CLIENT, params->versions);
    credentials->server_priority = get_priority(TLS_SERVER, params->versions);
    error =
        credentials->client_priority && credentials->server_priority ? 0 : GNUTLS_E_MEMORY_ERROR;
    if (error >= 0)
        error = gnutls_certificate_allocate_credentials(&credentials->client);
    if (error >= 0)
        error = gnutls_certificate_allocate_credentials(&credentials->server);
    if (error >= 0)
        error = gnutls_certificate_set_x509_key_mem(credentials->server, &certificate, &key,
                                                    GNUTLS_X509_FMT_DER);
    if (error >= 0)
        error = gnutls_session_ticket_key_generate(&credentials->ticket_key);
    params->status = error < 0 ? error : 0;
    if (error < 0)
        free_credentials(credentials);
    else
        params->credentials = (uintptr_t)credentials;
}

void bench_call_credentials_free(struct bench_free *params)
{
    if (params->object)
        free_credentials((void *)(uintptr_t)params->object);
    params->object = 0;
}
