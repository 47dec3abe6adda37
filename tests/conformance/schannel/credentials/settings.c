/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The settings of a credential, one by one: flags, protocols, algorithms in the three vocabularies
 * there are for them, lifespans, roots. What cannot be honoured is an error when the credential is
 * acquired.
 */
#include "kit/evidence.h"
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

#ifndef SCH_CRED_DEFERRED_CRED_VALIDATION
#define SCH_CRED_DEFERRED_CRED_VALIDATION 0x04000000
#endif
#define SIGNATURE_ALGORITHMS 13 /* the extension */
#define CLIENT_FLAGS         (SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS)

static SECURITY_STATUS acquire(ULONG use, void *data, CredHandle *credentials)
{
    return AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", use, NULL, data, NULL, NULL,
                                     credentials, NULL);
}

/* The status of acquiring and nothing else. */
static SECURITY_STATUS try_acquire(ULONG use, void *data)
{
    CredHandle credentials;
    SECURITY_STATUS status = acquire(use, data, &credentials);

    if (status == SEC_E_OK)
        FreeCredentialsHandle(&credentials);
    return status;
}

static void test_flags(void)
{
    static const struct {
        DWORD flag;
        SECURITY_STATUS expected;
    } cases[] = {
        {0x00000001, SEC_E_UNKNOWN_CREDENTIALS},
        {SCH_CRED_NO_SYSTEM_MAPPER, SEC_E_OK},
        {SCH_CRED_NO_SERVERNAME_CHECK, SEC_E_OK},
        {SCH_CRED_MANUAL_CRED_VALIDATION, SEC_E_OK},
        {SCH_CRED_NO_DEFAULT_CREDS, SEC_E_OK},
        {SCH_CRED_AUTO_CRED_VALIDATION, SEC_E_OK},
        {SCH_CRED_USE_DEFAULT_CREDS, SEC_E_OK},
        {SCH_CRED_DISABLE_RECONNECTS, SEC_E_OK},
        {SCH_CRED_REVOCATION_CHECK_END_CERT, SEC_E_OK},
        {SCH_CRED_REVOCATION_CHECK_CHAIN, SEC_E_OK},
        {SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT, SEC_E_OK},
        {SCH_CRED_IGNORE_NO_REVOCATION_CHECK, SEC_E_OK},
        {SCH_CRED_IGNORE_REVOCATION_OFFLINE, SEC_E_OK},
        {SCH_CRED_RESTRICTED_ROOTS, SEC_E_OK},
        {SCH_CRED_REVOCATION_CHECK_CACHE_ONLY, SEC_E_OK},
        {SCH_CRED_CACHE_ONLY_URL_RETRIEVAL, SEC_E_OK},
        {SCH_CRED_MEMORY_STORE_CERT, SEC_E_OK},
        {SCH_CRED_CACHE_ONLY_URL_RETRIEVAL_ON_CREATE, SEC_E_OK},
        {SCH_SEND_ROOT_CERT, SEC_E_OK},
        {SCH_CRED_SNI_CREDENTIAL, SEC_E_OK},
        {SCH_CRED_SNI_ENABLE_OCSP, SEC_E_OK},
        {SCH_SEND_AUX_RECORD, SEC_E_OK},
        {SCH_USE_STRONG_CRYPTO, SEC_E_OK},
        {SCH_USE_PRESHAREDKEY_ONLY, SEC_E_UNSUPPORTED_FUNCTION},
        {SCH_USE_DTLS_ONLY, SEC_E_OK},
        {SCH_ALLOW_NULL_ENCRYPTION, SEC_E_OK},
        {SCH_CRED_DEFERRED_CRED_VALIDATION, SEC_E_OK},
        {0x08000000, SEC_E_UNKNOWN_CREDENTIALS},
        {0x80000000, SEC_E_UNKNOWN_CREDENTIALS},
    };
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    unsigned int i, side;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        for (side = 0; side < 2; side++) {
            const ULONG use = side ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND;
            SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION,
                                 .cCreds = side,
                                 .paCred = &certificate,
                                 .dwFlags = cases[i].flag};
            SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION,
                                   .cCreds = side,
                                   .paCred = &certificate,
                                   .dwFlags = cases[i].flag};
            SECURITY_STATUS status;

            status = try_acquire(use, &old);
            ok(status == cases[i].expected || broken(!winetest_platform_is_wine),
               "flag %#lx, side %u, SCHANNEL_CRED: %s\n", cases[i].flag, side, status_name(status));
            status = try_acquire(use, &new);
            ok(status == cases[i].expected || broken(!winetest_platform_is_wine),
               "flag %#lx, side %u, SCH_CREDENTIALS: %s\n", cases[i].flag, side,
               status_name(status));
        }
    }
}

static void test_mappers(void)
{
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION, .cMappers = 1};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION, .cMappers = 1};
    SECURITY_STATUS status;

    if (!winetest_platform_is_wine)
        return;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &old);
    ok(status == SEC_E_UNSUPPORTED_FUNCTION, "SCHANNEL_CRED: %s\n", status_name(status));
    status = try_acquire(SECPKG_CRED_OUTBOUND, &new);
    ok(status == SEC_E_UNSUPPORTED_FUNCTION, "SCH_CREDENTIALS: %s\n", status_name(status));
}

static void test_parameter_blocks(void)
{
    WCHAR name[] = L"h2";
    UNICODE_STRING names[SCH_CRED_MAX_SUPPORTED_ALPN_IDS + 1] = {{4, 6, name}};
    CRYPTO_SETTINGS settings[SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS + 1] = {{0}};
    TLS_PARAMETERS blocks[SCH_CRED_MAX_SUPPORTED_PARAMETERS + 1] = {{0}};
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = blocks};
    SECURITY_STATUS status;
    unsigned int i;

    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(status == SEC_E_OK, "an empty block: %s\n", status_name(status));
    data.cTlsParameters = 2;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(FAILED(status) || broken(!winetest_platform_is_wine), "two for all protocols: %s\n",
       status_name(status));

    for (i = 0; i < ARRAY_SIZE(blocks); i++) {
        blocks[i].cAlpnIds = 1;
        blocks[i].rgstrAlpnIds = names;
    }
    data.cTlsParameters = SCH_CRED_MAX_SUPPORTED_PARAMETERS;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(status == SEC_E_OK || broken(!winetest_platform_is_wine), "16 blocks: %s\n",
       status_name(status));
    data.cTlsParameters++;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(FAILED(status), "17 blocks: %s\n", status_name(status));

    data.cTlsParameters = 1;
    blocks[0].cAlpnIds = ARRAY_SIZE(names);
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(FAILED(status), "17 names: %s\n", status_name(status));
    blocks[0].cAlpnIds = 1;
    blocks[0].rgstrAlpnIds = NULL;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(FAILED(status), "a name without the array: %s\n", status_name(status));

    blocks[0].cAlpnIds = 0;
    blocks[0].cDisabledCrypto = ARRAY_SIZE(settings);
    blocks[0].pDisabledCrypto = settings;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(FAILED(status), "17 settings: %s\n", status_name(status));
    blocks[0].cDisabledCrypto = 1;
    blocks[0].pDisabledCrypto = NULL;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(FAILED(status), "a setting without the array: %s\n", status_name(status));
    blocks[0].pDisabledCrypto = settings;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(FAILED(status), "a setting without a name: %s\n", status_name(status));

    blocks[0].cDisabledCrypto = 0;
    blocks[0].dwFlags = TLS_PARAMS_OPTIONAL;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(FAILED(status), "optional on a client: %s\n", status_name(status));
    blocks[0].dwFlags = 2;
    status = try_acquire(SECPKG_CRED_OUTBOUND, &data);
    ok(FAILED(status), "another flag: %s\n", status_name(status));
}

