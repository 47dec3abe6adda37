/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Algorithms and versions in the vocabularies there are for them: CRYPTO_SETTINGS, lists of ALG_ID,
 * SCH_USE_STRONG_CRYPTO. What both sides come to, or the error.
 */
#include "kit/acquire.h"
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

#define SIGNATURE_ALGORITHMS 13 /* the extension */
#define CLIENT_FLAGS         (SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS)

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

START_TEST(schannel_credentials_crypto)
{
    test_crypto_settings();
    test_bounds_together();
    test_strong_exchange();
    test_strong_versions();
    test_strong_signatures();
    test_algorithm_lists();
}
