/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * QueryContextAttributes for Schannel: each attribute on both sides of TLS 1.2 and 1.3.
 */
#include "pair.h"
#include "testcert.h"
#include "wine/test.h"

static const DWORD versions[] = {SIDE_TLS1_2, SIDE_TLS1_3};

static const char *version_name(DWORD version)
{
    return version == SIDE_TLS1_3 ? "TLS 1.3" : "TLS 1.2";
}

static SECURITY_STATUS query(struct side *side, ULONG attribute, void *buffer)
{
    return QueryContextAttributesW(&side->context, attribute, buffer);
}

/* The suites that both sides may agree on. */
static const struct suite {
    DWORD number;
    const WCHAR *name;
    const WCHAR *cipher;
    ALG_ID cipher_id;
    DWORD bits;
    const WCHAR *hash;
} suites[] = {
    {0x1301, L"TLS_AES_128_GCM_SHA256", L"AES", CALG_AES_128, 128, L"SHA256"},
    {0x1302, L"TLS_AES_256_GCM_SHA384", L"AES", CALG_AES_256, 256, L"SHA384"},
    {0x1303, L"TLS_CHACHA20_POLY1305_SHA256", L"CHACHA20_POLY1305", 0, 256, L"SHA256"},
    {0xc02b, L"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", L"AES", CALG_AES_128, 128, L"SHA256"},
    {0xc02c, L"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", L"AES", CALG_AES_256, 256, L"SHA384"},
    {0xc02f, L"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", L"AES", CALG_AES_128, 128, L"SHA256"},
    {0xc030, L"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", L"AES", CALG_AES_256, 256, L"SHA384"},
};

static const struct suite *find_suite(DWORD number)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(suites); i++)
        if (suites[i].number == number)
            return &suites[i];
    return NULL;
}

static void check_stream_sizes(struct side *side)
{
    SecPkgContext_StreamSizes sizes;
    SECURITY_STATUS status;

    memset(&sizes, 0xcc, sizeof(sizes));
    status = query(side, SECPKG_ATTR_STREAM_SIZES, &sizes);
    ok(status == SEC_E_OK, "STREAM_SIZES: %s\n", status_name(status));
    ok(sizes.cbMaximumMessage == 16384, "maximum message %lu\n", sizes.cbMaximumMessage);
    ok(sizes.cBuffers == 4, "%lu buffers\n", sizes.cBuffers);
    if (side->options.protocols == SIDE_TLS1_2) {
        /* AES-GCM: an explicit nonce in front, a tag behind. */
        ok(sizes.cbHeader == 13, "header %lu\n", sizes.cbHeader);
        ok(sizes.cbTrailer == 16, "trailer %lu\n", sizes.cbTrailer);
    } else {
        ok(sizes.cbHeader >= 5, "header %lu\n", sizes.cbHeader);
        ok(sizes.cbTrailer >= 17, "trailer %lu\n", sizes.cbTrailer);
    }
}

