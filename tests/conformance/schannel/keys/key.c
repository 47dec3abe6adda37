/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's private keys where they are: containers of the user and the machine, open handles,
 * keys that cannot be exported, keys that go away.
 */
#include "kit/pair.h"
#include "kit/testprovider.h"
#include "wine/test.h"

static struct test_cert ca;
static WCHAR container[64];

static BOOL create_ca(void)
{
    struct test_cert_options options = {
        .type = TEST_KEY_RSA, .place = TEST_KEY_NOWHERE, .name = "Keys CA", .uses = TEST_CERT_CA};

    swprintf(container, ARRAY_SIZE(container), L"asyncsspi-keys-%lu", GetCurrentProcessId());
    return test_cert_create(&options, &ca);
}

static DWORD protocol_of(struct side *side)
{
    SecPkgContext_ConnectionInfo info = {0};

    QueryContextAttributesW(&side->context, SECPKG_ATTR_CONNECTION_INFO, &info);
    return info.dwProtocol;
}

/* A handshake of a server with this certificate; what it negotiated, 0 when it failed. */
static DWORD serve(const CERT_CONTEXT *certificate, DWORD client_protocols)
{
    struct side_options client = {.protocols = client_protocols},
                        server = {.certificates = {certificate}};
    DWORD protocol = 0;
    struct pair pair;

    if (pair_create(&pair, &client, &server) && pair_handshake(&pair)) {
        pair_exchange(&pair.server, &pair.client, 1000);
        pair_exchange(&pair.client, &pair.server, 1000);
        protocol = protocol_of(&pair.server);
    } else {
        trace("client %s, server %s\n", status_name(pair.client.status),
              status_name(pair.server.status));
    }
    pair_destroy(&pair);
    return protocol;
}

static SECURITY_STATUS acquire_status(const CERT_CONTEXT *certificate, DWORD protocols)
{
    struct side_options options = {.certificates = {certificate}, .protocols = protocols};
    struct side side = {0};
    SECURITY_STATUS status = side_acquire(&side, SIDE_SERVER, &options);

    side_free(&side);
    return status;
}

/* CryptoAPI makes no PSS signatures, so TLS 1.3 is not possible with a key that stays there. */
static void check_capi_server(const CERT_CONTEXT *certificate)
{
    SECURITY_STATUS status;
    DWORD protocol;

    protocol = serve(certificate, SIDE_TLS1_2);
    ok(protocol == SP_PROT_TLS1_2_SERVER, "TLS 1.2: %#lx\n", protocol);
    protocol = serve(certificate, SIDE_TLS1_2 | SIDE_TLS1_3);
    ok(protocol == SP_PROT_TLS1_2_SERVER, "both: %#lx\n", protocol);
    status = acquire_status(certificate, SIDE_TLS1_3);
    ok(status == SEC_E_ALGORITHM_MISMATCH, "TLS 1.3: %s\n", status_name(status));
}

static const struct {
    const char *name;
    DWORD type, set, set_named;
} places[] = {
    {"user", PROV_RSA_AES, 0, 0},
    {"machine", PROV_RSA_AES, CRYPT_MACHINE_KEYSET, CRYPT_MACHINE_KEYSET},
    /* What PFXImportCertStore writes for the machine's keys under Wine. */
    {"machine, called the user's", PROV_RSA_AES, CRYPT_MACHINE_KEYSET, 0},
    /* A provider that signs nothing newer than SHA-1 itself. */
    {"user, old type", PROV_RSA_FULL, 0, 0},
    {"machine, old type", PROV_RSA_FULL, CRYPT_MACHINE_KEYSET, CRYPT_MACHINE_KEYSET},
};

static void test_containers(void)
{
    struct test_cert cert;
    unsigned int i;
    DWORD protocol;

    for (i = 0; i < ARRAY_SIZE(places); i++) {
        winetest_push_context("%s", places[i].name);
        if (container_generate(container, places[i].type, places[i].set, 0) &&
            container_cert_that_stays(&ca, container, places[i].type, places[i].set,
                                      places[i].set_named, &cert)) {
            check_capi_server(cert.context);
            test_cert_free(&cert);
        }
        container_delete(container, places[i].set);
        if (container_generate(container, places[i].type, places[i].set, CRYPT_EXPORTABLE) &&
            container_cert(&ca, container, places[i].type, places[i].set, places[i].set_named,
                           &cert)) {
            protocol = serve(cert.context, SIDE_TLS1_3);
            ok(protocol == SP_PROT_TLS1_3_SERVER, "exportable: %#lx\n", protocol);
            test_cert_free(&cert);
        }
        container_delete(container, places[i].set);
        winetest_pop_context();
    }
}

