/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A certificate with its chain and its key, the same for all credentials that were given it. */
#ifndef UNIX_CREDENTIALS_KEYLOAD_H
#define UNIX_CREDENTIALS_KEYLOAD_H

#include "unix/base/engine.h"
#include "unix/base/lru.h"

#define MAX_CHAIN       16
#define KEY_DIGEST_SIZE 32

struct external_key;

struct credential_key {
    struct lru_entry entry; /* credentials/keycache.c's */
    bool cached;
    uint8_t digest[KEY_DIGEST_SIZE];    /* of the source */
    uint8_t public_id[KEY_DIGEST_SIZE]; /* of the public key, where the private key is here */
    gnutls_pcert_st *chain;
    unsigned int chain_count;
    gnutls_x509_crt_t certificate; /* the leaf */
    gnutls_privkey_t own;          /* GnuTLS's private key, if it is here */
    gnutls_privkey_t key;          /* what sessions use, which may be another way to the same */
    gnutls_ocsp_data_st ocsp;      /* a server's; response.data NULL: none */
    const struct external_key *external; /* the key's, if it stays with the caller */
    gnutls_pk_algorithm_t algorithm;     /* of the leaf */
    unsigned int usage;                  /* of the leaf: GNUTLS_KEY_ */
    gnutls_datum_t issuers[MAX_CHAIN];
};

/* Reads the certificate `index` of a credential; with `kept`, which has the leaf's public key, its
 * private key instead of the source's. 0 or a GnuTLS error; then, and in the end, the key is to be
 * unloaded. */
int key_load(struct credential_key *key, uint32_t index, const struct tls_key *source,
             const struct credential_key *kept);
void key_unload(struct credential_key *key);

/* The digest that tells public keys apart; 0 or a GnuTLS error. */
int key_id_of_certificate(gnutls_x509_crt_t certificate, uint8_t id[KEY_DIGEST_SIZE]);

/* Sets *certificate to NULL, or to what gnutls_x509_crt_deinit frees; 0 or a GnuTLS error. */
int certificate_import(gnutls_x509_crt_t *certificate, tls_u64 data, uint32_t size);

#endif
