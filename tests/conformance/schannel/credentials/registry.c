/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's settings in the registry: each one switched, with what a new credential makes of it.
 * Only Wine's registry is written to, and it is put back.
 */
#include "kit/other.h"
#include "kit/pair.h"
#include "kit/testcert.h"
#include "wine/test.h"

#define SCHANNEL_KEY L"System\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL"

/* A value that the registry had, or had not, before a test. */
struct saved {
    WCHAR key[160];
    const WCHAR *name;
    BOOL existed;
    DWORD value;
};

static void set_value(struct saved *saved, const WCHAR *subkey, const WCHAR *name, DWORD value)
{
    DWORD size = sizeof(saved->value);
    LSTATUS error;

    lstrcpyW(saved->key, SCHANNEL_KEY);
    if (*subkey) {
        lstrcatW(saved->key, L"\\");
        lstrcatW(saved->key, subkey);
    }
    saved->name = name;
    saved->existed = !RegGetValueW(HKEY_LOCAL_MACHINE, saved->key, name, RRF_RT_REG_DWORD, NULL,
                                   &saved->value, &size);
    error = RegSetKeyValueW(HKEY_LOCAL_MACHINE, saved->key, name, REG_DWORD, &value, sizeof(value));
    ok(!error, "%s not written, error %ld\n", wine_dbgstr_w(name), error);
}

static void restore_value(const struct saved *saved)
{
    if (saved->existed)
        RegSetKeyValueW(HKEY_LOCAL_MACHINE, saved->key, saved->name, REG_DWORD, &saved->value,
                        sizeof(saved->value));
    else
        RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, saved->key, saved->name);
}

/* What a new client credential without wishes allows. */
static DWORD client_protocols(void)
{
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION};
    SecPkgCred_SupportedProtocols protocols = {0};
    CredHandle credentials;
    SECURITY_STATUS status;

    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND, NULL,
                                       &data, NULL, NULL, &credentials, NULL);
    ok(status == SEC_E_OK, "AcquireCredentialsHandleW: %s\n", status_name(status));
    if (status == SEC_E_OK) {
        QueryCredentialsAttributesW(&credentials, SECPKG_ATTR_SUPPORTED_PROTOCOLS, &protocols);
        FreeCredentialsHandle(&credentials);
    }
    return protocols.grbitProtocol;
}

static void test_protocols(void)
{
    const DWORD both = SP_PROT_TLS1_2_CLIENT | SP_PROT_TLS1_3_CLIENT;
    const DWORD usual = client_protocols();
    struct saved saved, other;

    ok((usual & both) == both, "usually %#lx\n", usual);
    set_value(&saved, L"Protocols\\TLS 1.3\\Client", L"Enabled", 0);
    ok(client_protocols() == (usual & ~(DWORD)SP_PROT_TLS1_3_CLIENT), "disabled: %#lx\n",
       client_protocols());
    restore_value(&saved);
    ok(client_protocols() == usual, "enabled again: %#lx\n", client_protocols());

    set_value(&saved, L"Protocols\\TLS 1.3\\Client", L"DisabledByDefault", 1);
    ok(client_protocols() == (usual & ~(DWORD)SP_PROT_TLS1_3_CLIENT), "by default: %#lx\n",
       client_protocols());
    restore_value(&saved);

    /* Administrators write that as well. */
    set_value(&saved, L"Protocols\\TLS 1.3\\Client", L"DisabledByDefault", 0xffffffff);
    ok(client_protocols() == (usual & ~(DWORD)SP_PROT_TLS1_3_CLIENT), "0xffffffff: %#lx\n",
       client_protocols());
    restore_value(&saved);

    set_value(&saved, L"Protocols\\TLS 1.0\\Client", L"DisabledByDefault", 0);
    set_value(&other, L"Protocols\\TLS 1.0\\Client", L"Enabled", 1);
    ok(client_protocols() == (usual | SP_PROT_TLS1_0_CLIENT), "an old one: %#lx\n",
       client_protocols());
    restore_value(&other);
    restore_value(&saved);

    set_value(&saved, L"Protocols\\TLS 1.3\\Server", L"Enabled", 0);
    ok(client_protocols() == usual, "the server's: %#lx\n", client_protocols());
    restore_value(&saved);
}

