/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel and the system's certificate stores: the issuers that are sent with a leaf, as the
 * stores are when the credential is acquired, and leaves that are named by their thumbprints.
 */
#include "kit/other.h"
#include "kit/pair.h"
#include "kit/testprovider.h"
#include "wine/test.h"

#define STORES_KEY L"Software\\Microsoft\\SystemCertificates\\"

static struct test_cert root, middle, stranger;

static HCERTSTORE open_store(DWORD location, const WCHAR *name)
{
    HCERTSTORE store = CertOpenStore(CERT_STORE_PROV_SYSTEM_REGISTRY_W, 0, 0, location, name);

    if (!store)
        win_skip("store %s cannot be written, error %#lx\n", wine_dbgstr_w(name), GetLastError());
    return store;
}

/* Wine writes late, so every change is closed with. */
static BOOL put(DWORD location, const WCHAR *name, const CERT_CONTEXT *certificate)
{
    HCERTSTORE store = open_store(location, name);
    BOOL done;

    if (!store)
        return FALSE;
    done = CertAddCertificateContextToStore(store, certificate, CERT_STORE_ADD_ALWAYS, NULL);
    ok(done, "not added, error %#lx\n", GetLastError());
    CertCloseStore(store, 0);
    return done;
}

static void take(DWORD location, const WCHAR *name, const CERT_CONTEXT *certificate)
{
    HCERTSTORE store = open_store(location, name);
    const CERT_CONTEXT *found;

    if (!store)
        return;
    found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING, certificate,
                                       NULL);
    if (found)
        CertDeleteCertificateFromStore(found);
    CertCloseStore(store, 0);
}

static BOOL create_authorities(void)
{
    struct test_cert_options top = {.type = TEST_KEY_RSA,
                                    .place = TEST_KEY_NOWHERE,
                                    .name = "Stores root",
                                    .uses = TEST_CERT_CA};
    struct test_cert_options below = {.type = TEST_KEY_RSA,
                                      .place = TEST_KEY_NOWHERE,
                                      .name = "Stores middle",
                                      .uses = TEST_CERT_CA,
                                      .issuer = &root};
    BOOL result;

    if (!test_cert_create(&top, &root) || !test_cert_create(&below, &middle))
        return FALSE;
    /* Of the same name with another key. */
    below.key = test_key_create_rsa(1024);
    result = below.key && test_cert_create(&below, &stranger);
    if (below.key)
        test_key_release(below.key);
    return result;
}

/* The leaf in a store of its own, together with others. */
static const CERT_CONTEXT *create_leaf(const CERT_CONTEXT *first, const CERT_CONTEXT *second)
{
    struct test_cert_options options = {.type = TEST_KEY_RSA,
                                        .place = TEST_KEY_NOWHERE,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER,
                                        .issuer = &middle};
    HCERTSTORE store =
        CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    const CERT_CONTEXT *leaf = NULL;
    struct test_cert made;

    if (!test_cert_create(&options, &made))
        return NULL;
    /* The newest comes first when it is looked for. */
    if (second)
        CertAddCertificateContextToStore(store, second, CERT_STORE_ADD_ALWAYS, NULL);
    if (first)
        CertAddCertificateContextToStore(store, first, CERT_STORE_ADD_ALWAYS, NULL);
    CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, made.context->pbCertEncoded,
                                     made.context->cbCertEncoded, CERT_STORE_ADD_ALWAYS, &leaf);
    ok(leaf != NULL, "no leaf, error %#lx\n", GetLastError());
    if (leaf)
        test_key_attach_property(made.key, leaf);
    CertCloseStore(store, 0);
    test_cert_free(&made);
    return leaf;
}

