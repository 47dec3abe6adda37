/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates good and bad, in one table: what a client and what a server makes of each, in every
 * version, with the check made and left to the program; and the names of servers.
 */
#include "kit/verdict.h"
#include "wine/test.h"

#define BOTH    (TEST_CERT_SERVER | TEST_CERT_CLIENT)
#define NO_NAME SCH_CRED_NO_SERVERNAME_CHECK

/* KeyUsage: keyCertSign with cRLSign, keyEncipherment. */
#define MAY_CERTIFY 0x06
#define MAY_ENCRYPT 0x20

static const struct verdict good = {SEC_E_OK, 0};
static const struct verdict expired = {SEC_E_CERT_EXPIRED, TLS1_ALERT_CERTIFICATE_EXPIRED};
static const struct verdict untrusted = {SEC_E_UNTRUSTED_ROOT, TLS1_ALERT_UNKNOWN_CA};
static const struct verdict wrong_usage = {SEC_E_CERT_WRONG_USAGE, TLS1_ALERT_UNSUPPORTED_CERT};
static const struct verdict bad = {SEC_E_CERT_UNKNOWN, TLS1_ALERT_BAD_CERTIFICATE};
static const struct verdict wrong_name = {SEC_E_WRONG_PRINCIPAL, TLS1_ALERT_CERTIFICATE_UNKNOWN};

/* Who issues the leaves. */
enum authority {
    ROOT,     /* the only one that is trusted */
    IMPOSTOR, /* of its name */
    OTHER,    /* another root */
    MIDDLE,   /* these are below ROOT */
    EXPIRED_MIDDLE,
    FUTURE_MIDDLE,
    DAMAGED_MIDDLE,
    MD5_MIDDLE,
    SHA1_MIDDLE,
    LAST,       /* may have no authority below it */
    BELOW_LAST, /* and has one all the same */
    NO_SIGNER,  /* its key usage does not let it sign certificates */
    LEAF,       /* no authority */
    RESTRICTED, /* for names below example.org only */
    ABSENT,     /* is not sent */
    RSA_ROOT_MIDDLE,
    AUTHORITY_COUNT,
    SELF, /* the leaf itself */
};

static struct test_cert authorities[AUTHORITY_COUNT];

static const struct {
    enum authority issuer;
    struct test_cert_options options;
} authority_options[AUTHORITY_COUNT] = {
    [ROOT] = {SELF, {.uses = TEST_CERT_CA}},
    [IMPOSTOR] = {SELF, {.uses = TEST_CERT_CA}},
    [OTHER] = {SELF, {.uses = TEST_CERT_CA, .name = "Test Other Root"}},
    [MIDDLE] = {ROOT, {.uses = TEST_CERT_CA, .name = "Middle"}},
    [EXPIRED_MIDDLE] = {ROOT,
                        {.uses = TEST_CERT_CA, .name = "Expired", .first_day = -9, .last_day = -2}},
    [FUTURE_MIDDLE] = {ROOT,
                       {.uses = TEST_CERT_CA, .name = "Future", .first_day = 2, .last_day = 9}},
    [DAMAGED_MIDDLE] = {ROOT, {.uses = TEST_CERT_CA, .name = "Damaged", .damaged = TRUE}},
    [RSA_ROOT_MIDDLE] = {ROOT, {.uses = TEST_CERT_CA, .name = "RSA", .type = TEST_KEY_RSA}},
    [MD5_MIDDLE] = {RSA_ROOT_MIDDLE, {.uses = TEST_CERT_CA, .name = "MD5", .hash = TEST_HASH_MD5}},
    [SHA1_MIDDLE] = {RSA_ROOT_MIDDLE,
                     {.uses = TEST_CERT_CA, .name = "SHA1", .hash = TEST_HASH_SHA1}},
    [LAST] = {ROOT, {.uses = TEST_CERT_CA, .name = "Last", .path_length = 1}},
    [BELOW_LAST] = {LAST, {.uses = TEST_CERT_CA, .name = "Below"}},
    [NO_SIGNER] = {ROOT, {.uses = TEST_CERT_CA, .name = "No signer", .key_usage = 0x80}},
    [LEAF] = {ROOT, {.uses = BOTH, .name = "leaf.example"}},
    [RESTRICTED] = {ROOT, {.uses = TEST_CERT_CA, .name = "Restricted", .permitted = "example.org"}},
    [ABSENT] = {ROOT, {.uses = TEST_CERT_CA, .name = "Absent"}},
};