/* "Disabled by default" leaves it to SCHANNEL_CRED to ask, "disabled" does not. */
static void test_asked_for(void)
{
    SCHANNEL_CRED data = {.dwVersion = SCHANNEL_CRED_VERSION,
                          .grbitEnabledProtocols = SP_PROT_TLS1_2_CLIENT};
    CredHandle credentials;
    SECURITY_STATUS status;
    struct saved saved;

    set_value(&saved, L"Protocols\\TLS 1.2\\Client", L"DisabledByDefault", 1);
    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND, NULL,
                                       &data, NULL, NULL, &credentials, NULL);
    ok(status == SEC_E_OK, "disabled by default: %s\n", status_name(status));
    if (status == SEC_E_OK)
        FreeCredentialsHandle(&credentials);
    restore_value(&saved);

    set_value(&saved, L"Protocols\\TLS 1.2\\Client", L"Enabled", 0);
    status = AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND, NULL,
                                       &data, NULL, NULL, &credentials, NULL);
    ok(status == SEC_E_ALGORITHM_MISMATCH, "disabled: %s\n", status_name(status));
    restore_value(&saved);
}

/* The suite that two sides with usual credentials come to. */
static DWORD negotiated_suite(DWORD version, SECURITY_STATUS *status)
{
    struct side_options options = {.protocols = version};
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    struct pair pair;

    *status = SEC_E_INTERNAL_ERROR;
    if (pair_create(&pair, &options, NULL)) {
        pair_handshake(&pair);
        *status = pair.client.status;
        if (!pair.client.status)
            QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CIPHER_INFO, &info);
    }
    pair_destroy(&pair);
    return info.dwCipherSuite;
}

static void test_algorithms(void)
{
    static const struct {
        const WCHAR *key;
        DWORD version, suite;
    } cases[] = {
        {L"Ciphers\\AES 128/128", SIDE_TLS1_3, 0x1302},
        {L"Ciphers\\AES 256/256", SIDE_TLS1_3, 0x1301},
        {L"Ciphers\\AES 256/256", SIDE_TLS1_2, 0xc02f},
        {L"Hashes\\SHA384", SIDE_TLS1_3, 0x1301},
        {L"Hashes\\SHA256", SIDE_TLS1_3, 0x1302},
        {L"Hashes\\SHA", SIDE_TLS1_2, 0xc030},
        {L"KeyExchangeAlgorithms\\PKCS", SIDE_TLS1_2, 0xc030},
        {L"KeyExchangeAlgorithms\\ECDH", SIDE_TLS1_2, 0x9f},
        {L"KeyExchangeAlgorithms\\Diffie-Hellman", SIDE_TLS1_2, 0xc030},
        {L"Ciphers\\NULL", SIDE_TLS1_2, 0xc030},
        {L"Ciphers\\Triple DES 168", SIDE_TLS1_2, 0xc030},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        SECURITY_STATUS status;
        struct saved saved;
        DWORD suite;

        winetest_push_context("%s", wine_dbgstr_w(cases[i].key));
        set_value(&saved, cases[i].key, L"Enabled", 0);
        suite = negotiated_suite(cases[i].version, &status);
        ok(status == SEC_E_OK, "%s\n", status_name(status));
        ok(suite == cases[i].suite, "suite %#lx\n", suite);
        restore_value(&saved);
        set_value(&saved, cases[i].key, L"Enabled", 0xffffffff);
        suite = negotiated_suite(cases[i].version, &status);
        ok(suite == (cases[i].version == SIDE_TLS1_3 ? 0x1302 : 0xc030), "enabled: suite %#lx\n",
           suite);
        restore_value(&saved);
        winetest_pop_context();
    }
}

static void check_rsa(const WCHAR *name, DWORD bits, SECURITY_STATUS expected)
{
    SECURITY_STATUS status;
    struct saved saved;

    set_value(&saved, L"KeyExchangeAlgorithms\\PKCS", name, bits);
    negotiated_suite(SIDE_TLS1_3, &status);
    ok(status == expected, "%s %lu: %s\n", wine_dbgstr_w(name), bits, status_name(status));
    restore_value(&saved);
}

