/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Keys of several PFX files. Under Wine each import puts its key into the same container, over that
 * of the import before; what is in use, or was lately, is found again all the same.
 */
#include "kit/pair.h"
#include "kit/testpfx.h"
#include "wine/test.h"

#include <lmcons.h>

/* So many of the keys that nobody uses are kept. */
#define KEPT 8

static struct test_cert ca;
static WCHAR user[UNLEN + 1];

static void delete_container(void)
{
    HCRYPTPROV gone;

    CryptAcquireContextW(&gone, user, NULL, PROV_RSA_FULL, CRYPT_DELETEKEYSET | CRYPT_SILENT);
}

static BOOL make_cert(struct test_cert *cert, enum test_key_type type)
{
    struct test_cert_options options = {.type = type,
                                        .place = type == TEST_KEY_RSA ? TEST_KEY_NOWHERE
                                                                      : TEST_KEY_IN_PROPERTY,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER | TEST_CERT_CLIENT,
                                        .issuer = &ca};
    BOOL result;

    if (type == TEST_KEY_RSA && !(options.key = test_key_create_rsa(2048)))
        return FALSE;
    result = test_cert_create(&options, cert);
    if (options.key)
        test_key_release(options.key);
    return result;
}

/* The certificate imported, put into the user's store and looked up there; NULL after a failed
 * ok(). So nothing but the name of the container leads to its key. */
static const CERT_CONTEXT *import(const struct test_cert *cert)
{
    const CERT_CONTEXT *imported = pfx_import(cert, CRYPT_EXPORTABLE), *found = NULL;
    HCERTSTORE my = CertOpenSystemStoreW(0, L"MY");

    if (imported) {
        CertAddCertificateContextToStore(my, imported, CERT_STORE_ADD_REPLACE_EXISTING, NULL);
        CertFreeCertificateContext(imported);
    }
    CertCloseStore(my, 0);
    my = CertOpenSystemStoreW(0, L"MY");
    if (imported)
        found = CertFindCertificateInStore(my, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING,
                                           cert->context, NULL);
    CertCloseStore(my, 0);
    ok(found != NULL, "not in the user's store\n");
    return found;
}

static void delete_from_store(const CERT_CONTEXT *certificate)
{
    if (certificate)
        CertDeleteCertificateFromStore(certificate);
}

static SECURITY_STATUS acquire(struct side *side, const CERT_CONTEXT *certificate)
{
    const struct side_options options = {.certificates = {certificate}};

    memset(side, 0, sizeof(*side));
    return side_acquire(side, SIDE_SERVER, &options);
}

static SECURITY_STATUS acquire_status(const CERT_CONTEXT *certificate)
{
    struct side side;
    SECURITY_STATUS status = acquire(&side, certificate);

    side_free(&side);
    return status;
}

/* Both versions, with credentials of their own. */
static void check_serves(const CERT_CONTEXT *certificate, const char *name)
{
    struct side_options client = {0}, server = {.certificates = {certificate}};
    struct pair pair;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        client.protocols = versions[i];
        winetest_push_context("%s, %s", name, version_name(versions[i]));
        if (pair_connect(&pair, &client, &server)) {
            pair_exchange(&pair.client, &pair.server, 1000);
            pair_exchange(&pair.server, &pair.client, 1000);
        }
        pair_destroy(&pair);
        winetest_pop_context();
    }
}

/* Uses one key more than is kept. */
static void use_others(void)
{
    struct test_cert cert;
    unsigned int i;

    for (i = 0; i < KEPT; i++) {
        if (!make_cert(&cert, TEST_KEY_ECDSA))
            return;
        ok(acquire_status(cert.context) == SEC_E_OK, "%u: no credentials\n", i);
        test_cert_free(&cert);
    }
}

/* A certificate of the same key, as after it was renewed. */
static const CERT_CONTEXT *renew(const struct test_cert *cert, const CERT_CONTEXT *imported,
                                 struct test_cert *renewed)
{
    struct test_cert_options options = {.place = TEST_KEY_NOWHERE,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER,
                                        .issuer = &ca,
                                        .last_day = 90,
                                        .key = cert->key};
    BYTE info[1024];
    DWORD size = sizeof(info);

    if (!test_cert_create(&options, renewed))
        return NULL;
    ok(CertGetCertificateContextProperty(imported, CERT_KEY_PROV_INFO_PROP_ID, info, &size) &&
           CertSetCertificateContextProperty(renewed->context, CERT_KEY_PROV_INFO_PROP_ID, 0, info),
       "no property, error %#lx\n", GetLastError());
    return renewed->context;
}

static void check_replaced(const struct test_cert certs[3])
{
    const CERT_CONTEXT *first = import(&certs[0]), *second = NULL, *third = NULL;
    struct test_cert renewed;
    struct side in_use;
    HCRYPTPROV empty;

    if (!first)
        return;
    ok(acquire(&in_use, first) == SEC_E_OK, "no credentials of the first\n");
    second = import(&certs[1]);
    third = import(&certs[2]);
    if (second && third) {
        check_serves(first, "the first");
        check_serves(third, "the last");
        if (renew(&certs[0], first, &renewed)) {
            check_serves(renewed.context, "the first, renewed");
            test_cert_free(&renewed);
        }
        ok(acquire_status(second) == SEC_E_NO_CREDENTIALS, "a key that was never used\n");

        use_others();
        check_serves(first, "the first, in use");
        side_free(&in_use);
        check_serves(first, "the first, used lately");
        use_others();
        ok(acquire_status(first) == SEC_E_NO_CREDENTIALS, "a key that is not kept\n");
        check_serves(third, "the last again");

        /* Who deletes the container gives up what was in it. */
        delete_container();
        ok(acquire_status(third) == SEC_E_UNKNOWN_CREDENTIALS, "a container that is gone\n");
        if (CryptAcquireContextW(&empty, user, NULL, PROV_RSA_FULL, CRYPT_NEWKEYSET | CRYPT_SILENT))
            CryptReleaseContext(empty, 0);
        ok(acquire_status(third) == SEC_E_NO_CREDENTIALS, "a container without a key\n");
    } else {
        side_free(&in_use);
    }
    delete_from_store(first);
    delete_from_store(second);
    delete_from_store(third);
}

START_TEST(schannel_keys_import)
{
    struct test_cert_options options = {
        .type = TEST_KEY_RSA, .place = TEST_KEY_NOWHERE, .name = "Import CA", .uses = TEST_CERT_CA};
    struct test_cert certs[3];
    DWORD size = ARRAY_SIZE(user);
    unsigned int made = 0;

    if (!winetest_platform_is_wine) {
        skip("each import has a container of its own\n");
        return;
    }
    GetUserNameW(user, &size);
    if (!test_cert_create(&options, &ca))
        return;
    while (made < ARRAY_SIZE(certs) && make_cert(&certs[made], TEST_KEY_RSA))
        made++;
    if (made == ARRAY_SIZE(certs))
        check_replaced(certs);
    delete_container();
    while (made)
        test_cert_free(&certs[--made]);
    test_cert_free(&ca);
}