/* The user's container of the same name has another key. */
static void test_hidden_machine_key(void)
{
    static const DWORD exportable[] = {CRYPT_EXPORTABLE, 0};
    struct test_cert cert;
    unsigned int i;
    DWORD protocol;

    for (i = 0; i < ARRAY_SIZE(exportable); i++) {
        if (container_generate(container, PROV_RSA_AES, CRYPT_MACHINE_KEYSET, exportable[i]) &&
            container_generate(container, PROV_RSA_AES, 0, CRYPT_EXPORTABLE) &&
            (exportable[i]
                 ? container_cert(&ca, container, PROV_RSA_AES, CRYPT_MACHINE_KEYSET, 0, &cert)
                 : container_cert_that_stays(&ca, container, PROV_RSA_AES, CRYPT_MACHINE_KEYSET, 0,
                                             &cert))) {
            protocol = serve(cert.context, SIDE_TLS1_2);
            ok(protocol == SP_PROT_TLS1_2_SERVER, "exportable %#lx: %#lx\n", exportable[i],
               protocol);
            test_cert_free(&cert);
        }
        container_delete(container, 0);
        container_delete(container, CRYPT_MACHINE_KEYSET);
    }
}

static BOOL cert_of_key(struct test_key *key, struct test_cert *cert)
{
    struct test_cert_options options = {.place = TEST_KEY_NOWHERE,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER | TEST_CERT_CLIENT,
                                        .issuer = &ca,
                                        .key = key};
    BOOL result = key && test_cert_create(&options, cert);

    if (key)
        test_key_release(key);
    return result;
}

/* What Wine's own provider does not export is read where it keeps it. */
static void test_read_keys(void)
{
    struct test_cert cert;
    SECURITY_STATUS status;
    unsigned int i;
    DWORD protocol;

    for (i = 0; i < ARRAY_SIZE(places); i++) {
        winetest_push_context("%s", places[i].name);
        if (container_generate(container, places[i].type, places[i].set, 0) &&
            container_cert(&ca, container, places[i].type, places[i].set, places[i].set_named,
                           &cert)) {
            protocol = serve(cert.context, SIDE_TLS1_3);
            ok(protocol == SP_PROT_TLS1_3_SERVER, "TLS 1.3: %#lx\n", protocol);
            protocol = serve(cert.context, SIDE_TLS1_2);
            ok(protocol == SP_PROT_TLS1_2_SERVER, "TLS 1.2: %#lx\n", protocol);
            container_generate(container, places[i].type, places[i].set, 0);
            status = acquire_status(cert.context, 0);
            ok(status == SEC_E_NO_CREDENTIALS, "replaced: %s\n", status_name(status));
            test_cert_free(&cert);
        }
        container_delete(container, places[i].set);
        winetest_pop_context();
    }
}

/* The container's key exchange key in the registry; FALSE after a failed ok(). */
static BOOL open_value(const WCHAR *name, HKEY *key, BYTE *value, DWORD *size)
{
    WCHAR path[128];
    BOOL result;

    swprintf(path, ARRAY_SIZE(path), L"Software\\Wine\\Crypto\\RSA\\%ls", name);
    result = !RegOpenKeyExW(HKEY_CURRENT_USER, path, 0, KEY_ALL_ACCESS, key);
    ok(result, "no registry key\n");
    if (!result)
        return FALSE;
    result = !RegQueryValueExW(*key, L"KeyExchangeKeyPair", NULL, NULL, value, size);
    ok(result, "no value\n");
    if (!result)
        RegCloseKey(*key);
    return result;
}

/* The value without the end of the key in it: its size, 0 after a failed ok(). */
static DWORD cut_key(BYTE *value, DWORD size, BYTE *cut, DWORD capacity)
{
    DATA_BLOB whole = {size, value}, key = {0, NULL}, protected = {0, NULL};
    BOOL result =
        CryptUnprotectData(&whole, NULL, NULL, NULL, NULL, CRYPTPROTECT_UI_FORBIDDEN, &key);

    if (result) {
        key.cbData -= 200; /* of the private exponent */
        result =
            CryptProtectData(&key, NULL, NULL, NULL, NULL, CRYPTPROTECT_UI_FORBIDDEN, &protected) &&
            protected.cbData <= capacity;
    }
    ok(result, "no key to cut, error %lu\n", GetLastError());
    if (result)
        memcpy(cut, protected.pbData, protected.cbData);
    LocalFree(key.pbData);
    LocalFree(protected.pbData);
    return result ? protected.cbData : 0;
}

