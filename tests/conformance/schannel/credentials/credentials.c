/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * AcquireCredentialsHandle for Schannel: structures, keys and their places, limits, errors.
 */
#include "kit/acquire.h"
#include "kit/other.h"
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"

static void check_acquired(SECURITY_STATUS status, CredHandle *credentials, const char *what)
{
    ok(status == SEC_E_OK, "%s: %s\n", what, status_name(status));
    if (status == SEC_E_OK) {
        status = FreeCredentialsHandle(credentials);
        ok(status == SEC_E_OK, "%s: FreeCredentialsHandle: %s\n", what, status_name(status));
    }
}

static void test_client_structures(void)
{
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION};
    TLS_PARAMETERS parameters = {0};
    SECURITY_STATUS status;
    CredHandle credentials;

    check_acquired(acquire(SECPKG_CRED_OUTBOUND, NULL, &credentials), &credentials, "no data");
    check_acquired(acquire(SECPKG_CRED_OUTBOUND, &old, &credentials), &credentials,
                   "SCHANNEL_CRED");
    status = acquire(SECPKG_CRED_OUTBOUND, &new, &credentials);
    if (status != SEC_E_OK && !winetest_platform_is_wine) {
        win_skip("no SCH_CREDENTIALS\n");
    } else {
        check_acquired(status, &credentials, "SCH_CREDENTIALS");
        new.cTlsParameters = 1;
        new.pTlsParameters = &parameters;
        check_acquired(acquire(SECPKG_CRED_OUTBOUND, &new, &credentials), &credentials,
                       "SCH_CREDENTIALS with parameters");
    }

    status =
        AcquireCredentialsHandleA(NULL, (SEC_CHAR *)"Microsoft Unified Security Protocol Provider",
                                  SECPKG_CRED_OUTBOUND, NULL, &old, NULL, NULL, &credentials, NULL);
    check_acquired(status, &credentials, "AcquireCredentialsHandleA");
}

static BOOL is_version_error(SECURITY_STATUS status)
{
    return status == SEC_E_INTERNAL_ERROR || status == SEC_E_UNKNOWN_CREDENTIALS ||
           status == SEC_E_INVALID_PARAMETER || status == SEC_E_INVALID_TOKEN;
}

static void test_structure_errors(void)
{
    static const DWORD versions[] = {0, 6, 77, 0xffffffff};
    const CERT_CONTEXT *none = NULL;
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION};
    CredHandle credentials = {0x1111, 0x2222};
    SECURITY_STATUS status;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        old.dwVersion = versions[i];
        status = acquire(SECPKG_CRED_OUTBOUND, &old, &credentials);
        ok(is_version_error(status), "version %#lx: %s\n", versions[i], status_name(status));
    }
    old.dwVersion = SCHANNEL_CRED_VERSION;
    old.cCreds = 1;
    status = acquire(SECPKG_CRED_OUTBOUND, &old, &credentials);
    ok(FAILED(status), "a certificate without the array: %s\n", status_name(status));
    old.paCred = &none;
    status = acquire(SECPKG_CRED_OUTBOUND, &old, &credentials);
    ok(FAILED(status), "a certificate that is NULL: %s\n", status_name(status));

    new.cTlsParameters = 1;
    status = acquire(SECPKG_CRED_OUTBOUND, &new, &credentials);
    ok(FAILED(status), "parameters without the array: %s\n", status_name(status));

    status = acquire(0, NULL, &credentials);
    ok(status == SEC_E_NO_CREDENTIALS || status == SEC_E_UNKNOWN_CREDENTIALS, "no use: %s\n",
       status_name(status));
}

/* All protocols switched off. */
static void test_no_protocols(void)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = 0xffffffff};
    SCH_CREDENTIALS new = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &parameters};
    SECURITY_STATUS status;
    CredHandle credentials;

    status = acquire(SECPKG_CRED_OUTBOUND, &new, &credentials);
    ok(FAILED(status), "%s\n", status_name(status));
}

