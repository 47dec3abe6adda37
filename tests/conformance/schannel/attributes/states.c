/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Every attribute that sspi.h and schannel.h name, known or not: when it can be asked for and set,
 * that the size of the buffer is respected, that wide and ANSI agree. What the values are is tested
 * in the other files of this name.
 */
#include "kit/attributes.h"
#include "wine/test.h"

#include <stddef.h>

/* What has to be released behind an answer. */
enum release {
    NOTHING,
    BLOCK,       /* one pointer at `pointer` */
    TWO_BLOCKS,  /* and one at `second` */
    CERTIFICATE, /* the answer is a certificate context */
};

enum when {
    NEVER,    /* SEC_E_UNSUPPORTED_FUNCTION */
    FINISHED, /* SEC_E_INVALID_HANDLE until the handshake is */
    ALWAYS,
};

static const struct attribute {
    ULONG number;
    const char *name;
    enum when when;
    ULONG size;
    enum release release;
    size_t pointer, second;
    ULONG set_size; /* 0: cannot be set */
    SECURITY_STATUS
    nothing[2];            /* by role, of a connection without client certificate; 0: SEC_E_OK */
    SECURITY_STATUS tls13; /* on TLS 1.3; 0: as on TLS 1.2 */
} attributes[] = {
/* clang-format off */
#define NUMBER(which) .number = SECPKG_ATTR_##which, .name = "attribute " #which
#define NO(which) {NUMBER(which)}
#define YES(which, time, structure) NUMBER(which), .when = time, .size = sizeof(structure)
#define BLOCK_AT(structure, member) .release = BLOCK, .pointer = offsetof(structure, member)
#define AND_AT(structure, member) .release = TWO_BLOCKS, .second = offsetof(structure, member)
#define NO_PEER {SEC_E_OK, SEC_E_NO_CREDENTIALS}
#define NO_OWN {SEC_E_NO_CREDENTIALS, SEC_E_OK}
    {YES(SIZES, FINISHED, SecPkgContext_Sizes)},
    {YES(NAMES, FINISHED, SecPkgContext_NamesW), BLOCK_AT(SecPkgContext_NamesW, sUserName), .nothing = NO_PEER},
    {YES(LIFESPAN, FINISHED, SecPkgContext_Lifespan)},
    NO(DCE_INFO),
    {YES(STREAM_SIZES, FINISHED, SecPkgContext_StreamSizes)},
    {YES(KEY_INFO, FINISHED, SecPkgContext_KeyInfoW), .pointer = offsetof(SecPkgContext_KeyInfoW, sSignatureAlgorithmName), AND_AT(SecPkgContext_KeyInfoW, sEncryptAlgorithmName)},
    {YES(AUTHORITY, FINISHED, SecPkgContext_AuthorityW), BLOCK_AT(SecPkgContext_AuthorityW, sAuthorityName), .nothing = NO_PEER},
    NO(PROTO_INFO),
    NO(PASSWORD_EXPIRY),
    NO(SESSION_KEY),
    {YES(PACKAGE_INFO, ALWAYS, SecPkgContext_PackageInfoW), BLOCK_AT(SecPkgContext_PackageInfoW, PackageInfo)},
    NO(USER_FLAGS),
    NO(NEGOTIATION_INFO),
    NO(NATIVE_NAMES),
    {YES(FLAGS, ALWAYS, SecPkgContext_Flags)},
    NO(USE_VALIDATED),
    NO(CREDENTIAL_NAME),
    NO(TARGET_INFORMATION),
    NO(ACCESS_TOKEN),
    {YES(TARGET, FINISHED, SecPkgContext_Target), BLOCK_AT(SecPkgContext_Target, Target)},
    NO(AUTHENTICATION_ID),
    NO(LOGOFF_TIME),
    NO(NEGO_KEYS),
    NO(PROMPTING_NEEDED),
    {YES(UNIQUE_BINDINGS, FINISHED, SecPkgContext_Bindings), BLOCK_AT(SecPkgContext_Bindings, Bindings), .tls13 = SEC_E_UNSUPPORTED_FUNCTION},
    {YES(ENDPOINT_BINDINGS, FINISHED, SecPkgContext_Bindings), BLOCK_AT(SecPkgContext_Bindings, Bindings)},
    {YES(CLIENT_SPECIFIED_TARGET, FINISHED, SecPkgContext_ClientSpecifiedTarget), BLOCK_AT(SecPkgContext_ClientSpecifiedTarget, sTargetName)},
    NO(LAST_CLIENT_TOKEN_STATUS),
    NO(NEGO_PKG_INFO),
    NO(NEGO_STATUS),
    NO(CONTEXT_DELETED),
    /* Of DTLS alone. */
    {YES(DTLS_MTU, ALWAYS, SEC_DTLS_MTU), .nothing = {SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION}, .set_size = sizeof(SEC_DTLS_MTU)},
    {YES(APPLICATION_PROTOCOL, FINISHED, SecPkgContext_ApplicationProtocol)},
    {YES(NEGOTIATED_TLS_EXTENSIONS, FINISHED, SecPkgContext_NegotiatedTlsExtensions), BLOCK_AT(SecPkgContext_NegotiatedTlsExtensions, Extensions)},
    NO(IS_LOOPBACK),
    NO(SUBJECT_SECURITY_ATTRIBUTES),
    NO(ISSUER_LIST),
    NO(REMOTE_CRED),
    NO(LOCAL_CRED),
    {YES(REMOTE_CERT_CONTEXT, ALWAYS, CERT_CONTEXT *), .release = CERTIFICATE, .nothing = NO_PEER},
    {YES(LOCAL_CERT_CONTEXT, FINISHED, CERT_CONTEXT *), .release = CERTIFICATE, .nothing = NO_OWN},
    NO(ROOT_STORE),
    NO(SUPPORTED_ALGS),
    NO(CIPHER_STRENGTHS),
    NO(SUPPORTED_PROTOCOLS),
    /* A server has nobody to name any to it. */
    {YES(ISSUER_LIST_EX, ALWAYS, SecPkgContext_IssuerListInfoEx), BLOCK_AT(SecPkgContext_IssuerListInfoEx, aIssuers), .nothing = {SEC_E_OK, SEC_E_UNSUPPORTED_FUNCTION}},
    {YES(CONNECTION_INFO, FINISHED, SecPkgContext_ConnectionInfo)},
    {YES(EAP_KEY_BLOCK, FINISHED, SecPkgContext_EapKeyBlock), .tls13 = SEC_E_UNSUPPORTED_FUNCTION},
    NO(MAPPED_CRED_ATTR),
    {YES(SESSION_INFO, FINISHED, SecPkgContext_SessionInfo)},
    {YES(APP_DATA, ALWAYS, SecPkgContext_SessionAppData), BLOCK_AT(SecPkgContext_SessionAppData, pbAppData), .set_size = sizeof(SecPkgContext_SessionAppData)},
    {YES(REMOTE_CERTIFICATES, ALWAYS, SecPkgContext_Certificates), BLOCK_AT(SecPkgContext_Certificates, pbCertificateChain), .nothing = NO_PEER},
    NO(CLIENT_CERT_POLICY),
    NO(CC_POLICY_RESULT),
    NO(USE_NCRYPT),
    {YES(LOCAL_CERT_INFO, FINISHED, SecPkgContext_CertInfo), .pointer = offsetof(SecPkgContext_CertInfo, pwszSubjectName), AND_AT(SecPkgContext_CertInfo, pwszIssuerName), .nothing = NO_OWN},
    {YES(CIPHER_INFO, FINISHED, SecPkgContext_CipherInfo)},
    {NUMBER(EAP_PRF_INFO), .set_size = sizeof(SecPkgContext_EapPrfInfo)},
    {YES(SUPPORTED_SIGNATURES, ALWAYS, SecPkgContext_SupportedSignatures), BLOCK_AT(SecPkgContext_SupportedSignatures, pSignatureAndHashAlgorithms)},
    {YES(REMOTE_CERT_CHAIN, ALWAYS, CERT_CONTEXT *), .release = CERTIFICATE, .nothing = NO_PEER},
    {NUMBER(UI_INFO), .set_size = sizeof(SecPkgContext_UiInfo)},
    {NUMBER(EARLY_START), .set_size = sizeof(SecPkgContext_EarlyStart)},
    {NUMBER(KEYING_MATERIAL_INFO), .set_size = sizeof(SecPkgContext_KeyingMaterialInfo)},
    /* Before KEYING_MATERIAL_INFO was set. */
    {YES(KEYING_MATERIAL, FINISHED, SecPkgContext_KeyingMaterial), .nothing = {SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER}},
    /* Of DTLS alone. */
    {YES(SRTP_PARAMETERS, FINISHED, SecPkgContext_SrtpParameters), .nothing = {SEC_E_UNSUPPORTED_FUNCTION, SEC_E_UNSUPPORTED_FUNCTION}},
    NO(TOKEN_BINDING),
    {YES(CONNECTION_INFO_EX, FINISHED, SecPkgContext_ConnectionInfoEx)},
    NO(KEYING_MATERIAL_TOKEN_BINDING),
    /* Without a question. */
    {YES(KEYING_MATERIAL_INPROC, FINISHED, SecPkgContext_KeyingMaterial_Inproc), .nothing = {SEC_E_INVALID_PARAMETER, SEC_E_INVALID_PARAMETER}},
    {YES(CERT_CHECK_RESULT, ALWAYS, DWORD[2]), .nothing = NO_PEER},
    {YES(CERT_CHECK_RESULT_INPROC, FINISHED, DWORD[2]), .nothing = NO_PEER},
    {YES(SERIALIZED_REMOTE_CERT_CONTEXT_INPROC, FINISHED, CERT_BLOB), BLOCK_AT(CERT_BLOB, pbData), .nothing = NO_PEER},
    {YES(SERIALIZED_REMOTE_CERT_CONTEXT, ALWAYS, CERT_BLOB), BLOCK_AT(CERT_BLOB, pbData), .nothing = NO_PEER},
    /* clang-format on */
};

