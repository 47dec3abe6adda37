/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schannel/keys/provider.h"
#include "winegnutls/unixlib.h"

void key_free_secret(BYTE *data, DWORD size)
{
    if (!data)
        return;
    SecureZeroMemory(data, size);
    HeapFree(GetProcessHeap(), 0, data);
}

void schannel_free_key(struct schannel_private_key *key)
{
    key_free_secret(key->data, key->capacity);
    key->data = NULL;
    key->size = key->capacity = 0;
    schannel_close_provider_key(key->provider);
    key->provider = NULL;
}

void schannel_close_provider_key(struct provider_key *key)
{
    if (key)
        key->operations->destroy(key);
}

uint32_t schannel_provider_key_abilities(const struct provider_key *key)
{
    return key->abilities;
}

SECURITY_STATUS schannel_use_provider_key(struct provider_key *key,
                                          const struct tls_key_request *request, BYTE *answer,
                                          DWORD *size)
{
    SECURITY_STATUS status;

    AcquireSRWLockExclusive(&key->lock);
    status = key->operations->use(key, request, answer, size);
    ReleaseSRWLockExclusive(&key->lock);
    return status;
}
