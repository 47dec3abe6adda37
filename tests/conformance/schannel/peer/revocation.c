/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Revocation: every SCH_CRED_REVOCATION_ and SCH_CRED_IGNORE_ flag against lists and OCSP responses
 * of a server on loopback, both roles.
 */
#include "kit/evidence.h"
#include "kit/httpserver.h"
#include "kit/verdict.h"
#include "wine/test.h"

#define END_CERT     SCH_CRED_REVOCATION_CHECK_END_CERT
#define CHAIN        SCH_CRED_REVOCATION_CHECK_CHAIN
#define EXCLUDE_ROOT SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT
#define CACHE_ONLY   SCH_CRED_REVOCATION_CHECK_CACHE_ONLY
#define IGNORE_NONE  SCH_CRED_IGNORE_NO_REVOCATION_CHECK
#define IGNORE_DOWN  SCH_CRED_IGNORE_REVOCATION_OFFLINE

static const struct verdict accepted = {SEC_E_OK, 0};
static const struct verdict revoked = {CRYPT_E_REVOKED, TLS1_ALERT_CERTIFICATE_REVOKED};
static const struct verdict offline = {CRYPT_E_REVOCATION_OFFLINE, TLS1_ALERT_CERTIFICATE_UNKNOWN};
static const struct verdict unchecked = {CRYPT_E_NO_REVOCATION_CHECK,
                                         TLS1_ALERT_CERTIFICATE_UNKNOWN};

/* The root, another one of the same name, what the root allows to sign responses, and what not. */
static struct test_cert root, impostor, responder, stranger;
static struct http_server server;

/* What a certificate's source answers. */
enum answer {
    NO_SOURCE, /* the certificate names none */
    ABSENT,    /* 404 */
    SILENT,    /* hangs up */
    GARBAGE,
    EMPTY,
    GOOD,
    REVOKED,
    OLD,
    FUTURE,
    DAMAGED,
    FORGED, /* by a key that the issuer's name does not belong to */
    ABOUT_ANOTHER,
    CHANGES,     /* list: of changes only */
    OWN_PART,    /* list: divided, the right part */
    OTHER_PART,  /* list: divided, another part */
    USERS,       /* list: of certificates that are no authority's */
    AUTHORITIES, /* list: of authorities' certificates */
    UNKNOWN,     /* response: never heard of it */
    REFUSED,     /* response: try later */
    DELEGATED,   /* response: good, signed by a responder that the issuer named */
    DELEGATED_BAD /* response: revoked, likewise */,
    USURPED /* response: good, signed by some certificate of the issuer's */,
};

