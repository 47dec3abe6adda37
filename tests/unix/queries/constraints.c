/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Name constraints: TLS_CALL_NAME_CONSTRAINTS, each kind of name permitted and excluded.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/crypto.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>

#include "kit/check.h"
#include "kit/support.h"

static gnutls_x509_privkey_t key;

static void must(int error)
{
    if (error >= 0)
        return;
    fprintf(stderr, "%s\n", gnutls_strerror(error));
    abort();
}

static gnutls_x509_crt_t new_certificate(const char *dn, bool authority)
{
    gnutls_x509_crt_t certificate;
    uint8_t serial[8];

    must(gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial)));
    serial[0] = 1;
    must(gnutls_x509_crt_init(&certificate));
    must(gnutls_x509_crt_set_version(certificate, 3));
    must(gnutls_x509_crt_set_serial(certificate, serial, sizeof(serial)));
    must(gnutls_x509_crt_set_activation_time(certificate, time(NULL) - 3600));
    must(gnutls_x509_crt_set_expiration_time(certificate, time(NULL) + 86400));
    must(gnutls_x509_crt_set_dn(certificate, dn, NULL));
    must(gnutls_x509_crt_set_key(certificate, key));
    must(gnutls_x509_crt_set_basic_constraints(certificate, authority, -1));
    return certificate;
}

struct name {
    gnutls_x509_subject_alt_name_t type;
    const char *text;
    unsigned int size; /* 0: that of the text */
};

static gnutls_datum_t datum(const struct name *name)
{
    return (gnutls_datum_t){(unsigned char *)name->text,
                            name->size ? name->size : (unsigned int)strlen(name->text)};
}

/* An authority that permits or excludes these subtrees; text NULL ends them. */
static gnutls_x509_crt_t limited(const char *dn, const struct name *trees, bool excluded)
{
    gnutls_x509_crt_t certificate = new_certificate(dn, true);
    gnutls_x509_name_constraints_t constraints;

    must(gnutls_x509_name_constraints_init(&constraints));
    for (; trees->text; trees++) {
        const gnutls_datum_t name = datum(trees);

        must(excluded
                 ? gnutls_x509_name_constraints_add_excluded(constraints, trees->type, &name)
                 : gnutls_x509_name_constraints_add_permitted(constraints, trees->type, &name));
    }
    must(gnutls_x509_crt_set_name_constraints(certificate, constraints, 1));
    gnutls_x509_name_constraints_deinit(constraints);
    return certificate;
}

static int32_t judge(gnutls_x509_crt_t *chain, uint32_t count)
{
    struct tls_name_constraints params = {.count = count};
    struct tls_blob blobs[8] = {{0}};
    gnutls_datum_t der[8];

    for (uint32_t i = 0; i < count; i++) {
        must(gnutls_x509_crt_sign2(chain[i], chain[i + 1 < count ? i + 1 : i], key,
                                   GNUTLS_DIG_SHA256, 0));
        must(gnutls_x509_crt_export2(chain[i], GNUTLS_X509_FMT_DER, &der[i]));
        blobs[i].data = address(der[i].data);
        blobs[i].size = der[i].size;
    }
    params.chain = address(blobs);
    engine_call(TLS_CALL_NAME_CONSTRAINTS, &params);
    for (uint32_t i = 0; i < count; i++) {
        gnutls_free(der[i].data);
        gnutls_x509_crt_deinit(chain[i]);
    }
    return params.status;
}