static const struct row {
    const char *what;
    enum authority issuer;
    DWORD rsa; /* bits of its key; 0: ECDSA */
    struct test_cert_options options;
    DWORD flags;                           /* SCH_, of the side that checks */
    const struct verdict *client, *server; /* NULL: that role is left out */
} rows[] = {
    {"good", ROOT, 0, {.uses = BOTH}, 0, &good, &good},
    {"good, RSA", ROOT, 2048, {.uses = BOTH}, 0, &good, &good},
    {"below an intermediate", MIDDLE, 0, {.uses = BOTH}, 0, &good, &good},
    {"below the last intermediate", LAST, 0, {.uses = BOTH}, 0, &good, &good},
    {"strong", ROOT, 0, {.uses = BOTH}, SCH_USE_STRONG_CRYPTO, &good, &good},

    {"expired", ROOT, 0, {.uses = BOTH, .first_day = -9, .last_day = -2}, 0, &expired, &expired},
    {"not yet valid",
     ROOT,
     0,
     {.uses = BOTH, .first_day = 2, .last_day = 9},
     0,
     &expired,
     &expired},
    {"below an expired one", EXPIRED_MIDDLE, 0, {.uses = BOTH}, 0, &expired, &expired},
    {"below one not yet valid", FUTURE_MIDDLE, 0, {.uses = BOTH}, 0, &expired, &expired},

    {"self-signed", SELF, 0, {.uses = BOTH}, 0, &untrusted, &untrusted},
    {"unknown root", OTHER, 0, {.uses = BOTH}, 0, &untrusted, &untrusted},
    {"missing intermediate", ABSENT, 0, {.uses = BOTH}, 0, &untrusted, &untrusted},
    {"impostor's", IMPOSTOR, 0, {.uses = BOTH}, 0, &bad, &bad},
    {"wrong signature", ROOT, 0, {.uses = BOTH, .damaged = TRUE}, 0, &bad, &bad},
    {"below a wrong signature", DAMAGED_MIDDLE, 0, {.uses = BOTH}, 0, &bad, &bad},

    {"for a client", ROOT, 0, {.uses = TEST_CERT_CLIENT}, 0, &wrong_usage, &good},
    {"for a server", ROOT, 0, {.uses = TEST_CERT_SERVER}, 0, &good, &wrong_usage},
    {"for code", ROOT, 0, {.usage = "1.3.6.1.5.5.7.3.3"}, 0, &wrong_usage, &wrong_usage},
    {"for any use", ROOT, 0, {.usage = "2.5.29.37.0"}, 0, &wrong_usage, &wrong_usage},
    {"for no named use", ROOT, 0, {.uses = 0}, 0, &good, &good},

    {"may sign only, RSA", ROOT, 2048, {.uses = BOTH, .key_usage = 0x80}, 0, &good, &good},

    {"too long a path", BELOW_LAST, 0, {.uses = BOTH}, 0, &bad, &bad},
    {"issuer may not sign", NO_SIGNER, 0, {.uses = BOTH}, 0, &wrong_usage, &wrong_usage},
    {"issuer is no authority", LEAF, 0, {.uses = BOTH}, 0, &bad, &bad},
    {"name the issuer may not give", RESTRICTED, 0, {.uses = BOTH}, 0, &bad, &bad},
    {"unknown critical extension", ROOT, 0, {.uses = BOTH, .critical = "1.2.3.4.5"}, 0, &bad, &bad},

    {"MD5", RSA_ROOT_MIDDLE, 0, {.uses = BOTH, .hash = TEST_HASH_MD5}, 0, &bad, &bad},
    {"below MD5", MD5_MIDDLE, 0, {.uses = BOTH}, 0, &bad, &bad},
    {"SHA-1", RSA_ROOT_MIDDLE, 0, {.uses = BOTH, .hash = TEST_HASH_SHA1}, 0, &good, &good},
    {"SHA-1, ECDSA", ROOT, 0, {.uses = BOTH, .hash = TEST_HASH_SHA1}, 0, &good, &good},
    {"below SHA-1", SHA1_MIDDLE, 0, {.uses = BOTH}, 0, &good, &good},
    {"SHA-1, strong",
     RSA_ROOT_MIDDLE,
     0,
     {.uses = BOTH, .hash = TEST_HASH_SHA1},
     SCH_USE_STRONG_CRYPTO,
     &bad,
     &bad},
    {"SHA-1, ECDSA, strong",
     ROOT,
     0,
     {.uses = BOTH, .hash = TEST_HASH_SHA1},
     SCH_USE_STRONG_CRYPTO,
     &bad,
     &bad},
    {"below SHA-1, strong", SHA1_MIDDLE, 0, {.uses = BOTH}, SCH_USE_STRONG_CRYPTO, &bad, &bad},

    {"RSA 768", ROOT, 768, {.uses = BOTH}, 0, &bad, &bad},
    {"RSA 1024", ROOT, 1024, {.uses = BOTH}, 0, &good, &good},
    {"RSA 1024, strong", ROOT, 1024, {.uses = BOTH}, SCH_USE_STRONG_CRYPTO, &bad, &bad},

    {"another name", ROOT, 0, {.uses = BOTH, .name = "other.example"}, 0, &wrong_name, &good},
    {"another name, not checked",
     ROOT,
     0,
     {.uses = BOTH, .name = "other.example"},
     NO_NAME,
     &good,
     NULL},
    {"another name, untrusted",
     OTHER,
     0,
     {.uses = BOTH, .name = "x.example"},
     NO_NAME,
     &untrusted,
     NULL},
    {"expired and untrusted",
     OTHER,
     0,
     {.uses = BOTH, .first_day = -9, .last_day = -2},
     0,
     &untrusted,
     &untrusted},
    {"expired and another name",
     ROOT,
     0,
     {.uses = BOTH, .name = "other.example", .first_day = -9, .last_day = -2},
     0,
     &expired,
     &expired},
};

