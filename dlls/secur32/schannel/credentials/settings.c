/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SCHANNEL_CRED and SCH_CREDENTIALS into one set of settings.
 *
 * Versions. SCHANNEL_CRED means TLS 1.2 at most, as on Windows; TLS 1.3 needs SCH_CREDENTIALS, but
 * not from Wine's own winhttp and wininet (credentials/winenet.c). TLS 1.0 and 1.1 are used only
 * when asked for. SCHANNEL_CRED asks by naming them. SCH_CREDENTIALS can only switch off, so it
 * counts as asking when the program wrote down the complement of what it wants (all bits but a few,
 * which sets the two that no version uses) or left nothing newer. The registry changes the defaults
 * and has the last word. DTLS likewise, 1.0 only when asked for; whether a context is one of TLS or
 * of DTLS it says itself (*_REQ_DATAGRAM). SCH_USE_STRONG_CRYPTO also switches off weak versions,
 * as its page says: what is signed in TLS 1.0, 1.1 and DTLS 1.0, key exchanges and clients'
 * certificates, is signed with SHA-1, and no extension names another hash.
 *
 * Algorithms. SCHANNEL_CRED lists what is allowed: a list that names any algorithm of a class
 * (cipher, hash, key exchange, signature) switches off the others of that class. SCH_CREDENTIALS
 * lists what is switched off. credentials/crypto.c does both.
 *
 * A structure that is not what it should be is SEC_E_UNKNOWN_CREDENTIALS, one that leaves nothing
 * enabled is SEC_E_ALGORITHM_MISMATCH, and a setting we know and cannot do is
 * SEC_E_UNSUPPORTED_FUNCTION rather than being ignored.
 *
 * Source of the facts: the public reference pages of both structures, and how curl, .NET and msquic
 * fill them.
 */
#include "schannel/credentials/settings.h"
#include "core/package.h"
#include "schannel/credentials/config.h"
#include "schannel/credentials/crypto.h"
#include "schannel/credentials/winenet.h"
#include "winegnutls/unixlib.h"

#define DEFAULT_SESSION_LIFESPAN 36000000 /* milliseconds; the documented default */

/* All that have a name: SCH_CRED_NO_SYSTEM_MAPPER to SCH_CRED_DEFERRED_CRED_VALIDATION. */
#define KNOWN_FLAGS 0x07fffffe

#define ROLE_BITS(role, name) ((role) == TLS_SERVER ? name##_SERVER : name##_CLIENT)

static const struct {
    DWORD server, client;
    uint32_t engine;
    uint32_t wire;
} versions[] = {
    {SP_PROT_TLS1_0_SERVER, SP_PROT_TLS1_0_CLIENT, TLS_PROTOCOL_TLS1_0, 0x0301},
    {SP_PROT_TLS1_1_SERVER, SP_PROT_TLS1_1_CLIENT, TLS_PROTOCOL_TLS1_1, 0x0302},
    {SP_PROT_TLS1_2_SERVER, SP_PROT_TLS1_2_CLIENT, TLS_PROTOCOL_TLS1_2, 0x0303},
    {SP_PROT_TLS1_3_SERVER, SP_PROT_TLS1_3_CLIENT, TLS_PROTOCOL_TLS1_3, 0x0304},
    {SP_PROT_DTLS1_0_SERVER, SP_PROT_DTLS1_0_CLIENT, TLS_PROTOCOL_DTLS1_0, 0xfeff},
    {SP_PROT_DTLS1_2_SERVER, SP_PROT_DTLS1_2_CLIENT, TLS_PROTOCOL_DTLS1_2, 0xfefd},
};

uint32_t schannel_engine_protocols(DWORD protocols)
{
    uint32_t set = 0;

    for (unsigned int i = 0; i < ARRAYSIZE(versions); i++) {
        if (protocols & (versions[i].server | versions[i].client))
            set |= versions[i].engine;
    }
    return set;
}

DWORD schannel_limit_protocols(DWORD protocols, uint32_t set)
{
    DWORD left = 0;

    for (unsigned int i = 0; i < ARRAYSIZE(versions); i++) {
        if (set & versions[i].engine)
            left |= protocols & (versions[i].server | versions[i].client);
    }
    return left;
}

DWORD schannel_protocol_bit(uint32_t wire_version, enum tls_role role)
{
    for (unsigned int i = 0; i < ARRAYSIZE(versions); i++) {
        if (versions[i].wire == wire_version)
            return role == TLS_SERVER ? versions[i].server : versions[i].client;
    }
    return 0;
}