/* An inbound credential can be had without certificate, but no context. */
static void test_server_without_certificate(void)
{
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION};
    SCHANNEL_CRED named = {.dwVersion = SCHANNEL_CRED_VERSION,
                           .grbitEnabledProtocols = SP_PROT_TLS1_X_SERVER};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION};
    void *const data[] = {&old, &named, &new};
    SecPkgCred_SupportedProtocols protocols;
    SecPkgCred_ClientCertPolicy policy = {0};
    CredHandle credentials;
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int i;

    status = acquire(SECPKG_CRED_INBOUND, NULL, &credentials);
    ok(status == SEC_E_NO_CREDENTIALS, "no data: %s\n", status_name(status));
    for (i = 0; i < ARRAY_SIZE(data); i++) {
        winetest_push_context("structure %u", i);
        status = acquire(SECPKG_CRED_INBOUND, data[i], &credentials);
        ok(status == SEC_E_OK, "%s\n", status_name(status));
        if (status == SEC_E_OK && pair_create(&pair, NULL, NULL)) {
            status = QueryCredentialsAttributesW(&credentials, SECPKG_ATTR_SUPPORTED_PROTOCOLS,
                                                 &protocols);
            ok(status == SEC_E_OK, "SUPPORTED_PROTOCOLS: %s\n", status_name(status));
            status = SetCredentialsAttributesW(&credentials, SECPKG_ATTR_CLIENT_CERT_POLICY,
                                               &policy, sizeof(policy));
            ok(FAILED(status), "CLIENT_CERT_POLICY: %s\n", status_name(status));
            side_leg(&pair.client);
            FreeCredentialsHandle(&pair.server.credentials);
            pair.server.credentials = credentials;
            status = side_leg(&pair.server);
            ok(status == SEC_E_NO_CREDENTIALS, "the first call: %s\n", status_name(status));
            pair_destroy(&pair);
        }
        winetest_pop_context();
    }
}

/* What is looked at before the handle. */
static void test_no_handle(void)
{
    SCHANNEL_CRED bad = {.dwVersion = 0};
    SECURITY_STATUS status;

    status = AcquireCredentialsHandleW(NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL);
    ok(status == SEC_E_SECPKG_NOT_FOUND, "no package: %s\n", status_name(status));
    status = acquire(0, NULL, NULL);
    ok(status == SEC_E_NO_CREDENTIALS, "no use: %s\n", status_name(status));
    status = acquire(SECPKG_CRED_BOTH, NULL, NULL);
    ok(status == SEC_E_NO_CREDENTIALS, "both uses: %s\n", status_name(status));
    status = acquire(SECPKG_CRED_INBOUND, NULL, NULL);
    ok(status == SEC_E_NO_CREDENTIALS, "a server: %s\n", status_name(status));
    status = acquire(SECPKG_CRED_OUTBOUND, &bad, NULL);
    ok(status == SEC_E_UNKNOWN_CREDENTIALS, "version 0: %s\n", status_name(status));
    bad.dwVersion = 2;
    status = acquire(SECPKG_CRED_OUTBOUND, &bad, NULL);
    ok(status == SEC_E_UNKNOWN_CREDENTIALS, "version 2: %s\n", status_name(status));
    if (winetest_platform_is_wine) {
        status = acquire(SECPKG_CRED_OUTBOUND, NULL, NULL);
        ok(status == SEC_E_INVALID_HANDLE, "no handle: %s\n", status_name(status));
    }
}

