/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The key containers of rsaenh, Wine's own CryptoAPI provider, where it keeps them.
 */
#ifndef ASYNCSSPI_RSAENH_H
#define ASYNCSSPI_RSAENH_H

#include "schannel/base/schanneltypes.h"
#include "schannel/keys/provider.h"

/* The container's key in the registry; false when there is none. `set`: CRYPT_MACHINE_KEYSET or 0.
 */
bool rsaenh_open_container(const WCHAR *container, DWORD set, HKEY *key);

/*
 * The certificate's key from the container, which `provider` has open. SEC_E_OK,
 * SEC_E_INSUFFICIENT_MEMORY, or SEC_E_NO_CREDENTIALS: it is not to be read there, because the
 * provider is another one, or the container not what it should be.
 */
SECURITY_STATUS rsaenh_read_key(const CERT_CONTEXT *certificate, HCRYPTPROV provider,
                                const WCHAR *container, DWORD set, DWORD key_spec,
                                struct schannel_private_key *key);

#endif
