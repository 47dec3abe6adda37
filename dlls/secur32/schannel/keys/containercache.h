/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys exported from CryptoAPI containers that have not changed since.
 */
#ifndef ASYNCSSPI_CONTAINERCACHE_H
#define ASYNCSSPI_CONTAINERCACHE_H

#include "schannel/base/schanneltypes.h"
#include "schannel/keys/provider.h"

/* A copy of the certificate's key if it came out of that container as it is now; else false. `set`
 * is CRYPT_MACHINE_KEYSET or 0. */
bool container_cache_find(const CERT_CONTEXT *certificate, const WCHAR *container, DWORD set,
                          struct schannel_private_key *key);
/* Keeps a copy, once our handle to the container is closed. */
void container_cache_keep(const CERT_CONTEXT *certificate, const WCHAR *container, DWORD set,
                          const struct schannel_private_key *key);

/* When the DLL is unloaded. */
void container_cache_release(void);

#endif
