/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * That copies of private keys, and what is decrypted with them, are wiped.
 */
#include "kit/other.h"
#include "kit/pair.h"
#include "kit/secrets.h"
#include "kit/testprovider.h"
#include "wine/test.h"

#define MODULUS (2048 / 8)

static WCHAR container[64];
static struct test_cert ca;

/* Acquires and frees a server's credential. */
static void acquire(const CERT_CONTEXT *certificate, SECURITY_STATUS expected)
{
    struct side_options options = {.certificates = {certificate}};
    struct side side = {0};
    SECURITY_STATUS status = side_acquire(&side, SIDE_SERVER, &options);

    ok(status == expected, "%s\n", status_name(status));
    side_free(&side);
}

/* Whether acquiring a credential leaves as many copies as were there before, and `more`. */
static void check_copies(const CERT_CONTEXT *certificate, const struct secret *secret,
                         unsigned int more, const char *what)
{
    const unsigned int before = secret_places(secret);

    acquire(certificate, SEC_E_OK);
    secret_check_places(secret, before + more, what);
}

/* A key in a property of the certificate. In a PrivateKeyInfo of P-256 the number begins behind 36
 * bytes. */
static void test_property(void)
{
    struct test_cert_options options = {.type = TEST_KEY_ECDSA,
                                        .place = TEST_KEY_IN_PROPERTY,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER};
    struct test_cert cert;
    struct secret secret;
    BYTE *copy;

    if (!test_cert_create(&options, &cert))
        return;
    copy = HeapAlloc(GetProcessHeap(), 0, 32);
    memcpy(copy, der_data(&cert.key->pkcs8) + 36, 32);
    secret = secret_of(copy, 32);
    ok(secret_places(&secret) > 0, "the search finds nothing\n");
    SecureZeroMemory(copy, 32);
    HeapFree(GetProcessHeap(), 0, copy);
    check_copies(cert.context, &secret, 0, "a key of a property");
    test_cert_free(&cert);
}

/* The first prime of the container's key and its exponent, in the order of bytes of a CryptoAPI
 * blob. */
static BOOL prime_of_container(BYTE prime[SECRET_MAX], struct secret *exponent)
{
    BYTE blob[2048];
    DWORD size = sizeof(blob);
    HCRYPTPROV provider;
    HCRYPTKEY key = 0;
    BOOL result = FALSE;

    if (!CryptAcquireContextW(&provider, container, NULL, PROV_RSA_AES, CRYPT_SILENT))
        return FALSE;
    if (CryptGetUserKey(provider, AT_KEYEXCHANGE, &key))
        result = CryptExportKey(key, 0, PRIVATEKEYBLOB, 0, blob, &size);
    ok(result, "no private key, error %#lx\n", GetLastError());
    memcpy(prime, blob + sizeof(BLOBHEADER) + sizeof(RSAPUBKEY) + MODULUS + 8, SECRET_MAX);
    *exponent =
        secret_of(blob + sizeof(BLOBHEADER) + sizeof(RSAPUBKEY) + 2 * MODULUS + 24, SECRET_MAX);
    SecureZeroMemory(blob, sizeof(blob));
    if (key)
        CryptDestroyKey(key);
    CryptReleaseContext(provider, 0);
    return result;
}

/* It is written anew, so that what was exported of it is exported again. */
static void touch_container(void)
{
    HCRYPTPROV provider;

    if (CryptAcquireContextW(&provider, container, NULL, PROV_RSA_AES, CRYPT_SILENT))
        CryptReleaseContext(provider, 0);
}

/* The same bytes as DER has them. */
static struct secret reversed(const BYTE prime[SECRET_MAX])
{
    BYTE bytes[SECRET_MAX];

    for (unsigned int i = 0; i < SECRET_MAX; i++)
        bytes[i] = prime[SECRET_MAX - 1 - i];
    return secret_take(bytes, sizeof(bytes));
}

/* Where the module keeps the address of a function that it imports; NULL: it does not. */
static void **import_of(HMODULE module, void *function)
{
    const BYTE *base = (const BYTE *)module;
    const IMAGE_NT_HEADERS *headers =
        (const void *)(base + ((const IMAGE_DOS_HEADER *)base)->e_lfanew);
    const IMAGE_DATA_DIRECTORY *directory =
        &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    const IMAGE_IMPORT_DESCRIPTOR *import = (const void *)(base + directory->VirtualAddress);

    for (; directory->Size && import->FirstThunk; import++)
        for (void **thunk = (void **)(base + import->FirstThunk); *thunk; thunk++)
            if (*thunk == function)
                return thunk;
    return NULL;
}