static void check_connection_info(struct side *side)
{
    const BOOL tls13 = side->options.protocols == SIDE_TLS1_3;
    const DWORD protocols[2][2] = {{SP_PROT_TLS1_2_CLIENT, SP_PROT_TLS1_2_SERVER},
                                   {SP_PROT_TLS1_3_CLIENT, SP_PROT_TLS1_3_SERVER}};
    SecPkgContext_ConnectionInfo info;
    SecPkgContext_CipherInfo cipher;
    const struct suite *suite;
    SECURITY_STATUS status;

    memset(&info, 0xcc, sizeof(info));
    status = query(side, SECPKG_ATTR_CONNECTION_INFO, &info);
    ok(status == SEC_E_OK, "CONNECTION_INFO: %s\n", status_name(status));
    ok(info.dwProtocol == protocols[tls13][side->role], "protocol %#lx\n", info.dwProtocol);

    memset(&cipher, 0xcc, sizeof(cipher));
    cipher.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
    status = query(side, SECPKG_ATTR_CIPHER_INFO, &cipher);
    ok(status == SEC_E_OK, "CIPHER_INFO: %s\n", status_name(status));
    if (status != SEC_E_OK)
        return;
    ok(cipher.dwVersion == SECPKGCONTEXT_CIPHERINFO_V1, "version %lu\n", cipher.dwVersion);
    ok(cipher.dwProtocol == (tls13 ? 0x304 : 0x303), "protocol %#lx\n", cipher.dwProtocol);
    suite = find_suite(cipher.dwCipherSuite);
    ok(suite != NULL, "suite %#lx\n", cipher.dwCipherSuite);
    if (!suite)
        return;
    ok(cipher.dwBaseCipherSuite == suite->number, "base suite %#lx\n", cipher.dwBaseCipherSuite);
    ok(!lstrcmpW(cipher.szCipherSuite, suite->name), "suite %s\n",
       wine_dbgstr_w(cipher.szCipherSuite));
    ok(!lstrcmpW(cipher.szCipher, suite->cipher), "cipher %s\n", wine_dbgstr_w(cipher.szCipher));
    ok(cipher.dwCipherLen == suite->bits, "%lu bits\n", cipher.dwCipherLen);
    ok(!lstrcmpW(cipher.szHash, suite->hash), "hash %s\n", wine_dbgstr_w(cipher.szHash));
    ok(info.aiCipher == suite->cipher_id, "cipher %#x\n", info.aiCipher);
    ok(info.dwCipherStrength == suite->bits, "cipher strength %lu\n", info.dwCipherStrength);
    ok(info.aiExch == CALG_ECDH_EPHEM, "exchange %#x\n", info.aiExch);
    ok(info.dwExchStrength >= 253 && info.dwExchStrength <= 521, "exchange strength %lu\n",
       info.dwExchStrength);
}

static void check_same_suite(struct pair *pair)
{
    SecPkgContext_CipherInfo client = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    SecPkgContext_CipherInfo server = client;

    query(&pair->client, SECPKG_ATTR_CIPHER_INFO, &client);
    query(&pair->server, SECPKG_ATTR_CIPHER_INFO, &server);
    ok(client.dwCipherSuite && client.dwCipherSuite == server.dwCipherSuite,
       "suites %#lx and %#lx\n", client.dwCipherSuite, server.dwCipherSuite);
}

static void check_key_info(struct side *side)
{
    SecPkgContext_KeyInfoW wide = {0};
    SecPkgContext_KeyInfoA ansi = {0};
    SECURITY_STATUS status;
    char name[64];

    status = query(side, SECPKG_ATTR_KEY_INFO, &wide);
    ok(status == SEC_E_OK, "KEY_INFO: %s\n", status_name(status));
    if (status != SEC_E_OK)
        return;
    ok(wide.KeySize == 128 || wide.KeySize == 256, "key size %lu\n", wide.KeySize);
    ok(wide.EncryptAlgorithm == CALG_AES_128 || wide.EncryptAlgorithm == CALG_AES_256 ||
           !wide.EncryptAlgorithm,
       "cipher %#lx\n", wide.EncryptAlgorithm);
    ok(wide.sEncryptAlgorithmName && wide.sSignatureAlgorithmName, "names are missing\n");

    status = QueryContextAttributesA(&side->context, SECPKG_ATTR_KEY_INFO, &ansi);
    ok(status == SEC_E_OK, "KEY_INFO in ANSI: %s\n", status_name(status));
    if (status == SEC_E_OK) {
        WideCharToMultiByte(CP_ACP, 0, wide.sEncryptAlgorithmName, -1, name, sizeof(name), NULL,
                            NULL);
        ok(!strcmp(name, ansi.sEncryptAlgorithmName), "ciphers %s and %s\n", name,
           wine_dbgstr_a(ansi.sEncryptAlgorithmName));
        FreeContextBuffer(ansi.sEncryptAlgorithmName);
        FreeContextBuffer(ansi.sSignatureAlgorithmName);
    }
    FreeContextBuffer(wide.sEncryptAlgorithmName);
    FreeContextBuffer(wide.sSignatureAlgorithmName);
}

