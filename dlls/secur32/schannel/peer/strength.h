/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether a chain's signatures and keys are strong enough to be believed. */
#ifndef ASYNCSSPI_STRENGTH_H
#define ASYNCSSPI_STRENGTH_H

#include "schannel/base/schanneltypes.h"

/* `strictly`: also without what SCH_USE_STRONG_CRYPTO forbids. */
bool chain_is_strong(const CERT_CHAIN_CONTEXT *chain, bool strictly);

#endif