/* What a client with these credentials negotiates with a server of `server`. */
static SECURITY_STATUS negotiate(void *client, void *server, SecPkgContext_CipherInfo *cipher,
                                 SecPkgContext_ConnectionInfo *connection)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SCH_CREDENTIALS usual = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 1, .paCred = &certificate};
    SECURITY_STATUS status;
    struct pair pair;

    memset(cipher, 0, sizeof(*cipher));
    memset(connection, 0, sizeof(*connection));
    cipher->dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    if (!pair_create(&pair, NULL, NULL)) {
        pair_destroy(&pair);
        return SEC_E_INTERNAL_ERROR;
    }
    FreeCredentialsHandle(&pair.client.credentials);
    FreeCredentialsHandle(&pair.server.credentials);
    pair.client.have_credentials = pair.server.have_credentials = FALSE;
    status = acquire(SECPKG_CRED_INBOUND, server ? server : &usual, &pair.server.credentials);
    ok(status == SEC_E_OK, "server's credentials: %s\n", status_name(status));
    pair.server.have_credentials = status == SEC_E_OK;
    status = acquire(SECPKG_CRED_OUTBOUND, client, &pair.client.credentials);
    pair.client.have_credentials = status == SEC_E_OK;
    if (status == SEC_E_OK && pair.server.have_credentials) {
        if (pair_handshake(&pair)) {
            QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CIPHER_INFO, cipher);
            QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CONNECTION_INFO, connection);
            pair_exchange(&pair.client, &pair.server, 1000);
        }
        status = pair.client.status;
    }
    pair_destroy(&pair);
    return status;
}

#define TLS1_2 SP_PROT_TLS1_2_CLIENT
#define TLS1_3 SP_PROT_TLS1_3_CLIENT

