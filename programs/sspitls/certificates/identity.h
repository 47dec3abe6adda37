/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Own certificates with their private keys: from files, or made on the spot. */
#ifndef SSPITLS_IDENTITY_H
#define SSPITLS_IDENTITY_H

#include <stdbool.h>
#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>

struct identity {
    PCCERT_CONTEXT certificate; /* the leaf */
    HCERTSTORE store;           /* its chain */
};

/*
 * `certificate` is FILE.pfx[:PASSWORD], or FILE.pem[:PASSWORD] with `key` naming the file of its
 * private key in the same way (NULL: the same file). `password` serves where neither has one (NULL:
 * there is none). Says on stderr what is wrong and returns false.
 */
bool identity_load(struct identity *identity, const char *certificate, const char *key,
                   const char *password);
/* Has servers send the OCSP response of that file with the certificate. */
bool identity_staple(struct identity *identity, const char *path);
void identity_free(struct identity *identity);

enum key_kind {
    KEY_RSA, /* 2048 bits */
    KEY_P256,
};

/*
 * A certificate for localhost, 127.0.0.1 and ::1, valid from yesterday for a month, with its key in
 * the PKCS#8 property: self-signed, or with the authorities of a chain of up to three; false after
 * a line on stderr.
 */
bool identity_make(struct identity *identity, enum key_kind kind, unsigned length);

#endif