/* When what lies there is no key, or another one, an open provider is asked as before. */
static void test_damaged_container(void)
{
    static const char *const damages[] = {"a changed byte", "cut off", "another key"};
    CERT_KEY_CONTEXT context = {.cbSize = sizeof(context), .dwKeySpec = AT_KEYEXCHANGE};
    BYTE value[4096], other[4096], cut[4096];
    DWORD size = sizeof(value), other_size = sizeof(other), size_of_cut, protocol;
    SECURITY_STATUS status;
    WCHAR second[80];
    struct test_cert cert;
    unsigned int i;
    HKEY key;

    swprintf(second, ARRAY_SIZE(second), L"%ls-2", container);
    if (!winetest_platform_is_wine || !container_generate(container, PROV_RSA_AES, 0, 0))
        return;
    if (container_generate(second, PROV_RSA_AES, 0, 0) &&
        open_value(second, &key, other, &other_size)) {
        RegCloseKey(key);
        if (open_value(container, &key, value, &size)) {
            container_cert(&ca, container, PROV_RSA_AES, 0, 0, &cert);
            CertSetCertificateContextProperty(cert.context, CERT_KEY_PROV_INFO_PROP_ID, 0, NULL);
            CryptAcquireContextW(&context.hCryptProv, container, NULL, PROV_RSA_AES, CRYPT_SILENT);
            CertSetCertificateContextProperty(cert.context, CERT_KEY_CONTEXT_PROP_ID,
                                              CERT_STORE_NO_CRYPT_RELEASE_FLAG, &context);
            for (i = 0; i < ARRAY_SIZE(damages); i++) {
                winetest_push_context("%s", damages[i]);
                value[size / 2] ^= 1;
                RegSetValueExW(key, L"KeyExchangeKeyPair", 0, REG_BINARY, i < 2 ? value : other,
                               i == 0   ? size
                               : i == 1 ? size / 2
                                        : other_size);
                value[size / 2] ^= 1;
                check_capi_server(cert.context);
                winetest_pop_context();
            }
            /* Wine's own provider takes a key without its end, and writes it back whole. */
            size_of_cut = cut_key(value, size, cut, sizeof(cut));
            RegSetValueExW(key, L"KeyExchangeKeyPair", 0, REG_BINARY, cut, size_of_cut);
            status = acquire_status(cert.context, SIDE_TLS1_3);
            ok(status == SEC_E_ALGORITHM_MISMATCH, "a cut key: %s\n", status_name(status));
            RegSetValueExW(key, L"KeyExchangeKeyPair", 0, REG_BINARY, value, size);
            protocol = serve(cert.context, SIDE_TLS1_3);
            ok(protocol == SP_PROT_TLS1_3_SERVER, "whole again: %#lx\n", protocol);
            CryptReleaseContext(context.hCryptProv, 0);
            test_cert_free(&cert);
            RegCloseKey(key);
        }
    }
    container_delete(second, 0);
    container_delete(container, 0);
}

/* A key that is nowhere but in an open provider. */
static void test_open_provider(void)
{
    CERT_KEY_CONTEXT context = {.cbSize = sizeof(context), .dwKeySpec = AT_KEYEXCHANGE};
    struct test_cert cert;
    HCRYPTKEY key = 0;
    BOOL result;

    result = CryptAcquireContextW(&context.hCryptProv, NULL, NULL, PROV_RSA_AES,
                                  CRYPT_VERIFYCONTEXT | CRYPT_SILENT) &&
             CryptGenKey(context.hCryptProv, AT_KEYEXCHANGE, 2048 << 16, &key);
    ok(result, "no key, error %#lx\n", GetLastError());
    if (result && cert_of_key(container_key(context.hCryptProv), &cert)) {
        CertSetCertificateContextProperty(cert.context, CERT_KEY_CONTEXT_PROP_ID,
                                          CERT_STORE_NO_CRYPT_RELEASE_FLAG, &context);
        check_capi_server(cert.context);
        test_cert_free(&cert);
    }
    if (key)
        CryptDestroyKey(key);
    CryptReleaseContext(context.hCryptProv, 0);
}

/* The program's own handle of a container may be closed behind the call. */
static void test_closed_provider(void)
{
    CERT_KEY_CONTEXT context = {.cbSize = sizeof(context), .dwKeySpec = AT_KEYEXCHANGE};
    struct side_options client = {.protocols = SIDE_TLS1_2}, server = {0};
    struct test_cert cert;
    struct pair pair;

    if (!container_generate(container, PROV_RSA_FULL, 0, 0))
        return;
    if (container_cert_that_stays(&ca, container, PROV_RSA_FULL, 0, 0, &cert)) {
        CertSetCertificateContextProperty(cert.context, CERT_KEY_PROV_INFO_PROP_ID, 0, NULL);
        CryptAcquireContextW(&context.hCryptProv, container, other_provider(PROV_RSA_FULL),
                             PROV_RSA_FULL, CRYPT_SILENT);
        CertSetCertificateContextProperty(cert.context, CERT_KEY_CONTEXT_PROP_ID,
                                          CERT_STORE_NO_CRYPT_RELEASE_FLAG, &context);
        server.certificates[0] = cert.context;
        if (pair_create(&pair, &client, &server)) {
            CryptReleaseContext(context.hCryptProv, 0);
            test_cert_free(&cert);
            ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
               status_name(pair.server.status));
            pair_exchange(&pair.client, &pair.server, 100);
        }
        pair_destroy(&pair);
    }
    container_delete(container, 0);
}

