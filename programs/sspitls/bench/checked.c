/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Rows: a client's handshake with its check of the server's certificate. Either side trusts the
 * system's roots and one more, which the server's chain ends in; natively they are loaded outside
 * the clock.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "bench/checked.h"
#include "bench/handshakes.h"
#include "bench/measure.h"
#include "bench/native.h"
#include "bench/pair.h"
#include "bench/parts.h"
#include "bench/table.h"

static bool is_root(PCCERT_CONTEXT certificate)
{
    return CertCompareCertificateName(X509_ASN_ENCODING, &certificate->pCertInfo->Issuer,
                                      &certificate->pCertInfo->Subject);
}

static void find_issuers(struct checked *checked)
{
    PCCERT_CONTEXT found = NULL;

    while ((found = CertEnumCertificatesInStore(checked->identity.store, found))) {
        if (is_root(found))
            checked->root = CertDuplicateCertificateContext(found);
        else if (!CertCompareCertificate(X509_ASN_ENCODING, found->pCertInfo,
                                         checked->identity.certificate->pCertInfo))
            checked->authority = CertDuplicateCertificateContext(found);
    }
}

bool checked_load_roots(struct checked *checked)
{
    HCERTSTORE system = CertOpenSystemStoreA(0, "Root");
    PCCERT_CONTEXT root = NULL;

    checked->roots = CertOpenStore(CERT_STORE_PROV_MEMORY, 0, 0, CERT_STORE_CREATE_NEW_FLAG, NULL);
    while (checked->roots && system && (root = CertEnumCertificatesInStore(system, root)))
        CertAddCertificateContextToStore(checked->roots, root, CERT_STORE_ADD_ALWAYS, NULL);
    if (system)
        CertCloseStore(system, 0);
    if (checked->roots && CertAddCertificateContextToStore(checked->roots, checked->root,
                                                           CERT_STORE_ADD_ALWAYS, NULL))
        return true;
    report("no roots to trust");
    return false;
}

bool checked_make(struct checked *checked, enum key_kind key, unsigned length)
{
    *checked = (struct checked){.root = NULL};
    if (!identity_make(&checked->identity, key, length))
        return false;
    find_issuers(checked);
    if (!checked->root)
        report("a chain without its root");
    return checked->root != NULL;
}

void checked_free(struct checked *checked)
{
    if (checked->roots)
        CertCloseStore(checked->roots, 0);
    if (checked->root)
        CertFreeCertificateContext(checked->root);
    if (checked->authority)
        CertFreeCertificateContext(checked->authority);
    identity_free(&checked->identity);
}

/* Changes something among the system's certificate stores, and takes it back. */
static void change_stores(void)
{
    static const char name[] = "Software\\Microsoft\\SystemCertificates\\sspitls bench";
    HKEY key;

    if (!RegCreateKeyExA(HKEY_CURRENT_USER, name, 0, NULL, REG_OPTION_VOLATILE, KEY_WRITE, NULL,
                         &key, NULL))
        RegCloseKey(key);
    RegDeleteKeyA(HKEY_CURRENT_USER, name);
}

static const struct {
    const char *id, *name;
    enum key_kind key;
    unsigned length;
    bool changed;
    double goal, stretch;
} kinds[] = {
    {"rsa-2", "RSA-2048, chain of 2", KEY_RSA, 2, false, 1, 1.3},
    {"rsa-3", "RSA-2048, chain of 3", KEY_RSA, 3, false, 1, 1.3},
    {"p256-2", "P-256, chain of 2", KEY_P256, 2, false, 1, 1.3},
    {"p256-3", "P-256, chain of 3", KEY_P256, 3, false, 1, 1.3},
    {"p256-changed", "P-256, chain of 2, after a change", KEY_P256, 2, true, 0, 0},
};

static bool measure(struct bench *bench, struct handshakes *handshakes, enum tls_version version,
                    unsigned kind)
{
    const char *text = version == TLS_1_3 ? "1.3" : "1.2";
    struct bench_row row = {
        .unit = "us", .decimals = 1, .goal = kinds[kind].goal, .stretch = kinds[kind].stretch};
    struct checked checked;
    char id[48];
    bool ok;

    snprintf(id, sizeof(id), "checked-%s-%s", text, kinds[kind].id);
    if (!bench_wants(bench, id))
        return true;
    bench_name(&row, id, "client, %s", kinds[kind].name);
    handshakes->count = 2;
    handshakes->before = kinds[kind].changed ? change_stores : NULL;
    ok =
        checked_make(&checked, kinds[kind].key, kinds[kind].length) && checked_load_roots(&checked);
    if (ok) {
        handshakes->native =
            bench->native ? native_checking_credentials(checked.identity.certificate,
                                                        checked.authority, checked.root, version)
                          : 0;
        ok = sspi_checking_credentials(&handshakes->credentials, checked.identity.certificate,
                                       checked.roots, version);
        if (ok)
            bench_measure(bench, &handshakes_subject, &row, 1, handshakes);
        sspi_credentials_free(&handshakes->credentials);
        native_free(BENCH_CALL_CREDENTIALS_FREE, handshakes->native);
    }
    checked_free(&checked);
    return ok;
}

void bench_checked(struct bench *bench)
{
    static const enum tls_version versions[] = {TLS_1_3, TLS_1_2};
    struct handshakes handshakes = {.pair = calloc(1, sizeof(*handshakes.pair))};
    bool ok = handshakes.pair != NULL;

    if (!bench->server || !bench_wants(bench, "checked-"))
        goto done;
    for (unsigned v = 0; v < ARRAYSIZE(versions); v++) {
        if (versions[v] == TLS_1_3 && !bench->tls_1_3)
            continue;
        bench_group(bench, versions[v] == TLS_1_3 ? "Checked handshakes, TLS 1.3"
                                                  : "Checked handshakes, TLS 1.2");
        for (unsigned i = 0; ok && i < ARRAYSIZE(kinds); i++)
            ok = measure(bench, &handshakes, versions[v], i);
    }
    bench->failed |= !ok;
done:
    free(handshakes.pair);
}