/* The bits of SCHANNEL_CRED: of the wrong side, and of streams and datagrams together. */
static void test_version_bits(void)
{
    static const struct {
        ULONG use;
        DWORD enabled;
        SECURITY_STATUS status;
    } cases[] = {
        {SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_X_SERVER, SEC_E_ALGORITHM_MISMATCH},
        {SECPKG_CRED_INBOUND, SP_PROT_TLS1_X_CLIENT, SEC_E_ALGORITHM_MISMATCH},
        {SECPKG_CRED_OUTBOUND, SP_PROT_TLS1_X_CLIENT, SEC_E_OK},
        {SECPKG_CRED_OUTBOUND, SP_PROT_DTLS1_X_CLIENT, SEC_E_OK},
        {SECPKG_CRED_OUTBOUND, SP_PROT_DTLS1_2_CLIENT | SP_PROT_TLS1_2_CLIENT,
         SEC_E_ALGORITHM_MISMATCH},
        {SECPKG_CRED_OUTBOUND, SP_PROT_DTLS1_X_CLIENT | SP_PROT_TLS1_CLIENT,
         SEC_E_ALGORITHM_MISMATCH},
        {SECPKG_CRED_OUTBOUND, SP_PROT_DTLS1_X_CLIENT | SP_PROT_TLS1_SERVER,
         SEC_E_ALGORITHM_MISMATCH},
        {SECPKG_CRED_OUTBOUND, SP_PROT_DTLS1_X_CLIENT | SP_PROT_SSL3_SERVER,
         SEC_E_ALGORITHM_MISMATCH},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                              .grbitEnabledProtocols = cases[i].enabled};
        CredHandle credentials;
        SECURITY_STATUS status = acquire(cases[i].use, &data, &credentials);

        ok(status == cases[i].status, "use %lu, %#lx: %s\n", cases[i].use, cases[i].enabled,
           status_name(status));
        if (status == SEC_E_OK)
            FreeCredentialsHandle(&credentials);
    }
}

/* Without certificates nobody looks at what form they have. */
static void test_format_of_nothing(void)
{
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION, .dwCredFormat = 0x12345678};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION, .dwCredFormat = 0x12345678};
    CredHandle credentials;

    check_acquired(acquire(SECPKG_CRED_OUTBOUND, &old, &credentials), &credentials,
                   "SCHANNEL_CRED");
    check_acquired(acquire(SECPKG_CRED_OUTBOUND, &new, &credentials), &credentials,
                   "SCH_CREDENTIALS");
}

/* A certificate that says of its key neither kind nor value, in DER of its own making. */
static void test_no_certificate(void)
{
    static const BYTE der[] = {
        0x30, 0x50, 0x02, 0x01, 0x01, 0x30, 0x02, 0x06, 0x00, 0x30, 0x0c, 0x31, 0x0a, 0x30,
        0x08, 0x06, 0x03, 0x55, 0x04, 0x03, 0x13, 0x01, 'x',  0x30, 0x22, 0x18, 0x0f, '2',
        '0',  '2',  '0',  '0',  '1',  '0',  '1',  '0',  '0',  '0',  '0',  '0',  '0',  'Z',
        0x18, 0x0f, '2',  '0',  '3',  '0',  '0',  '1',  '0',  '1',  '0',  '0',  '0',  '0',
        '0',  '0',  'Z',  0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03,
        0x13, 0x01, 'x',  0x30, 0x07, 0x30, 0x02, 0x06, 0x00, 0x03, 0x01, 0x00};
    const CERT_CONTEXT *certificate =
        CertCreateCertificateContext(X509_ASN_ENCODING, der, sizeof(der));
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = &certificate};
    CredHandle credentials;
    SECURITY_STATUS status;

    ok(certificate != NULL, "no certificate: error %#lx\n", GetLastError());
    if (!certificate)
        return;
    status = acquire(SECPKG_CRED_OUTBOUND, &data, &credentials);
    ok(status == SEC_E_UNKNOWN_CREDENTIALS, "%s\n", status_name(status));
    status = acquire(SECPKG_CRED_OUTBOUND, &data, NULL);
    ok(status == SEC_E_UNKNOWN_CREDENTIALS, "without a handle: %s\n", status_name(status));
    CertFreeCertificateContext(certificate);
}

static BOOL is_key_error(SECURITY_STATUS status)
{
    return status == SEC_E_NO_CREDENTIALS || status == SEC_E_UNKNOWN_CREDENTIALS;
}

