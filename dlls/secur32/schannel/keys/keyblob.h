/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Private key blobs, as CryptoAPI and CNG export them, into PKCS#8.
 */
#ifndef ASYNCSSPI_KEYBLOB_H
#define ASYNCSSPI_KEYBLOB_H

#include "schannel/keys/provider.h"

/*
 * All give SEC_E_OK; SEC_E_UNKNOWN_CREDENTIALS for a blob that is not what its type says;
 * SEC_E_INSUFFICIENT_MEMORY. The blob stays the caller's.
 */

/* A CryptoAPI PRIVATEKEYBLOB of an RSA key. */
SECURITY_STATUS keyblob_from_capi(const BYTE *blob, DWORD size, struct schannel_private_key *key);

/* BCRYPT_RSAFULLPRIVATE_BLOB. */
SECURITY_STATUS keyblob_from_cng_rsa(const BYTE *blob, DWORD size,
                                     struct schannel_private_key *key);

/* BCRYPT_ECCPRIVATE_BLOB of a NIST curve. */
SECURITY_STATUS keyblob_from_cng_ec(const BYTE *blob, DWORD size, struct schannel_private_key *key);

#endif
