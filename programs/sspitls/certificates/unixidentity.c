/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls of winegnutlsidentity, and certificate contexts of what they return. */
#include "certificates/unixidentity.h"

#include "asyncsspi.h"
#include "base/unixside.h"

static unix_side call;

bool unix_identity_there(void)
{
    struct identity_startup startup = {.contract_version = IDENTITY_CONTRACT_VERSION, .status = -1};

    if (call)
        return true;
    call = unix_side_load("winegnutlsidentity");
    if (call && (call(IDENTITY_CALL_STARTUP, &startup) < 0 || startup.status))
        call = NULL;
    return call != NULL;
}

static bool take(const struct identity_result *result, HCERTSTORE store, PCCERT_CONTEXT *leaf)
{
    const unsigned char *at = (const unsigned char *)(ULONG_PTR)result->certificates;
    CRYPT_DATA_BLOB key = {result->key_size, (unsigned char *)(ULONG_PTR)result->key};

    for (unsigned i = 0; i < result->count; i++) {
        if (!CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, at, result->sizes[i],
                                              CERT_STORE_ADD_USE_EXISTING, i ? NULL : leaf))
            return false;
        at += result->sizes[i];
    }
    return CertSetCertificateContextProperty(*leaf, ASYNCSSPI_CERT_PKCS8_PROP_ID, 0, &key);
}

/* Makes the call with room of this size for its result. */
static enum identity_status run(enum identity_call number, void *params,
                                struct identity_result *result, size_t size, HCERTSTORE store,
                                PCCERT_CONTEXT *leaf)
{
    struct buffer certificates = {0}, key = {0};

    result->status = IDENTITY_FAILED;
    if (!buffer_reserve(&certificates, size) || !buffer_reserve(&key, IDENTITY_KEY_SIZE))
        goto done;
    result->certificates = (ULONG_PTR)certificates.data;
    result->certificates_size = (uint32_t)size;
    result->key = (ULONG_PTR)key.data;
    result->key_size = IDENTITY_KEY_SIZE;
    if (unix_identity_there() && call(number, params) >= 0 && result->status == IDENTITY_OK &&
        !take(result, store, leaf))
        result->status = IDENTITY_FAILED;
done:
    /* All of it is wiped. */
    key.size = key.capacity;
    buffer_free(&key);
    buffer_free(&certificates);
    return result->status;
}

enum identity_status unix_identity_read(enum identity_format format, const struct buffer *file,
                                        const struct buffer *key_file, const char *password,
                                        HCERTSTORE store, PCCERT_CONTEXT *leaf)
{
    struct identity_read params = {
        .file = (ULONG_PTR)file->data,
        .file_size = (uint32_t)file->size,
        .key_file = key_file ? (ULONG_PTR)key_file->data : 0,
        .key_file_size = key_file ? (uint32_t)key_file->size : 0,
        .password = (ULONG_PTR)password,
        .format = format,
    };

    return run(IDENTITY_CALL_READ, &params, &params.result, file->size, store, leaf);
}

enum identity_status unix_identity_make(enum identity_kind kind, unsigned length, HCERTSTORE store,
                                        PCCERT_CONTEXT *leaf)
{
    struct identity_make params = {.kind = kind, .length = length};

    return run(IDENTITY_CALL_MAKE, &params, &params.result, IDENTITY_MADE_SIZE, store, leaf);
}