/* Room for every structure. */
union answer {
    BYTE bytes[1024];
    void *pointer;
};

static void release(const struct attribute *attribute, union answer *answer)
{
    void *block;

    if (attribute->release == CERTIFICATE && answer->pointer)
        CertFreeCertificateContext(answer->pointer);
    if (attribute->release == BLOCK || attribute->release == TWO_BLOCKS) {
        memcpy(&block, answer->bytes + attribute->pointer, sizeof(block));
        FreeContextBuffer(block);
    }
    if (attribute->release == TWO_BLOCKS) {
        memcpy(&block, answer->bytes + attribute->second, sizeof(block));
        FreeContextBuffer(block);
    }
}

static BOOL is_byte(const BYTE *bytes, size_t size, BYTE value)
{
    while (size && bytes[size - 1] == value)
        size--;
    return !size;
}

/* A query of any form, which writes no more than the structure, and nothing when it fails but a
 * pointer to nothing. */
static void check_query(const struct attribute *attribute,
                        SECURITY_STATUS (*ask)(CtxtHandle *, ULONG, void *, ULONG),
                        CtxtHandle *context, SECURITY_STATUS expected, const char *what)
{
    union answer answer;
    SECURITY_STATUS status;

    memset(&answer, 0, sizeof(answer));
    memset(answer.bytes + attribute->size, 0xcc, sizeof(answer) - attribute->size);
    status = ask(context, attribute->number, &answer, attribute->size);
    ok(status == expected, "%s: %s, not %s\n", what, status_name(status), status_name(expected));
    ok(is_byte(answer.bytes + attribute->size, sizeof(answer) - attribute->size, 0xcc),
       "%s: it writes beyond the structure\n", what);
    if (status == SEC_E_OK)
        release(attribute, &answer);
    else
        ok(is_byte(answer.bytes, attribute->size, 0), "%s: it fails and writes\n", what);
}

