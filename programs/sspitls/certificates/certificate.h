/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates with their private keys: from files, or made on the spot. */
#ifndef SSPITLS_CERTIFICATE_H
#define SSPITLS_CERTIFICATE_H

#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>

#include "base/buffer.h"

struct identity {
    PCCERT_CONTEXT
    certificate; /* the leaf; its store holds the rest of the chain */
    HCERTSTORE store;
    WCHAR *container; /* CAPI key set to delete in the end, or NULL */
};

/*
 * `certificate` is FILE.pfx[:PASSWORD], or FILE.pem with `key` naming the file of its private key
 * (NULL: the same file). Says on stderr what is wrong and returns false.
 */
bool identity_load(struct identity *identity, const char *certificate, const char *key);
/* Has servers send the OCSP response of that file with the certificate. */
bool identity_staple(struct identity *identity, const char *path);
void identity_free(struct identity *identity);

/* All certificates of a PEM or DER file as a store to trust, or NULL after a line on stderr. */
HCERTSTORE load_roots(const char *path);

enum key_kind {
    KEY_RSA,  /* 2048 bits, in a CAPI key set, where PFXImportCertStore puts keys
                 too */
    KEY_P256, /* in the PKCS#8 property of the certificate */
};

/* A self-signed certificate for localhost, 127.0.0.1 and ::1, valid from yesterday for a month. */
bool identity_generate(struct identity *identity, enum key_kind kind);
/* Writes certificate and, where the PKCS#8 property has it and `key_path` is given, its key. */
bool identity_save_pem(const struct identity *identity, const char *certificate_path,
                       const char *key_path);

/* The private key of one PEM text as PKCS#8; false after a line on stderr. */
bool pem_private_key(const char *name, const struct buffer *text, struct buffer *pkcs8);
/* Adds every certificate of a PEM text to a store; *first is the first one (add a reference). */
unsigned pem_certificates(const struct buffer *text, HCERTSTORE store, PCCERT_CONTEXT *first);
bool is_pem(const struct buffer *text);

#endif
