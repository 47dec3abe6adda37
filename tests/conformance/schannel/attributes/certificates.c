/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes about certificates, the peer's and the own, with and without one on either side.
 */
#include "kit/attributes.h"
#include "wine/test.h"

static const CERT_CONTEXT *remote_certificate(const struct scene *scene, unsigned int role)
{
    return scene->certificates[role == SIDE_CLIENT ? SIDE_SERVER : SIDE_CLIENT];
}

/* What a query is to answer when there is a certificate, and when there is none. */
static SECURITY_STATUS expected(const CERT_CONTEXT *certificate)
{
    return certificate ? SEC_E_OK : SEC_E_NO_CREDENTIALS;
}

static void check_remote(struct scene *scene, ULONG attribute)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        const CERT_CONTEXT *seen = (void *)0x1234, *sent = remote_certificate(scene, i);

        if (!query_expecting(scene->sides[i], attribute, &seen, expected(sent))) {
            ok(!seen, "a certificate all the same\n");
            continue;
        }
        ok(same_certificate(seen, sent), "another certificate\n");
        ok(store_has(seen->hCertStore, sent), "its store lacks it\n");
        CertFreeCertificateContext(seen);
    }
}

static void check_remote_cert_context(struct scene *scene)
{
    check_remote(scene, SECPKG_ATTR_REMOTE_CERT_CONTEXT);
}

static void check_remote_cert_chain(struct scene *scene)
{
    check_remote(scene, SECPKG_ATTR_REMOTE_CERT_CHAIN);
}

static void check_remote_certificates(struct scene *scene)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        const CERT_CONTEXT *sent = remote_certificate(scene, i);
        SecPkgContext_Certificates certificates = {0};
        DWORD size;

        if (!query_expecting(scene->sides[i], SECPKG_ATTR_REMOTE_CERTIFICATES, &certificates,
                             expected(sent)))
            continue;
        ok(certificates.cCertificates == 1, "%lu certificates\n", certificates.cCertificates);
        memcpy(&size, certificates.pbCertificateChain, sizeof(size));
        ok(size == sent->cbCertEncoded && certificates.cbCertificateChain == sizeof(size) + size &&
               !memcmp(certificates.pbCertificateChain + sizeof(size), sent->pbCertEncoded, size),
           "another certificate of %lu bytes in %lu\n", size, certificates.cbCertificateChain);
        FreeContextBuffer(certificates.pbCertificateChain);
    }
}

static void check_local_cert_context(struct scene *scene)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        const CERT_CONTEXT *local = (void *)0x1234, *own = scene->certificates[i];

        if (query_expecting(scene->sides[i], SECPKG_ATTR_LOCAL_CERT_CONTEXT, &local,
                            expected(own))) {
            ok(same_certificate(local, own), "another certificate\n");
            CertFreeCertificateContext(local);
        } else {
            ok(!local, "a certificate all the same\n");
        }
    }
}

static void check_local_cert_info(struct scene *scene)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        const CERT_CONTEXT *own = scene->certificates[i];
        SecPkgContext_CertInfo info = {.dwVersion = 0xcccccccc};
        WCHAR *subject, *issuer;

        if (!query_expecting(scene->sides[i], SECPKG_ATTR_LOCAL_CERT_INFO, &info, expected(own)))
            continue;
        subject = name_text(&own->pCertInfo->Subject);
        issuer = name_text(&own->pCertInfo->Issuer);
        ok(info.dwVersion == KERN_CONTEXT_CERT_INFO_V1, "version %lu\n", info.dwVersion);
        ok(!lstrcmpW(info.pwszSubjectName, subject), "subject %s\n",
           wine_dbgstr_w(info.pwszSubjectName));
        ok(!lstrcmpW(info.pwszIssuerName, issuer), "issuer %s\n",
           wine_dbgstr_w(info.pwszIssuerName));
        ok(info.dwKeySize == (own == test_cert_localhost(TEST_KEY_RSA) ? 2048 : 256), "%lu bits\n",
           info.dwKeySize);
        free(subject);
        free(issuer);
        FreeContextBuffer(info.pwszSubjectName);
        FreeContextBuffer(info.pwszIssuerName);
    }
}