/* The chain that a server with this leaf sends has so many certificates, with that issuer. */
#define check_sent(leaf, flags, count, issuer) check_sent_(__LINE__, leaf, flags, count, issuer)
static void check_sent_(unsigned int line, const CERT_CONTEXT *leaf, DWORD flags, DWORD count,
                        const struct test_cert *issuer)
{
    struct side_options client = {0}, server = {.certificates = {leaf}, .cred_flags = flags};
    SecPkgContext_Certificates sent = {0};
    SECURITY_STATUS status;
    const BYTE *second;
    struct pair pair;
    DWORD size;

    if (pair_connect(&pair, &client, &server)) {
        status =
            QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_REMOTE_CERTIFICATES, &sent);
        ok_(__FILE__, line)(status == SEC_E_OK && sent.cCertificates == count,
                            "%s, %lu certificates\n", status_name(status), sent.cCertificates);
        if (!status && sent.cCertificates == count && issuer) {
            memcpy(&size, sent.pbCertificateChain, sizeof(size));
            second = sent.pbCertificateChain + sizeof(size) + size;
            memcpy(&size, second, sizeof(size));
            ok_(__FILE__,
                line)(size == issuer->context->cbCertEncoded &&
                          !memcmp(second + sizeof(size), issuer->context->pbCertEncoded, size),
                      "another issuer\n");
        }
        if (!status)
            FreeContextBuffer(sent.pbCertificateChain);
    }
    pair_destroy(&pair);
}

/* What changes in the stores counts for the next credential. */
static void test_issuers(void)
{
    static const DWORD locations[] = {CERT_SYSTEM_STORE_CURRENT_USER,
                                      CERT_SYSTEM_STORE_LOCAL_MACHINE};
    const CERT_CONTEXT *leaf = create_leaf(NULL, NULL);
    unsigned int i;

    if (!leaf)
        return;
    check_sent(leaf, 0, 1, NULL);
    for (i = 0; i < ARRAY_SIZE(locations); i++) {
        if (!put(locations[i], L"CA", middle.context))
            continue;
        check_sent(leaf, 0, 2, &middle);
        /* Seen before. */
        check_sent(leaf, 0, 2, &middle);
        check_sent(leaf, SCH_SEND_ROOT_CERT, 2, &middle);
        if (put(locations[i], L"Root", root.context)) {
            check_sent(leaf, SCH_SEND_ROOT_CERT, 3, &middle);
            check_sent(leaf, 0, 2, &middle);
            take(locations[i], L"Root", root.context);
            check_sent(leaf, SCH_SEND_ROOT_CERT, 2, &middle);
        }
        take(locations[i], L"CA", middle.context);
        check_sent(leaf, 0, 1, NULL);
    }
    CertFreeCertificateContext(leaf);
}