static SECURITY_STATUS acquire_server(const CERT_CONTEXT *certificate, CredHandle *credentials)
{
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = 1, .paCred = &certificate};

    return acquire(SECPKG_CRED_INBOUND, &data, credentials);
}

static void test_key_errors(void)
{
    struct test_cert_options options = {.type = TEST_KEY_ECDSA,
                                        .place = TEST_KEY_NOWHERE,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER};
    BYTE garbage[] = {0x30, 3, 2, 1, 0};
    CRYPT_DATA_BLOB blob = {sizeof(garbage), garbage};
    struct test_cert cert, other;
    CredHandle credentials;
    SECURITY_STATUS status;

    if (!test_cert_create(&options, &cert))
        return;
    status = acquire_server(cert.context, &credentials);
    ok(status == SEC_E_NO_CREDENTIALS, "no key: %s\n", status_name(status));
    if (winetest_platform_is_wine) {
        CertSetCertificateContextProperty(cert.context, ASYNCSSPI_CERT_PKCS8_PROP_ID, 0, &blob);
        status = acquire_server(cert.context, &credentials);
        ok(is_key_error(status), "a key that does not parse: %s\n", status_name(status));

        if (test_cert_create(&options, &other)) {
            test_key_attach_property(other.key, cert.context);
            status = acquire_server(cert.context, &credentials);
            ok(is_key_error(status), "another certificate's key: %s\n", status_name(status));
            test_cert_free(&other);
        }
        test_key_attach_property(cert.key, cert.context);
        check_acquired(acquire_server(cert.context, &credentials), &credentials, "its own key");
    }
    test_cert_free(&cert);
}

/* A key container that is not there. */
static void test_lost_container(void)
{
    struct test_cert_options options = {.type = TEST_KEY_RSA,
                                        .place = TEST_KEY_NOWHERE,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER};
    WCHAR container[] = L"asyncsspi-no-such-container";
    CRYPT_KEY_PROV_INFO info = {
        .pwszContainerName = container, .dwProvType = PROV_RSA_AES, .dwKeySpec = AT_KEYEXCHANGE};
    struct test_cert cert;
    CredHandle credentials;
    SECURITY_STATUS status;

    if (!test_cert_create(&options, &cert))
        return;
    CertSetCertificateContextProperty(cert.context, CERT_KEY_PROV_INFO_PROP_ID, 0, &info);
    status = acquire_server(cert.context, &credentials);
    ok(status == SEC_E_UNKNOWN_CREDENTIALS || broken(status == SEC_E_INSUFFICIENT_MEMORY), "%s\n",
       status_name(status));
    test_cert_free(&cert);
}

static void check_serves(const CERT_CONTEXT *certificate)
{
    struct side_options client = {0}, server = {.certificates = {certificate}};
    struct pair pair;

    if (pair_connect(&pair, &client, &server))
        pair_exchange(&pair.server, &pair.client, 100);
    pair_destroy(&pair);
}

static void test_key_places(void)
{
    static const struct {
        enum test_key_type type;
        enum test_key_place place;
        const char *name;
    } cases[] = {
        {TEST_KEY_RSA, TEST_KEY_IN_PROVIDER, "RSA in its provider"},
        {TEST_KEY_RSA, TEST_KEY_IN_PROPERTY, "RSA in the property"},
        {TEST_KEY_ECDSA, TEST_KEY_IN_PROPERTY, "ECDSA in the property"},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct test_cert_options options = {.type = cases[i].type,
                                            .place = cases[i].place,
                                            .name = "localhost",
                                            .uses = TEST_CERT_SERVER};
        struct test_cert cert;

        winetest_push_context("%s", cases[i].name);
        if (test_cert_create(&options, &cert)) {
            check_serves(cert.context);
            test_cert_free(&cert);
        }
        winetest_pop_context();
    }
}