static void check_package(struct side *side)
{
    SecPkgContext_PackageInfoW package = {0};
    SecPkgContext_PackageInfoA ansi = {0};
    SECURITY_STATUS status = query(side, SECPKG_ATTR_PACKAGE_INFO, &package);

    ok(status == SEC_E_OK && package.PackageInfo, "PACKAGE_INFO: %s\n", status_name(status));
    if (status == SEC_E_OK) {
        ok(package.PackageInfo->wRPCID == 14, "rpc id %u\n", package.PackageInfo->wRPCID);
        FreeContextBuffer(package.PackageInfo);
    }
    status = QueryContextAttributesA(&side->context, SECPKG_ATTR_PACKAGE_INFO, &ansi);
    ok(status == SEC_E_OK && ansi.PackageInfo, "PACKAGE_INFO in ANSI: %s\n", status_name(status));
    if (status == SEC_E_OK) {
        ok(!strcmp(ansi.PackageInfo->Name, "Microsoft Unified Security Protocol Provider") ||
               !strcmp(ansi.PackageInfo->Name, "Schannel"),
           "name %s\n", ansi.PackageInfo->Name);
        FreeContextBuffer(ansi.PackageInfo);
    }
}

static void test_connection(DWORD version, enum test_key_type type)
{
    struct side_options client = {.protocols = version};
    struct side_options server = {.protocols = version,
                                  .certificates = {test_cert_localhost(type)}};
    struct pair pair;

    winetest_push_context("%s, %s", version_name(version), type == TEST_KEY_RSA ? "RSA" : "ECDSA");
    if (pair_connect(&pair, &client, &server)) {
        struct side *const sides[] = {&pair.client, &pair.server};
        unsigned int i;

        for (i = 0; i < ARRAY_SIZE(sides); i++) {
            winetest_push_context("%s", i ? "server" : "client");
            check_stream_sizes(sides[i]);
            check_connection_info(sides[i]);
            check_key_info(sides[i]);
            check_package(sides[i]);
            winetest_pop_context();
        }
        check_same_suite(&pair);
    }
    pair_destroy(&pair);
    winetest_pop_context();
}

/* Whether a certificate with these bytes is in the store. */
static BOOL store_has(HCERTSTORE store, const CERT_CONTEXT *certificate)
{
    const CERT_CONTEXT *found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                           CERT_FIND_EXISTING, certificate, NULL);

    if (found)
        CertFreeCertificateContext(found);
    return found != NULL;
}

/* The whole chain that the server sent, its root left out or not. */
static void check_remote_chain(DWORD version, BOOL with_root)
{
    struct test_cert root = {0}, intermediate = {0}, leaf = {0};
    struct side_options client = {.protocols = version}, server = {.protocols = version};
    const CERT_CONTEXT *seen = NULL;
    SECURITY_STATUS status;
    struct pair pair;

    winetest_push_context("%s, %s root", version_name(version), with_root ? "with" : "without");
    if (!test_cert_create(&(struct test_cert_options){.type = TEST_KEY_ECDSA,
                                                      .name = "Test Root",
                                                      .uses = TEST_CERT_CA},
                          &root) ||
        !test_cert_create(&(struct test_cert_options){.type = TEST_KEY_ECDSA,
                                                      .name = "Test Intermediate",
                                                      .uses = TEST_CERT_CA,
                                                      .issuer = &root},
                          &intermediate) ||
        !test_cert_create(&(struct test_cert_options){.type = TEST_KEY_ECDSA,
                                                      .name = "localhost",
                                                      .uses = TEST_CERT_SERVER,
                                                      .issuer = &intermediate},
                          &leaf))
        goto done;
    server.certificates[0] = leaf.context;
    server.cred_flags = with_root ? SCH_SEND_ROOT_CERT : 0;
    if (pair_connect(&pair, &client, &server)) {
        status = query(&pair.client, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &seen);
        ok(status == SEC_E_OK, "REMOTE_CERT_CONTEXT: %s\n", status_name(status));
        if (status == SEC_E_OK) {
            ok(CertCompareCertificate(X509_ASN_ENCODING, seen->pCertInfo, leaf.context->pCertInfo),
               "it is not the leaf\n");
            ok(store_has(seen->hCertStore, leaf.context), "the store lacks the leaf\n");
            ok(store_has(seen->hCertStore, intermediate.context),
               "the store lacks the intermediate\n");
            /* Windows may know no root to leave out. */
            ok(store_has(seen->hCertStore, root.context) == with_root || broken(!with_root),
               "the root is %s the store\n", with_root ? "not in" : "in");
        }
    }
    /* The certificate is the caller's and outlives the context. */
    pair_destroy(&pair);
    if (seen) {
        ok(seen->cbCertEncoded == leaf.context->cbCertEncoded, "%lu bytes\n", seen->cbCertEncoded);
        CertFreeCertificateContext(seen);
    }
done:
    test_cert_free(&leaf);
    test_cert_free(&intermediate);
    test_cert_free(&root);
    winetest_pop_context();
}