/* The test certificate's key has 2048 bits. */
static void test_rsa_bounds(void)
{
    check_rsa(L"ClientMinKeyBitLength", 2048, SEC_E_OK);
    check_rsa(L"ClientMinKeyBitLength", 3072, SEC_E_ALGORITHM_MISMATCH);
    check_rsa(L"ClientMaxKeyBitLength", 2048, SEC_E_OK);
    check_rsa(L"ClientMaxKeyBitLength", 1024, SEC_E_ALGORITHM_MISMATCH);
}

/* The size of a Diffie-Hellman exchange when a side's bounds are these. */
static DWORD negotiated_dh(const WCHAR *name, DWORD bits)
{
    SecPkgContext_ConnectionInfo info = {0};
    struct saved saved, curves, rsa;
    struct side_options options = {.protocols = SIDE_TLS1_2};
    struct pair pair;

    set_value(&curves, L"KeyExchangeAlgorithms\\ECDH", L"Enabled", 0);
    set_value(&rsa, L"KeyExchangeAlgorithms\\PKCS", L"Enabled", 0);
    set_value(&saved, L"KeyExchangeAlgorithms\\Diffie-Hellman", name, bits);
    if (pair_connect(&pair, &options, NULL))
        QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CONNECTION_INFO, &info);
    pair_destroy(&pair);
    restore_value(&saved);
    restore_value(&rsa);
    restore_value(&curves);
    return info.dwExchStrength;
}

static void test_dh_bounds(void)
{
    ok(negotiated_dh(L"ClientMinKeyBitLength", 1024) == 2048, "not the usual 2048 bits\n");
    ok(negotiated_dh(L"ClientMinKeyBitLength", 3072) == 3072, "client's minimum\n");
    ok(negotiated_dh(L"ServerMinKeyBitLength", 4096) == 4096, "server's minimum\n");
    ok(negotiated_dh(L"ClientMaxKeyBitLength", 2048) == 2048, "client's maximum\n");
}

/* Two connections; whether the second one is resumed. */
static BOOL resumes(DWORD wait)
{
    struct pair pair;
    const BOOL resumed = pair_create(&pair, NULL, NULL) && pair_resumes(&pair, wait);

    pair_destroy(&pair);
    return resumed;
}

static void test_caches(void)
{
    static const WCHAR *const names[] = {L"ClientCacheTime", L"ServerCacheTime",
                                         L"MaximumCacheSize"};
    struct saved saved;
    unsigned int i;

    ok(resumes(0), "not resumed\n");
    for (i = 0; i < ARRAY_SIZE(names); i++) {
        set_value(&saved, L"", names[i], 0);
        ok(!resumes(0), "resumed although %s is 0\n", wine_dbgstr_w(names[i]));
        restore_value(&saved);
        set_value(&saved, L"", names[i], 600000);
        ok(resumes(0), "not resumed with %s\n", wine_dbgstr_w(names[i]));
        restore_value(&saved);
    }
    set_value(&saved, L"", L"ClientCacheTime", 1);
    ok(!resumes(100), "resumed after a hundred times ClientCacheTime\n");
    restore_value(&saved);
    ok(resumes(0), "not resumed any more\n");
}

/* Whether a server with client authentication names this authority in TLS 1.2's open request. */
static BOOL names_authority(const struct test_cert *authority, const WCHAR *policy_store)
{
    const CERT_NAME_BLOB *name = &authority->context->pCertInfo->Subject;
    SecPkgCred_ClientCertPolicy policy = {.pwszSslCtlStoreName = (WCHAR *)policy_store};
    struct side_options client = {.protocols = SIDE_TLS1_2};
    struct side_options server = {.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH,
                                  .root_store = authority->store};
    SECURITY_STATUS status;
    BOOL found = FALSE;
    struct pair pair;
    DWORD i;

    if (pair_create(&pair, &client, &server)) {
        if (policy_store) {
            status = call_sized("SetCredentialsAttributesW", &pair.server.credentials,
                                SECPKG_ATTR_CLIENT_CERT_POLICY, &policy, sizeof(policy));
            ok(status == SEC_E_OK, "CLIENT_CERT_POLICY: %s\n", status_name(status));
        }
        side_leg(&pair.client);
        side_leg(&pair.server);
        ok(pair.client.inbox_size > name->cbData, "%lu bytes\n", pair.client.inbox_size);
        for (i = 0; i + name->cbData <= pair.client.inbox_size && !found; i++)
            found = !memcmp(pair.client.inbox + i, name->pbData, name->cbData);
    }
    pair_destroy(&pair);
    return found;
}