/* The property's number is that of a file name's: such a one is passed over. */
static void test_file_name_property(void)
{
    struct test_cert_options options = {.type = TEST_KEY_RSA,
                                        .place = TEST_KEY_IN_PROVIDER,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER};
    WCHAR name[] = L"key.pvk";
    CRYPT_DATA_BLOB blob = {sizeof(name), (BYTE *)name};
    struct test_cert cert;

    if (!test_cert_create(&options, &cert))
        return;
    ok(CertSetCertificateContextProperty(cert.context, CERT_PVK_FILE_PROP_ID, 0, &blob),
       "no property, error %#lx\n", GetLastError());
    check_serves(cert.context);
    test_cert_free(&cert);
}

/* CERT_KEY_CONTEXT: an open CAPI handle. */
static void test_key_context(void)
{
    struct test_cert_options options = {.type = TEST_KEY_RSA,
                                        .place = TEST_KEY_NOWHERE,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER};
    CERT_KEY_CONTEXT context = {.cbSize = sizeof(context), .dwKeySpec = AT_KEYEXCHANGE};
    struct test_cert cert;

    if (!test_cert_create(&options, &cert))
        return;
    context.hCryptProv = cert.key->provider;
    ok(CertSetCertificateContextProperty(cert.context, CERT_KEY_CONTEXT_PROP_ID,
                                         CERT_STORE_NO_CRYPT_RELEASE_FLAG, &context),
       "no property, error %#lx\n", GetLastError());
    check_serves(cert.context);
    test_cert_free(&cert);
}

/* What the program gave may go away behind the call. */
static void test_credentials_keep_what_they_need(void)
{
    struct test_cert_options options = {
        .type = TEST_KEY_ECDSA, .name = "localhost", .uses = TEST_CERT_SERVER};
    struct side_options server = {0};
    struct test_cert cert;
    struct pair pair;

    if (!test_cert_create(&options, &cert))
        return;
    server.certificates[0] = cert.context;
    if (pair_create(&pair, NULL, &server)) {
        test_cert_free(&cert);
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
    } else {
        test_cert_free(&cert);
    }
    pair_destroy(&pair);
}

/* The expiry is the certificate's, in local time. */
static void test_expiry(void)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION, .cCreds = 1, .paCred = &certificate};
    CredHandle credentials;
    SECURITY_STATUS status;
    TimeStamp expiry = {0};
    FILETIME local;

    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_INBOUND, NULL,
                                       &data, NULL, NULL, &credentials, &expiry);
    check_acquired(status, &credentials, "with a certificate");
    FileTimeToLocalFileTime(&certificate->pCertInfo->NotAfter, &local);
    ok((expiry.LowPart == local.dwLowDateTime && (DWORD)expiry.HighPart == local.dwHighDateTime) ||
           broken((!expiry.LowPart && !expiry.HighPart) ||
                  (DWORD)expiry.HighPart >= local.dwHighDateTime),
       "%lx%08lx, expected %lx%08lx\n", expiry.HighPart, expiry.LowPart, local.dwHighDateTime,
       local.dwLowDateTime);
}

static void check_protocols(ULONG use, void *data, DWORD has, DWORD has_not)
{
    SecPkgCred_SupportedProtocols protocols = {0};
    SECURITY_STATUS status;
    CredHandle credentials;

    status = acquire(use, data, &credentials);
    ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
    if (status != SEC_E_OK)
        return;
    status = QueryCredentialsAttributesW(&credentials, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols);
    ok(status == SEC_E_OK, "SUPPORTED_PROTOCOLS: %s\n", status_name(status));
    ok((protocols.grbitProtocol & has) == has, "protocols %#lx lack some of %#lx\n",
       protocols.grbitProtocol, has);
    ok(!(protocols.grbitProtocol & has_not), "protocols %#lx have some of %#lx\n",
       protocols.grbitProtocol, has_not);
    FreeCredentialsHandle(&credentials);
}

