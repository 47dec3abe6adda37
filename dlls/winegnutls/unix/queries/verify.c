/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Signatures on certificates, for a caller whose own cryptography does not know the algorithm.
 * Everything else about a chain (names, dates, purposes, trust) is the caller's business.
 */
#include <gnutls/x509.h>

#include "unix/base/calls.h"
#include "unix/base/status.h"
#include "unix/credentials/keyload.h"

void call_verify_signature(struct tls_verify_signature *params)
{
    const unsigned int flags = GNUTLS_VERIFY_DISABLE_CA_SIGN | GNUTLS_VERIFY_DISABLE_TIME_CHECKS |
                               GNUTLS_VERIFY_DISABLE_TRUSTED_TIME_CHECKS |
                               GNUTLS_VERIFY_ALLOW_ANY_X509_V1_CA_CRT |
                               GNUTLS_VERIFY_DO_NOT_ALLOW_SAME | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1;
    gnutls_x509_crt_t certificate = NULL, issuer = NULL;
    unsigned int problems = 0;
    int error = certificate_import(&certificate, params->certificate, params->certificate_size);

    if (error >= 0)
        error = certificate_import(&issuer, params->issuer, params->issuer_size);
    if (error >= 0)
        error = gnutls_x509_crt_verify(certificate, &issuer, 1, flags, &problems);
    if (error == GNUTLS_E_MEMORY_ERROR)
        params->status = SEC_E_INSUFFICIENT_MEMORY;
    else
        params->status = error < 0 || problems ? SEC_E_CERT_UNKNOWN : SEC_E_OK;
    if (certificate)
        gnutls_x509_crt_deinit(certificate);
    if (issuer)
        gnutls_x509_crt_deinit(issuer);
}