/* An open handle that is used again, and whose key is another one then. */
static void test_provider_again(void)
{
    CERT_KEY_CONTEXT context = {.cbSize = sizeof(context), .dwKeySpec = AT_KEYEXCHANGE};
    struct test_cert cert;
    SECURITY_STATUS status;
    HCRYPTKEY key = 0;
    BOOL result;
    int i;

    if (!container_generate(container, PROV_RSA_AES, 0, CRYPT_EXPORTABLE))
        return;
    if (container_cert(&ca, container, PROV_RSA_AES, 0, 0, &cert)) {
        CertSetCertificateContextProperty(cert.context, CERT_KEY_PROV_INFO_PROP_ID, 0, NULL);
        CryptAcquireContextW(&context.hCryptProv, container, NULL, PROV_RSA_AES, CRYPT_SILENT);
        CertSetCertificateContextProperty(cert.context, CERT_KEY_CONTEXT_PROP_ID,
                                          CERT_STORE_NO_CRYPT_RELEASE_FLAG, &context);
        for (i = 0; i < 3; i++)
            ok(serve(cert.context, SIDE_TLS1_3) == SP_PROT_TLS1_3_SERVER, "%d: not served\n", i);
        result =
            CryptGenKey(context.hCryptProv, AT_KEYEXCHANGE, 2048 << 16 | CRYPT_EXPORTABLE, &key);
        ok(result, "no key, error %#lx\n", GetLastError());
        status = acquire_status(cert.context, SIDE_TLS1_3);
        ok(status == SEC_E_NO_CREDENTIALS || broken(!winetest_platform_is_wine), "%s\n",
           status_name(status));
        CryptDestroyKey(key);
        CryptReleaseContext(context.hCryptProv, 0);
        test_cert_free(&cert);
    }
    container_delete(container, 0);
}

/* Tells the certificate of its CNG key in either property. FALSE where there is no such one. */
static BOOL attach_cng(const CERT_CONTEXT *certificate, NCRYPT_KEY_HANDLE key, DWORD property)
{
    /* hCryptProv and hNCryptKey are one place, for which not every header has both names. */
    CERT_KEY_CONTEXT context = {
        .cbSize = sizeof(context), .hCryptProv = key, .dwKeySpec = CERT_NCRYPT_KEY_SPEC};
    const void *data = property == CERT_KEY_CONTEXT_PROP_ID ? (void *)&context : (void *)&key;

    if (CertSetCertificateContextProperty(certificate, property, CERT_STORE_NO_CRYPT_RELEASE_FLAG,
                                          data))
        return TRUE;
    ok(winetest_platform_is_wine, "no property %lu, error %#lx\n", property, GetLastError());
    skip("Wine's certificates have no property %lu\n", property);
    return FALSE;
}

static void check_cng_server(const CERT_CONTEXT *certificate)
{
    DWORD protocol;

    protocol = serve(certificate, SIDE_TLS1_2);
    ok(protocol == SP_PROT_TLS1_2_SERVER, "TLS 1.2: %#lx\n", protocol);
    protocol = serve(certificate, SIDE_TLS1_3);
    ok(protocol == SP_PROT_TLS1_3_SERVER, "TLS 1.3: %#lx\n", protocol);
    protocol = serve(certificate, SIDE_TLS1_2);
    ok(protocol == SP_PROT_TLS1_2_SERVER, "TLS 1.2 after 1.3: %#lx\n", protocol);
}

/* CNG signs with PSS too. */
static void test_cng(void)
{
    static const DWORD properties[] = {CERT_KEY_CONTEXT_PROP_ID, CERT_NCRYPT_KEY_HANDLE_PROP_ID};
    static const DWORD policies[] = {
        ~0u, NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG, 0};
    struct test_cert cert;
    NCRYPT_KEY_HANDLE key;
    unsigned int i, j;

    for (i = 0; i < ARRAY_SIZE(policies); i++) {
        key = cng_generate(policies[i]);
        for (j = 0; key && j < ARRAY_SIZE(properties); j++) {
            winetest_push_context("policy %#lx, property %lu", policies[i], properties[j]);
            if (cert_of_key(cng_key(key), &cert)) {
                if (attach_cng(cert.context, key, properties[j]))
                    check_cng_server(cert.context);
                test_cert_free(&cert);
            }
            winetest_pop_context();
        }
        if (key)
            cng_free(key);
    }
}

/* Another key than the certificate's. */
static void test_stranger(void)
{
    NCRYPT_KEY_HANDLE key = cng_generate(0), other = cng_generate(0);
    struct test_cert cert;
    SECURITY_STATUS status;

    if (key && other && cert_of_key(cng_key(other), &cert)) {
        attach_cng(cert.context, key, CERT_KEY_CONTEXT_PROP_ID);
        status = acquire_status(cert.context, 0);
        ok(status == SEC_E_NO_CREDENTIALS, "CNG: %s\n", status_name(status));
        test_cert_free(&cert);
    }
    if (key)
        cng_free(key);
    if (other)
        cng_free(other);

    if (container_generate(container, PROV_RSA_AES, 0, 0) &&
        container_cert_that_stays(&ca, container, PROV_RSA_AES, 0, 0, &cert)) {
        container_delete(container, 0);
        container_generate(container, PROV_RSA_AES, 0, 0);
        status = acquire_status(cert.context, 0);
        ok(status == SEC_E_NO_CREDENTIALS, "CryptoAPI: %s\n", status_name(status));
        test_cert_free(&cert);
    }
    container_delete(container, 0);
}