static const struct row {
    const char *name;
    enum answer list, response;
    DWORD flags;
    const struct verdict *expected;
} rows[] = {
    {"nothing asked for", REVOKED, REVOKED, 0, &accepted},
    {"names nobody", NO_SOURCE, NO_SOURCE, END_CERT, &unchecked},
    {"names nobody, chain", NO_SOURCE, NO_SOURCE, CHAIN, &unchecked},
    {"names nobody, chain without root", NO_SOURCE, NO_SOURCE, EXCLUDE_ROOT, &unchecked},
    {"names nobody, ignored", NO_SOURCE, NO_SOURCE, END_CERT | IGNORE_NONE, &accepted},
    {"names nobody, the other ignored", NO_SOURCE, NO_SOURCE, END_CERT | IGNORE_DOWN, &unchecked},

    {"list: good", GOOD, NO_SOURCE, END_CERT, &accepted},
    {"list: good, chain", GOOD, NO_SOURCE, CHAIN, &accepted},
    {"list: good, chain without root", GOOD, NO_SOURCE, EXCLUDE_ROOT, &accepted},
    {"list: revoked", REVOKED, NO_SOURCE, END_CERT, &revoked},
    {"list: revoked, chain", REVOKED, NO_SOURCE, CHAIN, &revoked},
    {"list: revoked, chain without root", REVOKED, NO_SOURCE, EXCLUDE_ROOT, &revoked},
    {"list: revoked is not ignored", REVOKED, NO_SOURCE, END_CERT | IGNORE_NONE | IGNORE_DOWN,
     &revoked},
    {"list: absent", ABSENT, NO_SOURCE, END_CERT, &offline},
    {"list: absent, ignored", ABSENT, NO_SOURCE, END_CERT | IGNORE_DOWN, &accepted},
    {"list: absent, the other ignored", ABSENT, NO_SOURCE, END_CERT | IGNORE_NONE, &offline},
    {"list: silence", SILENT, NO_SOURCE, END_CERT, &offline},
    {"list: garbage", GARBAGE, NO_SOURCE, END_CERT, &offline},
    {"list: empty", EMPTY, NO_SOURCE, END_CERT, &offline},
    {"list: old", OLD, NO_SOURCE, END_CERT, &offline},
    {"list: not yet valid", FUTURE, NO_SOURCE, END_CERT, &offline},
    {"list: wrong signature", DAMAGED, NO_SOURCE, END_CERT, &offline},
    {"list: forged", FORGED, NO_SOURCE, END_CERT, &offline},
    {"list: another is revoked", ABOUT_ANOTHER, NO_SOURCE, END_CERT, &accepted},
    {"list: of changes", CHANGES, NO_SOURCE, END_CERT, &offline},
    {"list: own part", OWN_PART, NO_SOURCE, END_CERT, &accepted},
    {"list: other part", OTHER_PART, NO_SOURCE, END_CERT, &offline},
    {"list: of users", USERS, NO_SOURCE, END_CERT, &accepted},
    {"list: of authorities", AUTHORITIES, NO_SOURCE, END_CERT, &offline},
    {"list: cache only", GOOD, NO_SOURCE, END_CERT | CACHE_ONLY, &offline},
    {"list: cached addresses only", GOOD, NO_SOURCE, END_CERT | SCH_CRED_CACHE_ONLY_URL_RETRIEVAL,
     &offline},

    {"OCSP: good", NO_SOURCE, GOOD, END_CERT, &accepted},
    {"OCSP: revoked", NO_SOURCE, REVOKED, END_CERT, &revoked},
    {"OCSP: revoked, chain", NO_SOURCE, REVOKED, CHAIN, &revoked},
    {"OCSP: revoked is not ignored", NO_SOURCE, REVOKED, END_CERT | IGNORE_NONE | IGNORE_DOWN,
     &revoked},
    {"OCSP: absent", NO_SOURCE, ABSENT, END_CERT, &offline},
    {"OCSP: absent, ignored", NO_SOURCE, ABSENT, END_CERT | IGNORE_DOWN, &accepted},
    {"OCSP: silence", NO_SOURCE, SILENT, END_CERT, &offline},
    {"OCSP: garbage", NO_SOURCE, GARBAGE, END_CERT, &offline},
    {"OCSP: empty", NO_SOURCE, EMPTY, END_CERT, &offline},
    {"OCSP: old", NO_SOURCE, OLD, END_CERT, &offline},
    {"OCSP: not yet valid", NO_SOURCE, FUTURE, END_CERT, &offline},
    {"OCSP: wrong signature", NO_SOURCE, DAMAGED, END_CERT, &offline},
    {"OCSP: forged", NO_SOURCE, FORGED, END_CERT, &offline},
    {"OCSP: about another", NO_SOURCE, ABOUT_ANOTHER, END_CERT, &offline},
    {"OCSP: unknown", NO_SOURCE, UNKNOWN, END_CERT, &offline},
    {"OCSP: try later", NO_SOURCE, REFUSED, END_CERT, &offline},
    {"OCSP: delegated", NO_SOURCE, DELEGATED, END_CERT, &accepted},
    {"OCSP: delegated, revoked", NO_SOURCE, DELEGATED_BAD, END_CERT, &revoked},
    {"OCSP: usurped", NO_SOURCE, USURPED, END_CERT, &offline},
    {"OCSP: cache only", NO_SOURCE, GOOD, END_CERT | CACHE_ONLY, &offline},

    {"revoked says OCSP, good the list", GOOD, REVOKED, END_CERT, &revoked},
    {"unknown says OCSP, good the list", GOOD, UNKNOWN, END_CERT, &accepted},
    {"unknown says OCSP, revoked the list", REVOKED, UNKNOWN, END_CERT, &revoked},
    {"no OCSP, good says the list", GOOD, ABSENT, END_CERT, &accepted},
    {"no OCSP, revoked says the list", REVOKED, ABSENT, END_CERT, &revoked},
};

