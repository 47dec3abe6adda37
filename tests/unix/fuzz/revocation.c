/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Fuzz target: certificates, revocation lists and OCSP responses of strangers.
 *
 * The first byte says what is attacked and how the rest of the input becomes it. Raw: the rest is
 * the attacked bytes. Signed: the rest is the part that is signed, and gets a good signature, which
 * is what a hostile authority could send. Script: a genuine certificate, list or response is
 * changed element by element and then signed, so that what is not changed still fits. A change is
 * four bytes (which element, what, with what, how much) and the bytes it brings with it.
 *
 * Keys are made at the start, so a find is repeated by its script rather than byte by byte.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>

#include "kit/support.h"
#include "fuzz/shared/elements.h"
#include "fuzz/shared/require.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SUBJECT(flags) ((flags)&3)
#define FLAG_SIGN      0x04 /* raw bytes get a signature too */
#define FLAG_SCRIPT    0x08
#define FLAG_DAMAGE    0x10 /* the signature is not good */

enum subject { SUBJECT_LIST, SUBJECT_RESPONSE, SUBJECT_CERTIFICATE, SUBJECT_NO_ISSUER };

#define OID(...) ((const uint8_t[]){__VA_ARGS__}), sizeof((const uint8_t[]){__VA_ARGS__})

static gnutls_privkey_t root_key;
static gnutls_datum_t root, leaf; /* DER */
static struct queue genuine[3];   /* the parts that are signed, by subject */

static void put_time(struct queue *out, time_t when)
{
    char text[32];
    struct tm tm;

    gmtime_r(&when, &tm);
    strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm);
    element_put(out, 0x18, text, strlen(text));
}

static void put_algorithm(struct queue *out)
{
    size_t start = out->size;

    element_put(out, 0x06, OID(0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2)); /* ecdsa-with-SHA256 */
    element_wrap(out, start, 0x30);
}

/* The signature around a part. */
static void put_signed(struct queue *out, const struct queue *part, uint8_t damage)
{
    const gnutls_datum_t data = {part->data, (unsigned int)part->size};
    gnutls_datum_t signature;
    size_t start = out->size, bits;

    require(gnutls_privkey_sign_data(root_key, GNUTLS_DIG_SHA256, 0, &data, &signature) >= 0,
            "a signature");
    signature.data[signature.size - 1] ^= damage;
    queue_add(out, part->data, part->size);
    put_algorithm(out);
    bits = out->size;
    queue_add(out, "", 1);
    queue_add(out, signature.data, signature.size);
    element_wrap(out, bits, 0x03);
    element_wrap(out, start, 0x30);
    gnutls_free(signature.data);
}

/* OCSPResponse around a BasicOCSPResponse. */
static void wrap_response(struct queue *out)
{
    struct queue basic = *out;
    size_t start;

    memset(out, 0, sizeof(*out));
    element_put(out, 0x0a, "", 1); /* successful */
    start = out->size;
    element_put(out, 0x06, OID(0x2b, 6, 1, 5, 5, 7, 48, 1, 1));
    element_put(out, 0x04, basic.data, basic.size);
    element_wrap(out, start, 0x30);
    element_wrap(out, start, 0xa0);
    element_wrap(out, 0, 0x30);
    queue_free(&basic);
}

/* Genuine parts */

static gnutls_x509_crt_t new_certificate(const char *name, gnutls_x509_privkey_t key)
{
    gnutls_x509_crt_t certificate;
    time_t now = time(NULL);

    require(gnutls_x509_crt_init(&certificate) >= 0, "memory");
    gnutls_x509_crt_set_version(certificate, 3);
    gnutls_x509_crt_set_serial(certificate, "\1\2\3", 3);
    gnutls_x509_crt_set_activation_time(certificate, now - 86400);
    gnutls_x509_crt_set_expiration_time(certificate, now + 86400);
    gnutls_x509_crt_set_dn(certificate, name, NULL);
    gnutls_x509_crt_set_key(certificate, key);
    return certificate;
}