static void test_rule12_remote_chain(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        check_remote_chain(versions[i], FALSE);
        check_remote_chain(versions[i], TRUE);
    }
}

static void test_local_certificate(DWORD version)
{
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_ECDSA), *local = NULL;
    struct side_options client = {.protocols = version};
    struct side_options server = {.certificates = {certificate}};
    SECURITY_STATUS status;
    struct pair pair;

    if (pair_connect(&pair, &client, &server)) {
        status = query(&pair.server, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &local);
        ok(status == SEC_E_OK && local, "LOCAL_CERT_CONTEXT: %s\n", status_name(status));
        if (local) {
            ok(CertCompareCertificate(X509_ASN_ENCODING, local->pCertInfo, certificate->pCertInfo),
               "it is another certificate\n");
            CertFreeCertificateContext(local);
        }
        local = (void *)0x1234;
        status = query(&pair.client, SECPKG_ATTR_LOCAL_CERT_CONTEXT, &local);
        ok(FAILED(status) || !local, "the client has a certificate: %s\n", status_name(status));
        local = (void *)0x1234;
        status = query(&pair.server, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &local);
        ok(FAILED(status) || !local, "the server saw a certificate: %s\n", status_name(status));
    }
    pair_destroy(&pair);
}

/* The application data of a channel binding; freed by FreeContextBuffer(bindings->Bindings). */
static const BYTE *binding_data(const SecPkgContext_Bindings *bindings, DWORD *size)
{
    const SEC_CHANNEL_BINDINGS *header = bindings->Bindings;

    *size = header->cbApplicationDataLength;
    ok(header->dwApplicationDataOffset + *size <= bindings->BindingsLength, "%lu + %lu of %lu\n",
       header->dwApplicationDataOffset, *size, bindings->BindingsLength);
    return (const BYTE *)header + header->dwApplicationDataOffset;
}

/* RFC 5929: the hash of the server's certificate, with the hash of its signature. */
static void test_endpoint_bindings(DWORD version, enum test_key_type type)
{
    static const char prefix[] = "tls-server-end-point:";
    const CERT_CONTEXT *certificate = test_cert_localhost(type);
    struct side_options client = {.protocols = version};
    struct side_options server = {.certificates = {certificate}};
    BYTE hash[32];
    DWORD hash_size = sizeof(hash), size;
    struct pair pair;

    ok(CryptHashCertificate(0, CALG_SHA_256, 0, certificate->pbCertEncoded,
                            certificate->cbCertEncoded, hash, &hash_size),
       "no hash, error %#lx\n", GetLastError());
    if (pair_connect(&pair, &client, &server)) {
        struct side *const sides[] = {&pair.client, &pair.server};
        unsigned int i;

        for (i = 0; i < ARRAY_SIZE(sides); i++) {
            SecPkgContext_Bindings bindings = {0};
            const BYTE *data;
            SECURITY_STATUS status = query(sides[i], SECPKG_ATTR_ENDPOINT_BINDINGS, &bindings);

            ok(status == SEC_E_OK, "%s: %s\n", i ? "server" : "client", status_name(status));
            if (status != SEC_E_OK)
                continue;
            data = binding_data(&bindings, &size);
            ok(size == sizeof(prefix) - 1 + sizeof(hash) &&
                   !memcmp(data, prefix, sizeof(prefix) - 1) &&
                   !memcmp(data + sizeof(prefix) - 1, hash, sizeof(hash)),
               "%s: other bindings of %lu bytes\n", i ? "server" : "client", size);
            FreeContextBuffer(bindings.Bindings);
        }
    }
    pair_destroy(&pair);
}