static SECURITY_STATUS ask_wide(CtxtHandle *context, ULONG attribute, void *buffer, ULONG size)
{
    (void)size;
    return QueryContextAttributesW(context, attribute, buffer);
}

static SECURITY_STATUS ask_ansi(CtxtHandle *context, ULONG attribute, void *buffer, ULONG size)
{
    (void)size;
    return QueryContextAttributesA(context, attribute, buffer);
}

static SECURITY_STATUS ask_wide_ex(CtxtHandle *context, ULONG attribute, void *buffer, ULONG size)
{
    query_ex_function *function = find_query_ex(FALSE);

    return function ? function(context, attribute, buffer, size)
                    : QueryContextAttributesW(context, attribute, buffer);
}

static SECURITY_STATUS ask_ansi_ex(CtxtHandle *context, ULONG attribute, void *buffer, ULONG size)
{
    query_ex_function *function = find_query_ex(TRUE);

    return function ? function(context, attribute, buffer, size)
                    : QueryContextAttributesA(context, attribute, buffer);
}

static void check_queries(const struct attribute *attribute, CtxtHandle *context,
                          SECURITY_STATUS expected)
{
    check_query(attribute, ask_wide, context, expected, "wide");
    check_query(attribute, ask_ansi, context, expected, "ANSI");
    check_query(attribute, ask_wide_ex, context, expected, "wide with size");
    check_query(attribute, ask_ansi_ex, context, expected, "ANSI with size");
}

