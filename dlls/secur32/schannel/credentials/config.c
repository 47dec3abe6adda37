/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's registry settings, read once and again after they have changed: a notification on the
 * keys they are in, and above those that need not exist, makes asking whether they have one look at
 * an event. A change counts from the next credential on.
 *
 * Source of the facts: "Transport Layer Security (TLS) registry settings" and, for the keys below
 * Ciphers, Hashes and KeyExchangeAlgorithms, "Restrict the use of certain cryptographic algorithms
 * and protocols in Schannel.dll", public documentation; for renegotiation the security advisory
 * 977377 and bulletin MS10-049.
 */
#include "schannel/credentials/config.h"
#include "schannel/credentials/crypto.h"
#include "schannel/credentials/registry.h"
#include "winegnutls/unixlib.h"

#define CONTROL_KEY   L"System\\CurrentControlSet\\Control"
#define PROVIDERS_KEY CONTROL_KEY L"\\SecurityProviders"

static const struct {
    const WCHAR *key; /* below SCHANNEL\Protocols */
    DWORD bit;
} versions[] = {
    {L"TLS 1.0\\Client", SP_PROT_TLS1_0_CLIENT},   {L"TLS 1.0\\Server", SP_PROT_TLS1_0_SERVER},
    {L"TLS 1.1\\Client", SP_PROT_TLS1_1_CLIENT},   {L"TLS 1.1\\Server", SP_PROT_TLS1_1_SERVER},
    {L"TLS 1.2\\Client", SP_PROT_TLS1_2_CLIENT},   {L"TLS 1.2\\Server", SP_PROT_TLS1_2_SERVER},
    {L"TLS 1.3\\Client", SP_PROT_TLS1_3_CLIENT},   {L"TLS 1.3\\Server", SP_PROT_TLS1_3_SERVER},
    {L"DTLS 1.0\\Client", SP_PROT_DTLS1_0_CLIENT}, {L"DTLS 1.0\\Server", SP_PROT_DTLS1_0_SERVER},
    {L"DTLS 1.2\\Client", SP_PROT_DTLS1_2_CLIENT}, {L"DTLS 1.2\\Server", SP_PROT_DTLS1_2_SERVER},
};

/* Keys with a value Enabled, and what goes when that is 0. Those of algorithms we never use are
 * not looked at. */
static const struct {
    const WCHAR *key;
    tls_u64 bits;
} algorithms[] = {
    {L"Ciphers\\AES 128/128", TLS_DISABLE_AES_128_GCM | TLS_DISABLE_AES_128_CBC},
    {L"Ciphers\\AES 256/256", TLS_DISABLE_AES_256_GCM | TLS_DISABLE_AES_256_CBC},
    {L"Ciphers\\Triple DES 168", TLS_DISABLE_3DES_CBC},
    {L"Ciphers\\Triple DES 168/168", TLS_DISABLE_3DES_CBC},
    {L"Ciphers\\NULL", TLS_DISABLE_NULL},
    {L"Hashes\\SHA", SUITES_WITH_SHA1},
    {L"Hashes\\SHA256", SUITES_WITH_SHA256},
    {L"Hashes\\SHA384", SUITES_WITH_SHA384},
    {L"KeyExchangeAlgorithms\\PKCS", TLS_DISABLE_KX_RSA},
    {L"KeyExchangeAlgorithms\\Diffie-Hellman", TLS_DISABLE_KX_DHE},
    {L"KeyExchangeAlgorithms\\ECDH", TLS_DISABLE_KX_ECDHE},
};

/* False: there is none. All numbers may be values. */
static bool find_value(HKEY parent, const WCHAR *key, const WCHAR *name, DWORD *value)
{
    DWORD size = sizeof(*value);

    return !RegGetValueW(parent, key, name, RRF_RT_REG_DWORD, NULL, value, &size);
}

/* CONFIG_NONE: there is none, or one that is not worth telling from it. */
static DWORD read_value(HKEY parent, const WCHAR *key, const WCHAR *name)
{
    DWORD value;

    return find_value(parent, key, name, &value) ? value : CONFIG_NONE;
}

