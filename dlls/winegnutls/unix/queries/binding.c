/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a session gives away in bytes: the peer's chain and OCSP responses, channel bindings,
 * exported keying material and resumption data.
 */
#include <string.h>

#include <gnutls/x509.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/credentials/keyload.h"
#include "unix/credentials/keyselect.h"
#include "unix/queries/binding.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"

static void answer(struct tls_get_blob *params, const void *data, size_t size)
{
    params->size = (uint32_t)size;
    if (params->buffer_size < size || (size && !params->buffer)) {
        params->status = SEC_E_BUFFER_TOO_SMALL;
        return;
    }
    if (size)
        memcpy(pointer(params->buffer), data, size);
    params->status = SEC_E_OK;
}

static struct session *session_of(struct tls_get_blob *params)
{
    params->size = params->count = 0;
    params->status = params->session ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_INVALID_HANDLE;
    return pointer(params->session);
}

void call_peer_chain(struct tls_get_blob *params)
{
    struct session *session = session_of(params);
    const gnutls_datum_t *chain;
    unsigned int count = 0, i;
    uint8_t *out = pointer(params->buffer);
    size_t size = 0;

    if (!session)
        return;
    if (!(chain = gnutls_certificate_get_peers(session->tls, &count)))
        count = 0;
    for (i = 0; i < count; i++)
        size += sizeof(uint32_t) + chain[i].size;
    params->count = count;
    params->size = (uint32_t)size;
    if (params->buffer_size < size || (size && !out)) {
        params->status = SEC_E_BUFFER_TOO_SMALL;
        return;
    }
    for (i = 0; i < count; i++) {
        uint32_t length = chain[i].size;

        memcpy(out, &length, sizeof(length));
        memcpy(out + sizeof(length), chain[i].data, length);
        out += sizeof(length) + length;
    }
    params->status = SEC_E_OK;
}

/* RFC 5929 4.1: the hash of the certificate's signature algorithm, SHA-256 instead of MD5 and
 * SHA-1. */
static int endpoint_hash(const gnutls_datum_t *certificate, uint8_t hash[64], size_t *size)
{
    gnutls_digest_algorithm_t digest = GNUTLS_DIG_SHA256;
    gnutls_x509_crt_t parsed = NULL;
    int error;

    error = gnutls_x509_crt_init(&parsed);
    if (error >= 0)
        error = gnutls_x509_crt_import(parsed, certificate, GNUTLS_X509_FMT_DER);
    if (error >= 0)
        digest = gnutls_sign_get_hash_algorithm(gnutls_x509_crt_get_signature_algorithm(parsed));
    if (digest != GNUTLS_DIG_SHA384 && digest != GNUTLS_DIG_SHA512)
        digest = GNUTLS_DIG_SHA256;
    if (error >= 0)
        error = gnutls_hash_fast(digest, certificate->data, certificate->size, hash);
    *size = gnutls_hash_get_len(digest);
    if (parsed)
        gnutls_x509_crt_deinit(parsed);
    return error;
}

static void endpoint_binding(struct session *session, struct tls_get_blob *params)
{
    const struct credentials *credentials = session->credentials;
    const gnutls_datum_t *server = NULL;
    unsigned int count = 0;
    uint8_t hash[64];
    size_t size = 0;
    int32_t index;

    if (credentials->role == TLS_CLIENT) {
        server = gnutls_certificate_get_peers(session->tls, &count);
        if (!count)
            server = NULL;
    } else {
        index = session_key_index(session);
        if (index >= 0)
            server = &credentials->keys[index]->chain[0].cert;
    }
    if (server && endpoint_hash(server, hash, &size) >= 0)
        answer(params, hash, size);
}