/* Of a connection whose client has no certificate. */
static SECURITY_STATUS expected_status(const struct attribute *attribute, const struct side *side)
{
    if (attribute->when == NEVER)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (attribute->tls13 && side->options.protocols == SIDE_TLS1_3)
        return attribute->tls13;
    return attribute->nothing[side->role];
}

/* Of a client to which no certificate has come from its peer. */
static SECURITY_STATUS peerless_status(const struct attribute *attribute)
{
    return attribute->nothing[SIDE_SERVER] == SEC_E_NO_CREDENTIALS
               ? SEC_E_NO_CREDENTIALS
               : attribute->nothing[SIDE_CLIENT];
}

/* Buffers that are too small or missing. */
static void check_sizes(const struct attribute *attribute, struct side *side)
{
    query_ex_function *query_ex = find_query_ex(FALSE);
    const SECURITY_STATUS missing =
        attribute->when == NEVER ? SEC_E_UNSUPPORTED_FUNCTION : SEC_E_INVALID_PARAMETER;
    union answer answer;
    SECURITY_STATUS status;

    status = QueryContextAttributesW(&side->context, attribute->number, NULL);
    ok(status == missing || status == SEC_E_INVALID_PARAMETER || broken(FAILED(status)),
       "no buffer: %s\n", status_name(status));
    if (!query_ex) {
        win_skip("no QueryContextAttributesExW\n");
        return;
    }
    if (attribute->when == NEVER)
        return;
    memset(&answer, 0xcc, sizeof(answer));
    status = query_ex(&side->context, attribute->number, &answer, attribute->size - 1);
    ok(status == SEC_E_BUFFER_TOO_SMALL || broken(FAILED(status)), "too small: %s\n",
       status_name(status));
    ok(is_byte(answer.bytes, sizeof(answer), 0xcc), "too small: it was written\n");
    status = query_ex(&side->context, attribute->number, &answer, 0);
    ok(status == SEC_E_BUFFER_TOO_SMALL || broken(FAILED(status)), "size 0: %s\n",
       status_name(status));
}

/* What is set is looked at in the other files. */
static void check_set(const struct attribute *attribute, struct side *side)
{
    SECURITY_STATUS(WINAPI *const functions[])
    (CtxtHandle *, ULONG, void *, ULONG) = {SetContextAttributesW, SetContextAttributesA};
    union answer zeroes = {{0}};
    SECURITY_STATUS status;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(functions); i++) {
        if (!attribute->set_size) {
            status = functions[i](&side->context, attribute->number, &zeroes, sizeof(zeroes));
            ok(status == SEC_E_UNSUPPORTED_FUNCTION || broken(FAILED(status)), "set: %s\n",
               status_name(status));
            continue;
        }
        status = functions[i](&side->context, attribute->number, &zeroes, attribute->set_size - 1);
        ok(status == SEC_E_BUFFER_TOO_SMALL || broken(FAILED(status)), "set, too small: %s\n",
           status_name(status));
        status = functions[i](&side->context, attribute->number, NULL, attribute->set_size);
        ok(status == SEC_E_INVALID_PARAMETER || broken(FAILED(status)), "set to nothing: %s\n",
           status_name(status));
    }
}

