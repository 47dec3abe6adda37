/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A private key that GnuTLS uses through callbacks, wherever it is. */
#ifndef UNIX_CREDENTIALS_CALLBACKS_H
#define UNIX_CREDENTIALS_CALLBACKS_H

#include "unix/base/engine.h"

/* A way to sign a hash. */
struct scheme {
    gnutls_sign_algorithm_t algorithm; /* RSA_RAW: PKCS#1 without the name of the hash */
    uint32_t operation;                /* enum tls_key_operation */
    uint32_t ability;                  /* enum tls_key_abilities: what it takes of a key */
    uint32_t hash;                     /* the same, of the hash */
};

struct callback_key;

/* Each returns 0 or a GnuTLS error; answers are freed with gnutls_free. */
struct callback_operations {
    /* The scheme is NULL for one that the key has not. */
    int (*sign)(struct callback_key *key, const struct scheme *scheme, const gnutls_datum_t *hash,
                gnutls_datum_t *signature);
    /* RSA, PKCS#1; of a session's key exchange. */
    int (*decrypt)(struct callback_key *key, const gnutls_datum_t *ciphertext,
                   gnutls_datum_t *plaintext);
    void (*release)(struct callback_key *key);
};

/* The head of a key's own struct. */
struct callback_key {
    const struct callback_operations *operations;
    uint32_t abilities; /* enum tls_key_abilities */
    int algorithm;      /* gnutls_pk_algorithm_t */
    unsigned int bits;
};

/* Makes an empty `handle` that key, and its owner; 0 or a GnuTLS error. */
int callback_import(gnutls_privkey_t handle, struct callback_key *key);
bool callback_can_sign(const struct callback_key *key, gnutls_sign_algorithm_t algorithm);

#endif
