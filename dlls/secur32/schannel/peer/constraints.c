/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's crypt32 compares every name with every subtree and remembers what the last one says: when
 * a directory name or an address follows a DNS name in an authority's constraints, a violation of
 * the DNS name is lost. The TLS engine is asked about the whole chain, in the order that crypt32
 * itself has put it in. Chains without constraints, which most are, do not get that far.
 */
#include "schannel/peer/constraints.h"
#include "schannel/base/engine.h"
#include "winegnutls/unixlib.h"

/* The engine's limit; crypt32 builds no chain as long. */
#define MAX_ELEMENTS 32

static bool is_constrained(const CERT_SIMPLE_CHAIN *chain)
{
    /* What the leaf says of those below it is about nobody. */
    for (DWORD i = 1; i < chain->cElement; i++) {
        const CERT_INFO *info = chain->rgpElement[i]->pCertContext->pCertInfo;

        if (CertFindExtension(szOID_NAME_CONSTRAINTS, info->cExtension, info->rgExtension))
            return true;
    }
    return false;
}

static bool is_permitted(const CERT_SIMPLE_CHAIN *chain)
{
    struct tls_blob blobs[MAX_ELEMENTS];
    struct tls_name_constraints params = {.chain = (ULONG_PTR)blobs, .count = chain->cElement};

    if (!is_constrained(chain))
        return true;
    if (chain->cElement > MAX_ELEMENTS)
        return false;
    for (DWORD i = 0; i < chain->cElement; i++) {
        const CERT_CONTEXT *certificate = chain->rgpElement[i]->pCertContext;

        blobs[i] = (struct tls_blob){.data = (ULONG_PTR)certificate->pbCertEncoded,
                                     .size = certificate->cbCertEncoded};
    }
    return !engine_call(TLS_CALL_NAME_CONSTRAINTS, &params) && !params.status;
}

bool names_are_permitted(const CERT_CHAIN_CONTEXT *chain)
{
    for (DWORD i = 0; i < chain->cChain; i++)
        if (!is_permitted(chain->rgpChain[i]))
            return false;
    return true;
}
