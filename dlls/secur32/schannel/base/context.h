/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel inside secur32: what its files share.
 *
 *   package.c      names, the table of operations
 *   engine.c       reaches winegnutls.dll; one clear line when it is not there
 *   credentials.c  AcquireCredentialsHandle, with settings.c, crypto.c, config.c: what the program
 *                  and the registry allow
 *   registry.c     tells when what is kept of the registry has changed
 *   systemstore.c  the system's certificate stores, kept open
 *   roots.c        stores of trusted certificates, issuers for certificate requests
 *   chain.c        a certificate context -> the certificates to send
 *   key.c          a certificate context -> its private key, with capikey.c, cngkey.c, keyblob.c
 *                  and der.c; containercache.c remembers what came out of containers
 *   context.c      InitializeSecurityContext / AcceptSecurityContext legs
 *   callers.c      callers inside Wine that need answers of their own
 *   spare.c        the memory of contexts, kept for the next one
 *   leg.c          one leg between the caller's buffers and the engine
 *   datagram.c     the same for DTLS: one datagram per call
 *   drive.c        the engine's part of a leg, and what it asks on the way
 *   held.c         input that the program gives again after finding a certificate
 *   default.c      the user's certificate for a server that asks for one
 *   output.c       a leg's output: allocated, in the caller's memory, or put aside
 *   buffers.c      SecBufferDesc shapes: find, check, fill
 *   target.c       target name -> SNI
 *   record.c       EncryptMessage / DecryptMessage
 *   control.c      ApplyControlToken
 *   attributes*.c  what is queried and set of contexts and of credentials
 *   srtp.c         SRTP profiles over DTLS
 *   peer.c         the peer's certificates as a certificate context
 *   validate.c     the peer's chain, the alert for each failure, with names.c, signatures.c,
 *                  strength.c and revocation.c
 *   suites.c       cipher suite numbers -> what CONNECTION_INFO and CIPHER_INFO say
 *   cache.c        client sessions to resume, per credential and target
 */
#ifndef ASYNCSSPI_SCHANNEL_H
#define ASYNCSSPI_SCHANNEL_H

#include "core/secur32.h"
#include <wincrypt.h>
#define SCHANNEL_USE_BLACKLISTS
#include <subauth.h>
#include <schannel.h>
#include "winegnutls/unixlib.h"

#ifndef SCH_CRED_DEFERRED_CRED_VALIDATION
#define SCH_CRED_DEFERRED_CRED_VALIDATION 0x04000000
#endif
#ifndef CALG_NULLCIPHER
#define CALG_NULLCIPHER (ALG_CLASS_DATA_ENCRYPT | ALG_TYPE_ANY | 0)
#endif

/* Largest handshake output of one leg a program has to expect: cbMaxToken. */
#define SCHANNEL_MAX_TOKEN 24576

/* One certificate of a credential as the program gave it. */
struct schannel_certificate {
    const CERT_CONTEXT *context; /* our own reference */
    struct provider_key *key;    /* when its provider does not let it out, else NULL */
};

/* Client sessions that can be resumed, cache.c. */
struct session_cache {
    SRWLOCK lock;
    struct cached_session *first;
    unsigned int count;
    unsigned int limit; /* at most so many, besides cache.c's own limit */
};

/* SECPKG_ATTR_CLIENT_CERT_POLICY: how a server builds the chains of its clients' certificates. */
struct client_policy {
    DWORD chain_flags; /* CERT_CHAIN_, without those about revocation */
    DWORD revocation;  /* SCH_CRED_REVOCATION_ */
    DWORD url_timeout; /* milliseconds, 0: the usual */
    bool omit_usage;
};

struct schannel_credentials {
    struct credentials base;
    tls_u64 engine; /* TLS_CALL_CREDENTIALS_CREATE */
    enum tls_role role;
    DWORD version;         /* SCHANNEL_CRED_VERSION, SCH_CREDENTIALS_VERSION; 0: pAuthData NULL */
    DWORD flags;           /* SCH_ */
    DWORD protocols;       /* SP_PROT_ of our own side that are enabled */
    HCERTSTORE root_store; /* our own reference, or NULL */
    INIT_ONCE chain_engine_once;         /* validate.c: made when root_store is first needed */
    HCERTCHAINENGINE chain_engine;       /* NULL: none (yet) */
    DWORD session_lifespan;              /* milliseconds that a session may be resumed */
    tls_u64 disabled;                    /* TLS_DISABLE_, as the engine was told */
    bool no_renegotiation;               /* of TLS 1.2 and older, by either side's wish */
    bool safe_renegotiation;             /* peers without RFC 5746 are refused */
    struct client_policy *client_policy; /* NULL until it is set, once */
    struct schannel_certificate *certificates;
    unsigned int certificate_count;
    struct session_cache cache;
    struct session_cache datagram_cache; /* of DTLS */
};

