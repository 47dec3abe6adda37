/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's crypt32 verifies RSA PKCS#1 and ECDSA on the two smaller NIST curves; it reports every
 * other signature as wrong. The TLS engine knows RSA-PSS, P-521 and the Edwards curves too. It is
 * asked about exactly the elements whose signature crypt32 rejected, each against the certificate
 * that crypt32 itself put above it.
 */
#include "schannel/peer/signatures.h"
#include "schannel/base/engine.h"
#include "winegnutls/unixlib.h"

static bool is_signed_by(const CERT_CONTEXT *certificate, const CERT_CONTEXT *issuer)
{
    struct tls_verify_signature params = {.certificate = (ULONG_PTR)certificate->pbCertEncoded,
                                          .certificate_size = certificate->cbCertEncoded,
                                          .issuer = (ULONG_PTR)issuer->pbCertEncoded,
                                          .issuer_size = issuer->cbCertEncoded};

    return !engine_call(TLS_CALL_VERIFY_SIGNATURE, &params) && !params.status;
}

bool signatures_are_good(const CERT_CHAIN_CONTEXT *chain)
{
    bool found = false;

    for (DWORD i = 0; i < chain->cChain; i++) {
        const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[i];

        for (DWORD j = 0; j < simple->cElement; j++) {
            const CERT_CHAIN_ELEMENT *element = simple->rgpElement[j];
            /* The last one is its own issuer, or its issuer is not known. */
            DWORD above = j + 1 < simple->cElement ? j + 1 : j;

            if (!(element->TrustStatus.dwErrorStatus & CERT_TRUST_IS_NOT_SIGNATURE_VALID))
                continue;
            if (!is_signed_by(element->pCertContext, simple->rgpElement[above]->pCertContext))
                return false;
            found = true;
        }
    }
    return found;
}