/* Each switches something off; the suite and the exchange's size that remain, or the error. */
static void test_crypto_settings(void)
{
    static const struct {
        const char *what;
        eTlsAlgorithmUsage usage;
        const WCHAR *name, *mode;
        DWORD minimum, maximum, protocol, suite, exchange;
        SECURITY_STATUS expected;
    } cases[] = {
        {"nothing known", TlsParametersCngAlgUsageCipher, L"RC4", NULL, 0, 0, TLS1_2, 0xc030, 0,
         SEC_E_OK},
        {"AES", TlsParametersCngAlgUsageCipher, L"AES", NULL, 0, 0, TLS1_3, 0x1303, 0, SEC_E_OK},
        {"AES-GCM", TlsParametersCngAlgUsageCipher, L"aes", L"ChainingModeGCM", 0, 0, TLS1_3,
         0x1303, 0, SEC_E_OK},
        {"AES-GCM in 1.2", TlsParametersCngAlgUsageCipher, L"AES", L"ChainingModeGCM", 0, 0, TLS1_2,
         0xcca8, 0, SEC_E_OK},
        {"AES of 256 bits left", TlsParametersCngAlgUsageCipher, L"AES", NULL, 256, 256, TLS1_3,
         0x1302, 0, SEC_E_OK},
        {"AES of 128 bits left", TlsParametersCngAlgUsageCipher, L"AES", NULL, 128, 128, TLS1_3,
         0x1301, 0, SEC_E_OK},
        {"AES to 128 bits left", TlsParametersCngAlgUsageCipher, L"AES", NULL, 0, 128, TLS1_2,
         0xc02f, 0, SEC_E_OK},
        {"AES from 129 bits left", TlsParametersCngAlgUsageCipher, L"AES", NULL, 129, 0, TLS1_3,
         0x1302, 0, SEC_E_OK},
        {"AES from 257 bits left", TlsParametersCngAlgUsageCipher, L"AES", NULL, 257, 0, TLS1_3,
         0x1303, 0, SEC_E_OK},
        {"AES-CBC", TlsParametersCngAlgUsageCipher, L"AES", L"ChainingModeCBC", 0, 0, TLS1_2,
         0xc030, 0, SEC_E_OK},
        {"ChaCha", TlsParametersCngAlgUsageCipher, L"CHACHA20_POLY1305", NULL, 0, 0, TLS1_3, 0x1302,
         0, SEC_E_OK},
        {"ECDH", TlsParametersCngAlgUsageKeyExchange, L"ECDH", NULL, 0, 0, TLS1_2, 0x009f, 0,
         SEC_E_OK},
        {"ECDHE", TlsParametersCngAlgUsageKeyExchange, L"ECDHE", NULL, 0, 0, TLS1_2, 0x009f, 0,
         SEC_E_OK},
        {"RSA", TlsParametersCngAlgUsageKeyExchange, L"RSA", NULL, 0, 0, TLS1_2, 0xc030, 0,
         SEC_E_OK},
        {"X25519", TlsParametersCngAlgUsageKeyExchange, L"curve25519", NULL, 0, 0, TLS1_3, 0x1302,
         256, SEC_E_OK},
        {"curves to 256 bits left", TlsParametersCngAlgUsageKeyExchange, L"ECDHE", NULL, 0, 256,
         TLS1_3, 0x1302, 255, SEC_E_OK},
        {"curves from 257 bits left", TlsParametersCngAlgUsageKeyExchange, L"ECDHE", NULL, 257, 0,
         TLS1_3, 0x1302, 384, SEC_E_OK},
        {"curves of 521 bits left", TlsParametersCngAlgUsageKeyExchange, L"ECDH", NULL, 521, 521,
         TLS1_3, 0x1302, 521, SEC_E_OK},
        {"RSA to 1024 bits left", TlsParametersCngAlgUsageCertSig, L"RSA", NULL, 0, 1024, TLS1_3, 0,
         0, SEC_E_ALGORITHM_MISMATCH},
        {"RSA to 2048 bits left", TlsParametersCngAlgUsageCertSig, L"RSA", NULL, 0, 2048, TLS1_3,
         0x1302, 0, SEC_E_OK},
        {"RSA from 2048 bits left", TlsParametersCngAlgUsageSignature, L"RSA", NULL, 2048, 0,
         TLS1_2, 0xc030, 0, SEC_E_OK},
        {"RSA from 2049 bits left", TlsParametersCngAlgUsageSignature, L"RSA", NULL, 2049, 0,
         TLS1_2, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"RSA in between left", TlsParametersCngAlgUsageSignature, L"RSA", NULL, 1024, 4096, TLS1_2,
         0xc030, 0, SEC_E_OK},
        {"RSA of 3072 bits left", TlsParametersCngAlgUsageSignature, L"RSA", NULL, 3072, 3072,
         TLS1_2, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"ECDSA with bounds", TlsParametersCngAlgUsageSignature, L"ECDSA", NULL, 0, 256, TLS1_2, 0,
         0, SEC_E_UNSUPPORTED_FUNCTION},
        {"bounds the wrong way round", TlsParametersCngAlgUsageCipher, L"AES", NULL, 256, 128,
         TLS1_2, 0, 0, SEC_E_UNKNOWN_CREDENTIALS},
        {"SHA-384", TlsParametersCngAlgUsageDigest, L"SHA384", NULL, 0, 0, TLS1_3, 0x1301, 0,
         SEC_E_OK},
        {"SHA-256", TlsParametersCngAlgUsageDigest, L"SHA256", NULL, 0, 0, TLS1_2, 0xc030, 0,
         SEC_E_OK},
        {"RSA signatures", TlsParametersCngAlgUsageSignature, L"RSA", NULL, 0, 0, TLS1_3, 0, 0,
         SEC_E_ILLEGAL_MESSAGE},
        {"ECDSA signatures", TlsParametersCngAlgUsageCertSig, L"ECDSA", NULL, 0, 0, TLS1_3, 0x1302,
         0, SEC_E_OK},
        {"PKCS#1 padding", TlsParametersCngAlgUsageCertSig, L"SCH_RSA_PKCS_PAD", NULL, 0, 0, TLS1_2,
         0xc030, 0, SEC_E_OK},
        {"PSS padding", TlsParametersCngAlgUsageCertSig, L"SCH_RSA_PSS_PAD", NULL, 0, 0, TLS1_2,
         0xc030, 0, SEC_E_OK},
        {"PSS padding in 1.3", TlsParametersCngAlgUsageCertSig, L"SCH_RSA_PSS_PAD", NULL, 0, 0,
         TLS1_3, 0, 0, SEC_E_ILLEGAL_MESSAGE},
        {"PSS padding with bounds", TlsParametersCngAlgUsageSignature, L"SCH_RSA_PSS_PAD", NULL, 0,
         1024, TLS1_2, 0, 0, SEC_E_UNSUPPORTED_FUNCTION},
        {"SHA-512 signatures", TlsParametersCngAlgUsageCertSig, L"SHA512", NULL, 0, 0, TLS1_3,
         0x1302, 0, SEC_E_OK},
        {"chaining mode of no cipher", TlsParametersCngAlgUsageKeyExchange, L"ECDH",
         L"ChainingModeGCM", 0, 0, TLS1_2, 0, 0, SEC_E_UNKNOWN_CREDENTIALS},
        {"an unknown usage", 5, L"AES", NULL, 0, 0, TLS1_3, 0, 0, SEC_E_UNKNOWN_CREDENTIALS},
    };
    unsigned int i, counted;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        /* The string's length without and with its NUL. */
        for (counted = 0; counted < 2; counted++) {
            const USHORT size = (USHORT)((lstrlenW(cases[i].name) + counted) * sizeof(WCHAR));
            UNICODE_STRING mode;
            CRYPTO_SETTINGS setting = {.eAlgorithmUsage = cases[i].usage,
                                       .strCngAlgId = {size, size, (WCHAR *)cases[i].name},
                                       .cChainingModes = cases[i].mode != NULL,
                                       .rgstrChainingModes = &mode,
                                       .dwMinBitLength = cases[i].minimum,
                                       .dwMaxBitLength = cases[i].maximum};
            TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~cases[i].protocol,
                                         .cDisabledCrypto = 1,
                                         .pDisabledCrypto = &setting};
            SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                                    .dwFlags = CLIENT_FLAGS,
                                    .cTlsParameters = 1,
                                    .pTlsParameters = &parameters};
            SecPkgContext_ConnectionInfo connection;
            SecPkgContext_CipherInfo cipher;
            SECURITY_STATUS status;

            if (cases[i].mode) {
                mode.Length = (USHORT)((lstrlenW(cases[i].mode) + counted) * sizeof(WCHAR));
                mode.MaximumLength = mode.Length;
                mode.Buffer = (WCHAR *)cases[i].mode;
            }
            winetest_push_context("%s", cases[i].what);
            status = negotiate(&data, NULL, &cipher, &connection);
            ok(status == cases[i].expected || broken(!winetest_platform_is_wine), "%s\n",
               status_name(status));
            ok(cipher.dwCipherSuite == cases[i].suite || broken(!winetest_platform_is_wine),
               "suite %#lx\n", cipher.dwCipherSuite);
            ok(!cases[i].exchange || connection.dwExchStrength == cases[i].exchange ||
                   broken(!winetest_platform_is_wine),
               "exchange of %lu bits\n", connection.dwExchStrength);
            winetest_pop_context();
        }
    }
}

static UNICODE_STRING string(const WCHAR *text)
{
    const USHORT size = (USHORT)(wcslen(text) * sizeof(*text));

    return (UNICODE_STRING){size, size, (WCHAR *)text};
}

