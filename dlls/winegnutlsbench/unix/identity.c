/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys, certificates and credentials for the native side. */
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>

#include "unix/native.h"

static int generate_key(gnutls_x509_privkey_t *key, uint32_t kind)
{
    int error = gnutls_x509_privkey_init(key);

    if (error < 0)
        return error;
    if (kind == BENCH_RSA_2048)
        return gnutls_x509_privkey_generate(*key, GNUTLS_PK_RSA, 2048, 0);
    return gnutls_x509_privkey_generate(*key, GNUTLS_PK_ECDSA,
                                        GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
}

static int make_certificate(gnutls_x509_crt_t *certificate, gnutls_x509_privkey_t key)
{
    static const char name[] = "localhost";
    static const unsigned char serial[] = {0x01, 0x23, 0x45};
    time_t now = time(NULL);
    int error = gnutls_x509_crt_init(certificate);

    if (error >= 0)
        error = gnutls_x509_crt_set_version(*certificate, 3);
    if (error >= 0)
        error = gnutls_x509_crt_set_serial(*certificate, serial, sizeof(serial));
    if (error >= 0)
        error = gnutls_x509_crt_set_dn_by_oid(*certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                              strlen(name));
    if (error >= 0)
        error = gnutls_x509_crt_set_subject_alt_name(*certificate, GNUTLS_SAN_DNSNAME, name,
                                                     strlen(name), GNUTLS_FSAN_SET);
    if (error >= 0)
        error = gnutls_x509_crt_set_activation_time(*certificate, now - 86400);
    if (error >= 0)
        error = gnutls_x509_crt_set_expiration_time(*certificate, now + 30 * 86400);
    if (error >= 0)
        error = gnutls_x509_crt_set_key(*certificate, key);
    if (error >= 0)
        error = gnutls_x509_crt_sign2(*certificate, *certificate, key, GNUTLS_DIG_SHA256, 0);
    return error;
}

void bench_call_identity(struct bench_identity *params)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_x509_crt_t certificate = NULL;
    size_t certificate_size = params->certificate_size, key_size = params->key_size;
    int error = generate_key(&key, params->kind);

    if (error >= 0)
        error = make_certificate(&certificate, key);
    if (error >= 0)
        error = gnutls_x509_crt_export(certificate, GNUTLS_X509_FMT_DER,
                                       (void *)(uintptr_t)params->certificate, &certificate_size);
    if (error >= 0)
        error = gnutls_x509_privkey_export_pkcs8(key, GNUTLS_X509_FMT_DER, NULL, GNUTLS_PKCS_PLAIN,
                                                 (void *)(uintptr_t)params->key, &key_size);
    if (certificate)
        gnutls_x509_crt_deinit(certificate);
    if (key)
        gnutls_x509_privkey_deinit(key);
    params->certificate_size = (uint32_t)certificate_size;
    params->key_size = (uint32_t)key_size;
    params->status = error < 0 ? error : 0;
}

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
    int32_t status;

    return priority_get(role, protocols, TLS_DISABLE_3DES_CBC | TLS_DISABLE_NULL, &status);
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