static void read_protocols(HKEY schannel, struct schannel_config *config)
{
    DWORD value;
    HKEY parent, key;

    if (RegOpenKeyExW(schannel, L"Protocols", 0, KEY_READ, &parent))
        return;
    for (unsigned int i = 0; i < ARRAYSIZE(versions); i++) {
        if (RegOpenKeyExW(parent, versions[i].key, 0, KEY_READ, &key))
            continue;
        if (find_value(key, NULL, L"DisabledByDefault", &value)) {
            if (value)
                config->protocols_removed |= versions[i].bit;
            else
                config->protocols_added |= versions[i].bit;
        }
        if (!read_value(key, NULL, L"Enabled"))
            config->protocols_forbidden |= versions[i].bit;
        RegCloseKey(key);
    }
    RegCloseKey(parent);
}

/* Whether there is such a value, with another number than 0. */
static bool read_switch(HKEY schannel, const WCHAR *name)
{
    DWORD value;

    return find_value(schannel, NULL, name, &value) && value;
}

static void read_all(HKEY schannel, struct schannel_config *config)
{
    static const WCHAR rsa[] = L"KeyExchangeAlgorithms\\PKCS";
    static const WCHAR dh[] = L"KeyExchangeAlgorithms\\Diffie-Hellman";

    read_protocols(schannel, config);
    for (unsigned int i = 0; i < ARRAYSIZE(algorithms); i++) {
        if (!read_value(schannel, algorithms[i].key, L"Enabled"))
            config->disabled |= algorithms[i].bits;
    }
    config->client_cache_time = read_value(schannel, NULL, L"ClientCacheTime");
    config->server_cache_time = read_value(schannel, NULL, L"ServerCacheTime");
    config->maximum_cache_size = read_value(schannel, NULL, L"MaximumCacheSize");
    config->client_min_rsa = read_value(schannel, rsa, L"ClientMinKeyBitLength");
    config->client_max_rsa = read_value(schannel, rsa, L"ClientMaxKeyBitLength");
    config->client_min_dh = read_value(schannel, dh, L"ClientMinKeyBitLength");
    config->client_max_dh = read_value(schannel, dh, L"ClientMaxKeyBitLength");
    config->server_min_dh = read_value(schannel, dh, L"ServerMinKeyBitLength");
    config->send_trusted_issuers = read_switch(schannel, L"SendTrustedIssuerList");
    config->staple_for_sni = read_switch(schannel, L"EnableOcspStaplingForSni");
    config->no_renegotiation[TLS_CLIENT] = read_switch(schannel, L"DisableRenegoOnClient");
    config->no_renegotiation[TLS_SERVER] = read_switch(schannel, L"DisableRenegoOnServer");
    config->safe_renegotiation[TLS_CLIENT] =
        !read_value(schannel, NULL, L"AllowInsecureRenegoServers");
    config->safe_renegotiation[TLS_SERVER] =
        !read_value(schannel, NULL, L"AllowInsecureRenegoClients");
}

/* The settings as last read, and what tells that they have changed since. */
static SRWLOCK lock = SRWLOCK_INIT;
static struct schannel_config current;

static struct registry_key keys[] = {
    {.hive = HKEY_LOCAL_MACHINE, .name = PROVIDERS_KEY, .subtree = true},
    {.hive = HKEY_LOCAL_MACHINE, .name = CONTROL_KEY},
    {.hive = HKEY_LOCAL_MACHINE,
     .name = CONTROL_KEY L"\\Cryptography",
     .subtree = true,
     .optional = true},
    {.hive = HKEY_LOCAL_MACHINE, .name = L"Software"},
    {.hive = HKEY_LOCAL_MACHINE, .name = L"Software\\Policies", .subtree = true, .optional = true},
};

void config_get(struct schannel_config *config)
{
    static bool known;
    HKEY schannel;

    AcquireSRWLockExclusive(&lock);
    if (!known || registry_has_changed(REGISTRY_SETTINGS)) {
        /* Before they are read, so that no change is missed. */
        known = registry_watch(REGISTRY_SETTINGS, keys, ARRAYSIZE(keys));
        memset(&current, 0, sizeof(current));
        current.client_cache_time = current.server_cache_time = current.maximum_cache_size =
            current.client_min_rsa = current.client_max_rsa = current.client_min_dh =
                current.client_max_dh = current.server_min_dh = CONFIG_NONE;
        if (!RegOpenKeyExW(HKEY_LOCAL_MACHINE, PROVIDERS_KEY L"\\SCHANNEL", 0, KEY_READ,
                           &schannel)) {
            read_all(schannel, &current);
            RegCloseKey(schannel);
        }
        order_read(&current.order);
    }
    *config = current;
    ReleaseSRWLockExclusive(&lock);
}

void config_release(void)
{
    registry_unwatch(keys, ARRAYSIZE(keys));
}