/* Several at once: what msquic switches off to keep one cipher, and one group of finite fields. */
static void test_bounds_together(void)
{
    UNICODE_STRING ccm = string(BCRYPT_CHAIN_MODE_CCM);
    const CRYPTO_SETTINGS no_chacha = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                       .strCngAlgId = string(L"CHACHA20_POLY1305")};
    const CRYPTO_SETTINGS no_ccm = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                                    .strCngAlgId = string(BCRYPT_AES_ALGORITHM),
                                    .cChainingModes = 1,
                                    .rgstrChainingModes = &ccm};
    const CRYPTO_SETTINGS no_curves = {.eAlgorithmUsage = TlsParametersCngAlgUsageKeyExchange,
                                       .strCngAlgId = string(L"ECDH")};
    struct {
        CRYPTO_SETTINGS settings[4];
        DWORD suite, exchange;
    } cases[] = {
        {{no_chacha,
          no_ccm,
          {TlsParametersCngAlgUsageCipher, string(BCRYPT_AES_ALGORITHM), 0, NULL, 128, 128},
          {TlsParametersCngAlgUsageDigest, string(BCRYPT_SHA384_ALGORITHM), 0, NULL, 0, 0}},
         0x1301,
         255},
        {{no_chacha,
          no_ccm,
          {TlsParametersCngAlgUsageCipher, string(BCRYPT_AES_ALGORITHM), 0, NULL, 256, 256},
          {TlsParametersCngAlgUsageDigest, string(BCRYPT_SHA256_ALGORITHM), 0, NULL, 0, 0}},
         0x1302,
         255},
        {{no_chacha,
          no_ccm,
          no_curves,
          {TlsParametersCngAlgUsageKeyExchange, string(BCRYPT_DH_ALGORITHM), 0, NULL, 3072, 3072}},
         0x1302,
         3072},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        TLS_PARAMETERS parameters = {.grbitDisabledProtocols = ~(DWORD)TLS1_3,
                                     .cDisabledCrypto = ARRAY_SIZE(cases[i].settings),
                                     .pDisabledCrypto = cases[i].settings};
        SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION,
                                .dwFlags = CLIENT_FLAGS,
                                .cTlsParameters = 1,
                                .pTlsParameters = &parameters};
        SecPkgContext_ConnectionInfo connection;
        SecPkgContext_CipherInfo cipher;
        SECURITY_STATUS status;

        winetest_push_context("settings %u", i);
        status = negotiate(&data, NULL, &cipher, &connection);
        ok(status == SEC_E_OK || broken(!winetest_platform_is_wine), "%s\n", status_name(status));
        ok(cipher.dwCipherSuite == cases[i].suite || broken(!winetest_platform_is_wine),
           "suite %#lx\n", cipher.dwCipherSuite);
        ok(connection.dwExchStrength == cases[i].exchange || broken(!winetest_platform_is_wine),
           "exchange of %lu bits\n", connection.dwExchStrength);
        winetest_pop_context();
    }
}

#define WEAK_PRIME 128 /* bytes */

/* Puts a ServerKeyExchange with a prime of 1024 bits in place of the one in the client's inbox, as
 * a server picks it by itself. Its signature, which is looked at later, is missing. */
static BOOL weaken_exchange(struct side *client)
{
    static const BYTE begin[] = {WIRE_HANDSHAKE, 3, 3, 1, 15, 12, 0, 1, 11, 0, WEAK_PRIME};
    static const BYTE middle[] = {0, 1, 2, 0, WEAK_PRIME, 0x7f}; /* g; the server's half begins */
    static const BYTE end[] = {4, 1, 0, 0};
    BYTE record[WIRE_HEADER_SIZE + 271], *inbox = client->inbox;
    DWORD at = 0, size;

    memset(record, 0xff, sizeof(record));
    memcpy(record, begin, sizeof(begin));
    memcpy(record + sizeof(begin) + WEAK_PRIME, middle, sizeof(middle));
    memcpy(record + sizeof(record) - sizeof(end), end, sizeof(end));
    while ((size = wire_record_size(inbox + at, client->inbox_size - at))) {
        if (inbox[at] == WIRE_HANDSHAKE && inbox[at + WIRE_HEADER_SIZE] == 12) {
            memmove(inbox + at + sizeof(record), inbox + at + size, client->inbox_size - at - size);
            memcpy(inbox + at, record, sizeof(record));
            client->inbox_size += sizeof(record) - size;
            return TRUE;
        }
        at += size;
    }
    return FALSE;
}

/* SCH_USE_STRONG_CRYPTO is about the prime that the server picks, too. */
static void test_strong_exchange(void)
{
    ALG_ID exchange = CALG_DH_EPHEM;
    unsigned int i;

    for (i = 0; i < 2; i++) {
        SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                              .cSupportedAlgs = 1,
                              .palgSupportedAlgs = &exchange,
                              .dwFlags = CLIENT_FLAGS | (i ? SCH_USE_STRONG_CRYPTO : 0)};
        SECURITY_STATUS status;
        struct pair pair;

        if (pair_create(&pair, NULL, NULL)) {
            FreeCredentialsHandle(&pair.client.credentials);
            status = acquire(SECPKG_CRED_OUTBOUND, &data, &pair.client.credentials);
            pair.client.have_credentials = status == SEC_E_OK;
            side_leg(&pair.client);
            side_leg(&pair.server);
            if (weaken_exchange(&pair.client)) {
                status = side_leg(&pair.client);
                ok(FAILED(status) && (status == SEC_E_ALGORITHM_MISMATCH) == (i == 1),
                   "1024 bits%s: %s\n", i ? ", strong" : "", status_name(status));
            } else {
                ok(broken(!winetest_platform_is_wine), "no exchange to replace, server %s\n",
                   status_name(pair.server.status));
            }
        }
        pair_destroy(&pair);
    }
}

/* Of each version's bits the server's and the client's; SP_PROT_SERVERS of older headers has not
 * all. */
#define SERVER_BITS 0x55555555u
#define CLIENT_BITS 0xaaaaaaaau

/* Versions that sign with SHA-1 alone, as the bits of both sides. */
static const struct {
    const char *name;
    DWORD weak, strong;
} weak_versions[] = {
    {"TLS 1.0", SP_PROT_TLS1_0, SP_PROT_TLS1_2},
    {"TLS 1.1", SP_PROT_TLS1_1, SP_PROT_TLS1_2},
    {"DTLS 1.0", SP_PROT_DTLS1_0, SP_PROT_DTLS1_2},
};

/* With the flag a credential has no such version, however it is asked for. */
static void check_strong_versions(ULONG use, DWORD weak, DWORD strong)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    const DWORD side = use == SECPKG_CRED_INBOUND ? SERVER_BITS : CLIENT_BITS;
    TLS_PARAMETERS parameters = {0};
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = &certificate};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION,
                           .cCreds = 1,
                           .paCred = &certificate,
                           .cTlsParameters = 1,
                           .pTlsParameters = &parameters};
    unsigned int i;

    for (i = 0; i < 8; i++) {
        const DWORD flags = CLIENT_FLAGS | (i & 1 ? SCH_USE_STRONG_CRYPTO : 0);
        const DWORD wanted = (i & 2 ? weak | strong : weak) & side;
        SecPkgCred_SupportedProtocols protocols = {0};
        SECURITY_STATUS status;
        CredHandle credentials;

        winetest_push_context("structure %u, versions %#lx, flags %#lx", i / 4, wanted, flags);
        old.dwFlags = new.dwFlags = flags;
        old.grbitEnabledProtocols = wanted;
        parameters.grbitDisabledProtocols = ~wanted;
        status = acquire(use, i & 4 ? (void *)&new : &old, &credentials);
        ok(status == ((i & 3) == 1 ? SEC_E_ALGORITHM_MISMATCH : SEC_E_OK), "%s\n",
           status_name(status));
        if (status == SEC_E_OK) {
            QueryCredentialsAttributesW(&credentials, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols);
            ok(protocols.grbitProtocol == (i & 1 ? wanted & strong : wanted), "it has %#lx\n",
               protocols.grbitProtocol);
            FreeCredentialsHandle(&credentials);
        }
        winetest_pop_context();
    }
}