/* The validity of the peer's certificate, else of the own, in local time. */
static void check_lifespan(struct scene *scene)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        const CERT_CONTEXT *certificate = remote_certificate(scene, i);
        SecPkgContext_Lifespan lifespan;
        FILETIME start, end;

        if (!certificate)
            certificate = scene->certificates[i];
        memset(&lifespan, 0xcc, sizeof(lifespan));
        if (!query(scene->sides[i], SECPKG_ATTR_LIFESPAN, &lifespan))
            continue;
        FileTimeToLocalFileTime(&certificate->pCertInfo->NotBefore, &start);
        FileTimeToLocalFileTime(&certificate->pCertInfo->NotAfter, &end);
        ok(lifespan.tsStart.LowPart == start.dwLowDateTime &&
               (DWORD)lifespan.tsStart.HighPart == start.dwHighDateTime,
           "another start\n");
        ok(lifespan.tsExpiry.LowPart == end.dwLowDateTime &&
               (DWORD)lifespan.tsExpiry.HighPart == end.dwHighDateTime,
           "another end\n");
    }
}

static void check_name(struct scene *scene, ULONG attribute, BOOL issuer)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        const CERT_CONTEXT *sent = remote_certificate(scene, i);
        SECURITY_STATUS status;
        WCHAR *name = NULL, *text;
        char *ansi = NULL, narrow[256];

        if (!query_expecting(scene->sides[i], attribute, &name, expected(sent)))
            continue;
        text = name_text(issuer ? &sent->pCertInfo->Issuer : &sent->pCertInfo->Subject);
        ok(!lstrcmpW(name, text), "%s, not %s\n", wine_dbgstr_w(name), wine_dbgstr_w(text));
        status = QueryContextAttributesA(&scene->sides[i]->context, attribute, &ansi);
        ok(status == SEC_E_OK, "in ANSI: %s\n", status_name(status));
        WideCharToMultiByte(CP_ACP, 0, text, -1, narrow, sizeof(narrow), NULL, NULL);
        ok(ansi && !strcmp(ansi, narrow), "in ANSI: %s\n", wine_dbgstr_a(ansi));
        free(text);
        FreeContextBuffer(name);
        FreeContextBuffer(ansi);
    }
}

static void check_names(struct scene *scene)
{
    check_name(scene, SECPKG_ATTR_NAMES, FALSE);
}

static void check_authority(struct scene *scene)
{
    check_name(scene, SECPKG_ATTR_AUTHORITY, TRUE);
}

struct validation_result {
    DWORD trust;
    HRESULT policy;
};

/* Nobody trusts these certificates: a self-signed one of no root store. */
static void check_result(struct scene *scene, ULONG attribute)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        struct validation_result result = {0xcccccccc, 0};

        if (!query_expecting(scene->sides[i], attribute, &result,
                             expected(remote_certificate(scene, i))))
            continue;
        ok(result.trust == CERT_TRUST_IS_UNTRUSTED_ROOT, "trust %#lx\n", result.trust);
        ok(result.policy == CERT_E_UNTRUSTEDROOT, "policy %#lx\n", result.policy);
    }
}

static void check_cert_check_result(struct scene *scene)
{
    check_result(scene, SECPKG_ATTR_CERT_CHECK_RESULT);
}

static void check_cert_check_result_inproc(struct scene *scene)
{
    check_result(scene, SECPKG_ATTR_CERT_CHECK_RESULT_INPROC);
}

/* The store holds the whole chain, its first certificate is the leaf. */
static void check_serialized(struct scene *scene, ULONG attribute)
{
    unsigned int i;

    for (i = 0; i < 2; i++) {
        const CERT_CONTEXT *sent = remote_certificate(scene, i), *found = NULL;
        CERT_BLOB blob = {0};
        HCERTSTORE store;
        DWORD order, size = sizeof(order);

        if (!query_expecting(scene->sides[i], attribute, &blob, expected(sent)))
            continue;
        store = CertOpenStore(CERT_STORE_PROV_SERIALIZED, X509_ASN_ENCODING, 0, 0, &blob);
        ok(store != NULL, "%lu bytes are no store: error %#lx\n", blob.cbData, GetLastError());
        found = store ? CertEnumCertificatesInStore(store, NULL) : NULL;
        ok(found && same_certificate(found, sent), "the first certificate is another one\n");
        /* Windows says where in the chain it stands. */
        if (found && !winetest_platform_is_wine)
            ok(CertGetCertificateContextProperty(found, 0xe697, &order, &size) && !order,
               "it has no place\n");
        if (found)
            CertFreeCertificateContext(found);
        if (store)
            CertCloseStore(store, 0);
        FreeContextBuffer(blob.pbData);
    }
}