/* A key that was exported before is not taken for one that has replaced it, or gone. */
static void test_changed_container(void)
{
    const CERT_CONTEXT *first, *second;
    struct test_cert certs[2];
    SECURITY_STATUS status;

    if (!container_generate(container, PROV_RSA_AES, 0, CRYPT_EXPORTABLE))
        return;
    if (container_cert(&ca, container, PROV_RSA_AES, 0, 0, &certs[0])) {
        first = certs[0].context;
        ok(serve(first, 0), "no handshake\n");
        ok(serve(first, 0), "no handshake the second time\n");
        container_generate(container, PROV_RSA_AES, 0, CRYPT_EXPORTABLE);
        status = acquire_status(first, 0);
        ok(status == SEC_E_NO_CREDENTIALS, "replaced: %s\n", status_name(status));
        if (container_cert(&ca, container, PROV_RSA_AES, 0, 0, &certs[1])) {
            second = certs[1].context;
            ok(serve(second, 0), "no handshake with the new key\n");
            ok(serve(second, 0), "no handshake with the new key the second time\n");
            container_delete(container, 0);
            status = acquire_status(second, 0);
            ok(status == SEC_E_UNKNOWN_CREDENTIALS, "deleted: %s\n", status_name(status));
            container_generate(container, PROV_RSA_AES, 0, 0);
            status = acquire_status(second, 0);
            ok(status == SEC_E_NO_CREDENTIALS, "made anew: %s\n", status_name(status));
            test_cert_free(&certs[1]);
        }
        test_cert_free(&certs[0]);
    }
    container_delete(container, 0);
}

/* A certificate that says another one's container is its own does not get the key from there. */
static void test_strange_container(void)
{
    CRYPT_KEY_PROV_INFO info = {
        .pwszContainerName = container, .dwProvType = PROV_RSA_AES, .dwKeySpec = AT_KEYEXCHANGE};
    struct test_cert own, strange;
    SECURITY_STATUS status;
    WCHAR second[80];

    swprintf(second, ARRAY_SIZE(second), L"%ls-2", container);
    if (container_generate(container, PROV_RSA_AES, 0, CRYPT_EXPORTABLE) &&
        container_generate(second, PROV_RSA_AES, 0, CRYPT_EXPORTABLE) &&
        container_cert(&ca, container, PROV_RSA_AES, 0, 0, &own)) {
        status = acquire_status(own.context, 0);
        ok(status == SEC_E_OK, "its own: %s\n", status_name(status));
        if (container_cert(&ca, second, PROV_RSA_AES, 0, 0, &strange)) {
            CertSetCertificateContextProperty(strange.context, CERT_KEY_PROV_INFO_PROP_ID, 0,
                                              &info);
            status = acquire_status(strange.context, 0);
            ok(status == SEC_E_NO_CREDENTIALS, "another's: %s\n", status_name(status));
            test_cert_free(&strange);
        }
        test_cert_free(&own);
    }
    container_delete(second, 0);
    container_delete(container, 0);
}

static void check_peer_is(struct side *side, const CERT_CONTEXT *certificate)
{
    const CERT_CONTEXT *seen = NULL;
    SECURITY_STATUS status =
        QueryContextAttributesW(&side->context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &seen);

    ok(status == SEC_E_OK && seen && seen->cbCertEncoded == certificate->cbCertEncoded &&
           !memcmp(seen->pbCertEncoded, certificate->pbCertEncoded, seen->cbCertEncoded),
       "the client's certificate: %s\n", status_name(status));
    if (seen)
        CertFreeCertificateContext(seen);
}

/* A client's certificate. */
static void test_client(void)
{
    struct side_options client = {0}, server = {0};
    SecPkgContext_ConnectionInfo info;
    SECURITY_STATUS status;
    struct test_cert cert;
    struct pair pair;

    if (!container_generate(container, PROV_RSA_AES, 0, 0))
        return;
    if (container_cert_that_stays(&ca, container, PROV_RSA_AES, 0, 0, &cert)) {
        client.certificates[0] = cert.context;
        server.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
        server.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH;
        server.cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION;
        if (pair_connect(&pair, &client, &server)) {
            check_peer_is(&pair.server, cert.context);
            status =
                QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CONNECTION_INFO, &info);
            ok(status == SEC_E_OK && info.dwProtocol == SP_PROT_TLS1_2_CLIENT, "%#lx\n",
               info.dwProtocol);
        }
        pair_destroy(&pair);
        test_cert_free(&cert);
    }
    container_delete(container, 0);
}

/* A server of that version that asks for the client's certificate only later. */
static BOOL connect_for_later(struct pair *pair, const CERT_CONTEXT *certificate, DWORD protocol)
{
    const struct side_options client = {.protocols = protocol, .certificates = {certificate}};
    const struct side_options server = {
        .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION,
        .certificates = {test_cert_localhost(TEST_KEY_ECDSA)},
    };

    return pair_connect(pair, &client, &server);
}

static void server_asks(struct pair *pair, DWORD flags)
{
    SECURITY_STATUS status;

    pair->server.options.flags |= flags;
    status = side_leg(&pair->server);
    ok(status == SEC_E_OK, "asking: %s\n", status_name(status));
    pair->server.options.flags &= ~flags;
}