/* A peer that has nothing newer gets no signature with SHA-1 from us, and we take none of his. */
static void check_weak_peer(DWORD version, enum side_role strong_side)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    const DWORD both = SP_PROT_TLS1_0 | SP_PROT_TLS1_1 | SP_PROT_TLS1_2;
    unsigned int flag, i;

    for (flag = 0; flag < 2; flag++) {
        struct pair pair;

        if (pair_create(&pair, NULL, NULL)) {
            struct side *sides[] = {&pair.client, &pair.server};

            for (i = 0; i < 2; i++) {
                const BOOL strong = sides[i]->role == strong_side;
                SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                                      .cCreds = i,
                                      .paCred = i ? &certificate : NULL,
                                      .grbitEnabledProtocols = (strong ? both : version) &
                                                               (i ? SERVER_BITS : CLIENT_BITS),
                                      .dwFlags = CLIENT_FLAGS |
                                                 (strong && flag ? SCH_USE_STRONG_CRYPTO : 0)};
                SECURITY_STATUS status;

                FreeCredentialsHandle(&sides[i]->credentials);
                status = acquire(i ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND, &data,
                                 &sides[i]->credentials);
                ok(status == SEC_E_OK, "credentials: %s\n", status_name(status));
                sides[i]->have_credentials = status == SEC_E_OK;
            }
            ok(pair_handshake(&pair) == !flag, "flag %u: client %s, server %s\n", flag,
               status_name(pair.client.status), status_name(pair.server.status));
            if (flag)
                ok(pair.server.status == SEC_E_UNSUPPORTED_FUNCTION, "the server says %s\n",
                   status_name(pair.server.status));
        }
        pair_destroy(&pair);
    }
}

static void test_strong_versions(void)
{
    unsigned int i, side;

    for (i = 0; i < ARRAY_SIZE(weak_versions); i++) {
        for (side = 0; side < 2; side++) {
            winetest_push_context("%s, %s", weak_versions[i].name, side ? "server" : "client");
            check_strong_versions(side ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND,
                                  weak_versions[i].weak, weak_versions[i].strong);
            if (weak_versions[i].strong == SP_PROT_TLS1_2)
                check_weak_peer(weak_versions[i].weak, side ? SIDE_SERVER : SIDE_CLIENT);
            winetest_pop_context();
        }
    }
}

/* Whether a client with these flags takes signatures with SHA-1, by its hello. */
static BOOL takes_sha1(DWORD cred_flags)
{
    const struct side_options client = {.cred_flags = cred_flags};
    const BYTE *schemes = NULL;
    struct pair pair;
    DWORD size = 0;
    BOOL found = FALSE;

    if (pair_create(&pair, &client, NULL)) {
        side_leg(&pair.client);
        schemes = wire_hello_extension(pair.server.inbox, pair.server.inbox_size,
                                       SIGNATURE_ALGORITHMS, &size);
        ok(schemes && size > 2, "no signature algorithms\n");
        for (DWORD i = 2; schemes && i + 1 < size; i += 2)
            found |= schemes[i] == 2; /* as in rsa_pkcs1_sha1, ecdsa_sha1 */
    }
    pair_destroy(&pair);
    return found;
}

static void test_strong_signatures(void)
{
    ok(takes_sha1(0) || broken(!winetest_platform_is_wine), "none with SHA-1\n");
    ok(!takes_sha1(SCH_USE_STRONG_CRYPTO), "SHA-1 although it is weak\n");
}

/* Counts without what they count. */
static void test_missing_arrays(void)
{
    UNICODE_STRING mode = {0};
    CRYPTO_SETTINGS setting = {.eAlgorithmUsage = TlsParametersCngAlgUsageCipher,
                               .strCngAlgId = {6, 6, (WCHAR *)L"AES"},
                               .cChainingModes = 1};
    TLS_PARAMETERS parameters = {.cDisabledCrypto = 1};
    SCH_CREDENTIALS new = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &parameters};
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION, .cSupportedAlgs = 1};
    SECURITY_STATUS status[4];
    unsigned int i;

    status[0] = try_acquire(SECPKG_CRED_OUTBOUND, &old);
    status[1] = try_acquire(SECPKG_CRED_OUTBOUND, &new);
    parameters.pDisabledCrypto = &setting;
    status[2] = try_acquire(SECPKG_CRED_OUTBOUND, &new);
    setting.rgstrChainingModes = &mode;
    status[3] = try_acquire(SECPKG_CRED_OUTBOUND, &new);
    for (i = 0; i < ARRAY_SIZE(status); i++)
        ok(status[i] == SEC_E_UNKNOWN_CREDENTIALS || broken(!winetest_platform_is_wine), "%u: %s\n",
           i, status_name(status[i]));
}

