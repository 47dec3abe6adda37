/* SPDX-License-Identifier: LGPL-2.1-or-later */

#define CALG_NULLCIPHER               (ALG_CLASS_DATA_ENCRYPT | ALG_TYPE_ANY | 0)
#define CERT_NCRYPT_KEY_SPEC          0xffffffff
#define CERT_TRUST_HAS_WEAK_SIGNATURE 0x00100000
#define szOID_ECDSA_SHA1              "1.2.840.10045.4.1"
