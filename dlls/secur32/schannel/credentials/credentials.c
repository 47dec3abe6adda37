/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AcquireCredentialsHandle for Schannel.
 *
 * A credential is made once from what the program gave (credentials/settings.c), with its
 * certificates duplicated, their chains built (credentials/chain.c) and their private keys exported
 * (keys/key.c), and handed to the TLS engine as one object that any number of sessions use.
 * Afterwards only what has its own lock, or is set once and stays, changes; so no lock guards the
 * whole. The copies of the keys are wiped before the call returns; keys that their providers do not
 * let out stay there, and the credential keeps the way to them.
 */
#include "schannel/credentials/credentials.h"
#include "core/memory.h"
#include "core/object.h"
#include "core/package.h"
#include "schannel/base/engine.h"
#include "schannel/credentials/cache.h"
#include "schannel/credentials/chain.h"
#include "schannel/credentials/registry.h"
#include "schannel/credentials/roots.h"
#include "schannel/credentials/settings.h"
#include "schannel/keys/key.h"
#include "schannel/keys/provider.h"
#include "winegnutls/unixlib.h"

/* What the engine is told of one certificate, and what has to be freed afterwards. */
struct presented {
    const CERT_CONTEXT *certificates[SCHANNEL_MAX_CHAIN];
    struct tls_blob blobs[SCHANNEL_MAX_CHAIN];
    unsigned int count;
    struct schannel_private_key key;
    BYTE *ocsp; /* or NULL */
};

static void release_presented(struct presented *presented, DWORD count)
{
    for (DWORD i = 0; presented && i < count; i++) {
        for (unsigned int j = 0; j < presented[i].count; j++)
            CertFreeCertificateContext(presented[i].certificates[j]);
        schannel_free_key(&presented[i].key);
        heap_free(presented[i].ocsp);
    }
    if (presented)
        HeapFree(GetProcessHeap(), 0, presented);
}

static void destroy(struct object *object)
{
    struct schannel_credentials *credentials = (struct schannel_credentials *)object;

    if (credentials->engine) {
        struct tls_free params = {.object = credentials->engine};

        engine_call(TLS_CALL_CREDENTIALS_FREE, &params);
    }
    session_cache_clear(&credentials->cache);
    session_cache_clear(&credentials->datagram_cache);
    for (unsigned int i = 0; i < credentials->certificate_count; i++) {
        schannel_close_provider_key(credentials->certificates[i].key);
        CertFreeCertificateContext(credentials->certificates[i].context);
    }
    if (credentials->certificates)
        HeapFree(GetProcessHeap(), 0, credentials->certificates);
    if (credentials->chain_engine)
        CertFreeCertificateChainEngine(credentials->chain_engine);
    if (credentials->root_store)
        CertCloseStore(credentials->root_store, 0);
    heap_free(credentials->client_policy);
    HeapFree(GetProcessHeap(), 0, credentials);
}

/* The program's certificates as references of our own. */
static SECURITY_STATUS take_certificates(struct schannel_credentials *credentials,
                                         const struct schannel_settings *settings)
{
    DWORD count = settings->certificate_count;

    if (!count)
        return SEC_E_OK;
    credentials->certificates = heap_zalloc(count * sizeof(*credentials->certificates));
    if (!credentials->certificates)
        return SEC_E_INSUFFICIENT_MEMORY;
    for (DWORD i = 0; i < count; i++) {
        const CERT_CONTEXT *context =
            schannel_find_certificate(settings->format, settings->certificates, i);

        if (!context)
            return SEC_E_NO_CREDENTIALS;
        credentials->certificates[i].context = context;
        credentials->certificate_count = i + 1;
    }
    return SEC_E_OK;
}

static SECURITY_STATUS present(const CERT_CONTEXT *certificate, bool with_root,
                               struct presented *presented, struct tls_key *key)
{
    SECURITY_STATUS status = schannel_open_key(certificate, &presented->key);

    if (status)
        return status;
    presented->count = schannel_build_chain(certificate, with_root, presented->certificates);
    for (unsigned int i = 0; i < presented->count; i++) {
        presented->blobs[i].data = (ULONG_PTR)presented->certificates[i]->pbCertEncoded;
        presented->blobs[i].size = presented->certificates[i]->cbCertEncoded;
    }
    key->chain = (ULONG_PTR)presented->blobs;
    key->chain_count = presented->count;
    key->key.data = (ULONG_PTR)presented->key.data;
    key->key.size = presented->key.size;
    if (presented->key.provider)
        key->abilities = schannel_provider_key_abilities(presented->key.provider);
    if (presented->key.kept)
        key->abilities = TLS_KEY_KEPT;
    return SEC_E_OK;
}

