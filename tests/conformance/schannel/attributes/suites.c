/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What CONNECTION_INFO, CONNECTION_INFO_EX, CIPHER_INFO, KEY_INFO and STREAM_SIZES say of each
 * cipher suite and group: every one that can be had is forced by switching off the others.
 */
#include "kit/attributes.h"
#include "wine/test.h"

#include <bcrypt.h>

/* What a client can switch off, one CRYPTO_SETTINGS each. */
enum off {
    NO_GCM = 1 << 0,
    NO_CBC = 1 << 1,
    NO_CCM = 1 << 2,
    NO_CHACHA = 1 << 3,
    NO_128 = 1 << 4, /* bits of AES */
    NO_256 = 1 << 5,
    NO_SHA1 = 1 << 6, /* suites of that name */
    NO_SHA256 = 1 << 7,
    NO_SHA384 = 1 << 8,
    NO_RSA = 1 << 9, /* exchanges */
    NO_DHE = 1 << 10,
    NO_ECDHE = 1 << 11,
    NO_X25519 = 1 << 12,
    NO_P256 = 1 << 13,
    NO_P384 = 1 << 14,
    NO_P521 = 1 << 15,
};

#define SETTINGS 16

#define ONLY_GCM    (NO_CBC | NO_CCM | NO_CHACHA)
#define ONLY_CBC    (NO_GCM | NO_CCM | NO_CHACHA)
#define ONLY_CCM    (NO_GCM | NO_CBC | NO_CHACHA)
#define ONLY_CHACHA (NO_GCM | NO_CBC | NO_CCM)
#define ONLY_RSA    (NO_DHE | NO_ECDHE)
#define ONLY_DHE    (NO_RSA | NO_ECDHE)
#define ONLY_ECDHE  (NO_RSA | NO_DHE)
#define ONLY_P256   (NO_X25519 | NO_P384 | NO_P521)
#define ONLY_P384   (NO_X25519 | NO_P256 | NO_P521)
#define ONLY_P521   (NO_X25519 | NO_P256 | NO_P384)

static const WCHAR AES[] = L"AES";
static const WCHAR CHACHA[] = L"CHACHA20_POLY1305";
static const WCHAR ECDH[] = L"ECDH", DH[] = L"DH", RSA[] = L"RSA", ECDSA[] = L"ECDSA";