/* Whose ways of calling get answers of their own, callers.c. */
enum caller { CALLER_ANY, CALLER_WININET, CALLER_WLDAP32 };

enum schannel_state {
    SCHANNEL_HANDSHAKE,
    SCHANNEL_CONNECTED,
    SCHANNEL_SHUTDOWN_REQUESTED,    /* ApplyControlToken asked for it; the next leg writes it */
    SCHANNEL_ALERT_REQUESTED,       /* likewise, the alert in `alert` */
    SCHANNEL_RENEGOTIATE_REQUESTED, /* likewise */
    SCHANNEL_CLOSED,                /* our close_notify left; the peer may still be sending */
    SCHANNEL_FAILED
};

/* The input of a leg that ended with SEC_I_INCOMPLETE_CREDENTIALS, held.c. */
struct held_input {
    BYTE *bytes; /* on the process heap */
    ULONG size;
    ULONG done; /* bytes of it that the engine has taken */
    /* During a leg: what the program gave, what of it was passed over, what the engine got. */
    const BYTE *given;
    ULONG given_size, skipped;
    BYTE *joined;
};

struct schannel_context {
    struct context base;
    struct schannel_credentials *credentials; /* a reference */
    tls_u64 session;
    enum tls_role role;
    enum caller caller;          /* client: as its first call was made */
    enum schannel_state state;   /* changes under both locks */
    SECURITY_STATUS failure;     /* of a failed handshake, SEC_E_OK otherwise */
    ULONG requirements;          /* ISC_REQ_ or ASC_REQ_ of the last call */
    ULONG attributes;            /* ISC_RET_ or ASC_RET_ of the last call */
    SEC_WCHAR *target;           /* server name as the program gave it, or NULL */
    bool connected;              /* a handshake has finished; sizes are valid */
    bool peer_authenticated;     /* connected: the peer has shown a certificate */
    bool manual_validation;      /* the program checks the peer itself */
    bool incomplete_credentials; /* the last leg ended with SEC_I_INCOMPLETE_CREDENTIALS */
    bool no_reconnect;           /* this session is neither kept nor resumed */
    bool datagram;               /* DTLS */
    bool kept;                   /* spare.c takes the memory back */
    USHORT mtu;                  /* DTLS: bytes in a datagram; SECPKG_ATTR_DTLS_MTU */
    struct {                     /* SCHANNEL_ALERT_REQUESTED: what ApplyControlToken was given */
        DWORD level, number;
    } alert;
    /* A leg whose output did not fit the caller's buffer: what to answer when it is asked again. */
    struct {
        bool waiting;
        SECURITY_STATUS status;
        ULONG consumed;
        void *output; /* on the process heap */
        ULONG output_size;
    } replay;
    /* DTLS: datagrams of a leg that wait in the engine to be asked for, datagram.c's. */
    struct {
        uint32_t next;          /* size of the first of them; 0: none */
        bool too_small;         /* the caller had no room for it */
        ULONG consumed;         /* of the input of that leg */
        SECURITY_STATUS status; /* of that leg, for the call that gets the last one */
    } flight;
    struct held_input held;
    struct lock receive_lock; /* DecryptMessage against legs and other DecryptMessage */
    struct lock send_lock;    /* EncryptMessage likewise; taken after receive_lock by legs */
    struct tls_record_sizes sizes;
    /* What SetContextAttributes left here: KEYING_MATERIAL_INFO, APP_DATA (NULL: none) and
     * EAP_PRF_INFO. */
    struct keying_request *keying;
    struct application_data *application_data;
    struct srtp_offer *srtp; /* DTLS: srtp.c's, or NULL */
    enum tls_eap eap_kind;
};

static inline const struct client_policy *client_policy_of(
    const struct schannel_credentials *credentials)
{
    return __atomic_load_n(&credentials->client_policy, __ATOMIC_ACQUIRE);
}

/* Zeroed memory for a context and behind it target_size bytes; NULL without memory. */
struct schannel_context *spare_take(SIZE_T target_size);
void spare_give(struct schannel_context *context);
void spare_free(void);

/* Shuts out EncryptMessage and DecryptMessage. */
static inline void context_lock(struct schannel_context *context)
{
    lock_acquire(&context->receive_lock);
    lock_acquire(&context->send_lock);
}

static inline void context_unlock(struct schannel_context *context)
{
    lock_release(&context->send_lock);
    lock_release(&context->receive_lock);
}

/* context.c */
SECURITY_STATUS schannel_initialize(struct credentials *credentials, struct context **context,
                                    const struct initialize_args *args);
