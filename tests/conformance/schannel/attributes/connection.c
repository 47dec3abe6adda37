/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes that describe the connection, each on both sides of every kind of connection.
 */
#include "kit/attributes.h"
#include "wine/test.h"

static void check_stream_sizes(struct scene *scene)
{
    SecPkgContext_StreamSizes sizes;
    unsigned int i;

    for (i = 0; i < 2; i++) {
        memset(&sizes, 0xcc, sizeof(sizes));
        if (!query(scene->sides[i], SECPKG_ATTR_STREAM_SIZES, &sizes))
            continue;
        ok(sizes.cbMaximumMessage == 16384, "maximum message %lu\n", sizes.cbMaximumMessage);
        ok(sizes.cBuffers == 4, "%lu buffers\n", sizes.cBuffers);
        ok(sizes.cbBlockSize == 16, "block size %lu\n", sizes.cbBlockSize);
        /* AES-GCM: an explicit nonce in front and a tag behind; TLS 1.3 has the type behind. */
        ok(sizes.cbHeader == (scene->tls13 ? 5 : 13), "header %lu\n", sizes.cbHeader);
        ok(sizes.cbTrailer == (scene->tls13 ? 17 : 16), "trailer %lu\n", sizes.cbTrailer);
    }
}

static void check_sizes(struct scene *scene)
{
    SecPkgContext_StreamSizes stream = {0};
    SecPkgContext_Sizes sizes;
    unsigned int i;

    for (i = 0; i < 2; i++) {
        memset(&sizes, 0xcc, sizeof(sizes));
        if (!query(scene->sides[i], SECPKG_ATTR_SIZES, &sizes))
            continue;
        query(scene->sides[i], SECPKG_ATTR_STREAM_SIZES, &stream);
        ok(sizes.cbMaxToken == 24576, "token %lu\n", sizes.cbMaxToken);
        ok(sizes.cbSecurityTrailer == stream.cbHeader + stream.cbTrailer, "trailer %lu\n",
           sizes.cbSecurityTrailer);
        ok(sizes.cbBlockSize == stream.cbBlockSize, "block size %lu\n", sizes.cbBlockSize);
        ok(sizes.cbMaxSignature <= stream.cbTrailer, "signature %lu\n", sizes.cbMaxSignature);
    }
}

static void check_key_info(struct scene *scene)
{
    unsigned int i;
    char name[64];

    for (i = 0; i < 2; i++) {
        SecPkgContext_KeyInfoW wide = {0};
        SecPkgContext_KeyInfoA ansi = {0};
        SECURITY_STATUS status;

        if (!query(scene->sides[i], SECPKG_ATTR_KEY_INFO, &wide))
            continue;
        ok(wide.KeySize == 256, "key size %lu\n", wide.KeySize);
        ok(wide.EncryptAlgorithm == CALG_AES_256, "cipher %#lx\n", wide.EncryptAlgorithm);
        ok(!lstrcmpW(wide.sEncryptAlgorithmName, L"AES"), "cipher %s\n",
           wine_dbgstr_w(wide.sEncryptAlgorithmName));
        status = QueryContextAttributesA(&scene->sides[i]->context, SECPKG_ATTR_KEY_INFO, &ansi);
        ok(status == SEC_E_OK, "in ANSI: %s\n", status_name(status));
        if (status == SEC_E_OK) {
            ok(!strcmp("AES", ansi.sEncryptAlgorithmName), "cipher %s\n",
               wine_dbgstr_a(ansi.sEncryptAlgorithmName));
            WideCharToMultiByte(CP_ACP, 0, wide.sSignatureAlgorithmName, -1, name, sizeof(name),
                                NULL, NULL);
            ok(!strcmp(name, ansi.sSignatureAlgorithmName), "hashes %s and %s\n", name,
               wine_dbgstr_a(ansi.sSignatureAlgorithmName));
            FreeContextBuffer(ansi.sEncryptAlgorithmName);
            FreeContextBuffer(ansi.sSignatureAlgorithmName);
        }
        FreeContextBuffer(wide.sEncryptAlgorithmName);
        FreeContextBuffer(wide.sSignatureAlgorithmName);
    }
}

