/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys of CryptoAPI providers: exported, read where Wine's own provider keeps them
 * (keys/rsaenh.c), or used where they are.
 *
 * A key that stays is known by its places: the open provider the program gave, and its container
 * under the names of provider types that can do more with it. The types of Microsoft's own
 * providers share their containers, and a container that was made under the oldest one, which
 * signs nothing newer than SHA-1, does SHA-2 under PROV_RSA_AES. Containers are opened anew for
 * every use: so a key that was replaced is never used again, and no handle of ours is in the way of
 * one who deletes it (Wine writes a container back when a handle to it is closed).
 */
#include "schannel/keys/capikey.h"
#include "core/memory.h"
#include "schannel/keys/containercache.h"
#include "schannel/keys/keyblob.h"
#include "schannel/keys/keymatch.h"
#include "schannel/keys/provider.h"
#include "schannel/keys/rsaenh.h"
#include "winegnutls/unixlib.h"

#include <lmcons.h>
#include <string.h>

/* The program's own, PROV_RSA_AES, PROV_RSA_SCHANNEL. */
#define MAX_PLACES 3

struct place {
    HCRYPTPROV provider; /* open: a reference of ours; or 0 and the names */
    WCHAR *container;
    WCHAR *provider_name; /* NULL: the type's default */
    DWORD type;
    DWORD flags; /* CRYPT_MACHINE_KEYSET or none */
};

struct capi_key {
    struct provider_key base;
    DWORD spec;
    struct place places[MAX_PLACES];
    unsigned int count;
};

static const struct {
    ALG_ID algorithm;
    DWORD size;
    uint32_t ability;
} hashes[] = {
    {CALG_SSL3_SHAMD5, 36, TLS_KEY_CAN_MD5_SHA1}, {CALG_SHA1, 20, TLS_KEY_CAN_SHA1},
    {CALG_SHA_256, 32, TLS_KEY_CAN_SHA256},       {CALG_SHA_384, 48, TLS_KEY_CAN_SHA384},
    {CALG_SHA_512, 64, TLS_KEY_CAN_SHA512},
};

/* Whether the key pair of that kind in the container is the certificate's. */
static bool is_key_of(const CERT_CONTEXT *certificate, HCRYPTPROV provider, DWORD key_spec)
{
    BYTE blob[MAX_PUBLIC_BLOB];
    DWORD size = sizeof(blob);
    HCRYPTKEY key;
    bool matches;

    if (!CryptGetUserKey(provider, key_spec, &key))
        return false;
    matches = CryptExportKey(key, 0, PUBLICKEYBLOB, 0, blob, &size) &&
              key_matches(certificate, blob, size);
    CryptDestroyKey(key);
    return matches;
}

/*
 * The kind of key that fits, 0 for none: the one the certificate names, or the other, because
 * Wine's PFX import writes both kinds into the property. It also puts every key into the user's one
 * container, where a later import replaces it; such a stranger's key is not taken.
 */
static DWORD find_key_spec(const CERT_CONTEXT *certificate, HCRYPTPROV provider, DWORD key_spec)
{
    const DWORD kinds[] = {key_spec, AT_KEYEXCHANGE, AT_SIGNATURE};

    for (unsigned int i = 0; i < ARRAYSIZE(kinds); i++) {
        if (is_key_of(certificate, provider, kinds[i]))
            return kinds[i];
    }
    return 0;
}

/* SEC_E_NO_CREDENTIALS when the provider does not let it out. */
static SECURITY_STATUS export_key(HCRYPTPROV provider, DWORD key_spec,
                                  struct schannel_private_key *key)
{
    SECURITY_STATUS status = SEC_E_NO_CREDENTIALS;
    HCRYPTKEY handle = 0;
    BYTE *blob = NULL;
    DWORD size = 0, capacity = 0;

    if (!CryptGetUserKey(provider, key_spec, &handle))
        goto done;
    if (!CryptExportKey(handle, 0, PRIVATEKEYBLOB, 0, NULL, &size))
        goto done;
    capacity = size;
    blob = HeapAlloc(GetProcessHeap(), 0, capacity);
    if (!blob) {
        status = SEC_E_INSUFFICIENT_MEMORY;
        goto done;
    }
    if (!CryptExportKey(handle, 0, PRIVATEKEYBLOB, 0, blob, &size))
        goto done;
    status = keyblob_from_capi(blob, size, key);
done:
    key_free_secret(blob, capacity);
    if (handle)
        CryptDestroyKey(handle);
    return status;
}