static DWORD tls_bits(enum tls_role role)
{
    return ROLE_BITS(role, SP_PROT_TLS1_0) | ROLE_BITS(role, SP_PROT_TLS1_1) |
           ROLE_BITS(role, SP_PROT_TLS1_2) | ROLE_BITS(role, SP_PROT_TLS1_3);
}

static DWORD dtls_bits(enum tls_role role)
{
    return ROLE_BITS(role, SP_PROT_DTLS1_0) | ROLE_BITS(role, SP_PROT_DTLS1_2);
}

/* What is used when a program names no version. */
static DWORD default_bits(enum tls_role role)
{
    return ROLE_BITS(role, SP_PROT_TLS1_2) | ROLE_BITS(role, SP_PROT_TLS1_3) |
           ROLE_BITS(role, SP_PROT_DTLS1_2);
}

/* Those that know no signature but SHA-1's. */
static DWORD weak_bits(enum tls_role role)
{
    return ROLE_BITS(role, SP_PROT_TLS1_0) | ROLE_BITS(role, SP_PROT_TLS1_1) |
           ROLE_BITS(role, SP_PROT_DTLS1_0);
}

/* Windows has no credential that names versions of DTLS and of what runs over streams, of either
 * side. */
static bool names_both_kinds(DWORD enabled)
{
    const DWORD datagrams = SP_PROT_DTLS1_0 | SP_PROT_DTLS1_2;

    return enabled & datagrams && enabled & ~(datagrams | SP_PROT_UNI);
}

/* What SCHANNEL_CRED's grbitEnabledProtocols leaves of what we can do. */
static DWORD protocols_from_enabled(const struct schannel_settings *s, DWORD enabled)
{
    DWORD tls = tls_bits(s->role);

    if (!s->winenet)
        tls &= ~ROLE_BITS(s->role, SP_PROT_TLS1_3);
    if (!enabled)
        enabled = s->default_protocols;
    if (s->flags & SCH_USE_DTLS_ONLY)
        tls = 0;
    return enabled & (tls | dtls_bits(s->role));
}

/* What SCH_CREDENTIALS leaves of the versions of TLS, or of those of DTLS. */
static DWORD left_of(const struct schannel_settings *s, DWORD versions, DWORD disabled)
{
    DWORD left = versions & ~disabled;

    if (disabled & SP_PROT_UNI || !(left & s->default_protocols))
        return left;
    return left & s->default_protocols;
}

static DWORD protocols_from_disabled(const struct schannel_settings *s, DWORD disabled)
{
    DWORD left = left_of(s, dtls_bits(s->role), disabled);

    if (!(s->flags & SCH_USE_DTLS_ONLY))
        left |= left_of(s, tls_bits(s->role), disabled);
    return left;
}

/* What both structures have. */
static void read_common(struct schannel_settings *s, DWORD flags, HCERTSTORE root_store,
                        DWORD certificate_count, const void *certificates, DWORD session_lifespan,
                        DWORD mapper_count, DWORD format)
{
    s->flags = flags;
    s->root_store = root_store;
    s->certificate_count = certificate_count;
    s->certificates = certificates;
    s->session_lifespan = session_lifespan;
    s->mapper_count = mapper_count;
    s->format = format;
    s->limits.disabled = schannel_disabled_by_default(flags);
}

static SECURITY_STATUS read_schannel_cred(const SCHANNEL_CRED *cred, struct schannel_settings *s)
{
    read_common(s, cred->dwFlags, cred->hRootStore, cred->cCreds, cred->paCred,
                cred->dwSessionLifespan, cred->cMappers,
                cred->dwVersion == SCHANNEL_CRED_VERSION ? cred->dwCredFormat : 0);
    if (names_both_kinds(cred->grbitEnabledProtocols))
        return SEC_E_ALGORITHM_MISMATCH;
    s->protocols = protocols_from_enabled(s, cred->grbitEnabledProtocols);
    if (cred->cSupportedAlgs) {
        if (cred->cSupportedAlgs > SCH_CRED_MAX_SUPPORTED_ALGS || !cred->palgSupportedAlgs)
            return SEC_E_UNKNOWN_CREDENTIALS;
        if (!schannel_list_is_usable(cred->palgSupportedAlgs, cred->cSupportedAlgs))
            return SEC_E_ALGORITHM_MISMATCH;
        s->limits.disabled = schannel_disabled_by_list(s->limits.disabled, cred->palgSupportedAlgs,
                                                       cred->cSupportedAlgs);
    }
    return schannel_disabled_by_strength(cred->dwMinimumCipherStrength,
                                         cred->dwMaximumCipherStrength, &s->limits.disabled);
}

