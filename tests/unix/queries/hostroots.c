/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The host's roots: each that is valid vouches for itself, and nobody else's name does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/check.h"
#include "kit/support.h"
#include "unix/base/calls.h"

#define LIST "/etc/ssl/certs/ca-certificates.crt"

static uint8_t chain[65536], found[65536];
static uint32_t chain_size;

static void add_to_chain(const gnutls_datum_t *der)
{
    const uint32_t size = der->size;

    memcpy(chain + chain_size, &size, sizeof(size));
    memcpy(chain + chain_size + sizeof(size), der->data, size);
    chain_size += (uint32_t)sizeof(size) + size;
}

static struct tls_host_roots ask(uint64_t moment, uint32_t room)
{
    struct tls_host_roots params = {.chain = (uintptr_t)chain,
                                    .chain_size = chain_size,
                                    .moment = moment,
                                    .buffer = (uintptr_t)found,
                                    .buffer_size = room,
                                    .status = -1};

    memset(found, 0xaa, sizeof(found));
    call_host_roots(&params);
    return params;
}

static gnutls_x509_crt_t *roots;
static unsigned int count;

static bool read_roots(void)
{
    gnutls_datum_t text;

    if (gnutls_load_file(LIST, &text) < 0)
        return false;
    if (gnutls_x509_crt_list_import2(&roots, &count, &text, GNUTLS_X509_FMT_PEM, 0) < 0)
        count = 0;
    gnutls_free(text.data);
    return count > 0;
}

static bool is_valid(gnutls_x509_crt_t root)
{
    const time_t now = time(NULL);

    return gnutls_x509_crt_get_activation_time(root) <= now &&
           gnutls_x509_crt_get_expiration_time(root) >= now;
}

/* The root that was found has the same name: an authority may have several, with one key. */
static bool found_is_of(gnutls_x509_crt_t root)
{
    gnutls_datum_t der = {found + sizeof(uint32_t), 0}, name = {NULL, 0}, other = {NULL, 0};
    gnutls_x509_crt_t certificate;
    bool same;

    memcpy(&der.size, found, sizeof(uint32_t));
    gnutls_x509_crt_init(&certificate);
    same = gnutls_x509_crt_import(certificate, &der, GNUTLS_X509_FMT_DER) >= 0 &&
           gnutls_x509_crt_get_raw_dn(certificate, &name) >= 0 &&
           gnutls_x509_crt_get_raw_dn(root, &other) >= 0 && name.size == other.size &&
           !memcmp(name.data, other.data, name.size);
    gnutls_free(name.data);
    gnutls_free(other.data);
    gnutls_x509_crt_deinit(certificate);
    return same;
}

static void roots_of_the_host(void)
{
    unsigned int accepted = 0, valid = 0;

    for (unsigned int i = 0; i < count; i++) {
        struct tls_host_roots params;
        gnutls_datum_t der;

        gnutls_x509_crt_export2(roots[i], GNUTLS_X509_FMT_DER, &der);
        chain_size = 0;
        add_to_chain(&der);
        params = ask(1, sizeof(found));
        valid += is_valid(roots[i]);
        if (params.status == SEC_E_OK) {
            accepted++;
            check(is_valid(roots[i]), "root %u is not valid", i);
            check_equal(params.count, 1);
            check(found_is_of(roots[i]), "root %u", i);
            params = ask(1, params.size - 1);
            check_equal(params.status, SEC_E_BUFFER_TOO_SMALL);
            check_equal(found[0], 0xaa);
            check_equal(ask(1, params.size).status, SEC_E_OK);
        } else {
            check_equal(params.status, SEC_E_UNTRUSTED_ROOT);
        }
        gnutls_free(der.data);
    }
    /* GnuTLS may have something against a few of them: old algorithms. */
    check(accepted > valid / 2, "%u of %u are accepted", accepted, valid);
}

/* A chain of others', and one with something wrong in front of a root of the host's. */
static void strangers(void)
{
    gnutls_datum_t root = {NULL, 0};

    chain_size = 0;
    add_to_chain(&identity_get(IDENTITY_P256)->chain[0]);
    check_equal(ask(1, sizeof(found)).status, SEC_E_UNTRUSTED_ROOT);
    if (!count)
        return;
    gnutls_x509_crt_export2(roots[0], GNUTLS_X509_FMT_DER, &root);
    add_to_chain(&root);
    check_equal(ask(1, sizeof(found)).status, SEC_E_UNTRUSTED_ROOT);
    gnutls_free(root.data);
}

static void damaged(void)
{
    chain_size = 0;
    check_equal(ask(1, sizeof(found)).status, SEC_E_UNTRUSTED_ROOT);
    add_to_chain(&identity_get(IDENTITY_P256)->chain[0]);
    for (uint32_t whole = chain_size; chain_size; chain_size--) {
        struct tls_host_roots params = ask(1, sizeof(found));

        check(params.status == SEC_E_UNTRUSTED_ROOT && !params.count, "%u of %u bytes", chain_size,
              whole);
    }
    for (unsigned int i = 0; i < 11; i++)
        add_to_chain(&identity_get(IDENTITY_P256)->chain[0]);
    check_equal(ask(1, sizeof(found)).status, SEC_E_UNTRUSTED_ROOT);
}

/* The list is read anew, which changes nothing here. */
static void moments(void)
{
    gnutls_datum_t der = {NULL, 0};
    unsigned int i = 0;

    do {
        gnutls_free(der.data);
        gnutls_x509_crt_export2(roots[i], GNUTLS_X509_FMT_DER, &der);
        chain_size = 0;
        add_to_chain(&der);
    } while (ask(1, sizeof(found)).status != SEC_E_OK && ++i < count);
    for (uint64_t moment = 1; moment < 6; moment++)
        check_equal(ask(moment, sizeof(found)).status, SEC_E_OK);
    /* One more that is cut: nothing is known of it. */
    add_to_chain(&identity_get(IDENTITY_P256)->chain[0]);
    chain_size -= 7;
    check_equal(ask(1, sizeof(found)).status, SEC_E_UNTRUSTED_ROOT);
    gnutls_free(der.data);
}

int main(void)
{
    identity_get(IDENTITY_P256);
    if (read_roots()) {
        RUN(roots_of_the_host);
        RUN(moments);
    } else {
        check_skip("this machine has no %s", LIST);
    }
    RUN(strangers);
    RUN(damaged);
    for (unsigned int i = 0; i < count; i++)
        gnutls_x509_crt_deinit(roots[i]);
    gnutls_free(roots);
    identities_free();
    return check_summary();
}