SECURITY_STATUS schannel_accept(struct credentials *credentials, struct context **context,
                                const struct accept_args *args);
void schannel_context_destroy(struct object *object);

/* callers.c */
enum caller caller_find(const struct schannel_credentials *credentials, ULONG requirements);
/* Whether this first call is another try by somebody who does not take no for an answer. */
bool caller_tries_for_ever(const struct schannel_credentials *credentials,
                           const struct initialize_args *args);

/* record.c */
SECURITY_STATUS schannel_encrypt(struct context *context, ULONG qop, SecBufferDesc *message,
                                 ULONG sequence);
SECURITY_STATUS schannel_decrypt(struct context *context, SecBufferDesc *message, ULONG sequence,
                                 ULONG *qop);

/* control.c */
SECURITY_STATUS schannel_apply_control_token(struct context *context, SecBufferDesc *input);

/* credentials.c */
SECURITY_STATUS schannel_acquire(const struct package *package, const struct acquire_args *args,
                                 struct credentials **credentials, TimeStamp *expiry);

/* attributes.c */
SECURITY_STATUS schannel_query_context(struct context *context, ULONG attribute, void *buffer,
                                       ULONG size, bool ansi);
SECURITY_STATUS schannel_set_context(struct context *context, ULONG attribute, void *buffer,
                                     ULONG size, bool ansi);
/* Frees what set_context left in the context, for its destruction. */
void schannel_release_attributes(struct schannel_context *context);
SECURITY_STATUS schannel_query_credentials(struct credentials *credentials, ULONG attribute,
                                           void *buffer, ULONG size, bool ansi);
SECURITY_STATUS schannel_set_credentials(struct credentials *credentials, ULONG attribute,
                                         void *buffer, ULONG size, bool ansi);

/*
 * validate.c. The peer's chain and name against the policy of the context: SEC_E_OK with *alert 0,
 * or the SEC_E_ / CRYPT_E_ code of the failure with the number of the alert to send.
 */
SECURITY_STATUS schannel_validate_peer(struct schannel_context *context, uint32_t *alert);
/*
 * What crypt32 says of the peer's certificate `leaf`, whether or not the context has the program
 * decide: the chain's CERT_TRUST_ errors, and the SSL policy's error with the name compared.
 * SEC_E_CERT_UNKNOWN when no chain can be built.
 */
SECURITY_STATUS schannel_check_certificate(struct schannel_context *context,
                                           const CERT_CONTEXT *leaf, DWORD *trust, HRESULT *policy);
/* The peer's certificate in a store of its whole chain; the caller frees it. NULL: none sent. */
const CERT_CONTEXT *schannel_peer_certificate(struct schannel_context *context);

/*
 * cache.c. `checked` tells apart sessions whose server was validated inside the handshake from
 * those whose program wanted to do it: the former are never resumed from the latter.
 */
struct cached_session {
    struct cached_session *next;
    LONG references;
    bool checked;
    ULONGLONG kept_at; /* GetTickCount64 */
    SEC_WCHAR *target; /* behind the data */
    uint32_t size;
    uint8_t data[]; /* what TLS_CALL_RESUMPTION_DATA gave */
};

/* A reference to what can be resumed, or NULL. `lifespan` in milliseconds, 0: ten hours. */
struct cached_session *session_cache_find(struct session_cache *cache, const SEC_WCHAR *target,
                                          bool checked, DWORD lifespan);
/* Drops a reference; NULL is accepted. */
void session_cache_release(struct cached_session *session);
/* Keeps a copy of data, in place of what is there for target. */
void session_cache_keep(struct session_cache *cache, const SEC_WCHAR *target, bool checked,
                        const void *data, uint32_t size);
void session_cache_forget(struct session_cache *cache, const SEC_WCHAR *target, bool checked);
/* Wipes and frees everything, for the credential's destruction. */
void session_cache_clear(struct session_cache *cache);

/* Where a client's sessions of this kind are kept. */
static inline struct session_cache *context_cache(const struct schannel_context *context)
{
    return context->datagram ? &context->credentials->datagram_cache : &context->credentials->cache;
}

/* engine.c. The one way to the TLS engine; SEC_E_SECPKG_NOT_FOUND when it cannot be loaded. */
SECURITY_STATUS engine_load(void);
/* After engine_load. A fault on the other side becomes SEC_E_INTERNAL_ERROR. */
SECURITY_STATUS engine_call(enum tls_call code, void *params);
/* A call for a blob whose size is not known: params, which comes without a buffer, gets one on the
 * process heap for the caller to free. An empty blob, and any other status, leaves it without. */
SECURITY_STATUS engine_get_blob(enum tls_call code, struct tls_get_blob *params);

#endif