static const struct {
    const char *what;
    struct name tree;
    struct name inside, outside;
} kinds[] = {
    {"DNS",
     {GNUTLS_SAN_DNSNAME, "example.com", 0},
     {GNUTLS_SAN_DNSNAME, "www.example.com", 0},
     {GNUTLS_SAN_DNSNAME, "www.other.com", 0}},
    {"IP",
     {GNUTLS_SAN_IPADDRESS, "\x0a\0\0\0\xff\0\0\0", 8},
     {GNUTLS_SAN_IPADDRESS, "\x0a\1\2\3", 4},
     {GNUTLS_SAN_IPADDRESS, "\x0b\1\2\3", 4}},
    {"mail",
     {GNUTLS_SAN_RFC822NAME, "example.com", 0},
     {GNUTLS_SAN_RFC822NAME, "a@example.com", 0},
     {GNUTLS_SAN_RFC822NAME, "a@other.com", 0}},
    {"URI",
     {GNUTLS_SAN_URI, ".example.com", 0},
     {GNUTLS_SAN_URI, "https://user@www.example.com:8443/path?other.com", 0},
     {GNUTLS_SAN_URI, "https://www.example.com.other.com/", 0}},
};

/* Each kind, with the name inside or outside of the subtree, permitted or excluded. */
static void alternative_names(void)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        for (int excluded = 0; excluded < 2; excluded++) {
            for (int outside = 0; outside < 2; outside++) {
                const struct name trees[] = {kinds[i].tree, {0}};
                const gnutls_datum_t name = datum(outside ? &kinds[i].outside : &kinds[i].inside);
                gnutls_x509_crt_t chain[2] = {new_certificate("CN=leaf", false),
                                              limited("CN=Root", trees, excluded)};

                must(gnutls_x509_crt_set_subject_alt_name(chain[0], kinds[i].tree.type, name.data,
                                                          name.size, GNUTLS_FSAN_SET));
                check(judge(chain, 2) == (outside == excluded ? SEC_E_OK : SEC_E_CERT_UNKNOWN),
                      "%s, %s, %s", kinds[i].what, excluded ? "excluded" : "permitted",
                      outside ? "outside" : "inside");
            }
        }
    }
}

/* A URI that leads to no host is in no subtree, and may not be where any is excluded. */
static void uri_without_host(void)
{
    const struct name trees[] = {{GNUTLS_SAN_URI, ".example.com", 0}, {0}};
    gnutls_x509_crt_t chain[2] = {new_certificate("CN=leaf", false),
                                  limited("CN=Root", trees, true)};

    must(gnutls_x509_crt_set_subject_alt_name(chain[0], GNUTLS_SAN_URI, "urn:leaf", 8,
                                              GNUTLS_FSAN_SET));
    check_equal(judge(chain, 2), SEC_E_CERT_UNKNOWN);
}

/* Authorities that issued themselves are not looked at; a leaf always is. */
static void named_as_its_issuer(void)
{
    const struct name trees[] = {{GNUTLS_SAN_DNSNAME, "example.com", 0}, {0}};

    for (int authority = 0; authority < 2; authority++) {
        gnutls_x509_crt_t chain[3] = {new_certificate(authority ? "CN=leaf" : "CN=Root", false),
                                      new_certificate("CN=Root", true),
                                      limited("CN=Root", trees, false)};

        must(gnutls_x509_crt_set_subject_alt_name(chain[!authority], GNUTLS_SAN_DNSNAME,
                                                  "www.example.com", 15, GNUTLS_FSAN_SET));
        must(gnutls_x509_crt_set_subject_alt_name(chain[authority], GNUTLS_SAN_DNSNAME,
                                                  "www.other.com", 13, GNUTLS_FSAN_SET));
        check_equal(judge(chain, 3), authority ? SEC_E_OK : SEC_E_CERT_UNKNOWN);
    }
}

/* What follows a DNS subtree does not hide it. */
static void several_trees(void)
{
    const struct name trees[] = {{GNUTLS_SAN_DNSNAME, "example.com", 0},
                                 {GNUTLS_SAN_IPADDRESS, "\x0a\0\0\0\xff\0\0\0", 8},
                                 {0}};
    static const char *const names[] = {"www.example.com", "server.other.com"};

    for (int i = 0; i < 2; i++) {
        gnutls_x509_crt_t chain[3] = {new_certificate("CN=leaf", false),
                                      limited("CN=Issuing", trees, false),
                                      new_certificate("CN=Root", true)};

        must(gnutls_x509_crt_set_subject_alt_name(chain[0], GNUTLS_SAN_DNSNAME, names[i],
                                                  (unsigned int)strlen(names[i]), GNUTLS_FSAN_SET));
        check_equal(judge(chain, 3), i ? SEC_E_CERT_UNKNOWN : SEC_E_OK);
    }
}

