/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the native tests share: generated certificates, and an end of a connection that is driven
 * through the engine's call table, as secur32 drives it, or by GnuTLS itself.
 */
#ifndef ASYNCSSPI_TESTS_SUPPORT_H
#define ASYNCSSPI_TESTS_SUPPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "unix/base/status.h"
#include "unixlib.h"

/* The call table. */
void engine_call(enum tls_call code, void *params);

/* A pointer as the calls' structures hold it. */
static inline tls_u64 address(const void *pointer)
{
    return (tls_u64)(uintptr_t)pointer;
}

/* Certificates, generated once per process. */
enum identity_kind {
    IDENTITY_RSA,
    IDENTITY_P256,
    IDENTITY_P384,
    IDENTITY_P521,
    IDENTITY_ED25519,
    IDENTITY_ED448,
    IDENTITY_OTHER_RSA, /* RSA below another root */
    IDENTITY_COUNT
};

struct identity {
    gnutls_datum_t chain[2]; /* leaf, root; DER */
    gnutls_datum_t key;      /* PKCS#8 DER */
};

const struct identity *identity_get(enum identity_kind kind);
void identities_free(void);

/* Bytes on their way. */
struct queue {
    uint8_t *data;
    size_t size;
    size_t capacity;
};

void queue_add(struct queue *queue, const void *data, size_t size);
void queue_drop(struct queue *queue, size_t size);
void queue_free(struct queue *queue);

/* Credentials of these identities; 0 on failure, with *status when asked for. */
tls_u64 credentials_new(enum tls_role role, const enum identity_kind *kinds, uint32_t count,
                        uint32_t protocols, uint64_t disabled, uint32_t flags, int32_t *status);
/* The same with everything else as params has it, and an OCSP response per identity unless NULL. */
tls_u64 credentials_make(struct tls_credentials_create *params, const enum identity_kind *kinds,
                         const gnutls_datum_t *ocsp);
tls_u64 client_credentials(uint32_t protocols);
tls_u64 server_credentials(enum identity_kind kind, uint32_t protocols);
void credentials_delete(tls_u64 credentials);

/* The same with keys that stay with the tests: `abilities` of enum tls_key_abilities. */
tls_u64 external_credentials(enum tls_role role, const enum identity_kind *kinds, uint32_t count,
                             uint32_t protocols, uint64_t disabled, uint32_t abilities,
                             int32_t *status);
/*
 * Answers TLS_KEY_WANTED of a session with the key of this identity. `damage` is xored into the
 * last byte of the answer. False when nothing was wanted.
 */
bool use_key(tls_u64 session, enum identity_kind kind, uint8_t damage,
             struct tls_key_request *request);

/* One end driven through the engine. Fill the upper half, zero the rest. */
struct peer {
    tls_u64 credentials;
    uint32_t flags; /* enum tls_session_flags */
    uint64_t policy;
    const char *server_name;
    const void *alpn;
    uint32_t alpn_size;
    gnutls_datum_t resume;
    size_t output_size;     /* capacity per leg; 0: plenty */
    uint32_t reject;        /* alert to answer TLS_VERIFY_PEER with, 0 accepts */
    size_t input_limit;     /* at most so much more input per leg; 0: all there is */
    enum identity_kind key; /* answers TLS_KEY_WANTED, unless the failure is set */
    uint8_t key_damage;     /* see use_key */
    int32_t key_failure;    /* SEC_E_ code to answer with */
    bool key_waits;         /* TLS_KEY_WANTED is left to the test */
    struct queue *input;    /* from the other end */
    struct queue *output;   /* to the other end */

    tls_u64 session;
    int32_t status;
    unsigned int legs;
    unsigned int verdicts;          /* times TLS_VERIFY_PEER was seen */
    size_t sent_at_verdict;         /* bytes written by the leg that asked for the first one */
    unsigned int keys_used;         /* times TLS_KEY_WANTED was answered */
    struct tls_key_request request; /* the last one */
    size_t offered;                 /* input offered so far, when limited */
    struct tls_handshake last;
};

/* One leg, with TAKE_OUTPUT as often as it takes, verdicts given and keys used. True when it got
 * anywhere. */
bool peer_leg(struct peer *peer);
/* Another action of enum tls_action, its output sent on. */
int32_t peer_action(struct peer *peer, uint32_t action, uint32_t level, uint32_t alert);
/* The leg that follows an answer of the test's own to TLS_KEY_WANTED, with the rest of the input.
 */
void peer_key_used(struct peer *peer);
void peer_free(struct peer *peer);

/* Two ends of the engine in one memory. */
struct pair {
    struct peer client, server;
    struct queue to_client, to_server;
};

/* Connects the queues: what one end sends the other one receives. */
void pair_join(struct pair *pair);
/* Joins both ends and runs them until neither gets any further. True when both are SEC_E_OK. */
bool pair_run(struct pair *pair);
void pair_free(struct pair *pair);
/* The same with the credentials of both ends. */
void pair_release(struct pair *pair);

/* Encrypts into `out` as one record; returns the status. `gap` separates header, data and trailer.
 */
int32_t seal_record(tls_u64 session, const void *data, size_t size, struct queue *out, size_t gap);
/* Decrypts the first record of `in`, appends its data to `out` (or drops it); params to look at. */
int32_t open_record(tls_u64 session, struct queue *in, struct queue *out,
                    struct tls_decrypt *params);
/*
 * Seals a record of any content type as the session would its next one, behind a good tag; `pad`
 * are TLS 1.3's zeros. False for CBC suites, to which there is no such way in.
 */
bool seal_anything(tls_u64 session, uint8_t type, const void *data, size_t size, size_t pad,
                   struct queue *out);
/* open_record, with tickets and the like in front of the record given to the handshake. */
int32_t open_data(struct peer *peer, struct queue *out, struct tls_decrypt *params);
/* Sends `size` patterned bytes as one record from one end to the other and compares. */
bool transfer(struct peer *from, struct peer *to, size_t size);

void info_get(tls_u64 session, struct tls_info *info);
void names_get(tls_u64 session, struct tls_names *names);
/* Any of the blob calls into a queue; returns the status of asking for the size when that fails. */
int32_t blob_get(enum tls_call call, tls_u64 session, uint32_t kind, struct queue *out);
/* How many certificates the other end has shown. */
uint32_t chain_length(tls_u64 session);

/* The other end as GnuTLS itself, on the same queues. */
struct native {
    gnutls_session_t tls;
    gnutls_certificate_credentials_t credentials;
    struct queue *input, *output;
};

/* Creates a native end; a server when `identity` is given together with GNUTLS_SERVER in flags. */
bool native_init(struct native *native, unsigned int flags, const char *priority,
                 const struct identity *identity);
void native_free(struct native *native);
/* Runs an engine peer against a native end. True when both finished. */
bool native_run(struct native *native, struct peer *peer);

#endif
