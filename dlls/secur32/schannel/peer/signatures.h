/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A second opinion on the signatures in a chain.
 */
#ifndef ASYNCSSPI_SIGNATURES_H
#define ASYNCSSPI_SIGNATURES_H

#include "schannel/base/schanneltypes.h"

/*
 * Whether every signature that crypt32 did not accept in this chain is good after all. False also
 * for a chain none of whose elements carries CERT_TRUST_IS_NOT_SIGNATURE_VALID.
 */
bool signatures_are_good(const CERT_CHAIN_CONTEXT *chain);

#endif