static void set_import(void **import, void *function)
{
    DWORD before;

    VirtualProtect(import, sizeof(*import), PAGE_READWRITE, &before);
    *import = function;
    VirtualProtect(import, sizeof(*import), before, &before);
}

/* A secret, and how many blocks our DLL has freed with it inside: others may use them at once. */
static struct secret searched;
static LONG freed_with_it;

static BOOL WINAPI look_and_free(HANDLE heap, DWORD flags, void *memory)
{
    if (memory && secret_in(&searched, memory, HeapSize(heap, 0, memory)))
        InterlockedIncrement(&freed_with_it);
    return HeapFree(heap, flags, memory);
}

static void check_freed(const CERT_CONTEXT *certificate, const struct secret *secret,
                        const char *what)
{
    void *original = GetProcAddress(GetModuleHandleA("kernel32.dll"), "HeapFree");
    void **import = import_of(module_of_code(), original);

    if (!import) {
        win_skip("another DLL, which frees in its own way\n");
        return;
    }
    searched = *secret;
    set_import(import, look_and_free);
    acquire(certificate, SEC_E_OK);
    set_import(import, original);
    ok(!freed_with_it, "%s is in %ld blocks that were freed\n", what, freed_with_it);
}

/*
 * What a provider lets out is copied into a blob, numbers in between, and DER. The DER is kept for
 * the next credential, and no longer than it is the container's.
 */
static void test_container(void)
{
    BYTE prime[SECRET_MAX];
    struct secret in_blob, in_der, exponent;
    struct test_cert cert;

    if (!container_generate(container, PROV_RSA_AES, 0, CRYPT_EXPORTABLE))
        return;
    if (prime_of_container(prime, &exponent) &&
        container_cert(&ca, container, PROV_RSA_AES, 0, 0, &cert)) {
        in_der = reversed(prime);
        in_blob = secret_take(prime, sizeof(prime));
        acquire(cert.context, SEC_E_OK); /* rsaenh leaves a blob of its own in memory */
        secret_check_places(&in_der, 1, "the DER of a container's key");
        check_copies(cert.context, &in_der, 0, "the DER of a container's key");
        touch_container();
        check_copies(cert.context, &in_blob, 0, "the blob of a container's key");
        touch_container();
        check_copies(cert.context, &exponent, 0, "an exponent of a container's key");
        touch_container();
        check_freed(cert.context, &exponent, "an exponent of a container's key");
        secret_check_places(&in_der, 1, "the DER of a container's key");
        container_generate(container, PROV_RSA_AES, 0, CRYPT_EXPORTABLE);
        acquire(cert.context, SEC_E_NO_CREDENTIALS);
        secret_check_places(&in_der, 0, "the DER of a key that was replaced");
        test_cert_free(&cert);
    }
    container_delete(container, 0);
}

static BOOL cert_of_cng(NCRYPT_KEY_HANDLE key, struct test_cert *cert)
{
    struct test_cert_options options = {.place = TEST_KEY_NOWHERE,
                                        .name = "localhost",
                                        .uses = TEST_CERT_SERVER,
                                        .issuer = &ca,
                                        .key = cng_key(key)};
    CERT_KEY_CONTEXT context = {
        .cbSize = sizeof(context), .hCryptProv = key, .dwKeySpec = CERT_NCRYPT_KEY_SPEC};
    BOOL result = options.key && test_cert_create(&options, cert);

    if (options.key)
        test_key_release(options.key);
    if (result)
        CertSetCertificateContextProperty(cert->context, CERT_KEY_CONTEXT_PROP_ID,
                                          CERT_STORE_NO_CRYPT_RELEASE_FLAG, &context);
    return result;
}

static void test_cng(void)
{
    NCRYPT_KEY_HANDLE key =
        cng_generate(NCRYPT_ALLOW_EXPORT_FLAG | NCRYPT_ALLOW_PLAINTEXT_EXPORT_FLAG);
    BYTE blob[2048];
    DWORD size = sizeof(blob);
    struct test_cert cert;
    struct secret secret;

    if (!key)
        return;
    if (!cng_export(key, blob, &size)) {
        skip("CNG lets no key out\n");
    } else if (cert_of_cng(key, &cert)) {
        secret = secret_of(blob + sizeof(BCRYPT_RSAKEY_BLOB) + 3 + MODULUS, SECRET_MAX);
        SecureZeroMemory(blob, sizeof(blob));
        check_copies(cert.context, &secret, 0, "a key of CNG");
        test_cert_free(&cert);
    }
    cng_free(key);
}