static BOOL create_authorities(void)
{
    char root_name[64];
    unsigned int i;

    /* A name of its own: a test that was killed may have left a root behind. */
    snprintf(root_name, sizeof(root_name), "Test Matrix Root %lu %lu", GetCurrentProcessId(),
             GetTickCount());
    for (i = 0; i < AUTHORITY_COUNT; i++) {
        static const enum authority order[] = {
            ROOT,           IMPOSTOR,      OTHER,          MIDDLE,
            EXPIRED_MIDDLE, FUTURE_MIDDLE, DAMAGED_MIDDLE, RSA_ROOT_MIDDLE,
            MD5_MIDDLE,     SHA1_MIDDLE,   LAST,           BELOW_LAST,
            NO_SIGNER,      LEAF,          RESTRICTED,     ABSENT};
        const enum authority which = order[i];
        struct test_cert_options options = authority_options[which].options;

        if (!options.name)
            options.name = root_name;
        if (!options.type && which != RSA_ROOT_MIDDLE)
            options.type = TEST_KEY_ECDSA;
        if (authority_options[which].issuer != SELF)
            options.issuer = &authorities[authority_options[which].issuer];
        if (!test_cert_create(&options, &authorities[which]))
            return FALSE;
    }
    return TRUE;
}

/* Takes the issuer's certificates out of what is sent. */
static void forget_issuers(const struct test_cert *cert)
{
    const CERT_CONTEXT *context = NULL;

    while ((context = CertEnumCertificatesInStore(cert->store, context)))
        if (!CertCompareCertificate(X509_ASN_ENCODING, context->pCertInfo,
                                    cert->context->pCertInfo)) {
            CertDeleteCertificateFromStore(CertDuplicateCertificateContext(context));
            CertFreeCertificateContext(context);
            context = NULL;
        }
}