static void test_supported_protocols(void)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION};
    TLS_PARAMETERS parameters = {0};
    SCH_CREDENTIALS new = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cTlsParameters = 1, .pTlsParameters = &parameters};

    check_protocols(SECPKG_CRED_OUTBOUND, NULL, SP_PROT_TLS1_2_CLIENT, SP_PROT_TLS1_2_SERVER);
    check_protocols(SECPKG_CRED_OUTBOUND, &old, SP_PROT_TLS1_2_CLIENT,
                    SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_CLIENT | SP_PROT_SSL2 | SP_PROT_SSL3);
    old.grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT;
    check_protocols(SECPKG_CRED_OUTBOUND, &old, SP_PROT_TLS1_2_CLIENT,
                    ~(DWORD)SP_PROT_TLS1_2_CLIENT);
    old.grbitEnabledProtocols = 0;
    old.cCreds = 1;
    old.paCred = &certificate;
    check_protocols(SECPKG_CRED_INBOUND, &old, SP_PROT_TLS1_2_SERVER, SP_PROT_TLS1_2_CLIENT);

    check_protocols(SECPKG_CRED_OUTBOUND, &new, SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT,
                    SP_PROT_TLS1_2_SERVER | SP_PROT_TLS1_3_SERVER | SP_PROT_SSL3);
    parameters.grbitDisabledProtocols = SP_PROT_TLS1_3_CLIENT;
    check_protocols(SECPKG_CRED_OUTBOUND, &new, SP_PROT_TLS1_2_CLIENT, SP_PROT_TLS1_3_CLIENT);
    parameters.grbitDisabledProtocols = ~(DWORD)SP_PROT_TLS1_3_CLIENT;
    check_protocols(SECPKG_CRED_OUTBOUND, &new, SP_PROT_TLS1_3_CLIENT,
                    ~(DWORD)SP_PROT_TLS1_3_CLIENT);
}

static void test_credential_attributes(void)
{
    SecPkgCred_CipherStrengths strengths = {0};
    SecPkgCred_SupportedAlgs algorithms = {0};
    SECURITY_STATUS status;
    CredHandle credentials;
    BYTE buffer[256];

    status = acquire(SECPKG_CRED_OUTBOUND, NULL, &credentials);
    ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
    if (status != SEC_E_OK)
        return;
    status = QueryCredentialsAttributesW(&credentials, SECPKG_ATTR_CIPHER_STRENGTHS, &strengths);
    ok(status == SEC_E_OK, "CIPHER_STRENGTHS: %s\n", status_name(status));
    ok(strengths.dwMinimumCipherStrength <= 256 && strengths.dwMaximumCipherStrength >= 256,
       "strengths %lu to %lu\n", strengths.dwMinimumCipherStrength,
       strengths.dwMaximumCipherStrength);
    status = QueryCredentialsAttributesW(&credentials, SECPKG_ATTR_SUPPORTED_ALGS, &algorithms);
    ok(status == SEC_E_OK, "SUPPORTED_ALGS: %s\n", status_name(status));
    if (status == SEC_E_OK) {
        BOOL aes = FALSE;
        DWORD i;

        for (i = 0; i < algorithms.cSupportedAlgs; i++)
            aes |= algorithms.palgSupportedAlgs[i] == CALG_AES_256;
        ok(aes, "AES-256 is not among %lu algorithms\n", algorithms.cSupportedAlgs);
        FreeContextBuffer(algorithms.palgSupportedAlgs);
    }
    status = QueryCredentialsAttributesW(&credentials, SECPKG_ATTR_SUPPORTED_PROTOCOLS, NULL);
    ok(status == SEC_E_INTERNAL_ERROR, "SUPPORTED_PROTOCOLS into NULL: %s\n", status_name(status));
    status = QueryCredentialsAttributesW(&credentials, SECPKG_ATTR_SUPPORTED_ALGS, NULL);
    ok(status == SEC_E_INTERNAL_ERROR, "SUPPORTED_ALGS into NULL: %s\n", status_name(status));
    status = QueryCredentialsAttributesW(&credentials, 0x7fff, buffer);
    ok(status == SEC_E_UNSUPPORTED_FUNCTION, "unknown attribute: %s\n", status_name(status));
    FreeCredentialsHandle(&credentials);
}