static const struct suite {
    DWORD off;
    DWORD number;
    const WCHAR *name;
    enum test_key_type key;
    const WCHAR *cipher;
    ALG_ID cipher_id;
    DWORD bits, block;
    const WCHAR *hash;
    ALG_ID hash_id;
    DWORD hash_bits;
    const WCHAR *exchange;
    ALG_ID exchange_id;
    DWORD exchange_bits;
    DWORD key_type; /* number of the curve, 0 for none */
} suites[] = {
/* clang-format off */
#define AES_128 AES, CALG_AES_128, 128, 16
#define AES_256 AES, CALG_AES_256, 256, 16
#define CHACHA20 CHACHA, CALG_OID_INFO_CNG_ONLY, 256, 1
#define SHA1 L"SHA1", CALG_SHA1, 160
#define SHA256 L"SHA256", CALG_SHA_256, 256
#define SHA384 L"SHA384", CALG_SHA_384, 384
#define X25519 ECDH, CALG_ECDH_EPHEM, 255, 29
#define P256 ECDH, CALG_ECDH_EPHEM, 256, 23
#define P384 ECDH, CALG_ECDH_EPHEM, 384, 24
#define P521 ECDH, CALG_ECDH_EPHEM, 521, 25
    {ONLY_GCM | NO_256, 0x1301, L"TLS_AES_128_GCM_SHA256", TEST_KEY_ECDSA, AES_128, SHA256, X25519},
    {ONLY_GCM, 0x1302, L"TLS_AES_256_GCM_SHA384", TEST_KEY_RSA, AES_256, SHA384, X25519},
    {ONLY_GCM | ONLY_P256, 0x1302, L"TLS_AES_256_GCM_SHA384", TEST_KEY_RSA, AES_256, SHA384, P256},
    {ONLY_GCM | ONLY_P384, 0x1302, L"TLS_AES_256_GCM_SHA384", TEST_KEY_RSA, AES_256, SHA384, P384},
    {ONLY_GCM | ONLY_P521, 0x1302, L"TLS_AES_256_GCM_SHA384", TEST_KEY_RSA, AES_256, SHA384, P521},
    {ONLY_CHACHA, 0x1303, L"TLS_CHACHA20_POLY1305_SHA256", TEST_KEY_ECDSA, CHACHA20, SHA256, X25519},
    {ONLY_CCM, 0x1304, L"TLS_AES_128_CCM_SHA256", TEST_KEY_RSA, AES_128, SHA256, X25519},

    {ONLY_GCM | NO_256, 0xc02b, L"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", TEST_KEY_ECDSA, AES_128, SHA256, X25519},
    {ONLY_GCM, 0xc02c, L"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", TEST_KEY_ECDSA, AES_256, SHA384, X25519},
    {ONLY_CHACHA, 0xcca9, L"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", TEST_KEY_ECDSA, CHACHA20, SHA256, X25519},
    {ONLY_CCM, 0xc0ad, L"TLS_ECDHE_ECDSA_WITH_AES_256_CCM", TEST_KEY_ECDSA, AES_256, SHA256, X25519},
    {ONLY_CBC | NO_256, 0xc009, L"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", TEST_KEY_ECDSA, AES_128, SHA1, X25519},
    {ONLY_CBC | NO_SHA256 | NO_SHA384, 0xc00a, L"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", TEST_KEY_ECDSA, AES_256, SHA1, X25519},

    {ONLY_GCM | ONLY_ECDHE | NO_256, 0xc02f, L"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", TEST_KEY_RSA, AES_128, SHA256, X25519},
    {ONLY_GCM | ONLY_ECDHE | ONLY_P384, 0xc030, L"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", TEST_KEY_RSA, AES_256, SHA384, P384},
    {ONLY_CHACHA | ONLY_ECDHE, 0xcca8, L"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", TEST_KEY_RSA, CHACHA20, SHA256, X25519},
    {ONLY_CBC | ONLY_ECDHE | NO_256, 0xc013, L"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", TEST_KEY_RSA, AES_128, SHA1, X25519},
    {ONLY_CBC | ONLY_ECDHE | NO_SHA256 | NO_SHA384, 0xc014, L"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", TEST_KEY_RSA, AES_256, SHA1, X25519},

    {ONLY_GCM | ONLY_DHE | NO_256, 0x009e, L"TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", TEST_KEY_RSA, AES_128, SHA256, DH, CALG_DH_EPHEM, 2048, 0},
    {ONLY_GCM | ONLY_DHE, 0x009f, L"TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", TEST_KEY_RSA, AES_256, SHA384, DH, CALG_DH_EPHEM, 2048, 0},
    {ONLY_CHACHA | ONLY_DHE, 0xccaa, L"TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", TEST_KEY_RSA, CHACHA20, SHA256, DH, CALG_DH_EPHEM, 2048, 0},
    {ONLY_CBC | ONLY_DHE | NO_SHA256, 0x0039, L"TLS_DHE_RSA_WITH_AES_256_CBC_SHA", TEST_KEY_RSA, AES_256, SHA1, DH, CALG_DH_EPHEM, 2048, 0},

    {ONLY_GCM | ONLY_RSA | NO_256, 0x009c, L"TLS_RSA_WITH_AES_128_GCM_SHA256", TEST_KEY_RSA, AES_128, SHA256, RSA, CALG_RSA_KEYX, 2048, 0},
    {ONLY_GCM | ONLY_RSA, 0x009d, L"TLS_RSA_WITH_AES_256_GCM_SHA384", TEST_KEY_RSA, AES_256, SHA384, RSA, CALG_RSA_KEYX, 2048, 0},
    {ONLY_CCM | ONLY_RSA, 0xc09d, L"TLS_RSA_WITH_AES_256_CCM", TEST_KEY_RSA, AES_256, SHA256, RSA, CALG_RSA_KEYX, 2048, 0},
    {ONLY_CBC | ONLY_RSA | NO_256, 0x002f, L"TLS_RSA_WITH_AES_128_CBC_SHA", TEST_KEY_RSA, AES_128, SHA1, RSA, CALG_RSA_KEYX, 2048, 0},
    {ONLY_CBC | ONLY_RSA, 0x0035, L"TLS_RSA_WITH_AES_256_CBC_SHA", TEST_KEY_RSA, AES_256, SHA1, RSA, CALG_RSA_KEYX, 2048, 0},
    /* clang-format on */
};