static SECURITY_STATUS read_tls_parameters(const TLS_PARAMETERS *parameters,
                                           struct schannel_settings *s, DWORD *disabled_protocols)
{
    if (parameters->cAlpnIds > SCH_CRED_MAX_SUPPORTED_ALPN_IDS ||
        (parameters->cAlpnIds && !parameters->rgstrAlpnIds) ||
        parameters->cDisabledCrypto > SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS ||
        (parameters->cDisabledCrypto && !parameters->pDisabledCrypto) ||
        (parameters->dwFlags & ~TLS_PARAMS_OPTIONAL) ||
        (parameters->dwFlags && s->role != TLS_SERVER))
        return SEC_E_UNKNOWN_CREDENTIALS;
    /* Restrictions that depend on the application protocol would need the engine to choose the
     * version after reading the client's list. */
    if (parameters->cAlpnIds && (parameters->grbitDisabledProtocols || parameters->cDisabledCrypto))
        return SEC_E_UNSUPPORTED_FUNCTION;
    /* "Honoured only if the handshake can be kept": a server picks what both can do anyway. */
    if (parameters->dwFlags & TLS_PARAMS_OPTIONAL)
        return SEC_E_OK;
    *disabled_protocols |= parameters->grbitDisabledProtocols;
    for (DWORD i = 0; i < parameters->cDisabledCrypto; i++) {
        SECURITY_STATUS status =
            schannel_limit_by_setting(&parameters->pDisabledCrypto[i], &s->limits);

        if (status)
            return status;
    }
    return SEC_E_OK;
}

static SECURITY_STATUS read_sch_credentials(const SCH_CREDENTIALS *cred,
                                            struct schannel_settings *s)
{
    DWORD disabled = 0, for_all = 0;

    read_common(s, cred->dwFlags, cred->hRootStore, cred->cCreds, cred->paCred,
                cred->dwSessionLifespan, cred->cMappers, cred->dwCredFormat);
    if (cred->cTlsParameters > SCH_CRED_MAX_SUPPORTED_PARAMETERS ||
        (cred->cTlsParameters && !cred->pTlsParameters))
        return SEC_E_UNKNOWN_CREDENTIALS;
    for (DWORD i = 0; i < cred->cTlsParameters; i++) {
        SECURITY_STATUS status = read_tls_parameters(&cred->pTlsParameters[i], s, &disabled);

        if (status)
            return status;
        /* One block at most may be about every application protocol. */
        if (!cred->pTlsParameters[i].cAlpnIds && ++for_all > 1)
            return SEC_E_UNKNOWN_CREDENTIALS;
    }
    s->protocols = protocols_from_disabled(s, disabled);
    return SEC_E_OK;
}

/* The administrator's word: bounds for keys, and what nobody may use. */
static void apply_config_to_crypto(const struct schannel_config *config,
                                   struct schannel_settings *s)
{
    struct crypto_limits *limits = &s->limits;
    bool client = s->role == TLS_CLIENT;
    DWORD min_dh = client ? config->client_min_dh : config->server_min_dh;

    limits->disabled |= config->disabled;
    if (min_dh != CONFIG_NONE) {
        limits->disabled |= schannel_dh_groups_below(min_dh);
        if (client && min_dh > limits->min_dh)
            limits->min_dh = min_dh;
    }
    if (client && config->client_max_dh != CONFIG_NONE)
        limits->disabled |= schannel_dh_groups_above(config->client_max_dh);
    if (client && config->client_min_rsa != CONFIG_NONE && config->client_min_rsa > limits->min_rsa)
        limits->min_rsa = config->client_min_rsa;
    if (client && config->client_max_rsa != CONFIG_NONE &&
        (!limits->max_rsa || config->client_max_rsa < limits->max_rsa))
        limits->max_rsa = config->client_max_rsa;
}