static void test_unique_bindings(void)
{
    static const char prefix[] = "tls-unique:";
    struct side_options options = {.protocols = SIDE_TLS1_2};
    SecPkgContext_Bindings client = {0}, server = {0};
    DWORD client_size, server_size;
    SECURITY_STATUS status;
    struct pair pair;

    if (pair_connect(&pair, &options, NULL)) {
        status = query(&pair.client, SECPKG_ATTR_UNIQUE_BINDINGS, &client);
        ok(status == SEC_E_OK, "client: %s\n", status_name(status));
        status = query(&pair.server, SECPKG_ATTR_UNIQUE_BINDINGS, &server);
        ok(status == SEC_E_OK, "server: %s\n", status_name(status));
        if (client.Bindings && server.Bindings) {
            const BYTE *ours = binding_data(&client, &client_size);
            const BYTE *theirs = binding_data(&server, &server_size);

            ok(client_size > sizeof(prefix) - 1 && client_size == server_size &&
                   !memcmp(ours, theirs, client_size),
               "they differ\n");
            ok(!memcmp(ours, prefix, sizeof(prefix) - 1), "another prefix\n");
        }
        if (client.Bindings)
            FreeContextBuffer(client.Bindings);
        if (server.Bindings)
            FreeContextBuffer(server.Bindings);
    }
    pair_destroy(&pair);

    /* TLS 1.3 has none. */
    options.protocols = SIDE_TLS1_3;
    if (pair_supports(SIDE_TLS1_3) && pair_connect(&pair, &options, NULL)) {
        status = query(&pair.client, SECPKG_ATTR_UNIQUE_BINDINGS, &client);
        ok(FAILED(status), "TLS 1.3: %s\n", status_name(status));
    }
    pair_destroy(&pair);
}

/* RFC 5705: both sides derive the same, which depends on label and context. */
static BOOL export_material(struct side *side, const char *label, const char *context,
                            BYTE output[40])
{
    SecPkgContext_KeyingMaterialInfo info = {
        .cbLabel = (WORD)(strlen(label) + 1),
        .pszLabel = (char *)label,
        .cbContextValue = (WORD)strlen(context),
        .pbContextValue = (BYTE *)context,
        .cbKeyingMaterial = 40,
    };
    SecPkgContext_KeyingMaterial material = {0};
    SECURITY_STATUS status;

    status = SetContextAttributesW(&side->context, SECPKG_ATTR_KEYING_MATERIAL_INFO, &info,
                                   sizeof(info));
    if (status == SEC_E_UNSUPPORTED_FUNCTION) {
        win_skip("no keying material\n");
        return FALSE;
    }
    ok(status == SEC_E_OK, "KEYING_MATERIAL_INFO: %s\n", status_name(status));
    status = query(side, SECPKG_ATTR_KEYING_MATERIAL, &material);
    ok(status == SEC_E_OK, "KEYING_MATERIAL: %s\n", status_name(status));
    ok(material.cbKeyingMaterial == 40, "%lu bytes\n", material.cbKeyingMaterial);
    if (status != SEC_E_OK || material.cbKeyingMaterial != 40)
        return FALSE;
    memcpy(output, material.pbKeyingMaterial, 40);
    FreeContextBuffer(material.pbKeyingMaterial);
    return TRUE;
}

static void test_keying_material(DWORD version)
{
    struct side_options client = {.protocols = version};
    BYTE ours[40], theirs[40], other[40];
    struct pair pair;

    if (pair_connect(&pair, &client, NULL) &&
        export_material(&pair.client, "EXPORTER-test", "context", ours) &&
        export_material(&pair.server, "EXPORTER-test", "context", theirs)) {
        ok(!memcmp(ours, theirs, sizeof(ours)), "the sides differ\n");
        if (export_material(&pair.client, "EXPORTER-other", "context", other))
            ok(memcmp(ours, other, sizeof(ours)), "the label does not count\n");
        if (export_material(&pair.client, "EXPORTER-test", "contexu", other))
            ok(memcmp(ours, other, sizeof(ours)), "the context does not count\n");
    }
    pair_destroy(&pair);
}

static const ULONG connection_attributes[] = {
    SECPKG_ATTR_STREAM_SIZES,         SECPKG_ATTR_CONNECTION_INFO,
    SECPKG_ATTR_CIPHER_INFO,          SECPKG_ATTR_SESSION_INFO,
    SECPKG_ATTR_APPLICATION_PROTOCOL, SECPKG_ATTR_KEY_INFO,
    SECPKG_ATTR_UNIQUE_BINDINGS,      SECPKG_ATTR_ENDPOINT_BINDINGS,
    SECPKG_ATTR_REMOTE_CERT_CONTEXT,  SECPKG_ATTR_LOCAL_CERT_CONTEXT,
};

