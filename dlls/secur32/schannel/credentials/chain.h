/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The certificates to send.
 */
#ifndef ASYNCSSPI_CHAIN_H
#define ASYNCSSPI_CHAIN_H

#include "schannel/base/schanneltypes.h"

/* Most certificates of one chain: TLS_CALL_CREDENTIALS_CREATE's limit. */
#define SCHANNEL_MAX_CHAIN 16

/*
 * The certificates to send for a leaf: itself, its issuers as far as they are known, without the
 * self-signed root unless asked for. Fills at most SCHANNEL_MAX_CHAIN references and returns their
 * number.
 */
unsigned int schannel_build_chain(const CERT_CONTEXT *leaf, bool with_root,
                                  const CERT_CONTEXT *chain[SCHANNEL_MAX_CHAIN]);

/*
 * The certificate that an entry of paCred names; a new reference or NULL. With
 * SCH_CRED_FORMAT_CERT_CONTEXT paCred is an array of pointers; with _CERT_HASH it points to the
 * thumbprints, 20 bytes each, with _CERT_HASH_STORE to structures.
 */
const CERT_CONTEXT *schannel_find_certificate(DWORD format, const void *entries, DWORD index);

#endif