/* A store whose registry key is deleted and made again is another one. */
static void test_deleted_store(void)
{
    const CERT_CONTEXT *leaf;
    LSTATUS error;

    if (!winetest_platform_is_wine || !(leaf = create_leaf(NULL, NULL)))
        return;
    if (put(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", middle.context)) {
        check_sent(leaf, 0, 2, &middle);
        error = RegDeleteTreeW(HKEY_CURRENT_USER, STORES_KEY L"CA");
        ok(!error, "not deleted, error %ld\n", error);
        check_sent(leaf, 0, 1, NULL);
        put(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", middle.context);
        check_sent(leaf, 0, 2, &middle);
        take(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", middle.context);
    }
    CertFreeCertificateContext(leaf);
}

/* Of several issuers of the right name the one that signed. */
static void test_same_names(void)
{
    const struct test_cert *const orders[][2] = {{&middle, &stranger}, {&stranger, &middle}};
    const CERT_CONTEXT *leaf;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(orders); i++) {
        leaf = create_leaf(orders[i][0]->context, orders[i][1]->context);
        if (!leaf)
            continue;
        check_sent(leaf, 0, 2, &middle);
        CertFreeCertificateContext(leaf);
    }
    leaf = create_leaf(NULL, NULL);
    if (leaf && put(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", middle.context) &&
        put(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", stranger.context))
        check_sent(leaf, 0, 2, &middle);
    take(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", middle.context);
    take(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", stranger.context);
    if (leaf)
        CertFreeCertificateContext(leaf);
}

/*
 * Of certificates of an authority that has been renewed with its key the one that is valid now,
 * wherever they are and whichever comes first, as Windows' engine chooses; one that is not, when
 * there is no other.
 */
static void test_renewed_issuer(void)
{
    static const struct {
        int first_day, last_day;
    } others[] = {{-60, -30}, {30, 60}};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(others); i++) {
        struct test_cert_options options = {.type = TEST_KEY_RSA,
                                            .place = TEST_KEY_NOWHERE,
                                            .name = "Stores middle",
                                            .uses = TEST_CERT_CA,
                                            .first_day = others[i].first_day,
                                            .last_day = others[i].last_day,
                                            .issuer = &root,
                                            .key = middle.key};
        const CERT_CONTEXT *leaves[4] = {0};
        struct test_cert other;
        unsigned int j;

        winetest_push_context("days %d to %d", others[i].first_day, others[i].last_day);
        if (test_cert_create(&options, &other)) {
            leaves[0] = create_leaf(middle.context, other.context);
            leaves[1] = create_leaf(other.context, middle.context);
            leaves[2] = create_leaf(other.context, NULL);
            leaves[3] = create_leaf(NULL, NULL);
            if (leaves[0])
                check_sent(leaves[0], 0, 2, &middle);
            if (leaves[1])
                check_sent(leaves[1], 0, 2, &middle);
            if (leaves[2])
                check_sent(leaves[2], 0, 2, &other);
            if (put(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", middle.context)) {
                if (leaves[2])
                    check_sent(leaves[2], 0, 2, &middle);
                if (put(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", other.context)) {
                    if (leaves[3])
                        check_sent(leaves[3], 0, 2, &middle);
                    take(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", other.context);
                }
                take(CERT_SYSTEM_STORE_CURRENT_USER, L"CA", middle.context);
            }
            for (j = 0; j < ARRAY_SIZE(leaves); j++)
                if (leaves[j])
                    CertFreeCertificateContext(leaves[j]);
            test_cert_free(&other);
        }
        winetest_pop_context();
    }
}

static void check_by_hash(DWORD format, void *entries, DWORD count, SECURITY_STATUS expected)
{
    SCHANNEL_CRED old = {.dwVersion = SCHANNEL_CRED_VERSION,
                         .cCreds = count,
                         .paCred = entries,
                         .dwCredFormat = format};
    SCH_CREDENTIALS new = {.dwVersion = SCH_CREDENTIALS_VERSION,
                           .dwCredFormat = format,
                           .cCreds = count,
                           .paCred = entries};
    void *const structures[] = {&old, &new};
    SecPkgCredentials_Cert cert;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(structures); i++) {
        CredHandle credentials;
        SECURITY_STATUS status =
            AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)UNISP_NAME_W, SECPKG_CRED_INBOUND, NULL,
                                      structures[i], NULL, NULL, &credentials, NULL);

        /* Windows: in kernel mode only. */
        ok(status == expected || broken(FAILED(status)), "format %lu, structure %u: %s\n", format,
           i, status_name(status));
        if (status)
            continue;
        status = QueryCredentialsAttributesW(&credentials, SECPKG_CRED_ATTR_CERT, &cert);
        ok(status == SEC_E_OK || broken(FAILED(status)), "%s\n", status_name(status));
        if (!status) {
            BYTE hash[20];
            DWORD size = sizeof(hash);
            const BYTE *wanted = format == SCH_CRED_FORMAT_CERT_HASH
                                     ? entries
                                     : ((SCHANNEL_CERT_HASH_STORE *)entries)->ShaHash;

            CryptHashCertificate(0, CALG_SHA1, 0, cert.EncodedCert, cert.EncodedCertSize, hash,
                                 &size);
            ok(!memcmp(hash, wanted, sizeof(hash)), "another certificate\n");
            FreeContextBuffer(cert.EncodedCert);
        }
        FreeCredentialsHandle(&credentials);
    }
}

/* Certificates by their thumbprints: paCred points to the entries themselves, one after another. */
static void check_hashes(const CERT_CONTEXT *certificate, BOOL machine)
{
    const DWORD machine_only = SCH_MACHINE_CERT_HASH;
    SCHANNEL_CERT_HASH_STORE stores[2];
    BYTE hashes[2][20];
    DWORD size = sizeof(hashes[0]);

    CertGetCertificateContextProperty(certificate, CERT_SHA1_HASH_PROP_ID, hashes[0], &size);
    memcpy(hashes[1], hashes[0], sizeof(hashes[0]));
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH, hashes, 1, SEC_E_OK);
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH, hashes, 2, SEC_E_OK);
    hashes[1][7] ^= 1;
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH, hashes, 2, SEC_E_NO_CREDENTIALS);

    memset(stores, 0, sizeof(stores));
    stores[0].dwLength = sizeof(stores[0]);
    memcpy(stores[0].ShaHash, hashes[0], sizeof(hashes[0]));
    lstrcpyW(stores[0].pwszStoreName, L"MY");
    stores[1] = stores[0];
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH_STORE, stores, 1, SEC_E_OK);
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH_STORE, stores, 2, SEC_E_OK);
    stores[1].dwFlags = machine_only;
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH_STORE, stores, 2,
                  machine ? SEC_E_OK : SEC_E_NO_CREDENTIALS);
    stores[1] = stores[0];
    lstrcpyW(stores[1].pwszStoreName, L"CA");
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH_STORE, stores, 2, SEC_E_NO_CREDENTIALS);
    stores[0].dwLength = 0;
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH_STORE, stores, 1, SEC_E_UNKNOWN_CREDENTIALS);
    stores[0] = stores[1];
    stores[0].dwFlags = ~machine_only;
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH_STORE, stores, 1, SEC_E_UNKNOWN_CREDENTIALS);
    check_by_hash(SCH_CRED_FORMAT_CERT_HASH_STORE + 1, stores, 1, SEC_E_UNKNOWN_CREDENTIALS);
}