/* Nothing is known after the first leg. Windows knows some all the same. */
static void test_before_the_handshake(void)
{
    BYTE buffer[1024];
    struct pair pair;
    unsigned int i;

    if (!winetest_platform_is_wine)
        return;
    if (pair_create(&pair, NULL, NULL)) {
        side_leg(&pair.client);
        for (i = 0; i < ARRAY_SIZE(connection_attributes); i++) {
            const SECURITY_STATUS status = query(&pair.client, connection_attributes[i], buffer);

            ok(FAILED(status), "attribute %#lx: %s\n", connection_attributes[i],
               status_name(status));
        }
    }
    pair_destroy(&pair);
}

static void test_unknown_attributes(void)
{
    static const ULONG attributes[] = {0x7fff, 0xffffffff, 0x4f};
    BYTE buffer[1024];
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int i;

    if (pair_connect(&pair, NULL, NULL)) {
        for (i = 0; i < ARRAY_SIZE(attributes); i++) {
            status = query(&pair.client, attributes[i], buffer);
            ok(status == SEC_E_UNSUPPORTED_FUNCTION, "attribute %#lx: %s\n", attributes[i],
               status_name(status));
            status = SetContextAttributesW(&pair.client.context, attributes[i], buffer, 4);
            ok(status == SEC_E_UNSUPPORTED_FUNCTION, "setting attribute %#lx: %s\n", attributes[i],
               status_name(status));
        }
        for (i = 0; winetest_platform_is_wine && i < ARRAY_SIZE(connection_attributes); i++) {
            status = query(&pair.client, connection_attributes[i], NULL);
            ok(FAILED(status), "attribute %#lx without buffer: %s\n", connection_attributes[i],
               status_name(status));
        }
    }
    pair_destroy(&pair);
}

/* QueryContextAttributesEx knows how large the buffer is. */
static void test_sizes_of_buffers(void)
{
    SECURITY_STATUS(WINAPI * query_ex)(CtxtHandle *, ULONG, void *, ULONG);
    SecPkgContext_ConnectionInfo info[2];
    SECURITY_STATUS status;
    struct pair pair;

    query_ex = (void *)GetProcAddress(GetModuleHandleA("secur32.dll"), "QueryContextAttributesExW");
    if (!query_ex)
        query_ex =
            (void *)GetProcAddress(GetModuleHandleA("sspicli.dll"), "QueryContextAttributesExW");
    if (!query_ex) {
        win_skip("no QueryContextAttributesExW\n");
        return;
    }
    if (pair_connect(&pair, NULL, NULL)) {
        memset(info, 0xcc, sizeof(info));
        status =
            query_ex(&pair.client.context, SECPKG_ATTR_CONNECTION_INFO, info, sizeof(info[0]) - 1);
        ok(FAILED(status), "too small: %s\n", status_name(status));
        ok(info[0].dwProtocol == 0xcccccccc, "it was written\n");
        status = query_ex(&pair.client.context, SECPKG_ATTR_CONNECTION_INFO, info, sizeof(info[0]));
        ok(status == SEC_E_OK, "exact: %s\n", status_name(status));
        ok(info[0].dwProtocol != 0xcccccccc && info[1].dwProtocol == 0xcccccccc,
           "protocols %#lx, %#lx\n", info[0].dwProtocol, info[1].dwProtocol);
    }
    pair_destroy(&pair);
}

START_TEST(schannel_attributes)
{
    enum test_key_type type;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        if (!pair_supports(versions[i])) {
            win_skip("no %s\n", version_name(versions[i]));
            continue;
        }
        for (type = TEST_KEY_RSA; type <= TEST_KEY_ECDSA; type++) {
            test_connection(versions[i], type);
            winetest_push_context("%s, key type %d", version_name(versions[i]), type);
            test_endpoint_bindings(versions[i], type);
            winetest_pop_context();
        }
        winetest_push_context("%s", version_name(versions[i]));
        test_local_certificate(versions[i]);
        test_keying_material(versions[i]);
        winetest_pop_context();
    }
    test_rule12_remote_chain();
    test_unique_bindings();
    test_before_the_handshake();
    test_unknown_attributes();
    test_sizes_of_buffers();
}