/* SendTrustedIssuerList, and the store that a program names by itself. */
static void test_issuers(void)
{
    struct test_cert_options options = {.type = TEST_KEY_RSA,
                                        .place = TEST_KEY_NOWHERE,
                                        .name = "Authority of SendTrustedIssuerList",
                                        .uses = TEST_CERT_CA};
    static const WCHAR name[] = L"asyncsspi-test-issuers";
    const CERT_CONTEXT *added = NULL;
    struct test_cert authority;
    struct saved saved;
    HCERTSTORE store;

    if (!test_cert_create(&options, &authority))
        return;
    ok(!names_authority(&authority, NULL), "named by default\n");
    set_value(&saved, L"", L"SendTrustedIssuerList", 1);
    ok(names_authority(&authority, NULL), "not named\n");
    restore_value(&saved);

    store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_CURRENT_USER, name);
    ok(CertAddCertificateContextToStore(store, authority.context, CERT_STORE_ADD_ALWAYS, &added),
       "not in the store, error %#lx\n", GetLastError());
    CertControlStore(store, 0, CERT_STORE_CTRL_COMMIT, NULL);
    ok(names_authority(&authority, name), "a store of the program's choice is not named\n");
    if (added)
        CertDeleteCertificateFromStore(added);
    CertCloseStore(store, 0);
    /* Who opens the user's store makes the machine's as well. */
    RegDeleteTreeW(HKEY_CURRENT_USER,
                   L"Software\\Microsoft\\SystemCertificates\\asyncsspi-test-issuers");
    RegDeleteTreeW(HKEY_LOCAL_MACHINE,
                   L"Software\\Microsoft\\SystemCertificates\\asyncsspi-test-issuers");
    test_cert_free(&authority);
}

/* A wish to renegotiate: the status of the call that makes it. */
static SECURITY_STATUS wish(struct side *side)
{
    SECURITY_STATUS status;
    struct leg leg;

    leg_begin(side, &leg);
    leg.input_pointer = NULL;
    status = leg_call(side, &leg);
    leg_end(side, &leg, status);
    return status;
}

/* The side's wish, and what comes of it when the other one is not to follow. */
static void check_wish(enum side_role asks, BOOL may_ask, BOOL is_followed)
{
    const struct side_options options = {.protocols = SIDE_TLS1_2};
    struct side *side, *other;
    SECURITY_STATUS status;
    struct pair pair;
    BYTE bytes[16];
    DWORD size;

    winetest_push_context(asks == SIDE_CLIENT ? "the client asks" : "the server asks");
    if (pair_connect(&pair, &options, NULL)) {
        side = asks == SIDE_CLIENT ? &pair.client : &pair.server;
        other = side->peer;
        status = wish(side);
        if (!may_ask) {
            ok(status == SEC_I_NO_RENEGOTIATION, "asking: %s\n", status_name(status));
            ok(!other->inbox_size, "the peer is told\n");
        } else {
            ok(status == SEC_E_OK || status == SEC_I_CONTINUE_NEEDED, "asking: %s\n",
               status_name(status));
            status = side_receive(other, bytes, sizeof(bytes), &size);
            ok(status == (is_followed ? SEC_I_CONTINUE_NEEDED : SEC_E_INCOMPLETE_MESSAGE),
               "the peer: %s\n", status_name(status));
            if (!is_followed) {
                status = side_receive(side, bytes, sizeof(bytes), &size);
                ok(status == SEC_I_NO_RENEGOTIATION, "the answer: %s\n", status_name(status));
            }
        }
        if (!may_ask || !is_followed) {
            pair_exchange(&pair.client, &pair.server, 10);
            pair_exchange(&pair.server, &pair.client, 10);
        }
    }
    pair_destroy(&pair);
    winetest_pop_context();
}