static bool open_place(const struct place *place, HCRYPTPROV *provider)
{
    *provider = place->provider;
    return place->provider || CryptAcquireContextW(provider, place->container, place->provider_name,
                                                   place->type, place->flags | CRYPT_SILENT);
}

static void close_place(const struct place *place, HCRYPTPROV provider)
{
    if (!place->provider)
        CryptReleaseContext(provider, 0);
}

static bool sign_at(HCRYPTPROV provider, DWORD key_spec, ALG_ID algorithm, const BYTE *value,
                    BYTE *signature, DWORD *size)
{
    HCRYPTHASH hash = 0;
    bool done;

    if (!CryptCreateHash(provider, algorithm, 0, 0, &hash))
        return false;
    *size = TLS_MAX_KEY_DATA;
    done = CryptSetHashParam(hash, HP_HASHVAL, value, 0) &&
           CryptSignHashW(hash, key_spec, NULL, 0, signature, size);
    CryptDestroyHash(hash);
    return done;
}

static void reverse(BYTE *bytes, DWORD size)
{
    for (DWORD i = 0; i < size / 2; i++) {
        BYTE byte = bytes[i];

        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = byte;
    }
}

static bool decrypt_at(HCRYPTPROV provider, DWORD key_spec, const struct tls_key_request *request,
                       BYTE *plaintext, DWORD *size)
{
    HCRYPTKEY handle;
    bool done;

    if (!CryptGetUserKey(provider, key_spec, &handle))
        return false;
    memcpy(plaintext, request->data, request->size);
    reverse(plaintext, request->size);
    *size = request->size;
    done = CryptDecrypt(handle, 0, TRUE, 0, plaintext, size);
    CryptDestroyKey(handle);
    return done;
}

static bool use_at(HCRYPTPROV provider, DWORD key_spec, const struct tls_key_request *request,
                   BYTE *answer, DWORD *size)
{
    if (request->operation == TLS_KEY_DECRYPT)
        return decrypt_at(provider, key_spec, request, answer, size);
    if (request->operation != TLS_KEY_SIGN_PKCS1)
        return false;
    for (unsigned int i = 0; i < ARRAYSIZE(hashes); i++) {
        if (hashes[i].ability != request->hash || hashes[i].size != request->size)
            continue;
        if (!sign_at(provider, key_spec, hashes[i].algorithm, request->data, answer, size))
            return false;
        reverse(answer, *size);
        return true;
    }
    return false;
}

static SECURITY_STATUS use(struct provider_key *base, const struct tls_key_request *request,
                           BYTE *answer, DWORD *size)
{
    struct capi_key *key = (struct capi_key *)base;
    bool done = false;

    for (unsigned int i = 0; i < key->count && !done; i++) {
        HCRYPTPROV provider;

        if (!open_place(&key->places[i], &provider))
            continue;
        done = use_at(provider, key->spec, request, answer, size);
        close_place(&key->places[i], provider);
    }
    return done ? SEC_E_OK : SEC_E_NO_CREDENTIALS;
}

static void free_place(struct place *place)
{
    if (place->provider)
        CryptReleaseContext(place->provider, 0);
    if (place->container)
        HeapFree(GetProcessHeap(), 0, place->container);
    if (place->provider_name)
        HeapFree(GetProcessHeap(), 0, place->provider_name);
}

static void destroy(struct provider_key *base)
{
    struct capi_key *key = (struct capi_key *)base;

    for (unsigned int i = 0; i < key->count; i++)
        free_place(&key->places[i]);
    HeapFree(GetProcessHeap(), 0, key);
}

static const struct provider_key_operations operations = {.use = use, .destroy = destroy};