/* Before the handshake is finished: a client that waits for an answer. */
static void check_early(void)
{
    struct pair pair;
    unsigned int i;

    if (pair_create(&pair, NULL, NULL)) {
        side_leg(&pair.client);
        for (i = 0; i < ARRAY_SIZE(attributes); i++) {
            const struct attribute *attribute = &attributes[i];
            SECURITY_STATUS expected = SEC_E_INVALID_HANDLE;

            tally(attribute->name);
            winetest_push_context("%s, early", attribute->name);
            if (attribute->when == NEVER)
                expected = SEC_E_UNSUPPORTED_FUNCTION;
            else if (attribute->when == ALWAYS)
                expected = peerless_status(attribute);
            check_queries(attribute, &pair.client.context, expected);
            check_set(attribute, &pair.client);
            winetest_pop_context();
        }
        tally(NULL);
    }
    pair_destroy(&pair);
}

static void check_connected(DWORD version)
{
    struct side_options options = {.protocols = version};
    struct pair pair;
    unsigned int i, role;

    if (pair_connect(&pair, &options, &options)) {
        struct side *const sides[] = {&pair.client, &pair.server};

        for (i = 0; i < ARRAY_SIZE(attributes); i++) {
            tally(attributes[i].name);
            for (role = 0; role < 2; role++) {
                winetest_push_context("%s, %s, %s", attributes[i].name, version_name(version),
                                      role ? "server" : "client");
                check_queries(&attributes[i], &sides[role]->context,
                              expected_status(&attributes[i], sides[role]));
                check_sizes(&attributes[i], sides[role]);
                check_set(&attributes[i], sides[role]);
                winetest_pop_context();
            }
        }
        /* The same after both have said good-bye. */
        side_shutdown(&pair.client);
        side_shutdown(&pair.server);
        for (i = 0; i < ARRAY_SIZE(attributes); i++) {
            tally(attributes[i].name);
            for (role = 0; role < 2; role++) {
                winetest_push_context("%s, %s, %s, shut down", attributes[i].name,
                                      version_name(version), role ? "server" : "client");
                check_query(&attributes[i], ask_wide, &sides[role]->context,
                            expected_status(&attributes[i], sides[role]), "wide");
                winetest_pop_context();
            }
        }
        tally(NULL);
    }
    pair_destroy(&pair);
}

/* A context that is gone, and one whose handshake has failed. */
static void check_unusable(void)
{
    struct side_options client = {.protocols = SIDE_TLS1_2}, server = {.protocols = SIDE_TLS1_3};
    CtxtHandle gone;
    struct pair pair;
    unsigned int i;

    if (pair_connect(&pair, NULL, NULL)) {
        gone = pair.client.context;
        DeleteSecurityContext(&gone);
        pair.client.have_context = FALSE;
        for (i = 0; i < ARRAY_SIZE(attributes); i++) {
            tally(attributes[i].name);
            winetest_push_context("%s, deleted", attributes[i].name);
            check_query(&attributes[i], ask_wide, &gone, SEC_E_INVALID_HANDLE, "wide");
            winetest_pop_context();
        }
        tally(NULL);
    }
    pair_destroy(&pair);

    if (pair_create(&pair, &client, &server)) {
        ok(!pair_handshake(&pair), "1.2 and 1.3 go together\n");
        for (i = 0; pair.client.have_context && i < ARRAY_SIZE(attributes); i++) {
            SECURITY_STATUS expected = SEC_E_INVALID_HANDLE;

            tally(attributes[i].name);
            winetest_push_context("%s, failed", attributes[i].name);
            if (attributes[i].when == NEVER)
                expected = SEC_E_UNSUPPORTED_FUNCTION;
            else if (attributes[i].when == ALWAYS)
                expected = peerless_status(&attributes[i]);
            check_query(&attributes[i], ask_wide, &pair.client.context, expected, "wide");
            winetest_pop_context();
        }
        tally(NULL);
    }
    pair_destroy(&pair);
}