/* NAMES and CERT are the first certificate's; sizes are checked by the Ex forms. */
static void test_names_and_certificate(void)
{
    static const struct {
        ULONG attribute, size;
    } sizes[] = {
        {SECPKG_CRED_ATTR_NAMES, sizeof(SecPkgCredentials_NamesW)},
        {SECPKG_CRED_ATTR_CERT, sizeof(SecPkgCredentials_Cert)},
        {SECPKG_ATTR_SUPPORTED_ALGS, sizeof(SecPkgCred_SupportedAlgs)},
        {SECPKG_ATTR_CIPHER_STRENGTHS, sizeof(SecPkgCred_CipherStrengths)},
        {SECPKG_ATTR_SUPPORTED_PROTOCOLS, sizeof(SecPkgCred_SupportedProtocols)},
    };
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    SecPkgCredentials_NamesW names = {0};
    SecPkgCredentials_NamesA ansi_names = {0};
    SecPkgCredentials_Cert cert = {0};
    SECURITY_STATUS status;
    CredHandle credentials;
    void *buffer[8];
    unsigned int i;

    if (!winetest_platform_is_wine || acquire_server(certificate, &credentials))
        return;
    status = QueryCredentialsAttributesW(&credentials, SECPKG_CRED_ATTR_NAMES, &names);
    ok(status == SEC_E_OK && !lstrcmpW(names.sUserName, L"CN=localhost"), "%s, %s\n",
       status_name(status), wine_dbgstr_w(names.sUserName));
    status = QueryCredentialsAttributesA(&credentials, SECPKG_CRED_ATTR_NAMES, &ansi_names);
    ok(status == SEC_E_OK && !strcmp(ansi_names.sUserName, "CN=localhost"), "%s, %s\n",
       status_name(status), ansi_names.sUserName);
    status = QueryCredentialsAttributesW(&credentials, SECPKG_CRED_ATTR_CERT, &cert);
    ok(status == SEC_E_OK && cert.EncodedCertSize == certificate->cbCertEncoded &&
           !memcmp(cert.EncodedCert, certificate->pbCertEncoded, cert.EncodedCertSize),
       "%s, %lu bytes\n", status_name(status), cert.EncodedCertSize);
    FreeContextBuffer(names.sUserName);
    FreeContextBuffer(ansi_names.sUserName);
    FreeContextBuffer(cert.EncodedCert);
    for (i = 0; i < ARRAY_SIZE(sizes); i++) {
        status = call_sized("QueryCredentialsAttributesExW", &credentials, sizes[i].attribute,
                            buffer, sizes[i].size - 1);
        ok(status == SEC_E_BUFFER_TOO_SMALL, "%#lx: %s\n", sizes[i].attribute, status_name(status));
        status = call_sized("QueryCredentialsAttributesExA", &credentials, sizes[i].attribute,
                            buffer, sizes[i].size - 1);
        ok(status == SEC_E_BUFFER_TOO_SMALL, "%#lx, ANSI: %s\n", sizes[i].attribute,
           status_name(status));
    }
    FreeCredentialsHandle(&credentials);

    status = acquire(SECPKG_CRED_OUTBOUND, NULL, &credentials);
    if (status == SEC_E_OK) {
        status = QueryCredentialsAttributesW(&credentials, SECPKG_CRED_ATTR_NAMES, &names);
        ok(status == SEC_E_NO_CREDENTIALS, "names of nobody: %s\n", status_name(status));
        status = QueryCredentialsAttributesW(&credentials, SECPKG_CRED_ATTR_CERT, &cert);
        ok(status == SEC_E_NO_CREDENTIALS, "no certificate: %s\n", status_name(status));
        FreeCredentialsHandle(&credentials);
    }
}

