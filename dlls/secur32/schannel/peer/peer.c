/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fetches the peer's certificates from the engine and makes a certificate context of them, in a
 * memory store that only its contexts keep alive.
 */
#include "schannel/peer/peer.h"
#include "core/memory.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "winegnutls/unixlib.h"

#include <string.h>

/* Enough for most chains, so that one call suffices. */
#define FIRST_GUESS 8192

SECURITY_STATUS peer_chain_get(struct schannel_context *context, struct peer_chain *chain)
{
    struct tls_get_blob params = {.session = context->session, .buffer_size = FIRST_GUESS};
    SECURITY_STATUS status;
    BYTE *data;

    for (;;) {
        data = heap_zalloc(params.buffer_size);
        if (!data)
            return SEC_E_INSUFFICIENT_MEMORY;
        params.buffer = (ULONG_PTR)data;
        status = engine_call(TLS_CALL_PEER_CHAIN, &params);
        if (!status)
            status = params.status;
        if (status != SEC_E_BUFFER_TOO_SMALL || params.size <= params.buffer_size)
            break;
        heap_free(data);
        params.buffer_size = params.size;
    }
    if (status == SEC_E_UNSUPPORTED_FUNCTION || (!status && !params.count))
        status = SEC_E_NO_CREDENTIALS;
    if (status) {
        heap_free(data);
        return status;
    }
    chain->data = data;
    chain->size = params.size;
    chain->count = params.count;
    return SEC_E_OK;
}

const CERT_CONTEXT *peer_chain_open(const struct peer_chain *chain)
{
    const CERT_CONTEXT *leaf = NULL;
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, 0, NULL);
    uint32_t offset = 0;

    if (!store)
        return NULL;
    for (uint32_t i = 0; i < chain->count; i++) {
        uint32_t size;

        if (chain->size - offset < sizeof(size))
            break;
        memcpy(&size, chain->data + offset, sizeof(size));
        offset += sizeof(size);
        if (size > chain->size - offset)
            break;
        /* One that crypt32 cannot parse is left out; without the leaf there is no answer. */
        CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, chain->data + offset, size,
                                         CERT_STORE_ADD_ALWAYS, i ? NULL : &leaf);
        if (!leaf)
            break;
        offset += size;
    }
    CertCloseStore(store, 0);
    return leaf;
}

BYTE *peer_stapled_response(const struct schannel_context *context, unsigned int index, DWORD *size)
{
    struct tls_get_blob params = {.session = context->session, .kind = index};

    *size = 0;
    if (engine_get_blob(TLS_CALL_STAPLED_RESPONSE, &params) != SEC_E_OK || !params.buffer)
        return NULL;
    *size = params.size;
    return (BYTE *)(ULONG_PTR)params.buffer;
}

/* Where programs that check the chain themselves, and crypt32 for them, look for it. */
static void keep_stapled_response(const struct schannel_context *context, const CERT_CONTEXT *leaf)
{
    CRYPT_DATA_BLOB response;

    response.pbData = peer_stapled_response(context, 0, &response.cbData);
    if (!response.pbData)
        return;
    CertSetCertificateContextProperty(leaf, CERT_OCSP_RESPONSE_PROP_ID, 0, &response);
    heap_free(response.pbData);
}

const CERT_CONTEXT *schannel_peer_certificate(struct schannel_context *context)
{
    const CERT_CONTEXT *leaf;
    struct peer_chain chain;

    if (peer_chain_get(context, &chain))
        return NULL;
    leaf = peer_chain_open(&chain);
    heap_free(chain.data);
    if (leaf)
        keep_stapled_response(context, leaf);
    return leaf;
}

SECURITY_STATUS schannel_requested_issuers(const struct schannel_context *context,
                                           struct issuer_names *list)
{
    struct tls_get_blob call = {.session = context->session};
    SECURITY_STATUS status = engine_get_blob(TLS_CALL_ISSUERS, &call);

    memset(list, 0, sizeof(*list));
    if (status || !call.buffer)
        return status;
    list->data = (BYTE *)(ULONG_PTR)call.buffer;
    list->size = call.size;
    list->count = call.count;
    return SEC_E_OK;
}
