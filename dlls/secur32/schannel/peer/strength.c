/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's crypt32 believes any signature it can verify. Here chains end that lean on broken
 * signatures (MD5 and older) or on RSA keys anybody can factor (less than 1024 bits), as Windows
 * ends them. SCH_USE_STRONG_CRYPTO asks for what Windows calls strong: no SHA-1, RSA of 2048 bits.
 *
 * A root is trusted for being in the store, whatever it is signed with.
 */
#include "schannel/peer/strength.h"

#include <string.h>

enum { WEAKEST_RSA = 1024, STRONG_RSA = 2048 };

static const char *const broken[] = {
    szOID_RSA_MD2RSA,    szOID_RSA_MD4RSA,     szOID_RSA_MD5RSA,    szOID_OIWSEC_md4RSA,
    szOID_OIWSEC_md5RSA, szOID_OIWSEC_md4RSA2, szOID_OIWDIR_md2RSA,
};

static const char *const weak[] = {
    szOID_RSA_SHA1RSA, szOID_OIWSEC_sha1RSASign, szOID_OIWSEC_shaRSA,
    szOID_ECDSA_SHA1,  szOID_X957_SHA1DSA,       szOID_OIWSEC_dsaSHA1,
};

static bool is_in(const char *oid, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(oid, list[i]))
            return true;
    return false;
}

static bool is_strong(const CERT_INFO *certificate, bool strictly)
{
    const char *signature = certificate->SignatureAlgorithm.pszObjId;
    const char *key = certificate->SubjectPublicKeyInfo.Algorithm.pszObjId;

    if (is_in(signature, broken, ARRAYSIZE(broken)) ||
        (strictly && is_in(signature, weak, ARRAYSIZE(weak))))
        return false;
    return strcmp(key, szOID_RSA_RSA) ||
           CertGetPublicKeyLength(X509_ASN_ENCODING,
                                  (CERT_PUBLIC_KEY_INFO *)&certificate->SubjectPublicKeyInfo) >=
               (strictly ? STRONG_RSA : WEAKEST_RSA);
}

bool chain_is_strong(const CERT_CHAIN_CONTEXT *chain, bool strictly)
{
    for (DWORD i = 0; i < chain->cChain; i++) {
        const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[i];

        for (DWORD j = 0; j < simple->cElement; j++) {
            const CERT_CHAIN_ELEMENT *element = simple->rgpElement[j];

            if (element->TrustStatus.dwInfoStatus & CERT_TRUST_IS_SELF_SIGNED)
                continue;
            if (!is_strong(element->pCertContext->pCertInfo, strictly))
                return false;
        }
    }
    return true;
}