static void make_certificates(gnutls_x509_crt_t *root_crt)
{
    static const char list[] = "http://a.example/list.crl", responder[] = "http://b.example/";
    gnutls_datum_t url = {(unsigned char *)responder, sizeof(responder) - 1};
    gnutls_x509_crt_t leaf_crt;
    gnutls_x509_privkey_t key;

    require(gnutls_x509_privkey_init(&key) >= 0 && gnutls_privkey_init(&root_key) >= 0, "memory");
    require(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                         GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) >= 0,
            "a key");
    *root_crt = new_certificate("CN=Root", key);
    gnutls_x509_crt_set_basic_constraints(*root_crt, 1, -1);
    gnutls_x509_crt_set_key_usage(*root_crt, GNUTLS_KEY_CRL_SIGN | GNUTLS_KEY_KEY_CERT_SIGN);
    gnutls_x509_crt_sign2(*root_crt, *root_crt, key, GNUTLS_DIG_SHA256, 0);
    leaf_crt = new_certificate("CN=localhost", key);
    gnutls_x509_crt_set_crl_dist_points2(leaf_crt, GNUTLS_SAN_URI, list, sizeof(list) - 1, 0);
    gnutls_x509_crt_set_authority_info_access(leaf_crt, GNUTLS_IA_OCSP_URI, &url);
    gnutls_x509_crt_sign2(leaf_crt, *root_crt, key, GNUTLS_DIG_SHA256, 0);
    gnutls_x509_crt_export2(*root_crt, GNUTLS_X509_FMT_DER, &root);
    gnutls_x509_crt_export2(leaf_crt, GNUTLS_X509_FMT_DER, &leaf);
    require(root.data && leaf.data, "certificates");
    require(gnutls_privkey_import_x509(root_key, key, GNUTLS_PRIVKEY_IMPORT_AUTO_RELEASE) >= 0,
            "a key to sign with");
    gnutls_x509_crt_deinit(leaf_crt);
}

/* A divided list with another certificate in it. */
static void make_list(struct queue *out, const gnutls_datum_t *name)
{
    static const char url[] = "http://a.example/list.crl";
    size_t start, entries, extension;

    element_put(out, 0x02, "\1", 1);
    put_algorithm(out);
    queue_add(out, name->data, name->size);
    put_time(out, time(NULL) - 86400);
    put_time(out, time(NULL) + 86400);
    entries = out->size;
    element_put(out, 0x02, "\7", 1);
    put_time(out, time(NULL) - 86400);
    element_wrap(out, entries, 0x30);
    element_wrap(out, entries, 0x30);
    start = out->size;
    element_put(out, 0x06, OID(0x55, 0x1d, 28)); /* issuing distribution point */
    element_put(out, 0x01, "\xff", 1);
    extension = out->size;
    element_put(out, 0x86, url, sizeof(url) - 1);
    element_wrap(out, extension, 0xa0);
    element_wrap(out, extension, 0xa0);
    element_put(out, 0x81, "\xff", 1);
    element_wrap(out, extension, 0x30);
    element_wrap(out, extension, 0x04);
    element_wrap(out, start, 0x30);
    extension = out->size;
    element_put(out, 0x06, OID(0x55, 0x1d, 20)); /* number */
    element_put(out, 0x04, "\2\1\1", 3);
    element_wrap(out, extension, 0x30);
    element_wrap(out, start, 0x30);
    element_wrap(out, start, 0xa0);
    element_wrap(out, 0, 0x30);
}

/* ResponseData: the leaf is good. */
static void make_response(struct queue *out, const gnutls_datum_t *name,
                          const gnutls_datum_t *public_key)
{
    uint8_t name_hash[20], key_hash[20];
    size_t start, id;

    gnutls_hash_fast(GNUTLS_DIG_SHA1, name->data, name->size, name_hash);
    gnutls_hash_fast(GNUTLS_DIG_SHA1, public_key->data, public_key->size, key_hash);
    queue_add(out, name->data, name->size);
    element_wrap(out, 0, 0xa1);
    put_time(out, time(NULL) - 3600);
    start = id = out->size;
    element_put(out, 0x06, OID(0x2b, 14, 3, 2, 26)); /* SHA-1 */
    element_put(out, 0x05, "", 0);
    element_wrap(out, id, 0x30);
    element_put(out, 0x04, name_hash, sizeof(name_hash));
    element_put(out, 0x04, key_hash, sizeof(key_hash));
    element_put(out, 0x02, "\1\2\3", 3);
    element_wrap(out, id, 0x30);
    element_put(out, 0x80, "", 0);
    put_time(out, time(NULL) - 3600);
    id = out->size;
    put_time(out, time(NULL) + 86400);
    element_wrap(out, id, 0xa0);
    element_wrap(out, start, 0x30);
    element_wrap(out, start, 0x30);
    element_wrap(out, 0, 0x30);
}