/* The OCSP response that came with the certificate, to be stapled. */
static void present_ocsp(const CERT_CONTEXT *certificate, struct presented *presented,
                         struct tls_key *key)
{
    DWORD size = 0;

    if (!CertGetCertificateContextProperty(certificate, CERT_OCSP_RESPONSE_PROP_ID, NULL, &size) ||
        !(presented->ocsp = heap_zalloc(size)) ||
        !CertGetCertificateContextProperty(certificate, CERT_OCSP_RESPONSE_PROP_ID, presented->ocsp,
                                           &size))
        return;
    key->ocsp.data = (ULONG_PTR)presented->ocsp;
    key->ocsp.size = size;
}

/* Whom certificate requests name; nobody unless the registry says so. */
static SECURITY_STATUS list_issuers(const struct schannel_settings *settings,
                                    struct issuer_list *list)
{
    if (settings->role != TLS_SERVER || !settings->send_issuers)
        return SEC_E_OK;
    return settings->root_store ? issuer_list_add(list, settings->root_store)
                                : issuer_list_add_system(list);
}

static uint32_t engine_flags(const struct schannel_credentials *credentials)
{
    uint32_t flags = 0;

    if (credentials->flags & SCH_CRED_DISABLE_RECONNECTS)
        flags |= TLS_CREDENTIALS_NO_TICKETS;
    if (credentials->flags & SCH_SEND_AUX_RECORD)
        flags |= TLS_CREDENTIALS_AUX_RECORD;
    if (!(credentials->limits.disabled & TLS_DISABLE_3DES_CBC))
        flags |= TLS_CREDENTIALS_ALLOW_3DES;
    if (!(credentials->limits.disabled & TLS_DISABLE_NULL))
        flags |= TLS_CREDENTIALS_ALLOW_NULL;
    if (credentials->safe_renegotiation)
        flags |= TLS_CREDENTIALS_SAFE_RENEGOTIATION;
    return flags;
}

/* In seconds, and not longer than TLS 1.3 allows (RFC 8446 4.6.1). */
static uint32_t ticket_lifetime(DWORD milliseconds)
{
    const DWORD longest = 7 * 24 * 60 * 60;
    DWORD seconds = milliseconds / 1000 + (milliseconds % 1000 != 0);

    return seconds < longest ? seconds : longest;
}

/* Sessions that a server keeps for clients without tickets. Windows keeps 20,000 unless told. */
static uint32_t session_limit(const struct schannel_credentials *credentials, DWORD cache_size)
{
    const DWORD most = 20000;

    if (credentials->role != TLS_SERVER || credentials->flags & SCH_CRED_DISABLE_RECONNECTS)
        return 0;
    return cache_size < most ? cache_size : most;
}

static SECURITY_STATUS create_in_engine(struct schannel_credentials *credentials,
                                        const struct schannel_settings *settings)
{
    struct tls_credentials_create params = {
        .role = credentials->role,
        .protocols = schannel_engine_protocols(credentials->protocols),
        .disabled = credentials->limits.disabled,
        .order = credentials->order,
        .flags = engine_flags(credentials),
        .key_count = credentials->certificate_count,
        .ticket_lifetime = ticket_lifetime(settings->session_lifespan),
        .session_limit = session_limit(credentials, settings->cache_size),
        .min_rsa_bits = credentials->limits.min_rsa,
        .max_rsa_bits = credentials->limits.max_rsa,
        .min_dh_bits = credentials->limits.min_dh,
    };
    struct issuer_list issuers = {0};
    DWORD count = credentials->certificate_count;
    struct presented *presented = heap_zalloc(count * sizeof(*presented));
    struct tls_key *keys = heap_zalloc(count * sizeof(*keys));
    SECURITY_STATUS status = SEC_E_INSUFFICIENT_MEMORY;

    if (!presented || !keys)
        goto done;
    for (DWORD i = 0; i < count; i++) {
        status = present(credentials->certificates[i].context,
                         (credentials->flags & SCH_SEND_ROOT_CERT) != 0, &presented[i], &keys[i]);
        if (status)
            goto done;
        if (credentials->role == TLS_SERVER && settings->staple)
            present_ocsp(credentials->certificates[i].context, &presented[i], &keys[i]);
    }
    status = list_issuers(settings, &issuers);
    if (status)
        goto done;
    params.keys = (ULONG_PTR)keys;
    params.issuers = (ULONG_PTR)issuers.blobs;
    params.issuer_count = issuers.count;
    status = engine_call(TLS_CALL_CREDENTIALS_CREATE, &params);
    if (!status)
        status = params.status;
    if (status)
        goto done;
    credentials->engine = params.credentials;
    for (DWORD i = 0; i < count; i++) {
        credentials->certificates[i].key = presented[i].key.provider;
        presented[i].key.provider = NULL;
    }
    credentials->protocols = schannel_limit_protocols(credentials->protocols, params.protocols);
done:
    issuer_list_free(&issuers);
    release_presented(presented, count);
    if (keys)
        HeapFree(GetProcessHeap(), 0, keys);
    return status;
}