/* Numbers that name nothing. */
static void check_unknown(void)
{
    static const ULONG numbers[] = {23, 28, 38, 0x4f, 0x73, 0x76, 0x7fff, 0x80000086, 0xffffffff};
    union answer answer;
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int i;

    if (pair_connect(&pair, NULL, NULL)) {
        for (i = 0; i < ARRAY_SIZE(numbers); i++) {
            status = QueryContextAttributesW(&pair.client.context, numbers[i], &answer);
            ok(status == SEC_E_UNSUPPORTED_FUNCTION, "attribute %#lx: %s\n", numbers[i],
               status_name(status));
            status =
                SetContextAttributesW(&pair.client.context, numbers[i], &answer, sizeof(answer));
            ok(status == SEC_E_UNSUPPORTED_FUNCTION, "setting attribute %#lx: %s\n", numbers[i],
               status_name(status));
        }
    }
    pair_destroy(&pair);
}

/* The program's own bytes. */
static void test_application_data(void)
{
    BYTE bytes[] = "some bytes";
    SecPkgContext_SessionAppData data = {7, sizeof(bytes), bytes}, back;
    SECURITY_STATUS status;
    struct pair pair;

    tally("attribute APP_DATA");
    if (pair_connect(&pair, NULL, NULL)) {
        CtxtHandle *context = &pair.server.context;

        if (query(&pair.server, SECPKG_ATTR_APP_DATA, &back))
            ok(!back.cbAppData && !back.pbAppData, "%lu bytes\n", back.cbAppData);
        status = SetContextAttributesW(context, SECPKG_ATTR_APP_DATA, &data, sizeof(data));
        ok(status == SEC_E_OK, "set: %s\n", status_name(status));
        bytes[0] = 'x';
        if (query(&pair.server, SECPKG_ATTR_APP_DATA, &back)) {
            ok(back.dwFlags == 7 && back.cbAppData == sizeof(bytes) &&
                   !memcmp(back.pbAppData, "some bytes", sizeof(bytes)),
               "%lu bytes, %s\n", back.cbAppData, wine_dbgstr_a((char *)back.pbAppData));
            FreeContextBuffer(back.pbAppData);
        }
        data.pbAppData = NULL;
        status = SetContextAttributesW(context, SECPKG_ATTR_APP_DATA, &data, sizeof(data));
        ok(status == SEC_E_INVALID_PARAMETER, "set to no bytes: %s\n", status_name(status));
        data.cbAppData = 0x100001;
        data.pbAppData = bytes;
        status = SetContextAttributesW(context, SECPKG_ATTR_APP_DATA, &data, sizeof(data));
        ok(status == SEC_E_INVALID_PARAMETER, "set to too many: %s\n", status_name(status));
        if (query(&pair.server, SECPKG_ATTR_APP_DATA, &back)) {
            ok(back.cbAppData == sizeof(bytes), "%lu bytes are left\n", back.cbAppData);
            FreeContextBuffer(back.pbAppData);
        }
        data.cbAppData = 0;
        status = SetContextAttributesW(context, SECPKG_ATTR_APP_DATA, &data, sizeof(data));
        ok(status == SEC_E_OK, "set to nothing: %s\n", status_name(status));
        if (query(&pair.server, SECPKG_ATTR_APP_DATA, &back))
            ok(!back.cbAppData && !back.pbAppData, "%lu bytes\n", back.cbAppData);
        if (query(&pair.client, SECPKG_ATTR_APP_DATA, &back))
            ok(!back.cbAppData, "%lu bytes at the other side\n", back.cbAppData);
    }
    pair_destroy(&pair);
    tally(NULL);
}