/* A list or a response; FALSE after a failed ok(). */
static BOOL make_answer(enum answer answer, const char *url, const CERT_CONTEXT *subject,
                        BOOL response, struct der *der)
{
    struct evidence_options options = {.issuer = &root, .subject = subject};

    options.revoked = answer == REVOKED || answer == DELEGATED_BAD || answer == ABOUT_ANOTHER;
    options.unknown = answer == UNKNOWN;
    options.refused = answer == REFUSED;
    options.damaged = answer == DAMAGED;
    options.changes_only = answer == CHANGES;
    if (answer == OLD || answer == FUTURE) {
        options.issued = answer == OLD ? -7200 : 7200;
        options.ends = answer == OLD ? -3600 : 10800;
    }
    if (answer == FORGED)
        options.signer = &impostor;
    if (answer == DELEGATED || answer == DELEGATED_BAD)
        options.signer = &responder;
    if (answer == USURPED)
        options.signer = &stranger;
    options.with_signer = options.signer != NULL;
    if (answer == ABOUT_ANOTHER)
        options.subject = stranger.context;
    if (answer == OWN_PART || answer == OTHER_PART)
        options.part_of = answer == OWN_PART ? url : "http://127.0.0.1/elsewhere";
    options.only = answer == USERS ? 0x81 : answer == AUTHORITIES ? 0x82 : 0;
    return response ? evidence_write_response(&options, der) : evidence_write_list(&options, der);
}

static void put_answer(const char *path, const char *url, enum answer answer,
                       const CERT_CONTEXT *subject, BOOL response)
{
    const char garbage[] = "<html>Welcome to our hotel</html>";
    struct der der;

    switch (answer) {
    case NO_SOURCE:
        break;
    case ABSENT:
    case GARBAGE:
        http_put(&server, path, answer == ABSENT ? 404 : 200, garbage, sizeof(garbage) - 1);
        break;
    case SILENT:
    case EMPTY:
        http_put(&server, path, answer == SILENT ? 0 : 200, NULL, 0);
        break;
    default:
        if (make_answer(answer, url, subject, response, &der))
            http_put(&server, path, 200, der_data(&der), der_size(&der));
        break;
    }
}

static BOOL create(struct test_cert *cert, const struct test_cert *issuer, const char *name,
                   unsigned int uses, const char *usage, const char *list, const char *response)
{
    return test_cert_create(&(struct test_cert_options){.type = TEST_KEY_ECDSA,
                                                        .name = name,
                                                        .uses = uses,
                                                        .usage = usage,
                                                        .crl_url = list,
                                                        .ocsp_url = response,
                                                        .issuer = issuer},
                            cert);
}

static void make_url(char url[64], const char *path)
{
    snprintf(url, 64, "http://127.0.0.1:%u%s", server.port, path);
}