/* The user's store with the user's key, the machine's with the machine's. */
static void test_thumbprints(void)
{
    static const struct {
        DWORD store, set;
    } places[] = {
        {CERT_SYSTEM_STORE_CURRENT_USER, 0},
        {CERT_SYSTEM_STORE_LOCAL_MACHINE, CRYPT_MACHINE_KEYSET},
    };
    WCHAR container[64];
    struct test_cert cert;
    unsigned int i;

    swprintf(container, ARRAY_SIZE(container), L"asyncsspi-stores-%lu", GetCurrentProcessId());
    for (i = 0; i < ARRAY_SIZE(places); i++) {
        winetest_push_context("%s", places[i].set ? "machine" : "user");
        if (container_generate(container, PROV_RSA_AES, places[i].set, CRYPT_EXPORTABLE) &&
            container_cert(&root, container, PROV_RSA_AES, places[i].set, places[i].set, &cert)) {
            if (put(places[i].store, L"MY", cert.context)) {
                check_hashes(cert.context, places[i].set != 0);
                take(places[i].store, L"MY", cert.context);
            }
            test_cert_free(&cert);
        }
        container_delete(container, places[i].set);
        winetest_pop_context();
    }
}

START_TEST(schannel_credentials_systemstore)
{
    if (!create_authorities())
        return;
    RUN(test_issuers);
    RUN(test_deleted_store);
    RUN(test_same_names);
    RUN(test_renewed_issuer);
    RUN(test_thumbprints);
    test_cert_free(&root);
    test_cert_free(&middle);
    test_cert_free(&stranger);
}