/* A client's certificate in a renegotiation. */
static void test_renegotiation(void)
{
    SECURITY_STATUS status;
    struct test_cert cert;
    unsigned int round;
    BYTE bytes[16];
    struct pair pair;
    DWORD size;

    if (!container_generate(container, PROV_RSA_AES, 0, 0))
        return;
    if (container_cert_that_stays(&ca, container, PROV_RSA_AES, 0, 0, &cert)) {
        if (connect_for_later(&pair, cert.context, SIDE_TLS1_2)) {
            pair.server.options.flags |= ASC_REQ_MUTUAL_AUTH;
            for (round = 0; round < 2; round++) {
                server_asks(&pair, 0);
                status = side_receive(&pair.client, bytes, sizeof(bytes), &size);
                ok(status == SEC_I_CONTINUE_NEEDED, "the answer: %s\n", status_name(status));
                pair.client.status = pair.server.status = SEC_I_CONTINUE_NEEDED;
                ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
                   status_name(pair.server.status));
                ok(!pair.client.inbox_size && !pair.server.inbox_size, "bytes are left\n");
                check_peer_is(&pair.server, cert.context);
                pair_exchange(&pair.client, &pair.server, 1000);
                pair_exchange(&pair.server, &pair.client, 1000);
            }
        }
        pair_destroy(&pair);
        test_cert_free(&cert);
    }
    container_delete(container, 0);
}

/* And after the handshake of TLS 1.3. One call takes the request and what else is no data. */
static void test_later(void)
{
    NCRYPT_KEY_HANDLE key = cng_generate(0);
    SECURITY_STATUS status;
    struct test_cert cert;
    unsigned int round, legs;
    BYTE bytes[16];
    struct pair pair;
    DWORD size;

    if (!key)
        return;
    if (!cert_of_key(cng_key(key), &cert))
        goto done;
    if (attach_cng(cert.context, key, CERT_KEY_CONTEXT_PROP_ID) &&
        connect_for_later(&pair, cert.context, SIDE_TLS1_3)) {
        /* What the server sent behind its Finished is out of the way then. */
        pair_exchange(&pair.server, &pair.client, 10);
        for (round = 0; round < 2; round++) {
            server_asks(&pair, ASC_REQ_MUTUAL_AUTH);
            server_asks(&pair, 0); /* for new keys */
            side_send(&pair.server, "behind it", 9);
            legs = pair.client.legs;
            status = side_receive(&pair.client, bytes, sizeof(bytes), &size);
            ok(status == SEC_E_OK && size == 9, "data behind the request: %s\n",
               status_name(status));
            ok(pair.client.legs == legs + 1, "%u calls\n", pair.client.legs - legs);
            pair_exchange(&pair.client, &pair.server, 1000);
            pair_exchange(&pair.server, &pair.client, 1000);
            check_peer_is(&pair.server, cert.context);
        }
    }
    pair_destroy(&pair);
    test_cert_free(&cert);

done:
    cng_free(key);
}

/* An RSA key that stays beside an ECDSA key that does not: each where it fits. */
static void test_beside_another(void)
{
    struct side_options client = {0}, server = {0};
    struct test_cert cert;
    struct pair pair;
    unsigned int i;

    if (!container_generate(container, PROV_RSA_AES, 0, 0))
        return;
    if (container_cert_that_stays(&ca, container, PROV_RSA_AES, 0, 0, &cert)) {
        server.certificates[0] = cert.context;
        server.certificates[1] = test_cert_localhost(TEST_KEY_ECDSA);
        for (i = 0; i < 2; i++) {
            const CERT_CONTEXT *seen = NULL;

            client.protocols = i ? SIDE_TLS1_3 : SIDE_TLS1_2;
            if (pair_connect(&pair, &client, &server)) {
                QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT,
                                        &seen);
                /* TLS 1.3 needs a signature that the first cannot make. */
                if (i)
                    ok(seen && CertCompareCertificate(X509_ASN_ENCODING, seen->pCertInfo,
                                                      server.certificates[1]->pCertInfo),
                       "not the ECDSA certificate\n");
                if (seen)
                    CertFreeCertificateContext(seen);
            }
            pair_destroy(&pair);
        }
        test_cert_free(&cert);
    }
    container_delete(container, 0);
}

/* The certificate that a client sees who asks for this name. */
static void check_presented(struct side_options *server, const WCHAR *target, DWORD protocols,
                            unsigned int expected)
{
    struct side_options client = {.protocols = protocols, .target = target};
    const CERT_CONTEXT *seen = NULL;
    struct pair pair;

    if (pair_connect(&pair, &client, server)) {
        QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &seen);
        ok(seen && CertCompareCertificate(X509_ASN_ENCODING, seen->pCertInfo,
                                          server->certificates[expected]->pCertInfo),
           "%ls, versions %#lx: not certificate %u\n", target, protocols, expected);
        if (seen)
            CertFreeCertificateContext(seen);
    }
    pair_destroy(&pair);
}