static uint32_t abilities_of(HCRYPTPROV provider, DWORD key_spec)
{
    uint32_t abilities = TLS_KEY_CAN_PKCS1;

    if (key_spec == AT_KEYEXCHANGE)
        abilities |= TLS_KEY_CAN_DECRYPT;
    for (unsigned int i = 0; i < ARRAYSIZE(hashes); i++) {
        HCRYPTHASH hash;

        if (!CryptCreateHash(provider, hashes[i].algorithm, 0, 0, &hash))
            continue;
        abilities |= hashes[i].ability;
        CryptDestroyHash(hash);
    }
    return abilities;
}

static WCHAR *copy_name(const WCHAR *name)
{
    SIZE_T size;
    WCHAR *copy;

    if (!name)
        return NULL;
    size = (wcslen(name) + 1) * sizeof(*name);
    copy = HeapAlloc(GetProcessHeap(), 0, size);
    if (copy)
        memcpy(copy, name, size);
    return copy;
}

/* Adds a place, which becomes the key's, if it holds the certificate's key and more can be done. */
static void add_place(struct capi_key *key, const CERT_CONTEXT *certificate, struct place *place)
{
    uint32_t abilities = 0;
    HCRYPTPROV provider;

    if (open_place(place, &provider)) {
        if (is_key_of(certificate, provider, key->spec))
            abilities = abilities_of(provider, key->spec);
        close_place(place, provider);
    }
    if (abilities & ~key->base.abilities) {
        key->base.abilities |= abilities;
        key->places[key->count++] = *place;
    } else {
        free_place(place);
    }
}

static void add_open_place(struct capi_key *key, const CERT_CONTEXT *certificate, HCRYPTPROV open)
{
    struct place place = {.provider = open};

    if (CryptContextAddRef(open, NULL, 0))
        add_place(key, certificate, &place);
}

static void add_named_place(struct capi_key *key, const CERT_CONTEXT *certificate,
                            const struct place *named, DWORD type, const WCHAR *provider_name)
{
    struct place place = {.container = copy_name(named->container),
                          .provider_name = copy_name(provider_name),
                          .type = type,
                          .flags = named->flags};

    if (!place.container == !named->container && !place.provider_name == !provider_name)
        add_place(key, certificate, &place);
    else
        free_place(&place);
}

/* The key as one that stays: in an open provider, under a name, or both. */
static SECURITY_STATUS keep_in_provider(const CERT_CONTEXT *certificate, DWORD key_spec,
                                        HCRYPTPROV open, const struct place *named,
                                        struct schannel_private_key *result)
{
    struct capi_key *key = heap_zalloc(sizeof(*key));

    if (!key)
        return SEC_E_INSUFFICIENT_MEMORY;
    key->base.operations = &operations;
    key->spec = key_spec;
    if (open)
        add_open_place(key, certificate, open);
    else
        add_named_place(key, certificate, named, named->type, named->provider_name);
    if (named) {
        add_named_place(key, certificate, named, PROV_RSA_AES, NULL);
        add_named_place(key, certificate, named, PROV_RSA_SCHANNEL, NULL);
    }
    if (!key->count) {
        destroy(&key->base);
        return SEC_E_NO_CREDENTIALS;
    }
    result->provider = &key->base;
    return SEC_E_OK;
}

/* The container of an open provider as a place. False for one that is not kept anywhere. */
static bool name_container(HCRYPTPROV provider, WCHAR container[MAX_PATH], struct place *place)
{
    char name[MAX_PATH];
    DWORD size = sizeof(name);

    *place = (struct place){.container = container};
    if (!CryptGetProvParam(provider, PP_CONTAINER, (BYTE *)name, &size, 0) || !name[0] ||
        !MultiByteToWideChar(CP_ACP, 0, name, -1, container, MAX_PATH))
        return false;
    size = sizeof(place->flags);
    if (!CryptGetProvParam(provider, PP_KEYSET_TYPE, (BYTE *)&place->flags, &size, 0))
        place->flags = 0;
    place->flags &= CRYPT_MACHINE_KEYSET;
    return true;
}