static void check_package_info(struct scene *scene)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        SecPkgContext_PackageInfoW wide = {0};
        SecPkgContext_PackageInfoA ansi = {0};
        SECURITY_STATUS status;

        if (query(scene->sides[i], SECPKG_ATTR_PACKAGE_INFO, &wide)) {
            ok(wide.PackageInfo->wRPCID == UNISP_RPC_ID, "rpc id %u\n", wide.PackageInfo->wRPCID);
            ok(!lstrcmpW(wide.PackageInfo->Name, UNISP_NAME_W), "name %s\n",
               wine_dbgstr_w(wide.PackageInfo->Name));
            FreeContextBuffer(wide.PackageInfo);
        }
        status =
            QueryContextAttributesA(&scene->sides[i]->context, SECPKG_ATTR_PACKAGE_INFO, &ansi);
        ok(status == SEC_E_OK, "in ANSI: %s\n", status_name(status));
        if (status == SEC_E_OK) {
            ok(!strcmp(ansi.PackageInfo->Name, UNISP_NAME_A), "name %s\n", ansi.PackageInfo->Name);
            FreeContextBuffer(ansi.PackageInfo);
        }
    }
}

/* The attributes of the last leg. */
static void check_flags(struct scene *scene)
{
    SecPkgContext_Flags flags;
    unsigned int i;

    for (i = 0; i < 2; i++) {
        memset(&flags, 0xcc, sizeof(flags));
        if (query(scene->sides[i], SECPKG_ATTR_FLAGS, &flags))
            ok(flags.Flags == scene->sides[i]->attributes && flags.Flags, "flags %#lx, not %#lx\n",
               flags.Flags, scene->sides[i]->attributes);
    }
}

static void check_target(struct scene *scene)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        SecPkgContext_Target target = {0};

        if (!query(scene->sides[i], SECPKG_ATTR_TARGET, &target))
            continue;
        ok(target.TargetLength == 9 && !memcmp(target.Target, "localhost", 9), "target %s\n",
           wine_dbgstr_an(target.Target, (int)target.TargetLength));
        FreeContextBuffer(target.Target);
    }
}

static void check_specified_target(struct scene *scene)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        SecPkgContext_ClientSpecifiedTarget target = {0};

        if (!query(scene->sides[i], SECPKG_ATTR_CLIENT_SPECIFIED_TARGET, &target))
            continue;
        ok(!lstrcmpW(target.sTargetName, L"localhost"), "target %s\n",
           wine_dbgstr_w(target.sTargetName));
        FreeContextBuffer(target.sTargetName);
    }
}

static void check_application_protocol(struct scene *scene)
{
    SecPkgContext_ApplicationProtocol protocol;
    unsigned int i;

    for (i = 0; i < 2; i++) {
        memset(&protocol, 0xcc, sizeof(protocol));
        if (!query(scene->sides[i], SECPKG_ATTR_APPLICATION_PROTOCOL, &protocol))
            continue;
        ok(protocol.ProtoNegoStatus == SecApplicationProtocolNegotiationStatus_Success,
           "status %d\n", protocol.ProtoNegoStatus);
        ok(protocol.ProtoNegoExt == SecApplicationProtocolNegotiationExt_ALPN, "extension %d\n",
           protocol.ProtoNegoExt);
        /* The server's first choice. */
        ok(protocol.ProtocolIdSize == 2 && !memcmp(protocol.ProtocolId, "h2", 2), "protocol %s\n",
           wine_dbgstr_an((char *)protocol.ProtocolId, protocol.ProtocolIdSize));
    }
}

static BOOL has_extension(const SecPkgContext_NegotiatedTlsExtensions *list, unsigned short number)
{
    unsigned long i;

    for (i = 0; i < list->ExtensionsCount; i++)
        if (list->Extensions[i] == number)
            return TRUE;
    return FALSE;
}

