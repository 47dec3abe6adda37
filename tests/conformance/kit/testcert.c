/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificates for tests. The TBSCertificate is written as DER here and signed by the issuer's key,
 * so that neither key types nor extensions depend on what the system's own functions can encode.
 */
#include "kit/testcert.h"
#include "wine/test.h"

#define OID_COMMON_NAME       "2.5.4.3"
#define OID_BASIC_CONSTRAINTS "2.5.29.19"
#define OID_ALTERNATE_NAME    "2.5.29.17"
#define OID_KEY_USAGE         "2.5.29.15"
#define OID_EXTENDED_USAGE    "2.5.29.37"
#define OID_SERVER_AUTH       "1.3.6.1.5.5.7.3.1"
#define OID_CLIENT_AUTH       "1.3.6.1.5.5.7.3.2"
#define OID_NAME_CONSTRAINTS  "2.5.29.30"
#define OID_CRL_POINTS        "2.5.29.31"
#define OID_AUTHORITY_ACCESS  "1.3.6.1.5.5.7.1.1"
#define OID_OCSP              "1.3.6.1.5.5.7.48.1"
#define SECONDS_OF_DAY        (24 * 60 * 60)

static const BYTE der_true = 0xff;

static void write_name(struct der *der, const struct test_cert_options *options)
{
    const DWORD mark = der_mark(der);

    der_element(der, 0x0c, options->name,
                options->name_size ? options->name_size : (DWORD)strlen(options->name));
    der_oid(der, OID_COMMON_NAME);
    der_wrap(der, 0x30, mark);
    der_wrap(der, 0x31, mark);
    der_wrap(der, 0x30, mark);
}

void test_cert_write_time(struct der *der, BYTE tag, LONGLONG seconds)
{
    ULARGE_INTEGER time;
    SYSTEMTIME fields;
    FILETIME now;
    char text[20];

    GetSystemTimeAsFileTime(&now);
    time.LowPart = now.dwLowDateTime;
    time.HighPart = now.dwHighDateTime;
    time.QuadPart += seconds * 10000000;
    now.dwLowDateTime = time.LowPart;
    now.dwHighDateTime = time.HighPart;
    FileTimeToSystemTime(&now, &fields);
    snprintf(text, sizeof(text), "%04u%02u%02u%02u%02u%02uZ", fields.wYear, fields.wMonth,
             fields.wDay, fields.wHour, fields.wMinute, fields.wSecond);
    /* UTCTime leaves out the century. */
    if (tag == 0x17)
        der_element(der, tag, text + 2, 13);
    else
        der_element(der, tag, text, 15);
}

/* Makes an Extension of all that was written since mark: its value. */
static void wrap_extension(struct der *der, DWORD mark, const char *oid, BOOL critical)
{
    der_wrap(der, 0x04, mark);
    if (critical)
        der_element(der, 0x01, &der_true, 1);
    der_oid(der, oid);
    der_wrap(der, 0x30, mark);
}

static void write_responder(struct der *der, const struct test_cert_options *options)
{
    const DWORD mark = der_mark(der);

    if (options->ocsp_url) {
        der_element(der, TEST_NAME_URI, options->ocsp_url, (DWORD)strlen(options->ocsp_url));
        der_oid(der, OID_OCSP);
        der_wrap(der, 0x30, mark);
        der_wrap(der, 0x30, mark);
        wrap_extension(der, mark, OID_AUTHORITY_ACCESS, FALSE);
    }
}

static void write_crl_point(struct der *der, const struct test_cert_options *options)
{
    const DWORD mark = der_mark(der);

    if (!options->crl_url)
        return;
    der_element(der, TEST_NAME_URI, options->crl_url, (DWORD)strlen(options->crl_url));
    der_wrap(der, 0xa0, mark);
    der_wrap(der, 0xa0, mark);
    der_wrap(der, 0x30, mark);
    der_wrap(der, 0x30, mark);
    wrap_extension(der, mark, OID_CRL_POINTS, FALSE);
}

/* GeneralSubtrees with that tag. */
static void write_subtrees(struct der *der, BYTE tag, const struct test_name *names)
{
    const DWORD all = der_mark(der);
    unsigned int count = 0;
    DWORD mark;

    while (names && names[count].size)
        count++;
    if (!count)
        return;
    while (count--) {
        mark = der_mark(der);
        der_element(der, (BYTE)names[count].tag, names[count].bytes, names[count].size);
        der_wrap(der, 0x30, mark);
    }
    der_wrap(der, tag, all);
}

static void write_constraints(struct der *der, const struct test_cert_options *options)
{
    const struct test_name dns[] = {{TEST_NAME_DNS, options->permitted,
                                     options->permitted ? (DWORD)strlen(options->permitted) : 0},
                                    {0}};
    DWORD mark = der_mark(der);

    write_subtrees(der, 0xa1, options->excluded_names);
    write_subtrees(der, 0xa0, options->permitted_names ? options->permitted_names : dns);
    if (der_mark(der) != mark) {
        der_wrap(der, 0x30, mark);
        wrap_extension(der, mark, OID_NAME_CONSTRAINTS, TRUE);
    }
    mark = der_mark(der);
    if (options->critical) {
        der_null(der);
        wrap_extension(der, mark, options->critical, TRUE);
    }
}