/* What CryptDecrypt gave our DLL. */
static struct secret decrypted;

static BOOL WINAPI decrypt_and_note(HCRYPTKEY key, HCRYPTHASH hash, BOOL final, DWORD flags,
                                    BYTE *data, DWORD *size)
{
    BOOL result = CryptDecrypt(key, hash, final, flags, data, size);

    if (result && *size <= SECRET_MAX)
        decrypted = secret_of(data, *size);
    return result;
}

/* A certificate whose key is nowhere but in an open provider, which does not let it out. */
static BOOL cert_of_stayer(HCRYPTPROV *provider, struct test_cert *cert)
{
    struct test_cert_options options = {
        .place = TEST_KEY_NOWHERE, .name = "localhost", .uses = TEST_CERT_SERVER, .issuer = &ca};
    CERT_KEY_CONTEXT context = {.cbSize = sizeof(context), .dwKeySpec = AT_KEYEXCHANGE};
    HCRYPTKEY key = 0;
    BOOL result;

    result = CryptAcquireContextW(provider, NULL, NULL, PROV_RSA_AES,
                                  CRYPT_VERIFYCONTEXT | CRYPT_SILENT) &&
             CryptGenKey(*provider, AT_KEYEXCHANGE, 2048 << 16, &key) &&
             (options.key = container_key(*provider)) && test_cert_create(&options, cert);
    ok(result, "no certificate, error %#lx\n", GetLastError());
    context.hCryptProv = *provider;
    if (result)
        CertSetCertificateContextProperty(cert->context, CERT_KEY_CONTEXT_PROP_ID,
                                          CERT_STORE_NO_CRYPT_RELEASE_FLAG, &context);
    if (options.key)
        test_key_release(options.key);
    if (key)
        CryptDestroyKey(key);
    return result;
}

/* A key that stays where it is decrypts the secret of the whole connection. */
static void test_decrypted(void)
{
    void *original = GetProcAddress(GetModuleHandleA("advapi32.dll"), "CryptDecrypt");
    void **import = import_of(module_of_code(), original);
    ALG_ID exchange = CALG_RSA_KEYX;
    SCHANNEL_CRED client = {.dwVersion = SCHANNEL_CRED_VERSION,
                            .cSupportedAlgs = 1,
                            .palgSupportedAlgs = &exchange,
                            .dwFlags = SCH_CRED_MANUAL_CRED_VALIDATION};
    struct side_options server = {.protocols = SIDE_TLS1_2};
    struct test_cert cert;
    HCRYPTPROV provider;
    struct pair pair;

    if (!import) {
        win_skip("another DLL, which decrypts in its own way\n");
        return;
    }
    if (!cert_of_stayer(&provider, &cert))
        return;
    server.certificates[0] = cert.context;
    if (pair_create(&pair, NULL, &server)) {
        FreeCredentialsHandle(&pair.client.credentials);
        pair.client.have_credentials =
            !AcquireCredentialsHandleW(NULL, (SEC_WCHAR *)L"Schannel", SECPKG_CRED_OUTBOUND, NULL,
                                       &client, NULL, NULL, &pair.client.credentials, NULL);
        set_import(import, decrypt_and_note);
        while (!decrypted.size && side_leg(&pair.client) == SEC_I_CONTINUE_NEEDED)
            side_leg(&pair.server);
        /* At once: the next call may use the same part of the stack. */
        secret_check_places(&decrypted, 0, "a secret that was decrypted");
        set_import(import, original);
        ok(decrypted.size == 48, "nothing was decrypted: client %s, server %s\n",
           status_name(pair.client.status), status_name(pair.server.status));
    }
    pair_destroy(&pair);
    test_cert_free(&cert);
    CryptReleaseContext(provider, 0);
}

START_TEST(schannel_keys_secrets)
{
    const struct test_cert_options options = {
        .type = TEST_KEY_RSA, .place = TEST_KEY_NOWHERE, .name = "Keys CA", .uses = TEST_CERT_CA};

    swprintf(container, ARRAY_SIZE(container), L"asyncsspi-secrets-%lu", GetCurrentProcessId());
    if (!test_cert_create(&options, &ca))
        return;
    test_property();
    test_container();
    test_cng();
    test_decrypted();
    test_cert_free(&ca);
}
