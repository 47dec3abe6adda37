/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * crypt32 compares each root in the registry with the host's when it first opens the store of
 * roots, which takes a process several hundred milliseconds. GnuTLS reads the host's in ten, and
 * finds those that a chain ends in.
 */
#include "schannel/peer/hostroots.h"
#include "core/memory.h"
#include "schannel/base/engine.h"
#include "winegnutls/unixlib.h"

#include <string.h>

/* Enough for most, so that one call suffices. */
#define FIRST_GUESS 8192

static bool add_all(HCERTSTORE store, const BYTE *data, uint32_t left)
{
    uint32_t size;

    while (left > sizeof(size)) {
        memcpy(&size, data, sizeof(size));
        data += sizeof(size);
        left -= (uint32_t)sizeof(size);
        if (size > left || !CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, data, size,
                                                             CERT_STORE_ADD_USE_EXISTING, NULL))
            return false;
        data += size;
        left -= size;
    }
    return !left;
}

bool host_roots_add(HCERTSTORE store, const struct peer_chain *sent, stores_moment moment)
{
    struct tls_host_roots params = {.chain = (ULONG_PTR)sent->data,
                                    .chain_size = sent->size,
                                    .moment = moment,
                                    .buffer_size = FIRST_GUESS};
    SECURITY_STATUS status;
    bool added = false;
    BYTE *data;

    do {
        data = heap_zalloc(params.buffer_size);
        if (!data)
            return false;
        params.buffer = (ULONG_PTR)data;
        status = engine_call(TLS_CALL_HOST_ROOTS, &params);
        if (!status)
            status = params.status;
        if (status == SEC_E_OK)
            added = add_all(store, data, params.size);
        heap_free(data);
        if (status != SEC_E_BUFFER_TOO_SMALL || params.size <= params.buffer_size)
            return added;
        params.buffer_size = params.size;
    } while (true);
}
