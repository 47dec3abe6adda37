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

static gnutls_datum_t blob(bench_u64 address, uint32_t size)
{
    return (gnutls_datum_t){(void *)(uintptr_t)address, size};
}

/* The server's certificate with the authority that is sent along, and its key. */
static int set_identity(gnutls_certificate_credentials_t server,
                        const struct bench_credentials *params)
{
    const gnutls_datum_t parts[] = {blob(params->certificate, params->certificate_size),
                                    blob(params->authority, params->authority_size)};
    const gnutls_datum_t der = blob(params->key, params->key_size);
    const int count = params->authority ? 2 : 1;
    gnutls_x509_crt_t chain[2] = {NULL};
    gnutls_x509_privkey_t key = NULL;
    int error = gnutls_x509_privkey_init(&key);

    if (error >= 0)
        error = gnutls_x509_privkey_import_pkcs8(key, &der, GNUTLS_X509_FMT_DER, NULL,
                                                 GNUTLS_PKCS_PLAIN);
    for (int i = 0; i < count && error >= 0; i++) {
        error = gnutls_x509_crt_init(&chain[i]);
        if (error >= 0)
            error = gnutls_x509_crt_import(chain[i], &parts[i], GNUTLS_X509_FMT_DER);
    }
    if (error >= 0)
        error = gnutls_certificate_set_x509_key(server, chain, count, key);
    for (int i = 0; i < count; i++) {
        if (chain[i])
            gnutls_x509_crt_deinit(chain[i]);
    }
    if (key)
        gnutls_x509_privkey_deinit(key);
    return error;
}

static int trust(gnutls_certificate_credentials_t client, const struct bench_credentials *params)
{
    const gnutls_datum_t root = blob(params->root, params->root_size);
    int error = gnutls_certificate_set_x509_system_trust(client);

    /* There need not be any; what is to be checked has the other one. */
    if (error >= 0 || error == GNUTLS_E_UNIMPLEMENTED_FEATURE || error == GNUTLS_E_FILE_ERROR)
        error = gnutls_certificate_set_x509_trust_mem(client, &root, GNUTLS_X509_FMT_DER);
    return error;
}

void bench_call_credentials(struct bench_credentials *params)
{
    struct bench_native_credentials *credentials = calloc(1, sizeof(*credentials));
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
        error = set_identity(credentials->server, params);
    if (error >= 0 && params->root)
        error = trust(credentials->client, params);
    credentials->checks = params->root != 0;
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