/* What a client with this credential negotiates; all zero without a server certificate. */
static SecPkgContext_ConnectionInfo negotiated_by(SCHANNEL_CRED *data)
{
    SecPkgContext_ConnectionInfo info = {0};
    SECURITY_STATUS status;
    struct pair pair;

    if (pair_create(&pair, NULL, NULL)) {
        FreeCredentialsHandle(&pair.client.credentials);
        status = acquire(SECPKG_CRED_OUTBOUND, data, &pair.client.credentials);
        ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
        pair.client.have_credentials = status == SEC_E_OK;
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CONNECTION_INFO, &info);
    }
    pair_destroy(&pair);
    return info;
}

/* The cipher that both sides take when the client has bounds for its strength. */
static DWORD negotiated_strength(DWORD minimum, DWORD maximum)
{
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT,
                          .dwMinimumCipherStrength = minimum,
                          .dwMaximumCipherStrength = maximum,
                          .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS};

    return negotiated_by(&data).dwCipherStrength;
}

static void test_cipher_strength(void)
{
    ok(negotiated_strength(128, 128) == 128, "not 128 bits\n");
    ok(negotiated_strength(256, 256) == 256, "not 256 bits\n");
    ok(negotiated_strength(0, 0) >= 128, "less than 128 bits\n");
}

/* SCHANNEL_CRED's list of algorithms is all that there is. */
static void test_algorithm_list(void)
{
    ALG_ID algorithms[] = {CALG_ECDH_EPHEM, CALG_RSA_SIGN, CALG_RSA_KEYX, CALG_AES_128,
                           CALG_SHA_256,    CALG_SHA_384,  CALG_SHA1,     CALG_ECDSA};
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .cSupportedAlgs = ARRAY_SIZE(algorithms),
                          .palgSupportedAlgs = algorithms,
                          .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_NO_DEFAULT_CREDS};
    SecPkgContext_ConnectionInfo info = negotiated_by(&data);

    ok(info.aiCipher == CALG_AES_128, "cipher %#x\n", info.aiCipher);
}

/* Credentials of one side used for the other. */
static void test_wrong_side(void)
{
    SecBuffer buffer = {0, SECBUFFER_TOKEN, NULL};
    SecBufferDesc output = {SECBUFFER_VERSION, 1, &buffer};
    SECURITY_STATUS status;
    CtxtHandle context;
    ULONG attributes;
    struct pair pair;
    struct leg leg;

    if (pair_create(&pair, NULL, NULL)) {
        status = InitializeSecurityContextW(&pair.server.credentials, NULL,
                                            (SEC_WCHAR *)L"localhost", SIDE_CLIENT_FLAGS, 0, 0,
                                            NULL, 0, &context, &output, &attributes, NULL);
        ok(FAILED(status), "a client with a server's credentials: %s\n", status_name(status));
        ok(!buffer.pvBuffer, "there is output\n");

        side_leg(&pair.client);
        leg_begin(&pair.server, &leg);
        status =
            AcceptSecurityContext(&pair.client.credentials, NULL, &leg.input, SIDE_SERVER_FLAGS, 0,
                                  &leg.new_context, &leg.output, &leg.attributes, NULL);
        ok(FAILED(status), "a server with a client's credentials: %s\n", status_name(status));
        leg_end(&pair.server, &leg, status);
    }
    pair_destroy(&pair);
}

START_TEST(schannel_credentials_credentials)
{
    RUN(test_client_structures);
    RUN(test_structure_errors);
    RUN(test_no_protocols);
    RUN(test_server_without_certificate);
    RUN(test_no_handle);
    RUN(test_version_bits);
    RUN(test_format_of_nothing);
    RUN(test_no_certificate);
    RUN(test_key_errors);
    RUN(test_lost_container);
    RUN(test_key_places);
    RUN(test_file_name_property);
    RUN(test_key_context);
    RUN(test_credentials_keep_what_they_need);
    RUN(test_expiry);
    RUN(test_supported_protocols);
    RUN(test_credential_attributes);
    RUN(test_names_and_certificate);
    RUN(test_cipher_strength);
    RUN(test_algorithm_list);
    RUN(test_wrong_side);
}