static void check_tls_extensions(struct scene *scene)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        SecPkgContext_NegotiatedTlsExtensions extensions = {0};

        if (!query(scene->sides[i], SECPKG_ATTR_NEGOTIATED_TLS_EXTENSIONS, &extensions))
            continue;
        ok(has_extension(&extensions, 16), "no ALPN\n");
        /* Extended master secret and renegotiation info are TLS 1.2's. */
        ok(has_extension(&extensions, 23) == !scene->tls13, "extended master secret\n");
        ok(has_extension(&extensions, 0xff01) == !scene->tls13, "renegotiation info\n");
        FreeContextBuffer(extensions.Extensions);
    }
}

static DWORD expected_protocol(const struct scene *scene, unsigned int role)
{
    const DWORD protocols[2][2] = {{SP_PROT_TLS1_2_CLIENT, SP_PROT_TLS1_2_SERVER},
                                   {SP_PROT_TLS1_3_CLIENT, SP_PROT_TLS1_3_SERVER}};

    return protocols[scene->tls13][role];
}

static void check_connection_info(struct scene *scene)
{
    SecPkgContext_ConnectionInfo info;
    unsigned int i;

    for (i = 0; i < 2; i++) {
        memset(&info, 0xcc, sizeof(info));
        if (!query(scene->sides[i], SECPKG_ATTR_CONNECTION_INFO, &info))
            continue;
        ok(info.dwProtocol == expected_protocol(scene, i), "protocol %#lx\n", info.dwProtocol);
        ok(info.aiCipher == CALG_AES_256, "cipher %#x\n", info.aiCipher);
        ok(info.dwCipherStrength == 256, "cipher strength %lu\n", info.dwCipherStrength);
        ok(info.aiHash == CALG_SHA_384, "hash %#x\n", info.aiHash);
        ok(!info.dwHashStrength, "hash strength %lu\n", info.dwHashStrength);
        ok(info.aiExch == CALG_ECDH_EPHEM, "exchange %#x\n", info.aiExch);
        ok(info.dwExchStrength == 255 || info.dwExchStrength == 256, "exchange strength %lu\n",
           info.dwExchStrength);
    }
}

static void check_connection_info_ex(struct scene *scene)
{
    SecPkgContext_ConnectionInfoEx info;
    unsigned int i;

    for (i = 0; i < 2; i++) {
        memset(&info, 0xcc, sizeof(info));
        if (!query(scene->sides[i], SECPKG_ATTR_CONNECTION_INFO_EX, &info))
            continue;
        ok(info.dwVersion == SECPKGCONTEXT_CONNECTION_INFO_EX_V1, "version %lu\n", info.dwVersion);
        ok(info.dwProtocol == expected_protocol(scene, i), "protocol %#lx\n", info.dwProtocol);
        ok(!lstrcmpW(info.szCipher, L"AES"), "cipher %s\n", wine_dbgstr_w(info.szCipher));
        ok(info.dwCipherStrength == 256, "cipher strength %lu\n", info.dwCipherStrength);
        ok(!lstrcmpW(info.szHash, L"SHA384"), "hash %s\n", wine_dbgstr_w(info.szHash));
        ok(!lstrcmpW(info.szExchange, L"ECDH"), "exchange %s\n", wine_dbgstr_w(info.szExchange));
        ok(info.dwExchStrength == 255 || info.dwExchStrength == 256, "exchange strength %lu\n",
           info.dwExchStrength);
    }
}

static void check_cipher_info(struct scene *scene)
{
    const BOOL rsa = scene->certificates[SIDE_SERVER] == test_cert_localhost(TEST_KEY_RSA);
    const DWORD suite = scene->tls13 ? 0x1302 : rsa ? 0xc030 : 0xc02c;
    SecPkgContext_CipherInfo info;
    unsigned int i;

    for (i = 0; i < 2; i++) {
        memset(&info, 0xcc, sizeof(info));
        info.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1;
        if (!query(scene->sides[i], SECPKG_ATTR_CIPHER_INFO, &info))
            continue;
        ok(info.dwVersion == SECPKGCONTEXT_CIPHERINFO_V1, "version %lu\n", info.dwVersion);
        ok(info.dwProtocol == (scene->tls13 ? 0x304 : 0x303), "protocol %#lx\n", info.dwProtocol);
        ok(info.dwCipherSuite == suite, "suite %#lx\n", info.dwCipherSuite);
        ok(info.dwBaseCipherSuite == suite, "base suite %#lx\n", info.dwBaseCipherSuite);
        ok(info.dwMinExchangeLen == 0 && info.dwMaxExchangeLen == 65536,
           "exchange of %lu to %lu bits\n", info.dwMinExchangeLen, info.dwMaxExchangeLen);
        ok(info.dwKeyType == 29 || info.dwKeyType == 23, "key type %lu\n", info.dwKeyType);
    }
}