/* Lists that name one cipher, hash, exchange or signature: the suite that both sides come to. */
static void test_algorithm_lists(void)
{
    static const struct {
        const char *what;
        ALG_ID algorithm;
        DWORD flags, minimum, maximum, suite;
        SECURITY_STATUS expected;
    } cases[] = {
        {"AES-128", CALG_AES_128, 0, 0, 0, 0xc02f, SEC_E_OK},
        {"AES-256", CALG_AES_256, 0, 0, 0, 0xc030, SEC_E_OK},
        {"AES", CALG_AES, 0, 0, 0, 0xc030, SEC_E_OK},
        {"3DES", CALG_3DES, 0, 0, 0, 0xc012, SEC_E_OK},
        {"strong 3DES", CALG_3DES, SCH_USE_STRONG_CRYPTO, 0, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"RC4", CALG_RC4, 0, 0, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"RC2", CALG_RC2, 0, 0, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"DES", CALG_DES, 0, 0, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"MD5", CALG_MD5, 0, 0, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"SHA-512", CALG_SHA_512, 0, 0, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"DSS", CALG_DSS_SIGN, 0, 0, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"DH without signatures", CALG_DH_SF, 0, 0, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"MQV", CALG_ECMQV, 0, 0, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"SHA-1", CALG_SHA1, 0, 0, 0, 0xc030, SEC_E_OK},
        {"SHA-256", CALG_SHA_256, 0, 0, 0, 0xc030, SEC_E_OK},
        {"SHA-384", CALG_SHA_384, 0, 0, 0, 0xc030, SEC_E_OK},
        {"RSA exchange", CALG_RSA_KEYX, 0, 0, 0, 0x009d, SEC_E_OK},
        {"DHE", CALG_DH_EPHEM, 0, 0, 0, 0x009f, SEC_E_OK},
        {"ECDHE", CALG_ECDH_EPHEM, 0, 0, 0, 0xc030, SEC_E_OK},
        {"ECDH", CALG_ECDH, 0, 0, 0, 0xc030, SEC_E_OK},
        {"RSA signatures", CALG_RSA_SIGN, 0, 0, 0, 0xc030, SEC_E_OK},
        {"no encryption", ALG_CLASS_DATA_ENCRYPT, 0, 0, 0, 0xc010, SEC_E_OK},
        {"no encryption by strength", 0, 0, ~0u, ~0u, 0xc010, SEC_E_OK},
        {"no encryption by strength, strong", 0, SCH_USE_STRONG_CRYPTO, ~0u, ~0u, 0,
         SEC_E_ALGORITHM_MISMATCH},
        {"no encryption at most", 0, 0, 128, ~0u, 0, SEC_E_ALGORITHM_MISMATCH},
        {"no encryption allowed", 0, SCH_ALLOW_NULL_ENCRYPTION, 0, 0, 0xc030, SEC_E_OK},
        {"168 bits", CALG_3DES, 0, 168, 168, 0xc012, SEC_E_OK},
        {"128 bits", 0, 0, 128, 128, 0xc02f, SEC_E_OK},
        {"256 bits", 0, 0, 256, 0, 0xc030, SEC_E_OK},
        {"more than there is", 0, 0, 257, 0, 0, SEC_E_ALGORITHM_MISMATCH},
        {"a range the wrong way round", 0, 0, 256, 128, 0, SEC_E_ALGORITHM_MISMATCH},
    };
    ALG_ID both[] = {CALG_AES, CALG_3DES, ALG_CLASS_DATA_ENCRYPT};
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SCHANNEL_CRED server = {.dwVersion = SCHANNEL_CRED_VERSION,
                            .cCreds = 1,
                            .paCred = &certificate,
                            .cSupportedAlgs = ARRAY_SIZE(both),
                            .palgSupportedAlgs = both};
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        ALG_ID algorithm = cases[i].algorithm;
        SCHANNEL_CRED client = {.dwVersion = i % 2 ? SCHANNEL_CRED_VERSION : SCH_CRED_V3,
                                .cSupportedAlgs = algorithm != 0,
                                .palgSupportedAlgs = &algorithm,
                                .dwMinimumCipherStrength = cases[i].minimum,
                                .dwMaximumCipherStrength = cases[i].maximum,
                                .dwFlags = CLIENT_FLAGS | cases[i].flags};
        SecPkgContext_ConnectionInfo connection;
        SecPkgContext_CipherInfo cipher;
        SECURITY_STATUS status;

        winetest_push_context("%s", cases[i].what);
        status = negotiate(&client, &server, &cipher, &connection);
        ok(status == cases[i].expected, "%s\n", status_name(status));
        ok(cipher.dwCipherSuite == cases[i].suite, "suite %#lx\n", cipher.dwCipherSuite);
        if (cases[i].suite == 0xc010)
            ok(!connection.dwCipherStrength && !cipher.dwCipherLen, "strength %lu, %lu\n",
               connection.dwCipherStrength, cipher.dwCipherLen);
        winetest_pop_context();
    }
}

/* Connects twice with the same credentials; whether the second session was resumed. */
static BOOL resumes(DWORD client_lifespan, DWORD server_lifespan, DWORD wait)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SCH_CREDENTIALS client = {.dwVersion = SCH_CREDENTIALS_VERSION,
                              .dwFlags = CLIENT_FLAGS,
                              .dwSessionLifespan = client_lifespan};
    SCH_CREDENTIALS server = {.dwVersion = SCH_CREDENTIALS_VERSION,
                              .cCreds = 1,
                              .paCred = &certificate,
                              .dwSessionLifespan = server_lifespan};
    BOOL resumed = FALSE;
    struct pair pair;

    if (pair_create(&pair, NULL, NULL)) {
        FreeCredentialsHandle(&pair.client.credentials);
        FreeCredentialsHandle(&pair.server.credentials);
        acquire(SECPKG_CRED_OUTBOUND, &client, &pair.client.credentials);
        acquire(SECPKG_CRED_INBOUND, &server, &pair.server.credentials);
        resumed = pair_resumes(&pair, wait);
    }
    pair_destroy(&pair);
    return resumed;
}

static void test_lifespan(void)
{
    ok(resumes(0, 0, 0) || broken(!winetest_platform_is_wine), "not resumed\n");
    ok(resumes(60000, 60000, 0) || broken(!winetest_platform_is_wine), "not within a minute\n");
    ok(!resumes(1, 0, 100), "resumed beyond the client's lifespan\n");
    ok(!resumes(0, 1000, 2500), "resumed beyond the server's lifespan\n");
}

static struct test_cert authority;

static BOOL create_leaf(const struct test_cert *issuer, struct test_cert *leaf)
{
    struct test_cert_options options = {.type = TEST_KEY_RSA,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER | TEST_CERT_CLIENT,
                                        .issuer = issuer};

    return test_cert_create(&options, leaf);
}

/* A client that validates, with these flags and the authority in its hRootStore. */
static SECURITY_STATUS validates(const CERT_CONTEXT *certificate, DWORD flags, DWORD server_flags)
{
    struct side_options client = {.cred_flags = SCH_CRED_AUTO_CRED_VALIDATION | flags,
                                  .root_store = authority.store};
    struct side_options server = {.certificates = {certificate}, .cred_flags = server_flags};
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
    struct pair pair;

    if (pair_create(&pair, &client, &server)) {
        pair_handshake(&pair);
        status = pair.client.status;
    }
    pair_destroy(&pair);
    return status;
}

/* Of the program's roots only those that the system trusts as well. */
static void test_restricted_roots(void)
{
    SECURITY_STATUS status;
    struct test_cert leaf;

    if (!winetest_platform_is_wine || !create_leaf(&authority, &leaf))
        return;
    status = validates(leaf.context, 0, 0);
    ok(status == SEC_E_OK, "the program's root: %s\n", status_name(status));
    status = validates(leaf.context, SCH_CRED_RESTRICTED_ROOTS, 0);
    ok(status == SEC_E_UNTRUSTED_ROOT, "which the system does not trust: %s\n",
       status_name(status));
    if (test_cert_trust(&authority)) {
        status = validates(leaf.context, SCH_CRED_RESTRICTED_ROOTS, 0);
        ok(status == SEC_E_OK, "which the system trusts: %s\n", status_name(status));
        test_cert_distrust(&authority);
    }
    test_cert_free(&leaf);
}

static void test_deferred_validation(void)
{
    struct side_options client = {.cred_flags = SCH_CRED_AUTO_CRED_VALIDATION};
    struct pair pair;

    if (!winetest_platform_is_wine)
        return;
    client.cred_flags |= SCH_CRED_DEFERRED_CRED_VALIDATION;
    if (pair_connect(&pair, &client, NULL))
        pair_exchange(&pair.client, &pair.server, 10);
    pair_destroy(&pair);
}