/* One row per bit of enum off. */
static const struct {
    enum off off;
    eTlsAlgorithmUsage usage;
    const WCHAR *name;
    const WCHAR *mode;
    DWORD minimum, maximum; /* what is beyond is switched off */
} switches[] = {
    {NO_GCM, TlsParametersCngAlgUsageCipher, L"AES", L"ChainingModeGCM", 0, 0},
    {NO_CBC, TlsParametersCngAlgUsageCipher, L"AES", L"ChainingModeCBC", 0, 0},
    {NO_CCM, TlsParametersCngAlgUsageCipher, L"AES", L"ChainingModeCCM", 0, 0},
    {NO_CHACHA, TlsParametersCngAlgUsageCipher, L"CHACHA20_POLY1305", NULL, 0, 0},
    {NO_128, TlsParametersCngAlgUsageCipher, L"AES", NULL, 256, 0},
    {NO_256, TlsParametersCngAlgUsageCipher, L"AES", NULL, 0, 128},
    {NO_SHA1, TlsParametersCngAlgUsageDigest, L"SHA1", NULL, 0, 0},
    {NO_SHA256, TlsParametersCngAlgUsageDigest, L"SHA256", NULL, 0, 0},
    {NO_SHA384, TlsParametersCngAlgUsageDigest, L"SHA384", NULL, 0, 0},
    {NO_RSA, TlsParametersCngAlgUsageKeyExchange, L"RSA", NULL, 0, 0},
    {NO_DHE, TlsParametersCngAlgUsageKeyExchange, L"DHE", NULL, 0, 0},
    {NO_ECDHE, TlsParametersCngAlgUsageKeyExchange, L"ECDHE", NULL, 0, 0},
    {NO_X25519, TlsParametersCngAlgUsageKeyExchange, L"curve25519", NULL, 0, 0},
    {NO_P256, TlsParametersCngAlgUsageKeyExchange, L"nistP256", NULL, 0, 0},
    {NO_P384, TlsParametersCngAlgUsageKeyExchange, L"nistP384", NULL, 0, 0},
    {NO_P521, TlsParametersCngAlgUsageKeyExchange, L"nistP521", NULL, 0, 0},
};

static UNICODE_STRING counted(const WCHAR *text)
{
    const USHORT size = (USHORT)(wcslen(text) * sizeof(WCHAR));

    return (UNICODE_STRING){size, size, (WCHAR *)text};
}

/* A client's credential that leaves the suite only, in place of the one it has. */
static SECURITY_STATUS restrict_client(struct side *side, const struct suite *suite, BOOL tls13)
{
    CRYPTO_SETTINGS settings[SETTINGS] = {{0}};
    UNICODE_STRING modes[SETTINGS];
    TLS_PARAMETERS parameters = {.pDisabledCrypto = settings};
    SCH_CREDENTIALS credentials = {.dwVersion = SCH_CREDENTIALS_VERSION,
                                   .dwFlags =
                                       SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS,
                                   .cTlsParameters = 1,
                                   .pTlsParameters = &parameters};
    unsigned int i;

    parameters.grbitDisabledProtocols = ~(tls13 ? SP_PROT_TLS1_3_CLIENT : SP_PROT_TLS1_2_CLIENT);
    for (i = 0; i < ARRAY_SIZE(switches); i++) {
        CRYPTO_SETTINGS *setting = &settings[parameters.cDisabledCrypto];

        if (!(suite->off & switches[i].off))
            continue;
        setting->eAlgorithmUsage = switches[i].usage;
        setting->strCngAlgId = counted(switches[i].name);
        setting->dwMinBitLength = switches[i].minimum;
        setting->dwMaxBitLength = switches[i].maximum;
        if (switches[i].mode) {
            modes[i] = counted(switches[i].mode);
            setting->cChainingModes = 1;
            setting->rgstrChainingModes = &modes[i];
        }
        parameters.cDisabledCrypto++;
    }
    FreeCredentialsHandle(&side->credentials);
    side->have_credentials = FALSE;
    return AcquireCredentialsHandleW(NULL, (WCHAR *)UNISP_NAME_W, SECPKG_CRED_OUTBOUND, NULL,
                                     &credentials, NULL, NULL, &side->credentials, NULL);
}

