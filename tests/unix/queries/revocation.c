/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Evidence of revocation: TLS_CALL_REVOCATION_SOURCES, _CHECK and TLS_CALL_STAPLED_RESPONSE. What
 * genuine OCSP responses do is tested through Schannel
 * (tests/conformance/schannel/peer/revocation.c); here it is lists, hostile input, and addresses of
 * all kinds.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <gnutls/abstract.h>

#include "kit/check.h"
#include "kit/support.h"

/* An authority and a certificate below it. */
struct issued {
    gnutls_x509_crt_t root, leaf;
    gnutls_x509_privkey_t key;
    gnutls_datum_t root_der, leaf_der;
};

static const uint8_t leaf_serial[] = {1, 2, 3};

static gnutls_x509_crt_t new_certificate(const char *name, gnutls_x509_privkey_t key)
{
    gnutls_x509_crt_t certificate;
    time_t now = time(NULL);

    gnutls_x509_crt_init(&certificate);
    gnutls_x509_crt_set_version(certificate, 3);
    gnutls_x509_crt_set_serial(certificate, leaf_serial, sizeof(leaf_serial));
    gnutls_x509_crt_set_activation_time(certificate, now - 3600);
    gnutls_x509_crt_set_expiration_time(certificate, now + 3600);
    gnutls_x509_crt_set_dn(certificate, name, NULL);
    gnutls_x509_crt_set_key(certificate, key);
    return certificate;
}

