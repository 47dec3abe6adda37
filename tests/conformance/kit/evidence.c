/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Revocation lists (RFC 5280) and OCSP responses (RFC 6960) for tests, see kit/evidence.h.
 */
#include "kit/evidence.h"
#include "wine/test.h"

#define OID_SHA1          "1.3.14.3.2.26"
#define OID_OCSP_BASIC    "1.3.6.1.5.5.7.48.1.1"
#define OID_CRL_NUMBER    "2.5.29.20"
#define OID_DELTA_CRL     "2.5.29.27"
#define OID_ISSUING_POINT "2.5.29.28"

enum { UTC_TIME = 0x17, GENERALIZED_TIME = 0x18, HOUR = 3600 };

static const struct test_cert *signer_of(const struct evidence_options *options)
{
    return options->signer ? options->signer : options->issuer;
}

static LONGLONG issued(const struct evidence_options *options)
{
    return options->issued || options->ends ? options->issued : -HOUR;
}

static LONGLONG ends(const struct evidence_options *options)
{
    return options->issued || options->ends ? options->ends : HOUR;
}

static void write_serial(struct der *der, const CERT_CONTEXT *certificate)
{
    const CRYPT_INTEGER_BLOB *serial = &certificate->pCertInfo->SerialNumber;
    BYTE bytes[32];
    DWORD i;

    /* The context has it with the least significant byte in front. */
    for (i = 0; i < serial->cbData && i < sizeof(bytes); i++)
        bytes[i] = serial->pbData[serial->cbData - 1 - i];
    der_unsigned(der, bytes, i);
}

/* SEQUENCE { what tbs holds, the algorithm, the signature }, all since mark. */
static BOOL sign(const struct evidence_options *options, const struct der *tbs, struct der *der,
                 DWORD mark)
{
    const struct test_key *key = signer_of(options)->key;
    const DWORD end = der_mark(der);

    if (!test_key_sign(key, TEST_HASH_SHA256, der_data(tbs), der_size(tbs), der))
        return FALSE;
    if (options->damaged)
        der->bytes[end - 1] ^= 1;
    der_wrap_bits(der, end);
    test_key_signature_algorithm(key, TEST_HASH_SHA256, der);
    der_raw(der, der_data(tbs), der_size(tbs));
    der_wrap(der, 0x30, mark);
    return TRUE;
}

static void wrap_critical(struct der *der, DWORD mark, const char *oid)
{
    static const BYTE yes = 0xff;

    der_wrap(der, 0x04, mark);
    der_element(der, 0x01, &yes, 1);
    der_oid(der, oid);
    der_wrap(der, 0x30, mark);
}

static void write_list_extensions(struct der *der, const struct evidence_options *options)
{
    static const BYTE yes = 0xff;
    const DWORD all = der_mark(der);
    DWORD mark;

    if (options->part_of || options->only) {
        mark = der_mark(der);
        if (options->only)
            der_element(der, options->only, &yes, 1);
        if (options->part_of) {
            const DWORD point = der_mark(der);

            der_element(der, TEST_NAME_URI, options->part_of, (DWORD)strlen(options->part_of));
            der_wrap(der, 0xa0, point);
            der_wrap(der, 0xa0, point);
        }
        der_wrap(der, 0x30, mark);
        wrap_critical(der, mark, OID_ISSUING_POINT);
    }
    if (options->changes_only) {
        mark = der_mark(der);
        der_integer(der, 1);
        wrap_critical(der, mark, OID_DELTA_CRL);
    }
    mark = der_mark(der);
    der_integer(der, 2);
    der_wrap(der, 0x04, mark);
    der_oid(der, OID_CRL_NUMBER);
    der_wrap(der, 0x30, mark);
    der_wrap(der, 0x30, all);
    der_wrap(der, 0xa0, all);
}