static BOOL create_leaf(const struct row *row, struct test_cert *cert)
{
    struct test_cert_options options = row->options;
    BOOL result;

    if (!options.name)
        options.name = "localhost";
    options.issuer = row->issuer == SELF ? NULL : &authorities[row->issuer];
    options.type = row->rsa ? TEST_KEY_RSA : TEST_KEY_ECDSA;
    if (row->rsa)
        options.key = test_key_create_rsa(row->rsa);
    result = test_cert_create(&options, cert);
    test_key_release(options.key);
    if (!result)
        return FALSE;
    if (row->issuer == ABSENT)
        forget_issuers(cert);
    return TRUE;
}

static void test_rows(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(rows); i++) {
        struct verdict_case subject = {.cred_flags = rows[i].flags};
        struct test_cert cert;

        winetest_push_context("%s", rows[i].what);
        if (create_leaf(&rows[i], &cert)) {
            subject.certificate = cert.context;
            if (rows[i].client)
                check_verdict(&subject, SIDE_CLIENT, *rows[i].client);
            if (rows[i].server)
                check_verdict(&subject, SIDE_SERVER, *rows[i].server);
            test_cert_free(&cert);
        }
        winetest_pop_context();
    }
}

static BOOL create_used(BYTE key_usage, DWORD rsa, struct test_cert *cert)
{
    struct row row = {
        .issuer = ROOT, .rsa = rsa, .options = {.uses = BOTH, .key_usage = key_usage}};

    return create_leaf(&row, cert);
}

/* A server whose certificate does not let its key sign is left with RSA key exchange, if it may do
 * that. */
static void test_server_key_usage(void)
{
    struct side_options client = {0}, server = {0};
    SecPkgCred_SupportedProtocols supported = {0};
    SecPkgContext_CipherInfo cipher = {0};
    struct test_cert cert;
    SECURITY_STATUS status;
    struct side side = {0};
    struct pair pair;
    unsigned int i;

    if (create_used(MAY_CERTIFY, 0, &cert)) {
        server.certificates[0] = cert.context;
        status = side_acquire(&side, SIDE_SERVER, &server);
        ok(status == SEC_E_ALGORITHM_MISMATCH || broken(status == SEC_E_OK), "no use: %s\n",
           status_name(status));
        side_free(&side);
        test_cert_free(&cert);
    }
    if (!create_used(MAY_ENCRYPT, 2048, &cert))
        return;
    server.certificates[0] = cert.context;
    if (pair_connect(&pair, &client, &server)) {
        pair_exchange(&pair.client, &pair.server, 100);
        QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CIPHER_INFO, &cipher);
        ok(cipher.dwProtocol == 0x303 && !lstrcmpW(cipher.szExchange, L"RSA"), "%#lx with %s\n",
           cipher.dwProtocol, wine_dbgstr_w(cipher.szExchange));
        status = QueryCredentialsAttributesW(&pair.server.credentials,
                                             SECPKG_ATTR_SUPPORTED_PROTOCOLS, &supported);
        ok(status == SEC_E_OK && !(supported.grbitProtocol & SP_PROT_TLS1_3_SERVER) &&
               supported.grbitProtocol & SP_PROT_TLS1_2_SERVER,
           "%s, %#lx\n", status_name(status), supported.grbitProtocol);
    }
    pair_destroy(&pair);
    test_cert_free(&cert);

    /* Others in its place. */
    for (i = 0; i < 4; i++) {
        client.protocols = i & 1 ? SIDE_TLS1_2 : SIDE_TLS1_3;
        if (!create_used(i & 2 ? MAY_CERTIFY : MAY_ENCRYPT, 2048, &cert))
            continue;
        server.certificates[0] = cert.context;
        server.certificates[1] = test_cert_localhost(TEST_KEY_RSA);
        if (pair_connect(&pair, &client, &server))
            pair_exchange(&pair.client, &pair.server, 100);
        pair_destroy(&pair);
        test_cert_free(&cert);
    }
}

