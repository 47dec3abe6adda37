/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A fresh key and a self-signed certificate for this machine's own names. */
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

static int make_certificate(gnutls_x509_crt_t certificate, gnutls_x509_privkey_t key)
{
    time_t now = time(NULL);
    int error = gnutls_x509_crt_set_version(certificate, 3);

    if (error >= 0)
        error = set_serial(certificate);
    if (error >= 0)
        error = set_names(certificate);
    if (error >= 0)
        error = gnutls_x509_crt_set_activation_time(certificate, now - DAY);
    if (error >= 0)
        error = gnutls_x509_crt_set_expiration_time(certificate, now + 30 * DAY);
    if (error >= 0)
        error = gnutls_x509_crt_set_key(certificate, key);
    if (error >= 0)
        error = gnutls_x509_crt_sign2(certificate, certificate, key, GNUTLS_DIG_SHA256, 0);
    return error;
}

int32_t make_identity(uint32_t kind, struct found *found)
{
    found->chain = gnutls_calloc(1, sizeof(*found->chain));
    found->error = found->chain ? gnutls_x509_crt_init(&found->chain[0]) : GNUTLS_E_MEMORY_ERROR;
    if (found->error >= 0) {
        found->count = 1;
        found->error = generate_key(&found->key, kind);
    }
    if (found->error >= 0)
        found->error = make_certificate(found->chain[0], found->key);
    return found->error < 0 ? IDENTITY_FAILED : IDENTITY_OK;
}