static SECURITY_STATUS take_roots(struct schannel_credentials *credentials,
                                  const struct schannel_settings *settings)
{
    if (!settings->root_store)
        return SEC_E_OK;
    credentials->root_store = settings->flags & SCH_CRED_RESTRICTED_ROOTS
                                  ? roots_restrict(settings->root_store)
                                  : CertDuplicateStore(settings->root_store);
    if (!credentials->root_store)
        return SEC_E_INSUFFICIENT_MEMORY;
    if (judges_peers(credentials))
        credentials->roots = roots_number(credentials->root_store);
    return SEC_E_OK;
}

/* When the first certificate ends to be valid, in local time as SSPI has it; else never. */
static void get_expiry(const struct schannel_credentials *credentials, TimeStamp *expiry)
{
    FILETIME local;

    if (credentials->certificate_count &&
        FileTimeToLocalFileTime(&credentials->certificates[0].context->pCertInfo->NotAfter,
                                &local)) {
        expiry->LowPart = local.dwLowDateTime;
        expiry->HighPart = (LONG)local.dwHighDateTime;
    } else {
        expiry->LowPart = 0xffffffff;
        expiry->HighPart = 0x7fffffff;
    }
}

static SECURITY_STATUS create(const struct package *package,
                              const struct schannel_settings *settings,
                              struct schannel_credentials **result)
{
    struct schannel_credentials *credentials = heap_zalloc(sizeof(*credentials));
    SECURITY_STATUS status;

    if (!credentials)
        return SEC_E_INSUFFICIENT_MEMORY;
    credentials->base.object.kind = OBJECT_CREDENTIALS;
    credentials->base.object.package = package;
    credentials->base.object.destroy = destroy;
    credentials->role = settings->role;
    credentials->version = settings->version;
    credentials->flags = settings->flags;
    credentials->protocols = settings->protocols;
    credentials->limits = settings->limits;
    credentials->winenet = settings->winenet;
    credentials->order = settings->order;
    credentials->no_renegotiation = settings->no_renegotiation;
    credentials->safe_renegotiation = settings->safe_renegotiation;
    credentials->session_lifespan = settings->session_lifespan;
    credentials->cache.limit = credentials->datagram_cache.limit = settings->cache_size;

    status = take_roots(credentials, settings);
    if (!status)
        status = take_certificates(credentials, settings);
    /* As on Windows a server's are made without a certificate, but nothing can be done with them.
     */
    if (!status && (settings->role == TLS_CLIENT || settings->certificate_count))
        status = create_in_engine(credentials, settings);
    if (status)
        destroy(&credentials->base.object);
    else
        *result = credentials;
    return status;
}

SECURITY_STATUS schannel_acquire(const struct package *package, const struct acquire_args *args,
                                 struct credentials **result, TimeStamp *expiry)
{
    struct schannel_credentials *credentials;
    struct schannel_settings settings;
    SECURITY_STATUS status;

    registry_look();
    status = schannel_read_settings(args, &settings);
    if (!status)
        status = create(package, &settings, &credentials);
    if (status)
        return status;
    if (expiry)
        get_expiry(credentials, expiry);
    *result = &credentials->base;
    return SEC_E_OK;
}

SECURITY_STATUS schannel_credentials_with(const struct schannel_credentials *like,
                                          const CERT_CONTEXT *certificate,
                                          struct schannel_credentials **result)
{
    const struct schannel_settings settings = {.role = like->role,
                                               .version = like->version,
                                               .flags = like->flags,
                                               .protocols = like->protocols,
                                               .winenet = like->winenet,
                                               .no_renegotiation = like->no_renegotiation,
                                               .safe_renegotiation = like->safe_renegotiation,
                                               .session_lifespan = like->session_lifespan,
                                               .limits = like->limits,
                                               .order = like->order,
                                               .root_store = like->root_store,
                                               .format = SCH_CRED_FORMAT_CERT_CONTEXT,
                                               .certificate_count = 1,
                                               .certificates = &certificate,
                                               .cache_size = like->cache.limit};
    struct schannel_credentials *credentials;
    SecHandle unused;
    SECURITY_STATUS status;

    registry_look();
    status = create(like->base.object.package, &settings, &credentials);
    if (status)
        return status;
    /* References are counted in the handle's slot; nobody gets to know the handle. */
    status = handle_open(&credentials->base.object, true, &unused);
    if (status) {
        destroy(&credentials->base.object);
        return status;
    }
    handle_close(&credentials->base.object);
    *result = credentials;
    return SEC_E_OK;
}