static void check_row(const struct row *row, unsigned int number)
{
    char list_path[32], response_path[32], list[64], response[64];
    struct verdict_case subject = {.cred_flags = row->flags};
    struct test_cert cert;

    winetest_push_context("%s", row->name);
    snprintf(list_path, sizeof(list_path), "/list%u-", number);
    snprintf(response_path, sizeof(response_path), "/ocsp%u-", number);
    make_url(list, list_path);
    make_url(response, response_path);
    if (create(&cert, &root, "localhost", TEST_CERT_SERVER | TEST_CERT_CLIENT, NULL,
               row->list == NO_SOURCE ? NULL : list,
               row->response == NO_SOURCE ? NULL : response)) {
        put_answer(list_path, list, row->list, cert.context, FALSE);
        put_answer(response_path, response, row->response, cert.context, TRUE);
        subject.certificate = cert.context;
        check_verdicts(&subject, *row->expected);
        if (!row->flags || row->flags & (CACHE_ONLY | SCH_CRED_CACHE_ONLY_URL_RETRIEVAL))
            ok(!http_requests(&server, list_path) && !http_requests(&server, response_path),
               "it went over the network\n");
        else if (row->response != NO_SOURCE)
            ok(http_requests(&server, response_path) > 0, "the responder was not asked\n");
        else if (row->list != NO_SOURCE)
            ok(http_requests(&server, list_path) > 0, "the list was not fetched\n");
        test_cert_free(&cert);
    }
    http_clear(&server);
    winetest_pop_context();
}

/* What a program that checks the chain itself finds of a response that was sent, whatever it says.
 */
static void check_property(const CERT_CONTEXT *certificate, const CRYPT_DATA_BLOB *expected)
{
    const struct side_options client = {.cred_flags = SCH_CRED_MANUAL_CRED_VALIDATION};
    const struct side_options options = {.certificates = {certificate}};
    const CERT_CONTEXT *peer = NULL;
    BYTE response[4096];
    DWORD size = sizeof(response);
    struct pair pair;
    BOOL found;

    if (!winetest_platform_is_wine) /* no page says where Windows has it */
        return;
    if (pair_connect(&pair, &client, &options) &&
        !QueryContextAttributesW(&pair.client.context, SECPKG_ATTR_REMOTE_CERT_CONTEXT, &peer)) {
        found =
            CertGetCertificateContextProperty(peer, CERT_OCSP_RESPONSE_PROP_ID, response, &size);
        ok(found == (expected != NULL), "a response is %sthere\n", found ? "" : "not ");
        ok(!found || !expected ||
               (size == expected->cbData && !memcmp(response, expected->pbData, size)),
           "another response\n");
        CertFreeCertificateContext(peer);
    }
    pair_destroy(&pair);
}

/* A response that the server sends along, for which nobody need be asked. */
static void test_staple(void)
{
    static const struct {
        const char *name;
        enum answer staple, list;
        DWORD flags;
        const struct verdict *expected;
    } cases[] = {
        {"good", GOOD, NO_SOURCE, END_CERT, &accepted},
        {"good, cache only", GOOD, NO_SOURCE, END_CERT | CACHE_ONLY, &accepted},
        {"good, the list says revoked", GOOD, REVOKED, END_CERT, &accepted},
        {"revoked", REVOKED, NO_SOURCE, END_CERT, &revoked},
        {"revoked, the list says good", REVOKED, GOOD, END_CERT, &revoked},
        {"revoked, ignored is something else", REVOKED, NO_SOURCE,
         END_CERT | IGNORE_NONE | IGNORE_DOWN, &revoked},
        {"revoked, nothing asked for", REVOKED, NO_SOURCE, 0, &accepted},
        {"delegated", DELEGATED, NO_SOURCE, END_CERT, &accepted},
        {"usurped", USURPED, NO_SOURCE, END_CERT, &unchecked},
        {"old", OLD, NO_SOURCE, END_CERT, &unchecked},
        {"old, the list says good", OLD, GOOD, END_CERT, &accepted},
        {"old, the list says revoked", OLD, REVOKED, END_CERT, &revoked},
        {"forged", FORGED, NO_SOURCE, END_CERT, &unchecked},
        {"damaged", DAMAGED, NO_SOURCE, END_CERT, &unchecked},
        {"about another", ABOUT_ANOTHER, NO_SOURCE, END_CERT, &unchecked},
    };
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        struct verdict_case subject = {.cred_flags = cases[i].flags};
        const enum answer answer = cases[i].list;
        CRYPT_DATA_BLOB blob;
        struct test_cert cert;
        char list[64], path[32];
        struct der der;

        winetest_push_context("stapled: %s", cases[i].name);
        snprintf(path, sizeof(path), "/stapled%u-", i);
        make_url(list, path);
        if (create(&cert, &root, "localhost", TEST_CERT_SERVER, NULL,
                   answer == NO_SOURCE ? NULL : list, NULL)) {
            put_answer(path, list, answer, cert.context, FALSE);
            if (make_answer(cases[i].staple, NULL, cert.context, TRUE, &der)) {
                blob.cbData = der_size(&der);
                blob.pbData = (BYTE *)der_data(&der);
                ok(CertSetCertificateContextProperty(cert.context, CERT_OCSP_RESPONSE_PROP_ID, 0,
                                                     &blob),
                   "the response does not stay, error %#lx\n", GetLastError());
                subject.certificate = cert.context;
                check_verdict(&subject, SIDE_CLIENT, *cases[i].expected);
                if (cases[i].staple == GOOD || cases[i].staple == REVOKED)
                    check_property(cert.context, &blob);
            }
            test_cert_free(&cert);
        }
        http_clear(&server);
        winetest_pop_context();
    }
}