static void test_renegotiation(void)
{
    struct saved saved;

    check_wish(SIDE_CLIENT, TRUE, TRUE);
    check_wish(SIDE_SERVER, TRUE, TRUE);
    set_value(&saved, L"", L"DisableRenegoOnClient", 1);
    check_wish(SIDE_CLIENT, FALSE, FALSE);
    check_wish(SIDE_SERVER, TRUE, FALSE);
    restore_value(&saved);
    set_value(&saved, L"", L"DisableRenegoOnServer", 1);
    check_wish(SIDE_CLIENT, TRUE, FALSE);
    check_wish(SIDE_SERVER, FALSE, FALSE);
    restore_value(&saved);
    set_value(&saved, L"", L"DisableRenegoOnServer", 0);
    check_wish(SIDE_CLIENT, TRUE, TRUE);
    restore_value(&saved);
}

/* What a server says to a client without RFC 5746. */
static SECURITY_STATUS answer_to_old_client(void)
{
    static const BYTE hello[] = {
        0x16, 3,  1,  0,  73, 1,  0,    0,    69,   3,    3,  1,  2,  3,  4,  5,  6,  7,  8,  9,
        10,   11, 12, 13, 14, 15, 16,   17,   18,   19,   20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
        30,   31, 32, 0,  0,  4,  0xc0, 0x2f, 0xc0, 0x30, 1,  0,  0,  24, 0,  10, 0,  4,  0,  2,
        0,    29, 0,  11, 0,  2,  1,    0,    0,    13,   0,  6,  0,  4,  4,  1,  8,  4};
    const struct side_options server = {.certificates = {test_cert_localhost(TEST_KEY_RSA)}};
    SECURITY_STATUS status = SEC_E_INTERNAL_ERROR;
    struct side side;

    if (side_acquire(&side, SIDE_SERVER, &server) == SEC_E_OK) {
        side_deliver(&side, hello, sizeof(hello));
        status = side_leg(&side);
    }
    side_free(&side);
    return status;
}

static void test_old_peers(void)
{
    SECURITY_STATUS status = answer_to_old_client();
    struct saved saved;

    ok(status == SEC_I_CONTINUE_NEEDED, "usually: %s\n", status_name(status));
    set_value(&saved, L"", L"AllowInsecureRenegoClients", 0);
    status = answer_to_old_client();
    ok(status == SEC_E_ILLEGAL_MESSAGE, "not allowed: %s\n", status_name(status));
    negotiated_suite(SIDE_TLS1_2, &status);
    ok(status == SEC_E_OK, "a new client: %s\n", status_name(status));
    negotiated_suite(SIDE_TLS1_3, &status);
    ok(status == SEC_E_OK, "a newer client: %s\n", status_name(status));
    restore_value(&saved);
    set_value(&saved, L"", L"AllowInsecureRenegoServers", 0);
    negotiated_suite(SIDE_TLS1_2, &status);
    ok(status == SEC_E_OK, "a new server: %s\n", status_name(status));
    status = answer_to_old_client();
    ok(status == SEC_I_CONTINUE_NEEDED, "a client, with the value for clients: %s\n",
       status_name(status));
    restore_value(&saved);
}

#define LOCAL_KEY  L"System\\CurrentControlSet\\Control\\Cryptography\\Configuration\\Local\\SSL\\"
#define POLICY_KEY L"Software\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002"

static void set_list(const WCHAR *key, const WCHAR *name, DWORD type, const WCHAR *list, DWORD size)
{
    LSTATUS error = RegSetKeyValueW(HKEY_LOCAL_MACHINE, key, name, type, list, size);

    ok(!error, "%s not written, error %ld\n", wine_dbgstr_w(name), error);
}

#define SET_LIST(key, name, type, list) set_list(key, name, type, list, sizeof(list))

