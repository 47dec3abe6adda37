/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A second opinion on the names in a chain.
 */
#ifndef ASYNCSSPI_CONSTRAINTS_H
#define ASYNCSSPI_CONSTRAINTS_H

#include "schannel/base/schanneltypes.h"

/* Whether all names are ones that the authorities above them may give (RFC 5280 4.2.1.10). */
bool names_are_permitted(const CERT_CHAIN_CONTEXT *chain);

#endif