/* How long sessions last: the program's word, the administrator's, ten hours. */
static void apply_config_to_cache(const struct schannel_config *config, struct schannel_settings *s)
{
    DWORD cache_time =
        s->role == TLS_CLIENT ? config->client_cache_time : config->server_cache_time;

    if (!s->session_lifespan)
        s->session_lifespan = cache_time == CONFIG_NONE ? DEFAULT_SESSION_LIFESPAN : cache_time;
    s->cache_size = config->maximum_cache_size;
    if (!s->session_lifespan || !s->cache_size)
        s->flags |= SCH_CRED_DISABLE_RECONNECTS;
}

/* What paCred points to, as far as it can be seen without looking anything up. */
static bool is_legal_entry(const struct schannel_settings *s, DWORD index)
{
    const SCHANNEL_CERT_HASH_STORE *hash;

    if (s->format == SCH_CRED_FORMAT_CERT_CONTEXT)
        return ((const CERT_CONTEXT *const *)s->certificates)[index] != NULL;
    if (s->format == SCH_CRED_FORMAT_CERT_HASH)
        return true;
    hash = (const SCHANNEL_CERT_HASH_STORE *)s->certificates + index;
    return hash->dwLength == sizeof(*hash) && !(hash->dwFlags & ~SCH_MACHINE_CERT_HASH);
}

static SECURITY_STATUS check(const struct schannel_settings *s)
{
    if (s->certificate_count > SCH_CRED_MAX_SUPPORTED_CERTS ||
        (s->certificate_count &&
         (!s->certificates || s->format > SCH_CRED_FORMAT_CERT_HASH_STORE)) ||
        (s->flags & ~KNOWN_FLAGS))
        return SEC_E_UNKNOWN_CREDENTIALS;
    for (DWORD i = 0; i < s->certificate_count; i++) {
        if (!is_legal_entry(s, i))
            return SEC_E_UNKNOWN_CREDENTIALS;
    }
    /* There are no accounts to map certificates to, and no pre-shared keys to be had. */
    if (s->flags & SCH_USE_PRESHAREDKEY_ONLY || s->mapper_count)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (!s->protocols)
        return SEC_E_ALGORITHM_MISMATCH;
    return SEC_E_OK;
}

SECURITY_STATUS schannel_read_settings(const struct acquire_args *args,
                                       struct schannel_settings *settings)
{
    const DWORD *version = args->auth_data;
    SECURITY_STATUS status = SEC_E_OK;
    struct schannel_config config;

    *settings = (struct schannel_settings){0};
    if ((args->use & SECPKG_CRED_BOTH) == SECPKG_CRED_INBOUND)
        settings->role = TLS_SERVER;
    else if ((args->use & SECPKG_CRED_BOTH) == SECPKG_CRED_OUTBOUND)
        settings->role = TLS_CLIENT;
    else
        return SEC_E_NO_CREDENTIALS;

    config_get(&config);
    settings->default_protocols =
        (default_bits(settings->role) | config.protocols_added) & ~config.protocols_removed;
    if (!version) {
        if (settings->role == TLS_SERVER)
            return SEC_E_NO_CREDENTIALS;
        settings->protocols = protocols_from_enabled(settings, 0);
        settings->limits.disabled = schannel_disabled_by_default(0);
    } else if (*version == SCH_CRED_V3 || *version == SCHANNEL_CRED_VERSION) {
        settings->winenet = settings->role == TLS_CLIENT && is_winenet(args->caller);
        status = read_schannel_cred(args->auth_data, settings);
    } else if (*version == SCH_CREDENTIALS_VERSION) {
        status = read_sch_credentials(args->auth_data, settings);
    } else {
        return SEC_E_UNKNOWN_CREDENTIALS;
    }
    if (status)
        return status;
    settings->version = version ? *version : 0;
    settings->protocols &= ~config.protocols_forbidden;
    if (settings->flags & SCH_USE_STRONG_CRYPTO)
        settings->protocols &= ~weak_bits(settings->role);
    schannel_limit_by_flags(settings->flags, &settings->limits);
    settings->send_issuers = config.send_trusted_issuers;
    settings->no_renegotiation = config.no_renegotiation[settings->role];
    settings->safe_renegotiation = config.safe_renegotiation[settings->role];
    settings->staple = !(settings->flags & SCH_CRED_SNI_CREDENTIAL) ||
                       settings->flags & SCH_CRED_SNI_ENABLE_OCSP || config.staple_for_sni;
    status = check(settings);
    apply_config_to_crypto(&config, settings);
    settings->order = config.order.order;
    settings->limits.disabled |= config.order.disabled;
    apply_config_to_cache(&config, settings);
    return status;
}
