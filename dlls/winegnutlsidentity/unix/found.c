/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A key with its certificates: DER in the caller's buffers, and their release. */
#include "unix/found.h"

#include <gnutls/crypto.h>

void found_free(struct found *found)
{
    for (unsigned int i = 0; i < found->count; i++)
        gnutls_x509_crt_deinit(found->chain[i]);
    gnutls_free(found->chain);
    if (found->key)
        gnutls_x509_privkey_deinit(found->key);
    found->chain = NULL;
    found->key = NULL;
    found->count = 0;
}

static int export_certificates(const struct found *found, struct identity_result *result)
{
    uint8_t *at = (uint8_t *)(uintptr_t)result->certificates;
    size_t room = result->certificates_size, size;
    int error = 0;

    result->certificates_size = result->count = 0;
    for (unsigned int i = 0; error >= 0 && i < found->count && i < IDENTITY_MAX_CHAIN; i++) {
        size = room;
        error = gnutls_x509_crt_export(found->chain[i], GNUTLS_X509_FMT_DER, at, &size);
        if (error < 0)
            break;
        at += size;
        room -= size;
        result->sizes[i] = (uint32_t)size;
        result->certificates_size += (uint32_t)size;
        result->count++;
    }
    return error;
}

static int export_key(const struct found *found, struct identity_result *result)
{
    void *buffer = (void *)(uintptr_t)result->key;
    size_t room = result->key_size, size = room;
    int error = gnutls_x509_privkey_export_pkcs8(found->key, GNUTLS_X509_FMT_DER, NULL,
                                                 GNUTLS_PKCS_PLAIN, buffer, &size);

    if (error < 0)
        gnutls_memset(buffer, 0, room);
    result->key_size = error < 0 ? 0 : (uint32_t)size;
    return error;
}

void found_give(struct found *found, int32_t status, struct identity_result *result)
{
    if (status == IDENTITY_OK && (!found->key || !found->count))
        status = found->key ? IDENTITY_NO_CERTIFICATE : IDENTITY_NO_KEY;
    if (status == IDENTITY_OK) {
        found->error = export_certificates(found, result);
        if (found->error >= 0)
            found->error = export_key(found, result);
        if (found->error < 0)
            status = IDENTITY_FAILED;
    }
    if (status != IDENTITY_OK)
        result->certificates_size = result->key_size = result->count = 0;
    result->status = status;
    result->error = found->error < 0 ? found->error : 0;
}

int32_t status_from_error(int error)
{
    switch (error) {
    case GNUTLS_E_MEMORY_ERROR:
        return IDENTITY_FAILED;
    case GNUTLS_E_DECRYPTION_FAILED:
        return IDENTITY_WRONG_PASSWORD;
    case GNUTLS_E_UNKNOWN_CIPHER_TYPE:
    case GNUTLS_E_UNKNOWN_HASH_ALGORITHM:
    case GNUTLS_E_UNKNOWN_PK_ALGORITHM:
    case GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM:
    case GNUTLS_E_UNIMPLEMENTED_FEATURE:
    case GNUTLS_E_UNKNOWN_ALGORITHM:
    case GNUTLS_E_ECC_UNSUPPORTED_CURVE:
        return IDENTITY_UNSUPPORTED;
    default:
        return IDENTITY_DAMAGED;
    }
}