/* The bits of the root's key: the end of its SubjectPublicKeyInfo. */
static gnutls_datum_t public_bits(gnutls_x509_crt_t certificate)
{
    static uint8_t bits[65] = {4};
    gnutls_datum_t x, y;
    gnutls_ecc_curve_t curve;

    require(gnutls_x509_crt_get_pk_ecc_raw(certificate, &curve, &x, &y) >= 0, "the public key");
    require(x.size <= 33 && y.size <= 33, "its size");
    memcpy(bits + 1 + 32 - (x.size > 32 ? 32 : x.size), x.data + (x.size > 32),
           x.size > 32 ? 32 : x.size);
    memcpy(bits + 33 + 32 - (y.size > 32 ? 32 : y.size), y.data + (y.size > 32),
           y.size > 32 ? 32 : y.size);
    gnutls_free(x.data);
    gnutls_free(y.data);
    return (gnutls_datum_t){bits, sizeof(bits)};
}

static int32_t ask(uint32_t kind, const gnutls_datum_t *certificate, const gnutls_datum_t *issuer,
                   const struct queue *evidence)
{
    struct tls_revocation_check params = {.certificate = (tls_u64)(uintptr_t)certificate->data,
                                          .certificate_size = certificate->size,
                                          .issuer = (tls_u64)(uintptr_t)issuer->data,
                                          .issuer_size = issuer->size,
                                          .evidence = (tls_u64)(uintptr_t)evidence->data,
                                          .evidence_size = (uint32_t)evidence->size,
                                          .kind = kind};

    engine_call(TLS_CALL_REVOCATION_CHECK, &params);
    require(params.status == SEC_E_OK || params.status == CRYPT_E_REVOKED ||
                params.status == CRYPT_E_REVOCATION_OFFLINE,
            "evidence says one of three things");
    return params.status;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    gnutls_datum_t name, bits;
    gnutls_x509_crt_t root_crt;
    struct queue whole = {0};
    size_t header, size;

    (void)argc;
    (void)argv;
    make_certificates(&root_crt);
    require(gnutls_x509_crt_get_raw_dn(root_crt, &name) >= 0, "a name");
    bits = public_bits(root_crt);
    make_list(&genuine[SUBJECT_LIST], &name);
    make_response(&genuine[SUBJECT_RESPONSE], &name, &bits);
    require(element_look(leaf.data, leaf.size, &header, &size), "an element");
    require(element_look(leaf.data + header, leaf.size - header, &(size_t){0}, &size),
            "a first one in it");
    queue_add(&genuine[SUBJECT_CERTIFICATE], leaf.data + header, size);
    gnutls_free(name.data);
    gnutls_x509_crt_deinit(root_crt);

    /* Changing something makes sense only when all of it is good to begin with. */
    put_signed(&whole, &genuine[SUBJECT_LIST], 0);
    require(ask(TLS_EVIDENCE_CRL, &leaf, &root, &whole) == SEC_E_OK, "the list is good");
    queue_free(&whole);
    put_signed(&whole, &genuine[SUBJECT_RESPONSE], 0);
    wrap_response(&whole);
    require(ask(TLS_EVIDENCE_OCSP, &leaf, &root, &whole) == SEC_E_OK, "the response is good");
    queue_free(&whole);
    return 0;
}

/* The calls */

static void check_sources(const uint8_t *bytes, uint32_t size)
{
    uint32_t at;

    require(!size || !bytes[size - 1], "the last source ends");
    for (at = 0; at < size; at++) {
        require(bytes[at] == TLS_EVIDENCE_CRL || bytes[at] == TLS_EVIDENCE_OCSP, "a kind");
        require(size - at > 8 && !strncasecmp((const char *)bytes + ++at, "http://", 7), "http");
        for (; bytes[at]; at++)
            require(bytes[at] > ' ' && bytes[at] < 0x7f, "an address has no such bytes");
    }
}