/* The server sends what its certificate brings along; the client needs nothing else. */
static void test_stapling(void)
{
    static const struct {
        BOOL revoked;
        DWORD server_flags;
        SECURITY_STATUS expected;
    } cases[] = {
        {FALSE, 0, SEC_E_OK},
        {TRUE, 0, CRYPT_E_REVOKED},
        {FALSE, SCH_CRED_SNI_CREDENTIAL, CRYPT_E_NO_REVOCATION_CHECK},
        {FALSE, SCH_CRED_SNI_CREDENTIAL | SCH_CRED_SNI_ENABLE_OCSP, SEC_E_OK},
        {TRUE, SCH_CRED_SNI_CREDENTIAL | SCH_CRED_SNI_ENABLE_OCSP, CRYPT_E_REVOKED},
    };
    struct der *der = malloc(sizeof(*der));
    SECURITY_STATUS status;
    struct test_cert leaf;
    unsigned int i;

    if (!winetest_platform_is_wine || !create_leaf(&authority, &leaf))
        return;
    status = validates(leaf.context, SCH_CRED_REVOCATION_CHECK_END_CERT, 0);
    ok(status == CRYPT_E_NO_REVOCATION_CHECK, "nothing stapled: %s\n", status_name(status));
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct evidence_options options = {
            .issuer = &authority, .subject = leaf.context, .revoked = cases[i].revoked};
        CRYPT_DATA_BLOB blob;

        if (!evidence_write_response(&options, der))
            continue;
        blob.cbData = der_size(der);
        blob.pbData = (BYTE *)der_data(der);
        ok(CertSetCertificateContextProperty(leaf.context, CERT_OCSP_RESPONSE_PROP_ID, 0, &blob),
           "no property, error %#lx\n", GetLastError());
        status = validates(leaf.context, SCH_CRED_REVOCATION_CHECK_END_CERT, cases[i].server_flags);
        ok(status == cases[i].expected, "case %u: %s\n", i, status_name(status));
    }
    test_cert_free(&leaf);
    free(der);
}

/* TLS 1.0 with CBC: a record of one byte in front. */
static void test_aux_record(void)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SCHANNEL_CRED server = {.dwVersion = SCHANNEL_CRED_VERSION,
                            .cCreds = 1,
                            .paCred = &certificate,
                            .grbitEnabledProtocols = SP_PROT_TLS1_0_SERVER};
    unsigned int flagged;

    if (!winetest_platform_is_wine)
        return;
    for (flagged = 0; flagged < 2; flagged++) {
        SCHANNEL_CRED client = {.dwVersion = SCHANNEL_CRED_VERSION,
                                .grbitEnabledProtocols = SP_PROT_TLS1_0_CLIENT,
                                .dwFlags = CLIENT_FLAGS | (flagged ? SCH_SEND_AUX_RECORD : 0)};
        struct pair pair;
        BYTE data[100];
        DWORD first;

        memset(data, 'x', sizeof(data));
        if (pair_create(&pair, NULL, NULL)) {
            FreeCredentialsHandle(&pair.client.credentials);
            FreeCredentialsHandle(&pair.server.credentials);
            acquire(SECPKG_CRED_OUTBOUND, &client, &pair.client.credentials);
            acquire(SECPKG_CRED_INBOUND, &server, &pair.server.credentials);
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
            ok(side_send(&pair.client, data, sizeof(data)) == SEC_E_OK, "not sent\n");
            first = wire_record_size(pair.server.inbox, pair.server.inbox_size);
            ok(wire_is_records(pair.server.inbox, pair.server.inbox_size), "no records\n");
            ok((first < pair.server.inbox_size) == (flagged != 0), "first of %lu bytes, all %lu\n",
               first, pair.server.inbox_size);
            pair.server.inbox_size -= first;
            memmove(pair.server.inbox, pair.server.inbox + first, pair.server.inbox_size);
        }
        pair_destroy(&pair);
        if (pair_create(&pair, NULL, NULL)) {
            FreeCredentialsHandle(&pair.client.credentials);
            FreeCredentialsHandle(&pair.server.credentials);
            acquire(SECPKG_CRED_OUTBOUND, &client, &pair.client.credentials);
            acquire(SECPKG_CRED_INBOUND, &server, &pair.server.credentials);
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
            pair_exchange(&pair.server, &pair.client, 40000);
        }
        pair_destroy(&pair);
    }
}

/* Names beyond GnuTLS's limits: a client says so, a server chooses all the same. */
static void test_long_alpn(void)
{
    static const struct {
        const char *client, *server;
        SECURITY_STATUS expected;
    } cases[] = {
        {"a b c d e f g h", "z h", SEC_E_OK},
        {"a b c d e f g h i", "i", SEC_E_UNSUPPORTED_FUNCTION},
        {"abcdefghijklmnopqrstuvwxyz01234", "abcdefghijklmnopqrstuvwxyz01234", SEC_E_OK},
        {"abcdefghijklmnopqrstuvwxyz012345", "a", SEC_E_UNSUPPORTED_FUNCTION},
        {"l", "a b c d e f g h i j k l", SEC_E_OK},
        {"l", "a b abcdefghijklmnopqrstuvwxyz0123456789 l", SEC_E_OK},
        {"l", "abcdefghijklmnopqrstuvwxyz0123456789 l", SEC_E_OK},
        {"x", "a b c d e f g h i j k l", SEC_E_APPLICATION_PROTOCOL_MISMATCH},
    };
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct side_options client = {.alpn = cases[i].client};
        struct side_options server = {.alpn = cases[i].server};
        struct pair pair;

        if (pair_create(&pair, &client, &server)) {
            pair_handshake(&pair);
            ok(pair.client.status == cases[i].expected, "%s and %s: client %s, server %s\n",
               cases[i].client, cases[i].server, status_name(pair.client.status),
               status_name(pair.server.status));
        }
        pair_destroy(&pair);
    }
}

/* SEC_APPLICATION_PROTOCOLS with one list of that size: long names, "h2" at last. */
static DWORD write_longest_alpn(BYTE *buffer, USHORT list_size)
{
    const ULONG lists_size = 6 + list_size;
    const SEC_APPLICATION_PROTOCOL_NEGOTIATION_EXT alpn = SecApplicationProtocolNegotiationExt_ALPN;
    DWORD at = 10, end = 10 + list_size - 3, size;

    memcpy(buffer, &lists_size, 4);
    memcpy(buffer + 4, &alpn, 4);
    memcpy(buffer + 8, &list_size, 2);
    while (at < end) {
        size = min(255, end - at - 1);
        buffer[at] = size;
        memset(buffer + at + 1, 'x', size);
        at += 1 + size;
    }
    memcpy(buffer + end, "\2h2", 3);
    return end + 3;
}

