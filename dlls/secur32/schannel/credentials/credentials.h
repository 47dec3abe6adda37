/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the files behind AcquireCredentialsHandle share.
 *
 *   credentials.c  the handle's object: acquire, query, free
 *   settings.c     SCHANNEL_CRED / SCH_CREDENTIALS -> struct schannel_settings
 *   config.c       what the registry says
 *   crypto.c       restrictions on algorithms -> TLS_DISABLE_
 *   chain.c        a certificate context -> the certificates to send
 *   key.c          a certificate context -> its private key, with capikey.c and cngkey.c
 */
#ifndef ASYNCSSPI_CREDENTIALS_H
#define ASYNCSSPI_CREDENTIALS_H

#include "schannel/credentials/crypto.h"
#include "schannel/base/schannel.h"

/* Most certificates of one chain: TLS_CALL_CREDENTIALS_CREATE's limit. */
#define SCHANNEL_MAX_CHAIN 16

/* What a program asked for, checked and in our own terms. Pointers are the program's. */
struct schannel_settings {
    enum tls_role role;
    DWORD version;           /* 0: none given */
    DWORD flags;             /* SCH_ */
    DWORD default_protocols; /* SP_PROT_ of the role: when the program names none */
    DWORD protocols;         /* those to use */
    DWORD session_lifespan;  /* milliseconds */
    DWORD cache_size;        /* most sessions to keep, ~0: as many as there is room for */
    struct crypto_limits limits;
    bool no_renegotiation;   /* the registry's */
    bool safe_renegotiation; /* likewise: only with peers that have RFC 5746 */
    bool send_issuers;       /* server: name the trusted issuers in certificate requests */
    bool staple;             /* server: send the certificates' OCSP responses */
    DWORD mapper_count;
    HCERTSTORE root_store;
    DWORD format; /* SCH_CRED_FORMAT_ */
    DWORD certificate_count;
    const void *certificates; /* entries of the type that format says */
};

/*
 * Reads auth_data (NULL: defaults). SEC_E_UNKNOWN_CREDENTIALS: not a structure we know or not a
 * legal one; SEC_E_ALGORITHM_MISMATCH: nothing is left enabled; SEC_E_UNSUPPORTED_FUNCTION: a
 * setting that cannot be honoured; SEC_E_NO_CREDENTIALS: a direction other than in or out.
 */
SECURITY_STATUS schannel_read_settings(const struct acquire_args *args,
                                       struct schannel_settings *settings);

/* SP_PROT_ bits as a set of enum tls_protocol. */
uint32_t schannel_engine_protocols(DWORD protocols);
/* The SP_PROT_ bits whose version is in a set of enum tls_protocol. */
DWORD schannel_limit_protocols(DWORD protocols, uint32_t set);
/* The SP_PROT_ bit of a role for a version as the wire has it. */
DWORD schannel_protocol_bit(uint32_t wire_version, enum tls_role role);

/* Credentials with the settings of others and this certificate; the caller's reference. */
SECURITY_STATUS schannel_credentials_with(const struct schannel_credentials *like,
                                          const CERT_CONTEXT *certificate,
                                          struct schannel_credentials **result);

/* default.c: a certificate of the user's that the server asks for, or NULL. */
struct schannel_credentials *schannel_default_credentials(const struct schannel_context *context);

/* The names in the server's request for a certificate, in the engine's format: (uint32_t length,
 * DER)... SEC_E_UNSUPPORTED_FUNCTION: there was none. The caller frees list->data. */
struct issuer_names {
    BYTE *data; /* on the process heap */
    DWORD size, count;
};
SECURITY_STATUS schannel_requested_issuers(const struct schannel_context *context,
                                           struct issuer_names *list);

/*
 * The certificates to send for a leaf: itself, its issuers as far as they are known, without the
 * self-signed root unless asked for. Fills at most SCHANNEL_MAX_CHAIN references and returns their
 * number.
 */
unsigned int schannel_build_chain(const CERT_CONTEXT *leaf, bool with_root,
                                  const CERT_CONTEXT *chain[SCHANNEL_MAX_CHAIN]);

/*
 * The certificate that an entry of paCred names; a new reference or NULL. With
 * SCH_CRED_FORMAT_CERT_CONTEXT paCred is an array of pointers; with _CERT_HASH it points to the
 * thumbprints, 20 bytes each, with _CERT_HASH_STORE to structures.
 */
const CERT_CONTEXT *schannel_find_certificate(DWORD format, const void *entries, DWORD index);

struct provider_key; /* a key that its provider does not let out; key.h */

/* A private key: on the process heap, or inside its provider. */
struct schannel_private_key {
    BYTE *data; /* PKCS#8 DER, or NULL */
    DWORD size; /* used */
    DWORD capacity;
    struct provider_key *provider;
};

/*
 * SEC_E_OK; SEC_E_NO_CREDENTIALS: the certificate has no private key, or one that can neither be
 * had nor used; SEC_E_UNKNOWN_CREDENTIALS: of a kind we do not know.
 */
SECURITY_STATUS schannel_open_key(const CERT_CONTEXT *certificate,
                                  struct schannel_private_key *key);
/* Wipes, closes and frees. */
void schannel_free_key(struct schannel_private_key *key);

/* enum tls_key_abilities. */
uint32_t schannel_provider_key_abilities(const struct provider_key *key);
/*
 * What the engine wants of the key, into `answer` of TLS_MAX_KEY_DATA bytes. SEC_E_OK, or
 * SEC_E_NO_CREDENTIALS: the key cannot be used (any more). Any number of threads may come.
 */
SECURITY_STATUS schannel_use_provider_key(struct provider_key *key,
                                          const struct tls_key_request *request, BYTE *answer,
                                          DWORD *size);
/* NULL is accepted. */
void schannel_close_provider_key(struct provider_key *key);

#endif