/* The curve that two sides with usual credentials come to: bits, 255 of curve25519. */
static DWORD negotiated_curve(void)
{
    struct side_options options = {.protocols = SIDE_TLS1_2};
    SecPkgContext_CipherInfo info = {.dwVersion = SECPKGCONTEXT_CIPHERINFO_V1};
    struct pair pair;

    if (pair_create(&pair, &options, NULL) && pair_handshake(&pair))
        QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_CIPHER_INFO, &info);
    pair_destroy(&pair);
    return info.dwKeyType;
}

/* Lists of suites and curves, the machine's and the policy's. */
static void test_orders(void)
{
    static const WCHAR local[] = LOCAL_KEY L"00010002", curves[] = LOCAL_KEY L"00010003";
    const DWORD usual = client_protocols(), usual_curve = negotiated_curve();
    SECURITY_STATUS status;
    DWORD suite;

    SET_LIST(local, L"Functions", REG_MULTI_SZ,
             L"TLS_UNKNOWN\0TLS_AES_128_GCM_SHA256\0TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256_P256\0"
             L"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\0TLS_AES_256_GCM_SHA384\0");
    suite = negotiated_suite(SIDE_TLS1_3, &status);
    ok(suite == 0x1301, "TLS 1.3: suite %#lx, %s\n", suite, status_name(status));
    suite = negotiated_suite(SIDE_TLS1_2, &status);
    ok(suite == 0xc02f || suite == 0xc02b, "TLS 1.2: suite %#lx, %s\n", suite, status_name(status));

    /* The policy wins; with no suite of TLS 1.3 there is no TLS 1.3. */
    SET_LIST(POLICY_KEY, L"Functions", REG_SZ,
             L"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,");
    suite = negotiated_suite(SIDE_TLS1_2, &status);
    ok(suite == 0xc013 || suite == 0xc009, "policy: suite %#lx, %s\n", suite, status_name(status));
    ok(client_protocols() == (usual & ~(DWORD)SP_PROT_TLS1_3_CLIENT), "versions %#lx\n",
       client_protocols());
    SET_LIST(POLICY_KEY, L"Functions", REG_SZ, L"TLS_UNKNOWN,,TLS_");
    suite = negotiated_suite(SIDE_TLS1_3, &status);
    ok(suite == 0x1301, "unknown names: suite %#lx, %s\n", suite, status_name(status));
    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, POLICY_KEY, L"Functions");
    SET_LIST(local, L"Functions", REG_MULTI_SZ, L"\0");
    suite = negotiated_suite(SIDE_TLS1_3, &status);
    ok(suite == 0x1302 && client_protocols() == usual, "an empty list: suite %#lx, %s\n", suite,
       status_name(status));
    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, local, L"Functions");

    SET_LIST(curves, L"Functions", REG_MULTI_SZ, L"unknown\0NistP384\0curve25519\0");
    ok(negotiated_curve() == 24, "curve %lu\n", negotiated_curve());
    SET_LIST(local, L"EccCurves", REG_MULTI_SZ, L"NistP521\0NistP384\0");
    ok(negotiated_curve() == 25, "beside the suites: curve %lu\n", negotiated_curve());
    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, local, L"EccCurves");
    SET_LIST(POLICY_KEY, L"EccCurves", REG_MULTI_SZ, L"x25519_mlkem768\0NistP521\0");
    ok(negotiated_curve() == 25, "policy: curve %lu\n", negotiated_curve());
    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, POLICY_KEY, L"EccCurves");
    RegDeleteKeyValueW(HKEY_LOCAL_MACHINE, curves, L"Functions");
    ok(negotiated_curve() == usual_curve, "back: curve %lu\n", negotiated_curve());
}

START_TEST(schannel_credentials_registry)
{
    if (!winetest_platform_is_wine) {
        skip("the registry is left alone\n");
        return;
    }
    test_protocols();
    test_asked_for();
    test_algorithms();
    test_rsa_bounds();
    test_dh_bounds();
    test_caches();
    test_renegotiation();
    test_old_peers();
    test_orders();
    test_issuers();
}