/* Among several certificates the client's server name chooses; without one for it, the first. */
static void test_server_name(void)
{
    static const struct {
        enum test_key_type types[2];
        const char *names[2];
    } cases[] = {
        {{TEST_KEY_ECDSA, TEST_KEY_ECDSA}, {"one.test", "two.test"}},
        {{TEST_KEY_RSA, TEST_KEY_ECDSA}, {"one.test", "*.two.test"}},
        {{TEST_KEY_ECDSA, TEST_KEY_RSA}, {"*.one.test", "two.test"}},
    };
    struct side_options server = {0};
    struct test_cert certs[2];
    unsigned int i, j;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        for (j = 0; j < 2; j++) {
            struct test_cert_options options = {
                .type = cases[i].types[j], .name = cases[i].names[j], .uses = TEST_CERT_SERVER};

            if (!test_cert_create(&options, &certs[j]))
                return;
            server.certificates[j] = certs[j].context;
        }
        winetest_push_context("case %u", i);
        for (j = 0; j < ARRAY_SIZE(versions); j++) {
            check_presented(&server, i == 2 ? L"www.one.test" : L"one.test", versions[j], 0);
            check_presented(&server, i == 1 ? L"www.two.test" : L"TWO.test", versions[j], 1);
            check_presented(&server, L"three.test", versions[j], 0);
            check_presented(&server, L"127.0.0.1", versions[j], 0);
        }
        winetest_pop_context();
        test_cert_free(&certs[0]);
        test_cert_free(&certs[1]);
    }
}

static DWORD connect_with(SCHANNEL_CRED *client, SCHANNEL_CRED *server, DWORD *exchange)
{
    SecPkgContext_ConnectionInfo info = {0};
    struct pair pair;

    if (pair_create(&pair, NULL, NULL)) {
        FreeCredentialsHandle(&pair.client.credentials);
        FreeCredentialsHandle(&pair.server.credentials);
        pair.client.have_credentials =
            !AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND, NULL,
                                       client, NULL, NULL, &pair.client.credentials, NULL);
        pair.server.have_credentials =
            !AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_INBOUND, NULL,
                                       server, NULL, NULL, &pair.server.credentials, NULL);
        ok(pair.client.have_credentials && pair.server.have_credentials, "no credentials\n");
        ok(pair_handshake(&pair), "client %s, server %s\n", status_name(pair.client.status),
           status_name(pair.server.status));
        QueryContextAttributesW(&pair.server.context, SECPKG_ATTR_CONNECTION_INFO, &info);
    }
    pair_destroy(&pair);
    *exchange = info.aiExch;
    return info.dwProtocol;
}

/* TLS 1.0 and 1.1 sign two hashes together; RSA key exchange decrypts. */
static void test_old_ways(void)
{
    static const struct {
        DWORD client, server;
    } versions[] = {{SP_PROT_TLS1_0_CLIENT, SP_PROT_TLS1_0_SERVER},
                    {SP_PROT_TLS1_1_CLIENT, SP_PROT_TLS1_1_SERVER},
                    {SP_PROT_TLS1_2_CLIENT, SP_PROT_TLS1_2_SERVER}};
    ALG_ID exchanges[] = {CALG_ECDH_EPHEM, CALG_RSA_KEYX};
    struct test_cert cert;
    unsigned int i, j, type;
    DWORD protocol, exchange;

    for (type = 0; type < 2; type++) {
        const DWORD provider_type = type ? PROV_RSA_FULL : PROV_RSA_AES;

        if (!container_generate(container, provider_type, 0, 0))
            continue;
        for (i = 0; i < ARRAY_SIZE(versions) * ARRAY_SIZE(exchanges); i++) {
            SCHANNEL_CRED client = {.dwVersion = SCHANNEL_CRED_VERSION,
                                    .grbitEnabledProtocols = versions[i / 2].client,
                                    .cSupportedAlgs = 1,
                                    .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION};
            SCHANNEL_CRED server = {.dwVersion = SCHANNEL_CRED_VERSION,
                                    .grbitEnabledProtocols = versions[i / 2].server,
                                    .cCreds = 1};

            j = i % 2;
            client.palgSupportedAlgs = &exchanges[j];
            winetest_push_context("type %lu, %#lx, exchange %u", provider_type,
                                  versions[i / 2].server, j);
            if (container_cert_that_stays(&ca, container, provider_type, 0, 0, &cert)) {
                server.paCred = &cert.context;
                protocol = connect_with(&client, &server, &exchange);
                ok(protocol == versions[i / 2].server, "protocol %#lx\n", protocol);
                ok(exchange == exchanges[j], "exchange %#lx\n", exchange);
                test_cert_free(&cert);
            }
            winetest_pop_context();
        }
        container_delete(container, 0);
    }
}

/* The container goes, or its key is replaced, while the credential is in use. */
static void test_key_goes_away(void)
{
    struct side_options client = {.protocols = SIDE_TLS1_2}, server = {0};
    struct test_cert cert;
    struct pair pair;
    int replace;

    for (replace = 0; replace < 2; replace++) {
        const SECURITY_STATUS expected = replace ? SEC_E_INTERNAL_ERROR : SEC_E_NO_CREDENTIALS;

        if (!container_generate(container, PROV_RSA_AES, 0, 0))
            continue;
        if (container_cert_that_stays(&ca, container, PROV_RSA_AES, 0, 0, &cert)) {
            server.certificates[0] = cert.context;
            if (pair_create(&pair, &client, &server)) {
                container_delete(container, 0);
                if (replace)
                    container_generate(container, PROV_RSA_AES, 0, 0);
                ok(!pair_handshake(&pair), "a handshake without the key\n");
                ok(pair.server.status == expected, "server %s\n", status_name(pair.server.status));
                /* The alert is internal_error. */
                ok(pair.client.status == SEC_E_INTERNAL_ERROR, "client %s\n",
                   status_name(pair.client.status));
            }
            pair_destroy(&pair);
            test_cert_free(&cert);
        }
        container_delete(container, 0);
    }
}