/* All that was sent, leaf first, and only that. */
static void test_serialized_chain(DWORD version)
{
    const struct test_cert_options authority = {
        .type = TEST_KEY_ECDSA, .name = "authority", .uses = TEST_CERT_CA};
    struct test_cert_options options = {
        .type = TEST_KEY_ECDSA, .name = "localhost", .uses = TEST_CERT_SERVER | TEST_CERT_CLIENT};
    static const ULONG kinds[] = {SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT,
                                  SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT_INPROC};
    struct validation_result result = {0xcccccccc, 0};
    const CERT_CONTEXT *each = NULL;
    struct test_cert ca, leaf;
    HCERTSTORE opened;
    struct side_options client = {.protocols = version};
    struct side_options server = {.protocols = version,
                                  .cred_flags = SCH_SEND_ROOT_CERT,
                                  .flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH};
    SECURITY_STATUS status;
    struct pair pair;
    CERT_BLOB blob;
    unsigned int i, j;

    if (!test_cert_create(&authority, &ca))
        return;
    options.issuer = &ca;
    if (!test_cert_create(&options, &leaf)) {
        test_cert_free(&ca);
        return;
    }
    client.certificates[0] = server.certificates[0] = leaf.context;
    server.root_store = ca.store;
    if (pair_connect(&pair, &client, &server)) {
        for (i = 0; i < ARRAY_SIZE(kinds); i++) {
            status = QueryContextAttributesW(&pair.client.context, kinds[i], &blob);
            ok(status == SEC_E_OK, "%#lx: %s\n", kinds[i], status_name(status));
            if (status != SEC_E_OK)
                continue;
            opened = CertOpenStore(CERT_STORE_PROV_SERIALIZED, X509_ASN_ENCODING, 0, 0, &blob);
            ok(opened != NULL, "no store: error %#lx\n", GetLastError());
            for (j = 0; opened && (each = CertEnumCertificatesInStore(opened, each)); j++)
                ok(j < 2 && same_certificate(each, j ? ca.context : leaf.context),
                   "certificate %u is another\n", j);
            ok(j == 2, "%u certificates\n", j);
            if (opened)
                CertCloseStore(opened, 0);
            FreeContextBuffer(blob.pbData);
        }
        /* The server's roots know the client's authority. */
        status = QueryContextAttributesW(&pair.server.context, SECPKG_ATTR_CERT_CHECK_RESULT_INPROC,
                                         &result);
        ok(status == SEC_E_OK && !result.trust && !result.policy, "%s, trust %#lx, policy %#lx\n",
           status_name(status), result.trust, result.policy);
    }
    pair_destroy(&pair);
    test_cert_free(&leaf);
    test_cert_free(&ca);
}

static void check_serialized_certificate(struct scene *scene)
{
    check_serialized(scene, SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT);
}

static void check_serialized_certificate_inproc(struct scene *scene)
{
    check_serialized(scene, SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT_INPROC);
}

START_TEST(schannel_attributes_certificates)
{
    static const struct attribute_test tests[] = {
        {"attribute REMOTE_CERT_CONTEXT", check_remote_cert_context},
        {"attribute REMOTE_CERT_CHAIN", check_remote_cert_chain},
        {"attribute REMOTE_CERTIFICATES", check_remote_certificates},
        {"attribute LOCAL_CERT_CONTEXT", check_local_cert_context},
        {"attribute LOCAL_CERT_INFO", check_local_cert_info},
        {"attribute LIFESPAN", check_lifespan},
        {"attribute NAMES", check_names},
        {"attribute AUTHORITY", check_authority},
        {"attribute CERT_CHECK_RESULT", check_cert_check_result},
        {"attribute CERT_CHECK_RESULT_INPROC", check_cert_check_result_inproc},
        {"attribute SERIALIZED_REMOTE_CERT_CONTEXT", check_serialized_certificate},
        {"attribute SERIALIZED_REMOTE_CERT_CONTEXT_INPROC", check_serialized_certificate_inproc},
    };

    attributes_run(tests, ARRAY_SIZE(tests));
    for_each_version(test_serialized_chain);
    tally_report();
}