BOOL evidence_write_list(const struct evidence_options *options, struct der *der)
{
    const CERT_NAME_BLOB *name = &options->issuer->context->pCertInfo->Subject;
    struct der tbs;
    DWORD mark, all;

    der_init(&tbs);
    all = der_mark(&tbs);
    write_list_extensions(&tbs, options);
    if (options->revoked) {
        mark = der_mark(&tbs);
        test_cert_write_time(&tbs, UTC_TIME, -2 * HOUR);
        write_serial(&tbs, options->subject);
        der_wrap(&tbs, 0x30, mark);
        der_wrap(&tbs, 0x30, mark);
    }
    test_cert_write_time(&tbs, UTC_TIME, ends(options));
    test_cert_write_time(&tbs, UTC_TIME, issued(options));
    der_raw(&tbs, name->pbData, name->cbData);
    test_key_signature_algorithm(signer_of(options)->key, TEST_HASH_SHA256, &tbs);
    der_integer(&tbs, 1);
    der_wrap(&tbs, 0x30, all);
    der_init(der);
    return sign(options, &tbs, der, der_mark(der));
}

/* CertID: which certificate is meant. */
static void write_certificate_id(struct der *der, const struct evidence_options *options)
{
    const CERT_INFO *issuer = options->issuer->context->pCertInfo;
    const CRYPT_BIT_BLOB *key = &issuer->SubjectPublicKeyInfo.PublicKey;
    const DWORD mark = der_mark(der);
    BYTE digest[32];
    DWORD inner;

    write_serial(der, options->subject);
    der_element(der, 0x04, digest, test_digest(TEST_HASH_SHA1, key->pbData, key->cbData, digest));
    der_element(
        der, 0x04, digest,
        test_digest(TEST_HASH_SHA1, issuer->Subject.pbData, issuer->Subject.cbData, digest));
    inner = der_mark(der);
    der_null(der);
    der_oid(der, OID_SHA1);
    der_wrap(der, 0x30, inner);
    der_wrap(der, 0x30, mark);
}

static void write_response_data(struct der *der, const struct evidence_options *options)
{
    const CERT_NAME_BLOB *name = &signer_of(options)->context->pCertInfo->Subject;
    const DWORD all = der_mark(der);
    DWORD mark = all;

    test_cert_write_time(der, GENERALIZED_TIME, ends(options));
    der_wrap(der, 0xa0, mark);
    test_cert_write_time(der, GENERALIZED_TIME, issued(options));
    mark = der_mark(der);
    if (options->revoked)
        test_cert_write_time(der, GENERALIZED_TIME, -2 * HOUR);
    der_wrap(der, options->revoked ? 0xa1 : options->unknown ? 0x82 : 0x80, mark);
    write_certificate_id(der, options);
    der_wrap(der, 0x30, all); /* SingleResponse */
    der_wrap(der, 0x30, all);
    test_cert_write_time(der, GENERALIZED_TIME, issued(options));
    mark = der_mark(der);
    der_raw(der, name->pbData, name->cbData);
    der_wrap(der, 0xa1, mark);
    der_wrap(der, 0x30, all);
}

BOOL evidence_write_response(const struct evidence_options *options, struct der *der)
{
    static const BYTE successful = 0, try_later = 3;
    const CERT_CONTEXT *signer = signer_of(options)->context;
    const DWORD all = (der_init(der), der_mark(der));
    struct der data;

    if (options->refused) {
        der_element(der, 0x0a, &try_later, 1);
        der_wrap(der, 0x30, all);
        return TRUE;
    }
    der_init(&data);
    write_response_data(&data, options);
    if (options->with_signer) {
        der_raw(der, signer->pbCertEncoded, signer->cbCertEncoded);
        der_wrap(der, 0x30, all);
        der_wrap(der, 0xa0, all);
    }
    if (!sign(options, &data, der, all))
        return FALSE;
    der_wrap(der, 0x04, all);
    der_oid(der, OID_OCSP_BASIC);
    der_wrap(der, 0x30, all);
    der_wrap(der, 0xa0, all);
    der_element(der, 0x0a, &successful, 1);
    der_wrap(der, 0x30, all);
    return TRUE;
}