/* With these sources, each NULL for none. */
static void issue(struct issued *issued, const char *list, const char *responder)
{
    gnutls_datum_t url = {(unsigned char *)responder,
                          responder ? (unsigned int)strlen(responder) : 0};

    gnutls_x509_privkey_init(&issued->key);
    gnutls_x509_privkey_generate(issued->key, GNUTLS_PK_ECDSA,
                                 GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
    issued->root = new_certificate("CN=Root", issued->key);
    gnutls_x509_crt_set_basic_constraints(issued->root, 1, -1);
    gnutls_x509_crt_set_key_usage(issued->root, GNUTLS_KEY_CRL_SIGN | GNUTLS_KEY_KEY_CERT_SIGN);
    gnutls_x509_crt_sign2(issued->root, issued->root, issued->key, GNUTLS_DIG_SHA256, 0);
    issued->leaf = new_certificate("CN=localhost", issued->key);
    if (list)
        gnutls_x509_crt_set_crl_dist_points2(issued->leaf, GNUTLS_SAN_URI, list,
                                             (unsigned int)strlen(list), 0);
    if (responder)
        gnutls_x509_crt_set_authority_info_access(issued->leaf, GNUTLS_IA_OCSP_URI, &url);
    gnutls_x509_crt_sign2(issued->leaf, issued->root, issued->key, GNUTLS_DIG_SHA256, 0);
    gnutls_x509_crt_export2(issued->root, GNUTLS_X509_FMT_DER, &issued->root_der);
    gnutls_x509_crt_export2(issued->leaf, GNUTLS_X509_FMT_DER, &issued->leaf_der);
}

static void discard(struct issued *issued)
{
    gnutls_free(issued->root_der.data);
    gnutls_free(issued->leaf_der.data);
    gnutls_x509_crt_deinit(issued->root);
    gnutls_x509_crt_deinit(issued->leaf);
    gnutls_x509_privkey_deinit(issued->key);
}

static gnutls_datum_t list_of(const struct issued *issued, bool revoked, time_t from, time_t until)
{
    gnutls_datum_t der = {NULL, 0};
    gnutls_x509_crl_t list;

    gnutls_x509_crl_init(&list);
    gnutls_x509_crl_set_version(list, 2);
    gnutls_x509_crl_set_this_update(list, time(NULL) + from);
    gnutls_x509_crl_set_next_update(list, time(NULL) + until);
    gnutls_x509_crl_set_number(list, "\1", 1);
    if (revoked)
        gnutls_x509_crl_set_crt_serial(list, leaf_serial, sizeof(leaf_serial), time(NULL) - 10);
    gnutls_x509_crl_sign2(list, issued->root, issued->key, GNUTLS_DIG_SHA256, 0);
    gnutls_x509_crl_export2(list, GNUTLS_X509_FMT_DER, &der);
    gnutls_x509_crl_deinit(list);
    return der;
}

/* The evidence is a copy of its size, so that reading beyond it is noticed. */
static int32_t ask(const gnutls_datum_t *leaf, const gnutls_datum_t *root, uint32_t kind,
                   const void *evidence, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    struct tls_revocation_check params = {.certificate = (tls_u64)(uintptr_t)leaf->data,
                                          .certificate_size = leaf->size,
                                          .issuer = (tls_u64)(uintptr_t)root->data,
                                          .issuer_size = root->size,
                                          .evidence = (tls_u64)(uintptr_t)copy,
                                          .evidence_size = (uint32_t)size,
                                          .kind = kind};

    if (size)
        memcpy(copy, evidence, size);
    engine_call(TLS_CALL_REVOCATION_CHECK, &params);
    free(copy);
    return params.status;
}

static void check_list(const struct issued *issued, bool revoked, time_t from, time_t until,
                       int32_t expected)
{
    gnutls_datum_t list = list_of(issued, revoked, from, until);

    check_equal(ask(&issued->leaf_der, &issued->root_der, TLS_EVIDENCE_CRL, list.data, list.size),
                expected);
    gnutls_free(list.data);
}

static void lists(void)
{
    struct issued issued, other;
    gnutls_datum_t list;

    issue(&issued, NULL, NULL);
    issue(&other, NULL, NULL);
    check_list(&issued, false, -60, 60, SEC_E_OK);
    check_list(&issued, true, -60, 60, CRYPT_E_REVOKED);
    check_list(&issued, false, -120, -60, CRYPT_E_REVOCATION_OFFLINE);
    check_list(&issued, true, -120, -60, CRYPT_E_REVOCATION_OFFLINE);
    check_list(&issued, false, 3600, 7200, CRYPT_E_REVOCATION_OFFLINE);
    /* Another key behind the same name. */
    list = list_of(&other, false, -60, 60);
    check_equal(ask(&issued.leaf_der, &issued.root_der, TLS_EVIDENCE_CRL, list.data, list.size),
                CRYPT_E_REVOCATION_OFFLINE);
    gnutls_free(list.data);
    discard(&other);
    discard(&issued);
}

/* Of a DER element with its header, at most 64 KB. */
static size_t element_size(const uint8_t *der)
{
    if (der[1] < 0x80)
        return 2u + der[1];
    return der[1] == 0x81 ? 3u + der[2] : 4u + ((size_t)der[2] << 8 | der[3]);
}

/* A genuine list that says which part it is in an element of 8 MB, of which nothing is there. */
static void endless_part(void)
{
    static const uint8_t number[] = {6, 3, 0x55, 0x1d, 0x14, 4, 7, 2, 5, 1, 1, 1, 1, 1};
    static const uint8_t part[] = {6,    3, 0x55, 0x1d, 0x1c, 4,   7,
                                   0x30, 5, 0x81, 0x83, 0x7f, 255, 255};
    gnutls_datum_t der = {NULL, 0}, body, signature;
    uint8_t list[1024] = {0x30, 0x82}, *place;
    gnutls_privkey_t key;
    gnutls_x509_crl_t crl;
    struct issued issued;
    size_t size, end;

    issue(&issued, NULL, NULL);
    gnutls_x509_crl_init(&crl);
    gnutls_x509_crl_set_version(crl, 2);
    gnutls_x509_crl_set_this_update(crl, time(NULL) - 60);
    gnutls_x509_crl_set_next_update(crl, time(NULL) + 60);
    gnutls_x509_crl_set_number(crl, "\1\1\1\1\1", 5);
    gnutls_x509_crl_sign2(crl, issued.root, issued.key, GNUTLS_DIG_SHA256, 0);
    gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der);
    gnutls_x509_crl_deinit(crl);

    /* GnuTLS writes no such extension, so another one becomes it. */
    place = memmem(der.data, der.size, number, sizeof(number));
    if (check(place != NULL, "no number"))
        memcpy(place, part, sizeof(part));
    body.data = der.data + (der.data[1] == 0x81 ? 3 : 4);
    body.size = (unsigned int)element_size(body.data);
    size = body.size + element_size(body.data + body.size); /* and the algorithm */
    memcpy(list + 4, body.data, size);
    end = 4 + size;
    gnutls_privkey_init(&key);
    gnutls_privkey_import_x509(key, issued.key, 0);
    gnutls_privkey_sign_data2(key, GNUTLS_SIGN_ECDSA_SHA256, 0, &body, &signature);
    list[end++] = 3;
    list[end++] = (uint8_t)(signature.size + 1);
    list[end++] = 0;
    memcpy(list + end, signature.data, signature.size);
    end += signature.size;
    list[2] = (uint8_t)((end - 4) >> 8);
    list[3] = (uint8_t)(end - 4);
    check_equal(ask(&issued.leaf_der, &issued.root_der, TLS_EVIDENCE_CRL, list, end),
                CRYPT_E_REVOCATION_OFFLINE);
    gnutls_free(signature.data);
    gnutls_privkey_deinit(key);
    gnutls_free(der.data);
    discard(&issued);
}