/* A server's list may be as long as the structure can say. */
static void test_longest_server_alpn(void)
{
    static BYTE list[10 + 65535];
    const struct side_options options = {.alpn = "h2"};
    SecPkgContext_ApplicationProtocol protocol;
    SECURITY_STATUS status;
    struct pair pair;
    struct leg leg;

    if (pair_create(&pair, &options, &options)) {
        side_leg(&pair.client);
        leg_begin(&pair.server, &leg);
        ok(leg.in[2].BufferType == SECBUFFER_APPLICATION_PROTOCOLS, "no list\n");
        leg.in[2].pvBuffer = list;
        leg.in[2].cbBuffer = write_longest_alpn(list, 65535);
        ok(leg.in[2].cbBuffer == sizeof(list), "%lu bytes\n", leg.in[2].cbBuffer);
        status = leg_call(&pair.server, &leg);
        leg_end(&pair.server, &leg, status);
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        status = QueryContextAttributesW(&pair.server.context, SECPKG_ATTR_APPLICATION_PROTOCOL,
                                         &protocol);
        ok(status == SEC_E_OK && protocol.ProtocolIdSize == 2 &&
               !memcmp(protocol.ProtocolId, "h2", 2),
           "%s, %u bytes\n", status_name(status), protocol.ProtocolIdSize);
    }
    pair_destroy(&pair);
}

static void add_to(BYTE *number, unsigned int bytes, DWORD more)
{
    while (bytes--) {
        more += number[bytes];
        number[bytes] = (BYTE)more;
        more >>= 8;
    }
}

/* Adds ALPN to the ClientHello in the server's inbox, whose extensions are its last part. */
static void offer_names(struct side *server, const BYTE *names, DWORD size)
{
    const BYTE header[] = {0, 16, (size + 2) >> 8, (BYTE)(size + 2), size >> 8, (BYTE)size};
    const DWORD more = sizeof(header) + size;
    BYTE *at = server->inbox + WIRE_HEADER_SIZE + 4 + 34;

    at += 1 + at[0];                /* session id */
    at += 2 + (at[0] << 8 | at[1]); /* suites */
    at += 1 + at[0];                /* compression */
    add_to(at, 2, more);
    add_to(server->inbox + 3, 2, more);
    add_to(server->inbox + WIRE_HEADER_SIZE + 1, 3, more);
    side_deliver(server, header, sizeof(header));
    side_deliver(server, names, size);
}

/* A client of another make may offer more and longer names than GnuTLS has itself. */
static void test_long_client_alpn(void)
{
    static const struct {
        const char *server;
        SECURITY_STATUS expected;
    } cases[] = {
        {"h2", SEC_I_CONTINUE_NEEDED},
        {"other h2", SEC_I_CONTINUE_NEEDED},
        {"other", SEC_E_APPLICATION_PROTOCOL_MISMATCH},
    };
    static BYTE names[10 + 12000];
    unsigned int i;

    write_longest_alpn(names, 12000);
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct side_options client = {.protocols = SIDE_TLS1_2};
        const struct side_options server = {.alpn = cases[i].server};
        SECURITY_STATUS status;
        struct pair pair;

        if (pair_create(&pair, &client, &server)) {
            side_leg(&pair.client);
            offer_names(&pair.server, names + 10, 12000);
            status = side_leg(&pair.server);
            ok(status == cases[i].expected, "%s: %s\n", cases[i].server, status_name(status));
        }
        pair_destroy(&pair);
    }
}

/* Input buffers with wishes that cannot be fulfilled are errors, and nothing comes of the call. */
static void test_unsupported_buffers(void)
{
    static const struct {
        ULONG type;
        ULONGLONG value;
        SECURITY_STATUS expected;
    } cases[] = {
        {SECBUFFER_CHANNEL_BINDINGS, 0, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_TOKEN_BINDING, 0, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_PRESHARED_KEY, 0, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_PRESHARED_KEY_IDENTITY, 0, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_SEND_GENERIC_TLS_EXTENSION, 0, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_SUBSCRIBE_GENERIC_TLS_EXTENSION, 0, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_TRAFFIC_SECRETS, 0, SEC_E_UNSUPPORTED_FUNCTION},
        {SECBUFFER_FLAGS, 0, SEC_I_CONTINUE_NEEDED},
        {SECBUFFER_FLAGS, SIDE_CLIENT_FLAGS, SEC_I_CONTINUE_NEEDED},
        {SECBUFFER_FLAGS, 0x100000000, SEC_E_UNSUPPORTED_FUNCTION},      /* ISC_REQ_MESSAGES */
        {SECBUFFER_FLAGS, 0x200000000, SEC_I_CONTINUE_NEEDED},           /* deferred validation */
        {SECBUFFER_FLAGS, ISC_REQ_DELEGATE, SEC_E_UNSUPPORTED_FUNCTION}, /* not in fContextReq */
    };
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        ULONGLONG value = cases[i].value;
        SecBuffer in = {sizeof(value), cases[i].type, &value}, out = {0, SECBUFFER_TOKEN, NULL};
        SecBufferDesc input = {SECBUFFER_VERSION, 1, &in}, output = {SECBUFFER_VERSION, 1, &out};
        SECURITY_STATUS status;
        ULONG attributes;
        CtxtHandle context;
        struct side side;

        if (!side_acquire(&side, SIDE_CLIENT, NULL)) {
            status = InitializeSecurityContextW(&side.credentials, NULL, (SEC_WCHAR *)L"localhost",
                                                SIDE_CLIENT_FLAGS, 0, 0, &input, 0, &context,
                                                &output, &attributes, NULL);
            ok(status == cases[i].expected, "type %lu, %s: %s\n", cases[i].type,
               wine_dbgstr_longlong(value), status_name(status));
            ok((status == SEC_I_CONTINUE_NEEDED) == (out.pvBuffer != NULL), "output %p\n",
               out.pvBuffer);
            if (status == SEC_I_CONTINUE_NEEDED) {
                DeleteSecurityContext(&context);
                FreeContextBuffer(out.pvBuffer);
            }
        }
        side_free(&side);
    }
}

START_TEST(schannel_credentials_settings)
{
    struct test_cert_options options = {.type = TEST_KEY_RSA,
                                        .place = TEST_KEY_IN_PROVIDER,
                                        .name = "Authority",
                                        .uses = TEST_CERT_CA};

    test_flags();
    test_mappers();
    test_parameter_blocks();
    test_crypto_settings();
    test_bounds_together();
    test_strong_exchange();
    test_strong_versions();
    test_strong_signatures();
    test_missing_arrays();
    test_algorithm_lists();
    test_lifespan();
    if (test_cert_create(&options, &authority)) {
        test_restricted_roots();
        test_stapling();
        test_cert_free(&authority);
    }
    test_deferred_validation();
    test_aux_record();
    test_long_alpn();
    test_longest_server_alpn();
    test_long_client_alpn();
    test_unsupported_buffers();
}