static void write_usage(struct der *der, const struct test_cert_options *options)
{
    const DWORD mark = der_mark(der);

    if (options->usage)
        der_oid(der, options->usage);
    else if (!(options->uses & (TEST_CERT_SERVER | TEST_CERT_CLIENT)))
        return;
    else {
        if (options->uses & TEST_CERT_CLIENT)
            der_oid(der, OID_CLIENT_AUTH);
        if (options->uses & TEST_CERT_SERVER)
            der_oid(der, OID_SERVER_AUTH);
    }
    der_wrap(der, 0x30, mark);
    wrap_extension(der, mark, OID_EXTENDED_USAGE, FALSE);
}

static void write_alternatives(struct der *der, const struct test_cert_options *options)
{
    const DWORD mark = der_mark(der);
    unsigned int count = 0;

    if (options->no_names || (options->uses & TEST_CERT_CA && !options->names))
        return;
    if (options->names) {
        while (options->names[count].size)
            count++;
        while (count--)
            der_element(der, (BYTE)options->names[count].tag, options->names[count].bytes,
                        options->names[count].size);
    } else {
        der_element(der, TEST_NAME_DNS, options->name, (DWORD)strlen(options->name));
    }
    der_wrap(der, 0x30, mark);
    wrap_extension(der, mark, OID_ALTERNATE_NAME, FALSE);
}

static void write_extensions(struct der *der, const struct test_cert_options *options)
{
    const BOOL ca = (options->uses & TEST_CERT_CA) != 0;
    /* keyCertSign + cRLSign or digitalSignature + keyEncipherment; in front the unused bits. */
    BYTE usage[] = {0, options->key_usage ? options->key_usage : ca ? 0x06 : 0xa0};
    const DWORD all = der_mark(der);
    DWORD mark;

    write_responder(der, options);
    write_crl_point(der, options);
    write_constraints(der, options);
    write_usage(der, options);
    write_alternatives(der, options);
    mark = der_mark(der);
    while (!(usage[1] & 1 << usage[0]))
        usage[0]++;
    der_element(der, 0x03, usage, sizeof(usage));
    wrap_extension(der, mark, OID_KEY_USAGE, TRUE);

    mark = der_mark(der);
    if (options->path_length)
        der_integer(der, options->path_length - 1);
    if (ca)
        der_element(der, 0x01, &der_true, 1);
    der_wrap(der, 0x30, mark);
    wrap_extension(der, mark, OID_BASIC_CONSTRAINTS, TRUE);

    der_wrap(der, 0x30, all);
    der_wrap(der, 0xa3, all);
}

static void write_tbs(struct der *der, const struct test_cert_options *options,
                      const struct test_key *key)
{
    const struct test_key *signer = options->issuer ? options->issuer->key : key;
    const BOOL usual = !options->first_day && !options->last_day;
    DWORD mark, all = der_mark(der);
    BYTE serial[16];

    write_extensions(der, options);
    der_raw(der, der_data(&key->spki), der_size(&key->spki));
    write_name(der, options);

    mark = der_mark(der);
    test_cert_write_time(der, 0x17,
                         options->seconds
                             ? options->seconds
                             : SECONDS_OF_DAY * (LONGLONG)(usual ? 30 : options->last_day));
    test_cert_write_time(der, 0x17, SECONDS_OF_DAY * (LONGLONG)(usual ? -1 : options->first_day));
    der_wrap(der, 0x30, mark);

    if (options->issuer) {
        const CERT_NAME_BLOB *name = &options->issuer->context->pCertInfo->Subject;

        der_raw(der, name->pbData, name->cbData);
    } else {
        write_name(der, options);
    }
    test_key_signature_algorithm(signer, options->hash, der);
    BCryptGenRandom(NULL, serial, sizeof(serial), BCRYPT_USE_SYSTEM_PREFERRED_RNG);
    serial[0] = (serial[0] & 0x7f) | 0x40;
    der_unsigned(der, serial, sizeof(serial));
    mark = der_mark(der);
    der_integer(der, 2); /* v3 */
    der_wrap(der, 0xa0, mark);
    der_wrap(der, 0x30, all);
}

static BOOL write_certificate(struct der *der, const struct test_cert_options *options,
                              const struct test_key *key)
{
    const struct test_key *signer = options->issuer ? options->issuer->key : key;
    struct der *tbs = malloc(sizeof(*tbs));
    BOOL result = FALSE;
    DWORD mark;

    if (!tbs)
        return FALSE;
    der_init(tbs);
    write_tbs(tbs, options, key);
    der_init(der);
    mark = der_mark(der);
    if (test_key_sign(signer, options->hash, der_data(tbs), der_size(tbs), der)) {
        if (options->damaged)
            der->bytes[sizeof(der->bytes) - 1] ^= 1;
        der_wrap_bits(der, mark);
        test_key_signature_algorithm(signer, options->hash, der);
        der_raw(der, der_data(tbs), der_size(tbs));
        der_wrap(der, 0x30, mark);
        result = TRUE;
    }
    free(tbs);
    return result;
}

