/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a key in CryptoAPI's form is a certificate's: both kinds of blob begin with the same
 * numbers and differ in their headers at most, which say what kind they are.
 */
#include "schannel/keys/keymatch.h"

#include <stddef.h>
#include <string.h>

bool key_matches(const CERT_CONTEXT *certificate, const BYTE *blob, DWORD size)
{
    const CERT_PUBLIC_KEY_INFO *info = &certificate->pCertInfo->SubjectPublicKeyInfo;
    const DWORD header = sizeof(BLOBHEADER) + offsetof(RSAPUBKEY, bitlen);
    BYTE wanted[MAX_PUBLIC_BLOB];
    DWORD wanted_size = sizeof(wanted);

    return strcmp(info->Algorithm.pszObjId, szOID_RSA_RSA) == 0 &&
           CryptDecodeObject(X509_ASN_ENCODING, RSA_CSP_PUBLICKEYBLOB, info->PublicKey.pbData,
                             info->PublicKey.cbData, 0, wanted, &wanted_size) &&
           wanted_size > sizeof(BLOBHEADER) + sizeof(RSAPUBKEY) && size >= wanted_size &&
           !memcmp(blob + header, wanted + header, wanted_size - header);
}