static void check_cipher_info(struct side *side, const struct suite *suite, BOOL tls13, BOOL aead)
{
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};

    tally("attribute CIPHER_INFO");
    if (!query(side, SECPKG_ATTR_CIPHER_INFO, &info))
        return;
    ok(info.dwProtocol == (tls13 ? 0x304 : 0x303), "protocol %#lx\n", info.dwProtocol);
    ok(info.dwCipherSuite == suite->number, "suite %#lx\n", info.dwCipherSuite);
    ok(info.dwBaseCipherSuite == suite->number, "base suite %#lx\n", info.dwBaseCipherSuite);
    ok(!lstrcmpW(info.szCipherSuite, suite->name), "suite %s\n", wine_dbgstr_w(info.szCipherSuite));
    ok(!lstrcmpW(info.szCipher, suite->cipher), "cipher %s\n", wine_dbgstr_w(info.szCipher));
    ok(info.dwCipherLen == suite->bits, "%lu bits\n", info.dwCipherLen);
    ok(info.dwCipherBlockLen == suite->block, "blocks of %lu\n", info.dwCipherBlockLen);
    /* The hash of a suite's MAC: with AEAD there is none. */
    ok(!lstrcmpW(info.szHash, aead ? L"" : suite->hash), "hash %s\n", wine_dbgstr_w(info.szHash));
    ok(info.dwHashLen == (aead ? 0 : suite->hash_bits), "hash of %lu bits\n", info.dwHashLen);
    ok(!lstrcmpW(info.szExchange, suite->exchange), "exchange %s\n",
       wine_dbgstr_w(info.szExchange));
    ok(info.dwMinExchangeLen < info.dwMaxExchangeLen, "exchange of %lu to %lu bits\n",
       info.dwMinExchangeLen, info.dwMaxExchangeLen);
    ok(!lstrcmpW(info.szCertificate, suite->key == TEST_KEY_RSA ? RSA : ECDSA), "certificate %s\n",
       wine_dbgstr_w(info.szCertificate));
    ok(info.dwKeyType == suite->key_type, "key type %lu\n", info.dwKeyType);
}

static void check_connection_info(struct side *side, const struct suite *suite, BOOL aead)
{
    const DWORD hash_strength = aead ? 0 : suite->hash_bits;
    SecPkgContext_ConnectionInfo info = {0};
    SecPkgContext_ConnectionInfoEx ex = {0};

    tally("attribute CONNECTION_INFO");
    if (query(side, SECPKG_ATTR_CONNECTION_INFO, &info)) {
        ok(info.aiCipher == suite->cipher_id, "cipher %#x\n", info.aiCipher);
        ok(info.dwCipherStrength == suite->bits, "cipher strength %lu\n", info.dwCipherStrength);
        ok(info.aiHash == suite->hash_id, "hash %#x\n", info.aiHash);
        ok(info.dwHashStrength == hash_strength, "hash strength %lu\n", info.dwHashStrength);
        ok(info.aiExch == suite->exchange_id, "exchange %#x\n", info.aiExch);
        ok(info.dwExchStrength == suite->exchange_bits, "exchange strength %lu\n",
           info.dwExchStrength);
    }
    tally("attribute CONNECTION_INFO_EX");
    if (query(side, SECPKG_ATTR_CONNECTION_INFO_EX, &ex)) {
        ok(!lstrcmpW(ex.szCipher, suite->cipher), "cipher %s\n", wine_dbgstr_w(ex.szCipher));
        ok(ex.dwCipherStrength == suite->bits, "cipher strength %lu\n", ex.dwCipherStrength);
        ok(!lstrcmpW(ex.szHash, suite->hash), "hash %s\n", wine_dbgstr_w(ex.szHash));
        ok(ex.dwHashStrength == hash_strength, "hash strength %lu\n", ex.dwHashStrength);
        ok(!lstrcmpW(ex.szExchange, suite->exchange), "exchange %s\n",
           wine_dbgstr_w(ex.szExchange));
        ok(ex.dwExchStrength == suite->exchange_bits, "exchange strength %lu\n", ex.dwExchStrength);
    }
}