static void ask_sources(const gnutls_datum_t *certificate, const gnutls_datum_t *issuer)
{
    struct tls_revocation_sources params = {.certificate = (tls_u64)(uintptr_t)certificate->data,
                                            .certificate_size = certificate->size,
                                            .issuer = (tls_u64)(uintptr_t)issuer->data,
                                            .issuer_size = issuer->size};
    uint8_t *buffer;
    uint32_t needed;

    engine_call(TLS_CALL_REVOCATION_SOURCES, &params);
    require(params.status == SEC_E_OK || params.status == SEC_E_BUFFER_TOO_SMALL ||
                params.status == SEC_E_CERT_UNKNOWN,
            "where to ask is one of three answers");
    require((params.status == SEC_E_BUFFER_TOO_SMALL) == (params.size > 0), "a size is needed");
    if (params.status != SEC_E_BUFFER_TOO_SMALL)
        return;
    needed = params.size;
    buffer = malloc(needed);
    params.buffer = (tls_u64)(uintptr_t)buffer;
    params.buffer_size = needed - 1;
    engine_call(TLS_CALL_REVOCATION_SOURCES, &params);
    require(params.status == SEC_E_BUFFER_TOO_SMALL && params.size == needed, "still the same");
    params.buffer_size = needed;
    engine_call(TLS_CALL_REVOCATION_SOURCES, &params);
    require(params.status == SEC_E_OK && params.size == needed, "enough is enough");
    check_sources(buffer, needed);
    free(buffer);
}

static int32_t verify(const gnutls_datum_t *certificate, const gnutls_datum_t *issuer)
{
    struct tls_verify_signature params = {.certificate = (tls_u64)(uintptr_t)certificate->data,
                                          .certificate_size = certificate->size,
                                          .issuer = (tls_u64)(uintptr_t)issuer->data,
                                          .issuer_size = issuer->size};

    engine_call(TLS_CALL_VERIFY_SIGNATURE, &params);
    require(params.status == SEC_E_OK || params.status == SEC_E_CERT_UNKNOWN,
            "a signature is good or it is not");
    return params.status;
}

static void try_certificate(const struct queue *bytes, bool genuine_signature)
{
    gnutls_datum_t certificate = {bytes->data, (unsigned int)bytes->size};
    struct queue list = {0}, response = {0};
    int32_t status;

    put_signed(&list, &genuine[SUBJECT_LIST], 0);
    put_signed(&response, &genuine[SUBJECT_RESPONSE], 0);
    wrap_response(&response);
    ask_sources(&certificate, &root);
    status = verify(&certificate, &root);
    require(genuine_signature || status != SEC_E_OK, "only the root's key can sign for the root");
    ask(TLS_EVIDENCE_CRL, &certificate, &root, &list);
    ask(TLS_EVIDENCE_OCSP, &certificate, &root, &response);
    queue_free(&list);
    queue_free(&response);
}

/* The bytes are the issuer, of the genuine leaf. */
static void try_issuer(const struct queue *bytes)
{
    gnutls_datum_t issuer = {bytes->data, (unsigned int)bytes->size};
    struct queue list = {0};

    put_signed(&list, &genuine[SUBJECT_LIST], 0);
    ask_sources(&leaf, &issuer);
    verify(&leaf, &issuer);
    ask(TLS_EVIDENCE_CRL, &leaf, &issuer, &list);
    queue_free(&list);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct queue part = {0}, bytes = {0};
    enum subject subject;
    bool is_signed;
    int32_t status;
    uint8_t flags;

    if (!size)
        return 0;
    flags = *data++;
    size--;
    subject = SUBJECT(flags);
    is_signed = flags & (FLAG_SIGN | FLAG_SCRIPT) && !(flags & FLAG_DAMAGE);
    if (flags & FLAG_SCRIPT)
        elements_change(&part, &genuine[subject % 3 == subject ? subject : SUBJECT_CERTIFICATE],
                        data, size);
    else
        queue_add(&part, data, size);
    if (flags & (FLAG_SIGN | FLAG_SCRIPT))
        put_signed(&bytes, &part, flags & FLAG_DAMAGE ? 1 : 0);
    else
        queue_add(&bytes, part.data, part.size);
    if (subject == SUBJECT_RESPONSE && flags & (FLAG_SIGN | FLAG_SCRIPT))
        wrap_response(&bytes);
    /* A copy of exactly its size, so that a sanitizer sees any byte read beyond it. */
    if (bytes.size)
        bytes.data = realloc(bytes.data, bytes.size);

    switch (subject) {
    case SUBJECT_LIST:
    case SUBJECT_RESPONSE:
        status = ask(subject == SUBJECT_LIST ? TLS_EVIDENCE_CRL : TLS_EVIDENCE_OCSP, &leaf, &root,
                     &bytes);
        require(is_signed || status == CRYPT_E_REVOCATION_OFFLINE,
                "what the issuer did not sign says nothing");
        break;
    case SUBJECT_CERTIFICATE:
        try_certificate(&bytes, is_signed);
        break;
    case SUBJECT_NO_ISSUER:
        try_issuer(&bytes);
        break;
    }
    queue_free(&part);
    queue_free(&bytes);
    return 0;
}
