/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of attributes share.
 */
#include "kit/attributes.h"
#include "wine/test.h"

BOOL query_expecting(struct side *side, ULONG attribute, void *buffer, SECURITY_STATUS expected)
{
    const SECURITY_STATUS status = QueryContextAttributesW(&side->context, attribute, buffer);

    ok(status == expected, "attribute %#lx: %s, not %s\n", attribute, status_name(status),
       status_name(expected));
    return status == SEC_E_OK;
}

BOOL query(struct side *side, ULONG attribute, void *buffer)
{
    return query_expecting(side, attribute, buffer, SEC_E_OK);
}

query_ex_function *find_query_ex(BOOL ansi)
{
    const char *name = ansi ? "QueryContextAttributesExA" : "QueryContextAttributesExW";
    FARPROC function = GetProcAddress(GetModuleHandleA("secur32.dll"), name);

    if (!function)
        function = GetProcAddress(GetModuleHandleA("sspicli.dll"), name);
    return (query_ex_function *)(void *)function;
}

WCHAR *name_text(CERT_NAME_BLOB *name)
{
    const DWORD format = CERT_X500_NAME_STR | CERT_NAME_STR_NO_PLUS_FLAG;
    const DWORD length = CertNameToStrW(X509_ASN_ENCODING, name, format, NULL, 0);
    WCHAR *text = malloc(length * sizeof(*text));

    CertNameToStrW(X509_ASN_ENCODING, name, format, text, length);
    return text;
}

BOOL same_certificate(const CERT_CONTEXT *one, const CERT_CONTEXT *other)
{
    return one && other && one->cbCertEncoded == other->cbCertEncoded &&
           !memcmp(one->pbCertEncoded, other->pbCertEncoded, one->cbCertEncoded);
}

BOOL store_has(HCERTSTORE store, const CERT_CONTEXT *certificate)
{
    const CERT_CONTEXT *found = CertFindCertificateInStore(store, X509_ASN_ENCODING, 0,
                                                           CERT_FIND_EXISTING, certificate, NULL);

    if (found)
        CertFreeCertificateContext(found);
    return found != NULL;
}

static void run_tests(struct scene *scene, const struct attribute_test *tests, unsigned int count)
{
    unsigned int i;

    for (i = 0; i < count; i++) {
        tally(tests[i].name);
        tests[i].check(scene);
    }
    tally(NULL);
}

static void run_scene(DWORD version, enum test_key_type type, BOOL client_certificate,
                      const struct attribute_test *tests, unsigned int count)
{
    struct scene scene = {.version = version, .tls13 = version == SIDE_TLS1_3};
    struct side_options client = {.protocols = version, .alpn = "http/1.1 h2"};
    struct side_options server = {.alpn = "h2 http/1.1",
                                  .cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};

    server.certificates[0] = test_cert_localhost(type);
    scene.certificates[SIDE_SERVER] = server.certificates[0];
    if (client_certificate) {
        /* The other kind, so that nobody takes one side's for the other's. */
        client.certificates[0] =
            test_cert_localhost(type == TEST_KEY_RSA ? TEST_KEY_ECDSA : TEST_KEY_RSA);
        scene.certificates[SIDE_CLIENT] = client.certificates[0];
        server.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH;
    }
    winetest_push_context("%s, %s%s", version_name(version), type == TEST_KEY_RSA ? "RSA" : "ECDSA",
                          client_certificate ? ", client certificate" : "");
    scene.sides[SIDE_CLIENT] = &scene.pair.client;
    scene.sides[SIDE_SERVER] = &scene.pair.server;
    if (pair_connect(&scene.pair, &client, &server)) {
        run_tests(&scene, tests, count);
        pair_exchange(&scene.pair.server, &scene.pair.client, 1); /* takes the ticket on its way */
        side_disconnect(&scene.pair.client);
        side_disconnect(&scene.pair.server);
        winetest_push_context("resumed");
        scene.resumed = TRUE;
        if (pair_handshake(&scene.pair))
            run_tests(&scene, tests, count);
        else
            ok(FALSE, "no connection\n");
        winetest_pop_context();
    }
    pair_destroy(&scene.pair);
    winetest_pop_context();
}

void attributes_run(const struct attribute_test *tests, unsigned int count)
{
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(versions); i++) {
        if (!pair_supports(versions[i])) {
            win_skip("no %s\n", version_name(versions[i]));
            continue;
        }
        run_scene(versions[i], TEST_KEY_RSA, FALSE, tests, count);
        run_scene(versions[i], TEST_KEY_RSA, TRUE, tests, count);
        run_scene(versions[i], TEST_KEY_ECDSA, FALSE, tests, count);
        run_scene(versions[i], TEST_KEY_ECDSA, TRUE, tests, count);
    }
}
