/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The settings of a credential, one by one: flags, blocks of parameters, lifespans, roots. What
 * cannot be honoured is an error when the credential is acquired. Algorithms are crypto.c's here.
 */
#include "kit/acquire.h"
#include "kit/evidence.h"
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"
#include "kit/wire.h"

#ifndef SCH_CRED_DEFERRED_CRED_VALIDATION
#define SCH_CRED_DEFERRED_CRED_VALIDATION 0x04000000
#endif
#define CLIENT_FLAGS (SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS)

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
    test_missing_arrays();
    test_lifespan();
    if (test_cert_create(&options, &authority)) {
        test_restricted_roots();
        test_stapling();
        test_cert_free(&authority);
    }
    test_deferred_validation();
    test_aux_record();
    test_unsupported_buffers();
}