/* The issuer and all above it, so that the chain can be sent. */
static void add_issuers(HCERTSTORE store, const struct test_cert *issuer)
{
    const CERT_CONTEXT *context = NULL;

    if (!issuer)
        return;
    while ((context = CertEnumCertificatesInStore(issuer->store, context)))
        CertAddEncodedCertificateToStore(store, X509_ASN_ENCODING, context->pbCertEncoded,
                                         context->cbCertEncoded, CERT_STORE_ADD_USE_EXISTING, NULL);
}

static BOOL attach_key(const struct test_cert_options *options, struct test_cert *cert)
{
    enum test_key_place place = options->place;

    if (place == TEST_KEY_NOWHERE)
        return TRUE;
    if (place == TEST_KEY_USUAL)
        place = options->type == TEST_KEY_RSA ? TEST_KEY_IN_PROVIDER : TEST_KEY_IN_PROPERTY;
    if (place == TEST_KEY_IN_PROPERTY && winetest_platform_is_wine)
        return test_key_attach_property(cert->key, cert->context);
    return test_key_attach_provider(cert->key, cert->context);
}

void test_cert_free(struct test_cert *cert)
{
    if (cert->context)
        CertFreeCertificateContext(cert->context);
    if (cert->store)
        CertCloseStore(cert->store, 0);
    test_key_release(cert->key);
    memset(cert, 0, sizeof(*cert));
}

BOOL test_cert_create(const struct test_cert_options *options, struct test_cert *cert)
{
    struct der *der = malloc(sizeof(*der));
    BOOL result = FALSE;

    memset(cert, 0, sizeof(*cert));
    cert->key = options->key ? options->key : test_key_create(options->type);
    if (options->key)
        InterlockedIncrement(&cert->key->references);
    if (!der || !cert->key || !write_certificate(der, options, cert->key))
        goto done;
    cert->store = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    result = cert->store &&
             CertAddEncodedCertificateToStore(cert->store, X509_ASN_ENCODING, der_data(der),
                                              der_size(der), CERT_STORE_ADD_ALWAYS, &cert->context);
    ok(result, "the certificate for %s does not parse, error %#lx\n", options->name,
       GetLastError());
    if (!result)
        goto done;
    result = attach_key(options, cert);
    ok(result, "the certificate for %s does not take its key, error %#lx\n", options->name,
       GetLastError());
    add_issuers(cert->store, options->issuer);
done:
    free(der);
    if (!result)
        test_cert_free(cert);
    return result;
}

static struct test_cert localhost[2];

static void free_localhost(void)
{
    test_cert_free(&localhost[TEST_KEY_RSA]);
    test_cert_free(&localhost[TEST_KEY_ECDSA]);
}

const CERT_CONTEXT *test_cert_localhost(enum test_key_type type)
{
    struct test_cert_options options = {
        .type = type,
        .name = "localhost",
        .uses = TEST_CERT_SERVER | TEST_CERT_CLIENT,
    };
    static BOOL registered;

    if (localhost[type].context)
        return localhost[type].context;
    if (test_cert_create(&options, &localhost[type]) && !registered) {
        registered = TRUE;
        atexit(free_localhost);
    }
    return localhost[type].context;
}

/*
 * Windows asks the user before it adds to the user's roots; the machine's need an administrator.
 * The store in the registry alone, because Wine does not delete from the collection it is part of.
 */
static HCERTSTORE open_roots(void)
{
    const DWORD place = winetest_platform_is_wine ? CERT_SYSTEM_STORE_CURRENT_USER
                                                  : CERT_SYSTEM_STORE_LOCAL_MACHINE;

    return CertOpenStore(CERT_STORE_PROV_SYSTEM_REGISTRY_W, 0, 0, place, L"Root");
}

BOOL test_cert_trust(const struct test_cert *ca)
{
    HCERTSTORE roots = open_roots();
    BOOL result = FALSE;

    if (roots) {
        result =
            CertAddEncodedCertificateToStore(roots, X509_ASN_ENCODING, ca->context->pbCertEncoded,
                                             ca->context->cbCertEncoded, CERT_STORE_ADD_NEW, NULL);
        CertCloseStore(roots, 0);
    }
    if (!result)
        win_skip("no root certificate may be added\n");
    return result;
}

void test_cert_distrust(const struct test_cert *ca)
{
    HCERTSTORE roots = open_roots();
    const CERT_CONTEXT *found;

    if (!roots)
        return;
    found = CertFindCertificateInStore(roots, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING, ca->context,
                                       NULL);
    if (found)
        CertDeleteCertificateFromStore(found);
    CertCloseStore(roots, 0);
}