/* A client's certificate that does not let its key sign: the client cannot in TLS 1.2, in TLS 1.3
 * the server refuses it. Nobody is asked. */
static void test_client_key_usage(void)
{
    static const BYTE usages[] = {MAY_CERTIFY, MAY_ENCRYPT};
    struct test_cert cert;
    struct pair pair;
    unsigned int i;

    for (i = 0; i < 8; i++) {
        const DWORD version = versions[i & 1];
        struct side_options client = {.protocols = version};
        struct side_options server = {.protocols = version,
                                      .flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                      .cred_flags = i & 4 ? SCH_CRED_MANUAL_CRED_VALIDATION
                                                          : SCH_CRED_AUTO_CRED_VALIDATION,
                                      .alert = TRUE};

        if (!create_used(usages[i >> 1 & 1], 2048, &cert))
            continue;
        winetest_push_context("%s, usage %#x, %s", version_name(version), usages[i >> 1 & 1],
                              i & 4 ? "manual" : "automatic");
        client.certificates[0] = cert.context;
        if (pair_create(&pair, &client, &server)) {
            struct side *refuses = version == SIDE_TLS1_2 ? &pair.client : &pair.server;

            ok(!pair_handshake(&pair), "connected\n");
            ok(refuses->status == SEC_E_CERT_WRONG_USAGE, "client %s, server %s\n",
               status_name(pair.client.status), status_name(pair.server.status));
            if (version == SIDE_TLS1_3)
                ok(pair.server.alert == TLS1_ALERT_UNSUPPORTED_CERT, "alert %d\n",
                   pair.server.alert);
            else
                ok(pair.server.status == SEC_E_CERT_UNKNOWN, "the server is told %s\n",
                   status_name(pair.server.status));
        }
        pair_destroy(&pair);
        test_cert_free(&cert);
        winetest_pop_context();
    }
}