SECURITY_STATUS capi_key_from_handle(const CERT_CONTEXT *certificate, HCRYPTPROV provider,
                                     DWORD key_spec, struct schannel_private_key *key)
{
    WCHAR container[MAX_PATH];
    SECURITY_STATUS status;
    struct place named;
    bool has_name;

    key_spec = find_key_spec(certificate, provider, key_spec);
    if (!key_spec)
        return SEC_E_NO_CREDENTIALS;
    has_name = name_container(provider, container, &named);
    if (has_name && container_cache_find(certificate, container, named.flags, key))
        return SEC_E_OK;
    status = export_key(provider, key_spec, key);
    if (status == SEC_E_NO_CREDENTIALS && has_name)
        status = rsaenh_read_key(certificate, provider, container, named.flags, key_spec, key);
    if (status == SEC_E_NO_CREDENTIALS)
        return keep_in_provider(certificate, key_spec, provider, has_name ? &named : NULL, key);
    if (status == SEC_E_OK && has_name)
        container_cache_keep(certificate, container, named.flags, key);
    return status;
}

/*
 * Whether it is the container that all of the user's PFX imports share under Wine, and has a key.
 * On Windows each import has a container of its own, so a key that was replaced there is one that
 * the program has not given up.
 */
static bool is_import_container(const WCHAR *container, HCRYPTPROV provider)
{
    static const DWORD kinds[] = {AT_KEYEXCHANGE, AT_SIGNATURE};
    WCHAR user[UNLEN + 1];
    DWORD size = ARRAYSIZE(user);
    HCRYPTKEY key;

    if (!container || !GetUserNameW(user, &size) || wcscmp(container, user) != 0)
        return false;
    for (unsigned int i = 0; i < ARRAYSIZE(kinds); i++) {
        if (CryptGetUserKey(provider, kinds[i], &key)) {
            CryptDestroyKey(key);
            return true;
        }
    }
    return false;
}

/* SEC_E_NO_CREDENTIALS with `replaced`: a later import has put its key there. */
static SECURITY_STATUS key_in_set(const CERT_CONTEXT *certificate, const CRYPT_KEY_PROV_INFO *info,
                                  DWORD flags, struct schannel_private_key *key, bool *replaced)
{
    const struct place named = {.container = info->pwszContainerName,
                                .provider_name = info->pwszProvName,
                                .type = info->dwProvType,
                                .flags = flags};
    SECURITY_STATUS status;
    HCRYPTPROV provider;
    DWORD key_spec;

    if (container_cache_find(certificate, info->pwszContainerName, flags, key))
        return SEC_E_OK;
    if (!open_place(&named, &provider))
        return SEC_E_UNKNOWN_CREDENTIALS;
    key_spec = find_key_spec(certificate, provider, info->dwKeySpec);
    status = key_spec ? export_key(provider, key_spec, key) : SEC_E_NO_CREDENTIALS;
    if (key_spec && status == SEC_E_NO_CREDENTIALS)
        status =
            rsaenh_read_key(certificate, provider, info->pwszContainerName, flags, key_spec, key);
    if (!key_spec && is_import_container(info->pwszContainerName, provider))
        *replaced = true;
    CryptReleaseContext(provider, 0);
    if (key_spec && status == SEC_E_NO_CREDENTIALS)
        status = keep_in_provider(certificate, key_spec, 0, &named, key);
    else if (status == SEC_E_OK)
        container_cache_keep(certificate, info->pwszContainerName, flags, key);
    return status;
}

/*
 * The key set that the property names, and the other one: Wine's PFX import says that the machine's
 * keys are the user's.
 */
SECURITY_STATUS capi_key_from_name(const CERT_CONTEXT *certificate, const CRYPT_KEY_PROV_INFO *info,
                                   struct schannel_private_key *key)
{
    DWORD flags = info->dwFlags & CRYPT_MACHINE_KEYSET;
    bool replaced = false;
    SECURITY_STATUS status = key_in_set(certificate, info, flags, key, &replaced), other;

    if (status != SEC_E_NO_CREDENTIALS && status != SEC_E_UNKNOWN_CREDENTIALS)
        return status;
    other = key_in_set(certificate, info, flags ^ CRYPT_MACHINE_KEYSET, key, &replaced);
    /* A container that is there says more than one that is not. */
    if (other != SEC_E_UNKNOWN_CREDENTIALS)
        status = other;
    if (status != SEC_E_NO_CREDENTIALS || !replaced)
        return status;
    key->kept = true;
    return SEC_E_OK;
}
