/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fresh key and a certificate for this machine's own names, self-signed or with its authorities.
 */
#include "unix/make.h"

#include <gnutls/crypto.h>
#include <string.h>
#include <time.h>

#define DAY 86400

static int generate_key(gnutls_x509_privkey_t *key, uint32_t kind)
{
    int error = gnutls_x509_privkey_init(key);

    if (error < 0)
        return error;
    if (kind == IDENTITY_RSA_2048)
        return gnutls_x509_privkey_generate(*key, GNUTLS_PK_RSA, 2048, 0);
    return gnutls_x509_privkey_generate(*key, GNUTLS_PK_ECDSA,
                                        GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
}

static int set_names(gnutls_x509_crt_t certificate)
{
    static const char name[] = "localhost";
    static const unsigned char ipv4[] = {127, 0, 0, 1}, ipv6[16] = {[15] = 1};
    int error = gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                              strlen(name));

    if (error >= 0)
        error = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_DNSNAME, name,
                                                     strlen(name), GNUTLS_FSAN_SET);
    if (error >= 0)
        error = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, ipv4,
                                                     sizeof(ipv4), GNUTLS_FSAN_APPEND);
    if (error >= 0)
        error = gnutls_x509_crt_set_subject_alt_name(certificate, GNUTLS_SAN_IPADDRESS, ipv6,
                                                     sizeof(ipv6), GNUTLS_FSAN_APPEND);
    return error;
}

static int set_serial(gnutls_x509_crt_t certificate)
{
    unsigned char serial[12];
    int error = gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof(serial));

    /* Positive, and of this length. */
    serial[0] = (serial[0] & 0x7f) | 0x40;
    return error < 0 ? error : gnutls_x509_crt_set_serial(certificate, serial, sizeof(serial));
}

/* An authority, which may sign certificates and nothing else. */
static int set_authority(gnutls_x509_crt_t certificate, const char *name)
{
    int error = gnutls_x509_crt_set_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                              (unsigned int)strlen(name));

    if (error >= 0)
        error = gnutls_x509_crt_set_basic_constraints(certificate, 1, -1);
    if (error >= 0)
        error = gnutls_x509_crt_set_key_usage(certificate, GNUTLS_KEY_KEY_CERT_SIGN);
    return error;
}

/* `issuer` and its key sign; the certificate's own do when it is the root. */
static int make_certificate(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key,
                            const char *authority, gnutls_x509_crt_t issuer,
                            gnutls_x509_privkey_t issuer_key)
{
    time_t now = time(NULL);
    int error = gnutls_x509_crt_set_version(certificate, 3);

    if (error >= 0)
        error = set_serial(certificate);
    if (error >= 0)
        error = authority ? set_authority(certificate, authority) : set_names(certificate);
    if (error >= 0)
        error = gnutls_x509_crt_set_activation_time(certificate, now - DAY);
    if (error >= 0)
        error = gnutls_x509_crt_set_expiration_time(certificate, now + 30 * DAY);
    if (error >= 0)
        error = gnutls_x509_crt_set_key(certificate, key);
    if (error >= 0)
        error = gnutls_x509_crt_sign2(certificate, issuer, issuer_key, GNUTLS_DIG_SHA256, 0);
    return error;
}

/* From the root down, so that each is there when it signs. */
static int make_chain(gnutls_x509_crt_t *chain, gnutls_x509_privkey_t *keys, uint32_t length,
                      uint32_t kind)
{
    static const char *const authorities[] = {NULL, "Authority of an hour", "Root of an hour"};
    int error = 0;

    for (uint32_t i = length; i-- > 0 && error >= 0;) {
        /* The one in the middle is left out of a chain of two. */
        const char *authority = i ? authorities[i + 3 - length] : NULL;
        const uint32_t issuer = i + 1 < length ? i + 1 : i;

        error = gnutls_x509_crt_init(&chain[i]);
        if (error >= 0)
            error = generate_key(&keys[i], kind);
        if (error >= 0)
            error = make_certificate(chain[i], keys[i], authority, chain[issuer], keys[issuer]);
    }
    return error;
}

int32_t make_identity(uint32_t kind, uint32_t length, struct found *found)
{
    gnutls_x509_privkey_t keys[IDENTITY_MAX_MADE] = {NULL};

    if (!length || length > IDENTITY_MAX_MADE)
        return IDENTITY_FAILED;
    found->chain = gnutls_calloc(length, sizeof(*found->chain));
    found->error = GNUTLS_E_MEMORY_ERROR;
    if (found->chain) {
        found->count = length;
        found->error = make_chain(found->chain, keys, length, kind);
    }
    found->key = keys[0];
    for (uint32_t i = 1; i < length; i++) {
        if (keys[i])
            gnutls_x509_privkey_deinit(keys[i]);
    }
    return found->error < 0 ? IDENTITY_FAILED : IDENTITY_OK;
}
