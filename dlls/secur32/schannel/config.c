/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's registry settings: Protocols\<version>\{Client,Server} with the values Enabled (0
 * forbids the version) and DisabledByDefault (0 adds it to the defaults, anything else takes it
 * out). Read for every credential, so that a change counts from the next one on; on a system
 * without these keys that is one failed attempt to open a key.
 *
 * Source of the facts: "Transport Layer Security (TLS) registry settings", public documentation.
 */
#include "config.h"

#define PROTOCOLS_KEY L"System\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols"

static const struct {
    const WCHAR *client, *server; /* keys below PROTOCOLS_KEY */
    DWORD client_bit, server_bit;
} versions[] = {
    {L"TLS 1.0\\Client", L"TLS 1.0\\Server", SP_PROT_TLS1_0_CLIENT, SP_PROT_TLS1_0_SERVER},
    {L"TLS 1.1\\Client", L"TLS 1.1\\Server", SP_PROT_TLS1_1_CLIENT, SP_PROT_TLS1_1_SERVER},
    {L"TLS 1.2\\Client", L"TLS 1.2\\Server", SP_PROT_TLS1_2_CLIENT, SP_PROT_TLS1_2_SERVER},
    {L"TLS 1.3\\Client", L"TLS 1.3\\Server", SP_PROT_TLS1_3_CLIENT, SP_PROT_TLS1_3_SERVER},
    {L"DTLS 1.0\\Client", L"DTLS 1.0\\Server", SP_PROT_DTLS1_0_CLIENT, SP_PROT_DTLS1_0_SERVER},
    {L"DTLS 1.2\\Client", L"DTLS 1.2\\Server", SP_PROT_DTLS1_2_CLIENT, SP_PROT_DTLS1_2_SERVER},
};

static bool read_value(HKEY key, const WCHAR *name, DWORD *value)
{
    DWORD type, size = sizeof(*value);

    return !RegQueryValueExW(key, name, NULL, &type, (BYTE *)value, &size) && type == REG_DWORD &&
           size == sizeof(*value);
}

void config_protocols(enum tls_role role, DWORD *defaults, DWORD *forbidden)
{
    HKEY protocols, key;

    *forbidden = 0;
    if (RegOpenKeyExW(HKEY_LOCAL_MACHINE, PROTOCOLS_KEY, 0, KEY_READ, &protocols))
        return;
    for (unsigned int i = 0; i < ARRAYSIZE(versions); i++) {
        const WCHAR *name = role == TLS_SERVER ? versions[i].server : versions[i].client;
        DWORD bit = role == TLS_SERVER ? versions[i].server_bit : versions[i].client_bit;
        DWORD value;

        if (RegOpenKeyExW(protocols, name, 0, KEY_READ, &key))
            continue;
        if (read_value(key, L"DisabledByDefault", &value))
            *defaults = value ? *defaults & ~bit : *defaults | bit;
        if (read_value(key, L"Enabled", &value) && !value)
            *forbidden |= bit;
        RegCloseKey(key);
    }
    RegCloseKey(protocols);
}