struct crowd {
    CredHandle server;
    LONG failed;
};

static DWORD WINAPI shake_hands(void *argument)
{
    struct side_options client = {.protocols = SIDE_TLS1_2};
    struct crowd *crowd = argument;
    struct pair pair;
    int i;

    for (i = 0; i < 5; i++) {
        if (pair_create(&pair, &client, NULL)) {
            FreeCredentialsHandle(&pair.server.credentials);
            pair.server.credentials = crowd->server;
            if (!pair_handshake(&pair))
                InterlockedIncrement(&crowd->failed);
            pair.server.have_credentials = FALSE;
        }
        pair_destroy(&pair);
    }
    return 0;
}

/* Many sessions of one credential in several threads, one key. */
static void test_crowd(void)
{
    struct side_options options = {0};
    struct crowd crowd = {0};
    struct side server;
    struct test_cert cert;
    HANDLE threads[6];
    unsigned int i;

    test_cert_localhost(TEST_KEY_RSA); /* made in one thread */
    if (!container_generate(container, PROV_RSA_AES, 0, 0))
        return;
    if (container_cert_that_stays(&ca, container, PROV_RSA_AES, 0, 0, &cert)) {
        options.certificates[0] = cert.context;
        ok(side_acquire(&server, SIDE_SERVER, &options) == SEC_E_OK, "no credentials\n");
        crowd.server = server.credentials;
        for (i = 0; i < ARRAY_SIZE(threads); i++)
            threads[i] = CreateThread(NULL, 0, shake_hands, &crowd, 0, NULL);
        WaitForMultipleObjects(ARRAY_SIZE(threads), threads, TRUE, INFINITE);
        for (i = 0; i < ARRAY_SIZE(threads); i++)
            CloseHandle(threads[i]);
        ok(!crowd.failed, "%ld handshakes failed\n", crowd.failed);
        side_free(&server);
        test_cert_free(&cert);
    }
    container_delete(container, 0);
}

static SECURITY_STATUS acquire_many(const CERT_CONTEXT **certificates, DWORD count)
{
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION, .cCreds = count, .paCred = certificates};
    CredHandle credentials;
    SECURITY_STATUS status;

    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_INBOUND, NULL,
                                       &data, NULL, NULL, &credentials, NULL);
    if (status == SEC_E_OK)
        FreeCredentialsHandle(&credentials);
    return status;
}

/* As many certificates as there may be. */
static void test_hundred(void)
{
    const CERT_CONTEXT *certificates[101];
    SECURITY_STATUS status;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(certificates); i++)
        certificates[i] = test_cert_localhost(TEST_KEY_ECDSA);
    status = acquire_many(certificates, 100);
    ok(status == SEC_E_OK, "100: %s\n", status_name(status));
    status = acquire_many(certificates, 101);
    ok(status == SEC_E_UNKNOWN_CREDENTIALS, "101: %s\n", status_name(status));
}

/* The property that holds a key for us is the name of a key file on Windows. */
static void test_key_file_name(void)
{
    static const WCHAR *const names[] = {L"key.pvk", L"0key.pvk", L"0", L"\x4e30.pvk"};
    const struct test_cert_options options = {.type = TEST_KEY_RSA,
                                              .place = TEST_KEY_IN_PROVIDER,
                                              .name = "localhost",
                                              .uses = TEST_CERT_SERVER};
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(names); i++) {
        CRYPT_DATA_BLOB blob = {(DWORD)((wcslen(names[i]) + 1) * sizeof(WCHAR)), (BYTE *)names[i]};
        struct side_options server = {0};
        struct test_cert cert;
        SECURITY_STATUS status;
        struct side side;

        if (!test_cert_create(&options, &cert))
            return;
        winetest_push_context("%s", wine_dbgstr_w(names[i]));
        ok(CertSetCertificateContextProperty(cert.context, CERT_PVK_FILE_PROP_ID, 0, &blob),
           "no property, error %#lx\n", GetLastError());
        server.certificates[0] = cert.context;
        status = side_acquire(&side, SIDE_SERVER, &server);
        ok(status == SEC_E_OK, "%s\n", status_name(status));
        side_free(&side);
        test_cert_free(&cert);
        winetest_pop_context();
    }
}

START_TEST(schannel_keys_key)
{
    if (!create_ca())
        return;
    test_containers();
    test_read_keys();
    test_damaged_container();
    test_hidden_machine_key();
    test_open_provider();
    test_closed_provider();
    test_provider_again();
    test_cng();
    test_stranger();
    test_changed_container();
    test_strange_container();
    test_client();
    test_renegotiation();
    test_later();
    test_beside_another();
    test_server_name();
    test_old_ways();
    test_key_goes_away();
    test_key_file_name();
    test_crowd();
    test_hundred();
    providers_remove();
    test_cert_free(&ca);
}