/* Without a response there is no property either. */
static void test_no_staple(void)
{
    struct test_cert cert;

    if (create(&cert, &root, "localhost", TEST_CERT_SERVER, NULL, NULL, NULL)) {
        check_property(cert.context, NULL);
        test_cert_free(&cert);
    }
}

/* The flags that say how far up the chain: an authority in the middle that was revoked. */
static void test_intermediate(void)
{
    static const struct {
        const char *name;
        DWORD flags;
        const struct verdict *expected;
    } cases[] = {
        {"end certificate", END_CERT, &accepted},
        {"chain", CHAIN, &revoked},
        {"chain without root", EXCLUDE_ROOT, &revoked},
    };
    struct verdict_case subject = {.certificate = NULL};
    struct test_cert middle, cert;
    struct der der;
    char list[64], own[64];
    unsigned int i;

    make_url(list, "/middle");
    make_url(own, "/below");
    if (!create(&middle, &root, "Middle", TEST_CERT_CA, NULL, list, NULL))
        return;
    if (create(&cert, &middle, "localhost", TEST_CERT_SERVER | TEST_CERT_CLIENT, NULL, own, NULL)) {
        put_answer("/middle", list, REVOKED, middle.context, FALSE);
        if (evidence_write_list(&(struct evidence_options){.issuer = &middle}, &der))
            http_put(&server, "/below", 200, der_data(&der), der_size(&der));
        subject.certificate = cert.context;
        for (i = 0; i < ARRAY_SIZE(cases); i++) {
            winetest_push_context("revoked intermediate, %s", cases[i].name);
            subject.cred_flags = cases[i].flags;
            check_verdicts(&subject, *cases[i].expected);
            winetest_pop_context();
        }
        test_cert_free(&cert);
    }
    test_cert_free(&middle);
    http_clear(&server);
}

/* What is fetched once need not be fetched again, and does for those who want nothing fetched; what
 * is too old is fetched anew. */
static void test_cache(void)
{
    struct verdict_case subject = {.no_manual = TRUE};
    struct test_cert cert;
    char list[64];

    if (!winetest_platform_is_wine)
        return;
    make_url(list, "/cached");
    if (!create(&cert, &root, "localhost", TEST_CERT_SERVER, NULL, list, NULL))
        return;
    subject.certificate = cert.context;
    subject.cred_flags = END_CERT;
    winetest_push_context("old list");
    put_answer("/cached", list, OLD, cert.context, FALSE);
    check_verdict(&subject, SIDE_CLIENT, offline);
    winetest_pop_context();
    winetest_push_context("new list");
    put_answer("/cached", list, GOOD, cert.context, FALSE);
    check_verdict(&subject, SIDE_CLIENT, accepted);
    ok(http_requests(&server, "/cached") == 1, "%ld requests\n", http_requests(&server, "/cached"));
    winetest_pop_context();
    winetest_push_context("from the cache");
    put_answer("/cached", list, REVOKED, cert.context, FALSE);
    subject.cred_flags = END_CERT | CACHE_ONLY;
    check_verdict(&subject, SIDE_CLIENT, accepted);
    ok(!http_requests(&server, "/cached"), "it went over the network\n");
    winetest_pop_context();
    test_cert_free(&cert);
    http_clear(&server);
}