static void check_key_info(struct side *side, const struct suite *suite)
{
    const BOOL rsa = suite->key == TEST_KEY_RSA;
    SecPkgContext_KeyInfoW info = {0};

    tally("attribute KEY_INFO");
    if (!query(side, SECPKG_ATTR_KEY_INFO, &info))
        return;
    ok(info.KeySize == suite->bits, "%lu bits\n", info.KeySize);
    ok(info.EncryptAlgorithm == suite->cipher_id, "cipher %#lx\n", info.EncryptAlgorithm);
    ok(info.SignatureAlgorithm == (rsa ? CALG_RSA_SIGN : CALG_ECDSA), "signature %#lx\n",
       info.SignatureAlgorithm);
    ok(!lstrcmpW(info.sEncryptAlgorithmName, suite->cipher), "cipher %s\n",
       wine_dbgstr_w(info.sEncryptAlgorithmName));
    ok(!lstrcmpW(info.sSignatureAlgorithmName, rsa ? RSA : ECDSA), "signature %s\n",
       wine_dbgstr_w(info.sSignatureAlgorithmName));
    FreeContextBuffer(info.sEncryptAlgorithmName);
    FreeContextBuffer(info.sSignatureAlgorithmName);
}

/* The record that is made must fit into what the sizes say. */
static void check_stream_sizes(struct side *side, const struct suite *suite, BOOL tls13, BOOL aead)
{
    SecPkgContext_StreamSizes sizes = {0};

    tally("attribute STREAM_SIZES");
    if (!query(side, SECPKG_ATTR_STREAM_SIZES, &sizes))
        return;
    ok(sizes.cbBlockSize == suite->block, "blocks of %lu\n", sizes.cbBlockSize);
    ok(sizes.cbMaximumMessage == 16384, "maximum %lu\n", sizes.cbMaximumMessage);
    if (tls13 || suite->block == 1)
        ok(sizes.cbHeader == 5, "header %lu\n", sizes.cbHeader);
    else
        ok(sizes.cbHeader == (aead ? 13 : 21), "header %lu\n", sizes.cbHeader);
    if (aead)
        ok(sizes.cbTrailer == (tls13 ? 17 : 16), "trailer %lu\n", sizes.cbTrailer);
    else
        ok(sizes.cbTrailer >= suite->hash_bits / 8 + 1 && sizes.cbTrailer <= 80, "trailer %lu\n",
           sizes.cbTrailer);
}

static void test_suite(const struct suite *suite)
{
    const BOOL tls13 = suite->number >> 8 == 0x13;
    const BOOL aead = suite->off & NO_CBC;
    struct side_options options = {.protocols = tls13 ? SIDE_TLS1_3 : SIDE_TLS1_2};
    struct side_options server = options;
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int i;

    winetest_push_context("%s, exchange %lu", wine_dbgstr_w(suite->name), suite->exchange_bits);
    server.certificates[0] = test_cert_localhost(suite->key);
    if (!pair_create(&pair, &options, &server))
        goto done;
    status = restrict_client(&pair.client, suite, tls13);
    ok(status == SEC_E_OK || broken(FAILED(status)), "credentials: %s\n", status_name(status));
    pair.client.have_credentials = status == SEC_E_OK;
    if (status != SEC_E_OK)
        goto done;
    if (!pair_handshake(&pair)) {
        if (winetest_platform_is_wine)
            ok(FALSE, "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
        else
            skip("this Windows has not that suite\n");
        goto done;
    }
    for (i = 0; i < 2; i++) {
        struct side *side = i ? &pair.server : &pair.client;

        winetest_push_context("%s", i ? "server" : "client");
        check_cipher_info(side, suite, tls13, aead);
        check_connection_info(side, suite, aead);
        check_key_info(side, suite);
        check_stream_sizes(side, suite, tls13, aead);
        tally(NULL);
        winetest_pop_context();
    }
    pair_exchange(&pair.client, &pair.server, 16384);
    pair_exchange(&pair.server, &pair.client, 1);
done:
    pair_destroy(&pair);
    winetest_pop_context();
}

START_TEST(schannel_attributes_suites)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(suites); i++)
        if (pair_supports(suites[i].number >> 8 == 0x13 ? SIDE_TLS1_3 : SIDE_TLS1_2))
            test_suite(&suites[i]);
    tally_report();
}
