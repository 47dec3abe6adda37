/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * RSA keys inside providers, in named CryptoAPI containers or as CNG handles, and certificates for
 * them.
 */
#ifndef TESTPROVIDER_H
#define TESTPROVIDER_H

#include "kit/testcert.h"

#include <ncrypt.h>

/* Generates the key exchange key of a container, which is made if it is not there. FALSE after a
 * failed ok(). `flags`: CRYPT_EXPORTABLE or 0; `set`: CRYPT_MACHINE_KEYSET or 0. */
BOOL container_generate(const WCHAR *name, DWORD type, DWORD set, DWORD flags);
void container_delete(const WCHAR *name, DWORD set);

/*
 * The name of a CryptoAPI provider of that type that is not Wine's rsaenh, although it is made of
 * it: a copy of the file elsewhere, registered under a name of its own. It has the same containers.
 * NULL after a skip. Until providers_remove.
 */
const WCHAR *other_provider(DWORD type);
void providers_remove(void);

/* The public half of an open provider's key exchange key; NULL after a failed ok(). */
struct test_key *container_key(HCRYPTPROV provider);

/*
 * A certificate for localhost, issued by `ca`, whose CERT_KEY_PROV_INFO names the container.
 * `set_named` is what that property says, `set` where the key is.
 */
BOOL container_cert(const struct test_cert *ca, const WCHAR *name, DWORD type, DWORD set,
                    DWORD set_named, struct test_cert *cert);
/* Likewise, but the property names another provider, too: a key that is not exportable stays in it.
 * FALSE also where there is none. */
BOOL container_cert_that_stays(const struct test_cert *ca, const WCHAR *name, DWORD type, DWORD set,
                               DWORD set_named, struct test_cert *cert);

/* A CNG key; policy ~0 leaves the provider's. 0 after a skip. */
NCRYPT_KEY_HANDLE cng_generate(DWORD policy);
void cng_free(NCRYPT_KEY_HANDLE key);
struct test_key *cng_key(NCRYPT_KEY_HANDLE key);
/* The whole key, BCRYPT_RSAFULLPRIVATE_BLOB; FALSE where it is not let out. */
BOOL cng_export(NCRYPT_KEY_HANDLE key, BYTE *blob, DWORD *size);

#endif