/* A resumed session says so; both sides tell the id that the ServerHello had. */
static void check_session_info(struct scene *scene)
{
    SecPkgContext_SessionInfo info[2];
    unsigned int i;

    for (i = 0; i < 2; i++) {
        memset(&info[i], 0xcc, sizeof(info[i]));
        if (!query(scene->sides[i], SECPKG_ATTR_SESSION_INFO, &info[i]))
            return;
        ok(info[i].cbSessionId <= sizeof(info[i].rgbSessionId), "id of %lu bytes\n",
           info[i].cbSessionId);
        ok(info[i].dwFlags == (scene->resumed ? SSL_SESSION_RECONNECT : 0) ||
               broken(scene->tls13 && !info[i].dwFlags),
           "flags %#lx\n", info[i].dwFlags);
    }
    ok(info[0].cbSessionId == info[1].cbSessionId &&
           !memcmp(info[0].rgbSessionId, info[1].rgbSessionId, info[0].cbSessionId),
       "other ids\n");
}

static BOOL has_signature(const SecPkgContext_SupportedSignatures *list, WORD pair)
{
    unsigned int i;

    for (i = 0; i < list->cSignatureAndHashAlgorithms; i++)
        if (list->pSignatureAndHashAlgorithms[i] == pair)
            return TRUE;
    return FALSE;
}

static void check_supported_signatures(struct scene *scene)
{
    const WORD ecdsa_sha256 = TlsSignatureAlgorithm_Ecdsa << 8 | TlsHashAlgorithm_Sha256;
    const WORD rsa_sha256 = TlsSignatureAlgorithm_Rsa << 8 | TlsHashAlgorithm_Sha256;
    unsigned int i;

    for (i = 0; i < 2; i++) {
        SecPkgContext_SupportedSignatures signatures = {0};

        if (!query(scene->sides[i], SECPKG_ATTR_SUPPORTED_SIGNATURES, &signatures))
            continue;
        ok(has_signature(&signatures, ecdsa_sha256), "no ECDSA with SHA-256\n");
        ok(has_signature(&signatures, rsa_sha256), "no RSA with SHA-256\n");
        ok(!has_signature(&signatures, TlsSignatureAlgorithm_Rsa << 8 | TlsHashAlgorithm_Md5),
           "RSA with MD5\n");
        FreeContextBuffer(signatures.pSignatureAndHashAlgorithms);
    }
}

START_TEST(schannel_attributes_connection)
{
    static const struct attribute_test tests[] = {
        {"attribute STREAM_SIZES", check_stream_sizes},
        {"attribute SIZES", check_sizes},
        {"attribute KEY_INFO", check_key_info},
        {"attribute PACKAGE_INFO", check_package_info},
        {"attribute FLAGS", check_flags},
        {"attribute TARGET", check_target},
        {"attribute CLIENT_SPECIFIED_TARGET", check_specified_target},
        {"attribute APPLICATION_PROTOCOL", check_application_protocol},
        {"attribute NEGOTIATED_TLS_EXTENSIONS", check_tls_extensions},
        {"attribute CONNECTION_INFO", check_connection_info},
        {"attribute CONNECTION_INFO_EX", check_connection_info_ex},
        {"attribute CIPHER_INFO", check_cipher_info},
        {"attribute SESSION_INFO", check_session_info},
        {"attribute SUPPORTED_SIGNATURES", check_supported_signatures},
    };

    attributes_run(tests, ARRAY_SIZE(tests));
    tally_report();
}
