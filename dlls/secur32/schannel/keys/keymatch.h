/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a key in CryptoAPI's form is a certificate's.
 */
#ifndef ASYNCSSPI_KEYMATCH_H
#define ASYNCSSPI_KEYMATCH_H

#include "schannel/base/schanneltypes.h"

/* An RSA key of 16384 bits, the longest there is, as PUBLICKEYBLOB. */
#define MAX_PUBLIC_BLOB (sizeof(BLOBHEADER) + sizeof(RSAPUBKEY) + 2048)

/* `blob` of that size is a PUBLICKEYBLOB or PRIVATEKEYBLOB. */
bool key_matches(const CERT_CONTEXT *certificate, const BYTE *blob, DWORD size);

#endif