/* The common name is a server's name when there is no other one. */
static void common_name(void)
{
    const struct name trees[] = {{GNUTLS_SAN_DNSNAME, "example.com", 0}, {0}};

    for (int i = 0; i < 2; i++) {
        gnutls_x509_crt_t chain[2] = {
            new_certificate(i ? "CN=www.other.com" : "CN=www.example.com", false),
            limited("CN=Root", trees, false)};

        must(gnutls_x509_crt_set_key_purpose_oid(chain[0], GNUTLS_KP_TLS_WWW_SERVER, 0));
        check_equal(judge(chain, 2), i ? SEC_E_CERT_UNKNOWN : SEC_E_OK);
    }
}

/* GnuTLS writes no subtrees of directory names; this is O=Good, C=US, permitted or excluded. */
static void limit_directory(gnutls_x509_crt_t certificate, bool excluded)
{
    uint8_t extension[] = {0x30, 38, 0xa0, 36,   0x30, 34, 0xa4, 32, 0x30, 30,  0x31, 11, 0x30,
                           9,    6,  3,    0x55, 4,    6,  0x13, 2,  'U',  'S', 0x31, 13, 0x30,
                           11,   6,  3,    0x55, 4,    10, 0x0c, 4,  'G',  'o', 'o',  'd'};

    /* name: 2 + (2 + 11) + (2 + 13) */
    extension[9] = 28;
    extension[7] = 30;
    extension[5] = 32;
    extension[3] = 34;
    extension[1] = 36;
    extension[2] = excluded ? 0xa1 : 0xa0;
    must(gnutls_x509_crt_set_extension_by_oid(certificate, "2.5.29.30", extension,
                                              sizeof(extension), 1));
}

static void directory_names(void)
{
    static const struct {
        const char *subject;
        bool inside;
    } rows[] = {{"CN=leaf,O=Good,C=US", true},  {"O=Good,C=US", true},
                {"CN=leaf,O=good,C=US", true},  {"CN=leaf,O=Not Good,C=US", false},
                {"CN=leaf,O=Good,C=DE", false}, {"CN=leaf,C=US", false},
                {"CN=XO=Good,C=US", false},     {"CN=leaf\\,O=Good,C=US", false}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (int excluded = 0; excluded < 2; excluded++) {
            gnutls_x509_crt_t chain[2] = {new_certificate(rows[i].subject, false),
                                          new_certificate("CN=Root", true)};

            limit_directory(chain[1], excluded);
            check(judge(chain, 2) == (rows[i].inside != excluded ? SEC_E_OK : SEC_E_CERT_UNKNOWN),
                  "%s, %s", rows[i].subject, excluded ? "excluded" : "permitted");
        }
    }
}

static void bad_calls(void)
{
    struct tls_name_constraints params = {0};
    struct tls_blob nonsense = {.data = address("nonsense"), .size = 8};

    engine_call(TLS_CALL_NAME_CONSTRAINTS, &params);
    check_equal(params.status, SEC_E_INVALID_PARAMETER);
    params.chain = address(&nonsense);
    params.count = 33;
    engine_call(TLS_CALL_NAME_CONSTRAINTS, &params);
    check_equal(params.status, SEC_E_INVALID_PARAMETER);
    params.count = 1;
    engine_call(TLS_CALL_NAME_CONSTRAINTS, &params);
    check_equal(params.status, SEC_E_CERT_UNKNOWN);
}

int main(void)
{
    must(gnutls_x509_privkey_init(&key));
    must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    RUN(alternative_names);
    RUN(uri_without_host);
    RUN(named_as_its_issuer);
    RUN(several_trees);
    RUN(common_name);
    RUN(directory_names);
    RUN(bad_calls);
    gnutls_x509_privkey_deinit(key);
    return check_summary();
}