/* Nothing is fetched for a certificate that is not trusted: the address would be its maker's. */
static void test_untrusted(void)
{
    static const struct verdict untrusted = {SEC_E_UNTRUSTED_ROOT, TLS1_ALERT_UNKNOWN_CA};
    struct verdict_case subject = {.cred_flags = CHAIN};
    struct test_cert other, cert;
    char list[64];

    make_url(list, "/untrusted");
    if (!create(&other, NULL, "Untrusted Root", TEST_CERT_CA, NULL, NULL, NULL))
        return;
    if (create(&cert, &other, "localhost", TEST_CERT_SERVER | TEST_CERT_CLIENT, NULL, list, NULL)) {
        put_answer("/untrusted", list, GOOD, cert.context, FALSE);
        subject.certificate = cert.context;
        winetest_push_context("untrusted");
        check_verdicts(&subject, untrusted);
        ok(!http_requests(&server, "/untrusted"), "a stranger's address was visited\n");
        winetest_pop_context();
        test_cert_free(&cert);
    }
    test_cert_free(&other);
    http_clear(&server);
}

/* A server that is its own root, and trusted: without the root there is nobody to ask about. */
static void test_self_signed(void)
{
    static const struct {
        const char *what;
        DWORD flags;
        struct verdict expected;
    } cases[] = {
        {"nobody", 0, {SEC_E_OK, 0}},
        {"all but the root", SCH_CRED_REVOCATION_CHECK_CHAIN_EXCLUDE_ROOT, {SEC_E_OK, 0}},
        {"itself",
         SCH_CRED_REVOCATION_CHECK_END_CERT,
         {CRYPT_E_NO_REVOCATION_CHECK, TLS1_ALERT_CERTIFICATE_UNKNOWN}},
    };
    struct test_cert cert;
    unsigned int i;

    if (!create(&cert, NULL, "localhost", TEST_CERT_SERVER, NULL, NULL, NULL))
        return;
    for (i = 0; i < ARRAY_SIZE(cases); i++) {
        const struct verdict_case subject = {.certificate = cert.context,
                                             .cred_flags = cases[i].flags,
                                             .root_store = cert.store,
                                             .no_manual = TRUE};

        winetest_push_context("self-signed, %s", cases[i].what);
        check_verdict(&subject, SIDE_CLIENT, cases[i].expected);
        winetest_pop_context();
    }
    test_cert_free(&cert);
}

static BOOL create_authorities(void)
{
    char name[64];

    /* A name of its own: a test that was killed may have left a root behind. */
    snprintf(name, sizeof(name), "Test Revocation Root %lu %lu", GetCurrentProcessId(),
             GetTickCount());
    return create(&root, NULL, name, TEST_CERT_CA, NULL, NULL, NULL) &&
           create(&impostor, NULL, name, TEST_CERT_CA, NULL, NULL, NULL) &&
           create(&responder, &root, "Responder", 0, "1.3.6.1.5.5.7.3.9", NULL, NULL) &&
           create(&stranger, &root, "Stranger", TEST_CERT_SERVER, NULL, NULL, NULL);
}

START_TEST(schannel_peer_revocation)
{
    unsigned int i;

    if (!create_authorities() || !http_start(&server))
        return;
    if (test_cert_trust(&root)) {
        for (i = 0; i < ARRAY_SIZE(rows); i++)
            check_row(&rows[i], i);
        test_staple();
        test_no_staple();
        test_intermediate();
        test_cache();
        test_untrusted();
        test_self_signed();
        test_cert_distrust(&root);
    }
    http_stop(&server);
    test_cert_free(&stranger);
    test_cert_free(&responder);
    test_cert_free(&impostor);
    test_cert_free(&root);
}