/* RFC 6125 and RFC 2818: whom a certificate is for. */
static const struct name_row {
    const WCHAR *target;
    const char *common_name;
    DWORD common_name_size;
    struct test_name names[3]; /* none: no alternative names */
    BOOL matches;
} name_rows[] = {
#define ONE(target, name, matches)                                                                 \
    {                                                                                              \
        target, "x", 0, {name}, matches                                                            \
    }
#define COMMON(target, name, matches)                                                              \
    {                                                                                              \
        target, name, sizeof(name) - 1, {{0, NULL, 0}}, matches                                    \
    }
    ONE(L"www.example.org", TEST_DNS("www.example.org"), TRUE),
    ONE(L"WWW.Example.ORG", TEST_DNS("www.eXample.org"), TRUE),
    ONE(L"www.example.org.", TEST_DNS("www.example.org"), TRUE),
    ONE(L"www.example.org", TEST_DNS("www.example.org."), TRUE),
    ONE(L"www.example.org", TEST_DNS("example.org"), FALSE),
    ONE(L"example.org", TEST_DNS("www.example.org"), FALSE),
    ONE(L"www.example.org", TEST_DNS("ww.example.org"), FALSE),
    ONE(L"www.example.org", TEST_DNS("www.example.or"), FALSE),
    ONE(L"www.example.org", TEST_DNS("www.example.orgs"), FALSE),

    /* A wildcard is one whole label, the first of three or more. */
    ONE(L"www.example.org", TEST_DNS("*.example.org"), TRUE),
    ONE(L"WWW.EXAMPLE.ORG", TEST_DNS("*.example.org"), TRUE),
    ONE(L"a.b.example.org", TEST_DNS("*.example.org"), FALSE),
    ONE(L"example.org", TEST_DNS("*.example.org"), FALSE),
    ONE(L"www.example.org", TEST_DNS("w*.example.org"), FALSE),
    ONE(L"www.example.org", TEST_DNS("*w.example.org"), FALSE),
    ONE(L"www.example.org", TEST_DNS("*w*.example.org"), FALSE),
    ONE(L"www.example.org", TEST_DNS("www.*.org"), FALSE),
    ONE(L"www.example.org", TEST_DNS("*.*.org"), FALSE),
    ONE(L"www.example.org", TEST_DNS("*"), FALSE),
    ONE(L"www.example.org", TEST_DNS("*."), FALSE),
    ONE(L"example.org", TEST_DNS("*.org"), FALSE),
    ONE(L"example.org", TEST_DNS("*.org."), FALSE),
    ONE(L"www.example.org", TEST_DNS("**.example.org"), FALSE),
    ONE(L"xn--bcher-kva.example.org", TEST_DNS("*.example.org"), TRUE),

    /* What stands behind a NUL counts. */
    ONE(L"www.example.org", TEST_DNS("www.example.org\0.evil.example"), FALSE),
    ONE(L"www.example.org", TEST_DNS("www.example.org\0"), FALSE),
    COMMON(L"www.example.org", "www.example.org\0.evil.example", FALSE),

    /* Names in other scripts are compared in their A-label form. */
    ONE(L"b\xfc"
        L"cher.example.org",
        TEST_DNS("xn--bcher-kva.example.org"), TRUE),
    ONE(L"B\xdc"
        L"CHER.example.org",
        TEST_DNS("xn--bcher-kva.example.org"), TRUE),
    ONE(L"xn--bcher-kva.example.org", TEST_DNS("XN--BCHER-KVA.example.org"), TRUE),
    ONE(L"b\xfc"
        L"cher.example.org",
        TEST_DNS("b\xfc"
                 "cher.example.org"),
        FALSE),

    /* Addresses match addresses, and names that are really addresses. */
    ONE(L"127.0.0.1", TEST_IP("\x7f\0\0\1"), TRUE),
    ONE(L"127.0.0.2", TEST_IP("\x7f\0\0\1"), FALSE),
    ONE(L"127.0.0.1", TEST_DNS("127.0.0.1"), TRUE),
    ONE(L"[::1]:443", TEST_DNS("0:0::1"), TRUE),
    ONE(L"127.0.0.1", TEST_DNS("127.0.0.2"), FALSE),
    ONE(L"127.0.0.1", TEST_DNS("127.1"), FALSE),
    ONE(L"127.0.0.1", TEST_DNS("127.0.0.1\0"), FALSE),
    ONE(L"127.0.0.1", TEST_DNS("127.0.0.1.example.org"), FALSE),
    ONE(L"127.0.0.1", TEST_DNS("localhost"), FALSE),
    ONE(L"127.0.0.1", TEST_DNS("*.0.0.1"), FALSE),
    ONE(L"127.0.0.1", TEST_IP("\x7f\0\0\1\0\0\0\0"), FALSE),
    ONE(L"127.0.0.1", TEST_IP("\0\0\0\0\0\0\0\0\0\0\xff\xff\x7f\0\0\1"), FALSE),
    COMMON(L"127.0.0.1", "127.0.0.1", TRUE),
    COMMON(L"::1", "::1", TRUE),
    COMMON(L"127.0.0.1", "127.0.0.2", FALSE),
    COMMON(L"127.0.0.1", "*.0.0.1", FALSE),
    {L"127.0.0.1", "127.0.0.1", 0, {TEST_DNS("www.example.org")}, FALSE},
    ONE(L"::1", TEST_IP("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), TRUE),
    ONE(L"[::1]", TEST_IP("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), TRUE),
    ONE(L"[::1]:443", TEST_IP("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), TRUE),
    ONE(L"::2", TEST_IP("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1"), FALSE),
    ONE(L"2001:DB8::a", TEST_IP("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x0a"), TRUE),
    ONE(L"::1", TEST_IP("\0\0\0\1"), FALSE),

    /* The common name counts where there are no alternative names. */
    COMMON(L"www.example.org", "www.example.org", TRUE),
    COMMON(L"www.example.org", "*.example.org", TRUE),
    COMMON(L"www.example.org", "www.example.com", FALSE),
    COMMON(L"www.example.org", "www.example.org ", FALSE),
    {L"www.example.org", "www.example.org", 0, {TEST_DNS("www.example.com")}, FALSE},
    {L"www.example.org", "www.example.org", 0, {TEST_IP("\x7f\0\0\1")}, FALSE},
    {L"www.example.org", "x", 0, {TEST_DNS("www.example.com"), TEST_DNS("www.example.org")}, TRUE},
    {L"www.example.org", "x", 0, {{TEST_NAME_URI, "www.example.org", 15}}, FALSE},
    {L"", "x", 0, {TEST_DNS("www.example.org")}, FALSE},
#undef ONE
#undef COMMON
};

static void test_names(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(name_rows); i++) {
        const struct name_row *row = &name_rows[i];
        struct verdict_case subject = {.target = row->target, .no_manual = TRUE};
        struct test_cert_options options = {.type = TEST_KEY_ECDSA,
                                            .name = row->common_name,
                                            .name_size = row->common_name_size,
                                            .names = row->names,
                                            .no_names = !row->names[0].size,
                                            .uses = TEST_CERT_SERVER,
                                            .issuer = &authorities[ROOT]};
        struct test_cert cert;

        winetest_push_context("name %u, %s", i, wine_dbgstr_w(row->target));
        if (test_cert_create(&options, &cert)) {
            subject.certificate = cert.context;
            check_verdict(&subject, SIDE_CLIENT, row->matches ? good : wrong_name);
            test_cert_free(&cert);
        }
        winetest_pop_context();
    }
}

/* The Name that a certificate with a common name of nine characters has. */
#define DIRECTORY(name)                                                                            \
    {                                                                                              \
        TEST_NAME_DIRECTORY, "\x30\x14\x31\x12\x30\x10\x06\x03\x55\x04\x03\x0c\x09" name, 22       \
    }
#define MAIL(text)                                                                                 \
    {                                                                                              \
        TEST_NAME_MAIL, text, sizeof(text) - 1                                                     \
    }
#define URI(text)                                                                                  \
    {                                                                                              \
        TEST_NAME_URI, text, sizeof(text) - 1                                                      \
    }
#define MANY     TEST_IP("\x0a\0\0\0\xff\0\0\0")       /* 10.0.0.0/8 */
#define LOOPBACK TEST_IP("\x7f\0\0\0\xff\xff\xff\xff") /* 127.0.0.0/32 */
#define OURS     TEST_DNS("localhost")
#define OTHERS   TEST_DNS("example.org")

/* What an authority permits and excludes, and the names of a certificate for "localhost" that it
 * has issued; one after the other, because what comes later must not make up for what was first. */
static const struct constraint_row {
    const char *what;
    struct test_name permitted[3], excluded[3];
    struct test_name names[3]; /* none: no alternative names */
    const struct verdict *expected;
} constraint_rows[] = {
    {"DNS", {OURS}, {OTHERS}, {OURS}, &good},
    {"DNS, another", {OTHERS}, {{0}}, {OURS}, &bad},
    {"DNS, excluded", {{0}}, {OURS}, {OURS}, &bad},
    {"another, then its directory name", {OTHERS, DIRECTORY("localhost")}, {{0}}, {OURS}, &bad},
    {"another, then an address", {OTHERS, MANY}, {{0}}, {OURS}, &bad},
    {"an address, then another", {MANY, OTHERS}, {{0}}, {OURS}, &bad},
    {"excluded, then a directory name", {{0}}, {OURS, DIRECTORY("elsewhere")}, {OURS}, &bad},
    {"excluded, then an address", {{0}}, {OURS, MANY}, {OURS}, &bad},
    {"several, one of them not ours", {OURS}, {{0}}, {OURS, OTHERS}, &bad},
    {"the common name", {OTHERS, MANY}, {{0}}, {{0}}, &bad},

    {"address", {MANY}, {{0}}, {OURS, TEST_IP("\x0a\1\2\3")}, &good},
    {"address, another", {MANY}, {{0}}, {OURS, TEST_IP("\x7f\0\0\0")}, &bad},
    {"address, excluded", {{0}}, {LOOPBACK}, {OURS, TEST_IP("\x7f\0\0\0")}, &bad},
    {"address, then DNS", {MANY, OURS}, {{0}}, {OURS, TEST_IP("\x7f\0\0\0")}, &bad},

    {"mail", {MAIL("example.org")}, {{0}}, {OURS, MAIL("a@example.org")}, &good},
    {"mail, another", {MAIL("example.org")}, {{0}}, {OURS, MAIL("a@other.org")}, &bad},
    {"mail, excluded", {{0}}, {MAIL("example.org")}, {OURS, MAIL("a@example.org")}, &bad},
    {"mail, then DNS", {MAIL("example.org"), OURS}, {{0}}, {OURS, MAIL("a@other.org")}, &bad},

    {"URI", {URI("example.org")}, {{0}}, {OURS, URI("http://example.org/x")}, &good},
    {"URI, another", {URI("example.org")}, {{0}}, {OURS, URI("http://other.org/")}, &bad},
    {"URI, excluded", {{0}}, {URI("example.org")}, {OURS, URI("http://example.org/")}, &bad},
    {"URI, then DNS", {URI("example.org"), OURS}, {{0}}, {OURS, URI("http://other.org/")}, &bad},

    {"directory name", {DIRECTORY("localhost")}, {{0}}, {OURS}, &good},
    {"directory name, another", {DIRECTORY("elsewhere")}, {{0}}, {OURS}, &bad},
    {"directory name, excluded", {{0}}, {DIRECTORY("localhost")}, {OURS}, &bad},
    {"directory name, then DNS", {DIRECTORY("elsewhere"), OURS}, {{0}}, {OURS}, &bad},
};

static void test_constraints(void)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(constraint_rows); i++) {
        const struct constraint_row *row = &constraint_rows[i];
        struct test_cert_options options = {.type = TEST_KEY_ECDSA,
                                            .name = "Constrained",
                                            .uses = TEST_CERT_CA,
                                            .permitted_names = row->permitted,
                                            .excluded_names = row->excluded,
                                            .issuer = &authorities[ROOT]};
        struct verdict_case subject = {.no_manual = TRUE};
        struct test_cert authority, cert;

        winetest_push_context("constraint %s", row->what);
        if (test_cert_create(&options, &authority)) {
            options = (struct test_cert_options){.type = TEST_KEY_ECDSA,
                                                 .name = "localhost",
                                                 .names = row->names,
                                                 .no_names = !row->names[0].size,
                                                 .uses = BOTH,
                                                 .issuer = &authority};
            if (test_cert_create(&options, &cert)) {
                subject.certificate = cert.context;
                check_verdict(&subject, SIDE_CLIENT, *row->expected);
                test_cert_free(&cert);
            }
            test_cert_free(&authority);
        }
        winetest_pop_context();
    }
}

START_TEST(schannel_peer_certificates)
{
    unsigned int i;

    if (!create_authorities())
        return;
    if (test_cert_trust(&authorities[ROOT])) {
        test_rows();
        test_server_key_usage();
        test_client_key_usage();
        test_names();
        test_constraints();
        test_cert_distrust(&authorities[ROOT]);
    }
    for (i = 0; i < AUTHORITY_COUNT; i++)
        test_cert_free(&authorities[i]);
}
