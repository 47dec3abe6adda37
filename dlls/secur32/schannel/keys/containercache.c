/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys exported from CryptoAPI containers that have not changed since.
 *
 * Opening a container costs most of a millisecond under Wine, and exporting the key of an open one
 * a tenth of that. Wine keeps a container in a registry key, and writes it anew whenever a handle
 * to it is closed: while the time of the last writing stays, so does the key inside. That is one
 * look at the registry. Where there is no such registry key nothing is kept.
 *
 * A key belongs to the certificate it was exported for; the few that are kept are wiped when others
 * take their place and at the end.
 */
#include "schannel/keys/containercache.h"
#include "schannel/keys/provider.h"
#include "schannel/keys/rsaenh.h"

#define MAX_ENTRIES 8

struct entry {
    BYTE *data; /* PKCS#8, the certificate and the name behind it; NULL: free */
    DWORD capacity;
    DWORD key_size, certificate_size, name_size;
    DWORD set;
    FILETIME written;
    ULONG used; /* for the least recently used one */
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct entry entries[MAX_ENTRIES];
static ULONG uses;

/* When the container was last written; false when that cannot be told. */
static bool last_written(const WCHAR *container, DWORD set, FILETIME *written)
{
    bool known;
    HKEY key;

    if (!rsaenh_open_container(container, set, &key))
        return false;
    known =
        !RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, written);
    RegCloseKey(key);
    return known;
}

static DWORD size_of_name(const WCHAR *container)
{
    return (DWORD)(wcslen(container) * sizeof(*container));
}

static bool is_entry_of(const struct entry *entry, const CERT_CONTEXT *certificate,
                        const WCHAR *container, DWORD set)
{
    const BYTE *kept = entry->data + entry->key_size;

    return entry->data && entry->set == set &&
           entry->certificate_size == certificate->cbCertEncoded &&
           entry->name_size == size_of_name(container) &&
           !memcmp(kept, certificate->pbCertEncoded, entry->certificate_size) &&
           !memcmp(kept + entry->certificate_size, container, entry->name_size);
}

static struct entry *find(const CERT_CONTEXT *certificate, const WCHAR *container, DWORD set)
{
    for (unsigned int i = 0; i < MAX_ENTRIES; i++) {
        if (is_entry_of(&entries[i], certificate, container, set))
            return &entries[i];
    }
    return NULL;
}

static void clear(struct entry *entry)
{
    key_free_secret(entry->data, entry->capacity);
    *entry = (struct entry){.data = NULL};
}

bool container_cache_find(const CERT_CONTEXT *certificate, const WCHAR *container, DWORD set,
                          struct schannel_private_key *key)
{
    struct entry *entry;
    FILETIME written;
    bool found = false;

    if (!container)
        return false;
    AcquireSRWLockExclusive(&lock);
    entry = find(certificate, container, set);
    if (entry && (!last_written(container, set, &written) ||
                  CompareFileTime(&written, &entry->written) != 0)) {
        clear(entry);
    } else if (entry && (key->data = HeapAlloc(GetProcessHeap(), 0, entry->key_size))) {
        memcpy(key->data, entry->data, entry->key_size);
        key->size = key->capacity = entry->key_size;
        entry->used = ++uses;
        found = true;
    }
    ReleaseSRWLockExclusive(&lock);
    return found;
}

void container_cache_keep(const CERT_CONTEXT *certificate, const WCHAR *container, DWORD set,
                          const struct schannel_private_key *key)
{
    struct entry *entry,
        made = {.key_size = key->size, .certificate_size = certificate->cbCertEncoded, .set = set};

    if (!last_written(container, set, &made.written))
        return;
    made.name_size = size_of_name(container);
    made.capacity = made.key_size + made.certificate_size + made.name_size;
    made.data = HeapAlloc(GetProcessHeap(), 0, made.capacity);
    if (!made.data)
        return;
    memcpy(made.data, key->data, made.key_size);
    memcpy(made.data + made.key_size, certificate->pbCertEncoded, made.certificate_size);
    memcpy(made.data + made.key_size + made.certificate_size, container, made.name_size);

    AcquireSRWLockExclusive(&lock);
    entry = find(certificate, container, set);
    for (unsigned int i = 0; i < MAX_ENTRIES && !entry; i++) {
        if (!entries[i].data)
            entry = &entries[i];
    }
    if (!entry) {
        entry = &entries[0];
        for (unsigned int i = 1; i < MAX_ENTRIES; i++) {
            if (entries[i].used < entry->used)
                entry = &entries[i];
        }
    }
    clear(entry);
    made.used = ++uses;
    *entry = made;
    ReleaseSRWLockExclusive(&lock);
}

void container_cache_release(void)
{
    for (unsigned int i = 0; i < MAX_ENTRIES; i++)
        clear(&entries[i]);
}