void call_channel_binding(struct tls_get_blob *params)
{
    struct session *session = session_of(params);
    gnutls_datum_t binding = {NULL, 0};
    gnutls_channel_binding_t kind;

    if (!session || !is_connected(session))
        return;
    switch (params->kind) {
    case TLS_BINDING_ENDPOINT:
        endpoint_binding(session, params);
        return;
    case TLS_BINDING_UNIQUE:
        if (gnutls_protocol_get_version(session->tls) == GNUTLS_TLS1_3)
            return;
        kind = GNUTLS_CB_TLS_UNIQUE;
        break;
    case TLS_BINDING_EXPORTER:
        kind = GNUTLS_CB_TLS_EXPORTER;
        break;
    default:
        params->status = SEC_E_INVALID_PARAMETER;
        return;
    }
    if (gnutls_session_channel_binding(session->tls, kind, &binding) < 0)
        return;
    answer(params, binding.data, binding.size);
    gnutls_memset(binding.data, 0, binding.size);
    gnutls_free(binding.data);
}

/* In front of GnuTLS's bytes: session_key_index, which those do not have. */
void resume_session(struct session *session, const uint8_t *data, size_t size)
{
    session->resumed_key = -1;
    if (size <= sizeof(session->resumed_key))
        return;
    memcpy(&session->resumed_key, data, sizeof(session->resumed_key));
    /* A stale session means a full handshake, not a failure. GnuTLS trusts these bytes: they are
     * the process's own and never come from a file or a peer. */
    gnutls_session_set_data(session->tls, data + sizeof(session->resumed_key),
                            size - sizeof(session->resumed_key));
}

void call_resumption_data(struct tls_get_blob *params)
{
    struct session *session = session_of(params);
    gnutls_datum_t data = {NULL, 0};
    int32_t key;

    if (!session || !is_connected(session) || session->credentials->role != TLS_CLIENT ||
        session->flags & TLS_SESSION_NO_RESUME)
        return;
    /* What has failed is not resumed. And GnuTLS stumbles over a ticket it took only a part of. */
    if (atomic_load(&session->failure) != SEC_E_OK)
        return;
    /* Without a ticket GnuTLS would wait for one on a transport that has nothing to read. */
    if (gnutls_protocol_get_version(session->tls) == GNUTLS_TLS1_3 &&
        !(gnutls_session_get_flags(session->tls) & GNUTLS_SFLAGS_SESSION_TICKET))
        return;
    if (gnutls_session_get_data2(session->tls, &data) < 0)
        return;
    key = session_key_index(session);
    params->size = (uint32_t)sizeof(key) + data.size;
    if (params->buffer_size < params->size || !params->buffer) {
        params->status = SEC_E_BUFFER_TOO_SMALL;
    } else {
        memcpy(pointer(params->buffer), &key, sizeof(key));
        memcpy((uint8_t *)pointer(params->buffer) + sizeof(key), data.data, data.size);
        params->status = SEC_E_OK;
    }
    gnutls_memset(data.data, 0, data.size);
    gnutls_free(data.data);
}

void call_stapled_response(struct tls_get_blob *params)
{
    struct session *session = session_of(params);
    gnutls_datum_t response = {NULL, 0};

    if (!session || session->credentials->role != TLS_CLIENT ||
        gnutls_ocsp_status_request_get2(session->tls, params->kind, &response) < 0 ||
        !response.size)
        return;
    answer(params, response.data, response.size);
}

void call_keying_material(struct tls_keying_material *params)
{
    struct session *session = pointer(params->session);
    int error;

    if (!session || !is_connected(session)) {
        params->status = SEC_E_INVALID_HANDLE;
        return;
    }
    if (!params->label || !params->label_size || !params->output || !params->output_size ||
        params->output_size > 0xffff || params->context_size > 0xffff ||
        (params->has_context && params->context_size && !params->context)) {
        params->status = SEC_E_INVALID_PARAMETER;
        return;
    }
    /* GnuTLS tells "no context" from an empty one by the pointer. */
    error = gnutls_prf_rfc5705(session->tls, params->label_size, pointer(params->label),
                               params->has_context ? params->context_size : 0,
                               !params->has_context   ? NULL
                               : params->context_size ? pointer(params->context)
                                                      : "",
                               params->output_size, pointer(params->output));
    params->status = error < 0 ? status_from_error(error) : SEC_E_OK;
}