/* A flipped bit anywhere, and every length: never "not revoked", and never beyond the input. */
static void damaged_lists(void)
{
    unsigned int accepted = 0, i;
    struct issued issued;
    gnutls_datum_t list;

    issue(&issued, NULL, NULL);
    list = list_of(&issued, true, -60, 60);
    for (i = 0; i < list.size; i++) {
        list.data[i] ^= 1 << i % 8;
        accepted += ask(&issued.leaf_der, &issued.root_der, TLS_EVIDENCE_CRL, list.data,
                        list.size) == SEC_E_OK;
        list.data[i] ^= 1 << i % 8;
        accepted += ask(&issued.leaf_der, &issued.root_der, TLS_EVIDENCE_CRL, list.data, i) !=
                    CRYPT_E_REVOCATION_OFFLINE;
        accepted += ask(&issued.leaf_der, &issued.root_der, TLS_EVIDENCE_OCSP, list.data, i) !=
                    CRYPT_E_REVOCATION_OFFLINE;
    }
    check_equal(accepted, 0);
    check_equal(ask(&issued.leaf_der, &issued.root_der, 0, list.data, list.size),
                CRYPT_E_REVOCATION_OFFLINE);
    check_equal(ask(&issued.leaf_der, &issued.root_der, TLS_EVIDENCE_CRL, NULL, 0),
                CRYPT_E_REVOCATION_OFFLINE);
    /* Neither certificate is one. */
    check_equal(ask(&list, &issued.root_der, TLS_EVIDENCE_CRL, list.data, list.size),
                CRYPT_E_REVOCATION_OFFLINE);
    check_equal(ask(&issued.leaf_der, &list, TLS_EVIDENCE_CRL, list.data, list.size),
                CRYPT_E_REVOCATION_OFFLINE);
    gnutls_free(list.data);
    discard(&issued);
}

static struct tls_revocation_sources sources_of(const struct issued *issued, void *buffer,
                                                uint32_t size)
{
    struct tls_revocation_sources params = {.certificate =
                                                (tls_u64)(uintptr_t)issued->leaf_der.data,
                                            .certificate_size = issued->leaf_der.size,
                                            .issuer = (tls_u64)(uintptr_t)issued->root_der.data,
                                            .issuer_size = issued->root_der.size,
                                            .buffer = (tls_u64)(uintptr_t)buffer,
                                            .buffer_size = size};

    engine_call(TLS_CALL_REVOCATION_SOURCES, &params);
    return params;
}