/* Settings that are checked and have no further effect. */
static void test_early_start_and_ui(void)
{
    static const struct {
        DWORD flags;
        SECURITY_STATUS status;
    } starts[] = {
        {0, SEC_E_OK}, {ENABLE_TLS_CLIENT_EARLY_START, SEC_E_OK}, {2, SEC_E_INVALID_PARAMETER}};
    SecPkgContext_UiInfo ui = {NULL};
    SECURITY_STATUS status;
    struct pair pair;
    unsigned int i;

    if (pair_create(&pair, NULL, NULL)) {
        side_leg(&pair.client);
        tally("attribute EARLY_START");
        for (i = 0; i < ARRAY_SIZE(starts); i++) {
            SecPkgContext_EarlyStart start = {starts[i].flags};

            status = SetContextAttributesW(&pair.client.context, SECPKG_ATTR_EARLY_START, &start,
                                           sizeof(start));
            ok(status == starts[i].status, "flags %lu: %s\n", starts[i].flags, status_name(status));
        }
        tally("attribute UI_INFO");
        status = SetContextAttributesW(&pair.client.context, SECPKG_ATTR_UI_INFO, &ui, sizeof(ui));
        ok(status == SEC_E_OK, "%s\n", status_name(status));
        tally(NULL);
        ok(pair_handshake(&pair), "no connection\n");
    }
    pair_destroy(&pair);
}

/* The whole chain that the server sent, its root left out or not. */
static void check_remote_chain(DWORD version, ULONG attribute, BOOL with_root)
{
    struct test_cert root = {0}, intermediate = {0}, leaf = {0};
    struct side_options client = {.protocols = version}, server = {.protocols = version};
    const CERT_CONTEXT *seen = NULL;
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
        if (query(&pair.client, attribute, &seen)) {
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

/* The peer's certificate while the client has not accepted it yet: before its last flight. */
static void test_during_the_handshake(void)
{
    static const ULONG numbers[] = {SECPKG_ATTR_REMOTE_CERT_CONTEXT, SECPKG_ATTR_REMOTE_CERT_CHAIN};
    struct side_options options = {.protocols = SIDE_TLS1_2};
    const CERT_CONTEXT *seen;
    struct pair pair;
    unsigned int i;

    if (pair_create(&pair, &options, NULL)) {
        side_leg(&pair.client);
        side_leg(&pair.server);
        side_leg(&pair.client);
        ok(pair.client.status == SEC_I_CONTINUE_NEEDED, "client: %s\n",
           status_name(pair.client.status));
        for (i = 0; i < ARRAY_SIZE(numbers); i++) {
            tally(i ? "attribute REMOTE_CERT_CHAIN" : "attribute REMOTE_CERT_CONTEXT");
            if (query(&pair.client, numbers[i], &seen)) {
                ok(same_certificate(seen, pair.server.options.certificates[0]),
                   "another certificate\n");
                CertFreeCertificateContext(seen);
            }
        }
        tally(NULL);
    }
    pair_destroy(&pair);
}

static void test_rule12_remote_chain(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        tally("attribute REMOTE_CERT_CONTEXT");
        check_remote_chain(versions[i], SECPKG_ATTR_REMOTE_CERT_CONTEXT, FALSE);
        tally("rule 12");
        check_remote_chain(versions[i], SECPKG_ATTR_REMOTE_CERT_CONTEXT, TRUE);
        tally("attribute REMOTE_CERT_CHAIN");
        check_remote_chain(versions[i], SECPKG_ATTR_REMOTE_CERT_CHAIN, FALSE);
        check_remote_chain(versions[i], SECPKG_ATTR_REMOTE_CERT_CHAIN, TRUE);
        tally(NULL);
    }
}

START_TEST(schannel_attributes_states)
{
    check_early();
    check_connected(SIDE_TLS1_2);
    check_connected(SIDE_TLS1_3);
    check_unusable();
    check_unknown();
    test_application_data();
    test_early_start_and_ui();
    test_during_the_handshake();
    test_rule12_remote_chain();
    tally_report();
}
