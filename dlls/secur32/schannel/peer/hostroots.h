/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host's own roots, without crypt32, which takes long to read them all.
 */
#ifndef ASYNCSSPI_HOSTROOTS_H
#define ASYNCSSPI_HOSTROOTS_H

#include "schannel/credentials/systemstore.h"
#include "schannel/peer/peer.h"

/*
 * Adds to the store the roots of the host's that vouch for that chain, when GnuTLS accepts it with
 * them. What they are is read anew at another moment. false: there are none.
 */
bool host_roots_add(HCERTSTORE store, const struct peer_chain *sent, stores_moment moment);

#endif