static void sources(void)
{
    static const struct {
        const char *list, *responder;
        uint32_t count;
        bool list_kept, responder_kept;
    } cases[] = {
        {NULL, NULL, 0, false, false},
        {"http://a.example/list.crl", NULL, 1, true, false},
        {NULL, "http://b.example", 1, false, true},
        {NULL, "HTTP://b.example/", 1, false, true},
        {"http://a.example/list.crl", "http://b.example/x", 2, true, true},
        {"ldap://a.example/cn=x", "https://b.example/", 2, false, false},
        {"file:///etc/passwd", "http://", 2, false, false},
        {"http://a.example/a b", "http://b.example/x y", 2, false, false},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tls_revocation_sources got;
        struct issued issued;
        char buffer[2048];
        uint32_t at = 0, lists_seen = 0, responders_seen = 0, size;

        issue(&issued, cases[i].list, cases[i].responder);
        got = sources_of(&issued, buffer, sizeof(buffer));
        check_equal(got.status, SEC_E_OK);
        check_equal(got.count, cases[i].count);
        while (at < got.size) {
            if (buffer[at++] == TLS_EVIDENCE_CRL) {
                lists_seen++;
                check(cases[i].list && !strcmp(buffer + at, cases[i].list), "list %s", buffer + at);
            } else {
                responders_seen++;
                check(cases[i].responder &&
                          !strncmp(buffer + at, cases[i].responder, strlen(cases[i].responder)),
                      "responder %s", buffer + at);
                check(strspn(buffer + at + 7, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                              "0123456789%/.") == strlen(buffer + at + 7),
                      "escaped %s", buffer + at);
            }
            at += (uint32_t)strlen(buffer + at) + 1;
        }
        check_equal(lists_seen, cases[i].list_kept);
        check_equal(responders_seen, cases[i].responder_kept);
        /* Every smaller buffer is too small, and the size needed is the same. */
        for (size = 0; size < got.size; size++) {
            char *small = malloc(size ? size : 1);
            struct tls_revocation_sources again = sources_of(&issued, small, size);

            check_equal(again.status, SEC_E_BUFFER_TOO_SMALL);
            check_equal(again.size, got.size);
            free(small);
        }
        discard(&issued);
    }
}

static int give_response(gnutls_session_t session, void *response, gnutls_datum_t *copy)
{
    const gnutls_datum_t *bytes = response;

    (void)session;
    copy->data = gnutls_malloc(bytes->size);
    copy->size = bytes->size;
    memcpy(copy->data, bytes->data, bytes->size);
    return 0;
}

/* A GnuTLS server with a response to staple, which need not be a good one. */
static void staple(void)
{
    static const uint8_t bytes[] = {0x30, 3, 0x0a, 1, 3};
    static const char *const priorities[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.2",
                                             "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
    size_t i;

    for (i = 0; i < 2; i++) {
        struct queue to_client = {0}, to_server = {0};
        struct peer client = {.credentials =
                                  client_credentials(TLS_PROTOCOL_TLS1_2 | TLS_PROTOCOL_TLS1_3),
                              .input = &to_client,
                              .output = &to_server};
        struct native server = {.input = &to_server, .output = &to_client};
        gnutls_datum_t response = {(unsigned char *)bytes, sizeof(bytes)};
        struct tls_get_blob params = {0};
        uint8_t got[64];

        check(native_init(&server, GNUTLS_SERVER, priorities[i], identity_get(IDENTITY_P256)),
              "server");
        gnutls_certificate_set_ocsp_status_request_function(server.credentials, give_response,
                                                            &response);
        check(native_run(&server, &client), "handshake");
        params.session = client.session;
        engine_call(TLS_CALL_STAPLED_RESPONSE, &params);
        check_equal(params.status, SEC_E_BUFFER_TOO_SMALL);
        check_equal(params.size, sizeof(bytes));
        params.buffer = (tls_u64)(uintptr_t)got;
        params.buffer_size = sizeof(got);
        engine_call(TLS_CALL_STAPLED_RESPONSE, &params);
        check_equal(params.status, SEC_E_OK);
        check(params.size == sizeof(bytes) && !memcmp(got, bytes, sizeof(bytes)), "other bytes");
        params.kind = 7;
        engine_call(TLS_CALL_STAPLED_RESPONSE, &params);
        check_equal(params.status, SEC_E_UNSUPPORTED_FUNCTION);
        peer_free(&client);
        native_free(&server);
        credentials_delete(client.credentials);
        queue_free(&to_client);
        queue_free(&to_server);
    }
}

int main(void)
{
    RUN(lists);
    RUN(endless_part);
    RUN(damaged_lists);
    RUN(sources);
    RUN(staple);
    identities_free();
    return check_summary();
}
