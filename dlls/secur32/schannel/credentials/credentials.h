/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The credential: what AcquireCredentialsHandle made of the program's wishes, the registry and the
 * certificates. Any number of contexts in any thread read it; what changes has its own lock, or is
 * set once and stays.
 */
#ifndef ASYNCSSPI_CREDENTIALS_H
#define ASYNCSSPI_CREDENTIALS_H

#include "core/package.h"
#include "schannel/base/schanneltypes.h"
#include "schannel/credentials/cache.h"
#include "schannel/credentials/crypto.h"
#include "winegnutls/unixlib.h"

struct provider_key;

/* One certificate of a credential as the program gave it. */
struct schannel_certificate {
    const CERT_CONTEXT *context; /* our own reference */
    struct provider_key *key;    /* when its provider does not let it out, else NULL */
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
    tls_u64 roots;         /* stands for the certificates in it, where peers are judged; else 0 */
    INIT_ONCE chain_engine_once;         /* peer/validate.c: made when root_store is first needed */
    HCERTCHAINENGINE chain_engine;       /* NULL: none (yet) */
    DWORD session_lifespan;              /* milliseconds that a session may be resumed */
    struct crypto_limits limits;         /* as the engine was told */
    struct tls_order order;              /* of suites and groups, as the engine was told */
    bool no_renegotiation;               /* of TLS 1.2 and older, by either side's wish */
    bool safe_renegotiation;             /* peers without RFC 5746 are refused */
    bool winenet;                        /* made by Wine's winhttp or wininet */
    struct client_policy *client_policy; /* NULL until it is set, once */
    struct schannel_certificate *certificates;
    unsigned int certificate_count;
    struct session_cache cache;
    struct session_cache datagram_cache; /* of DTLS */
};

static inline const struct client_policy *client_policy_of(
    const struct schannel_credentials *credentials)
{
    return __atomic_load_n(&credentials->client_policy, __ATOMIC_ACQUIRE);
}

/* Whether handshakes end over a bad certificate of the peer's: a client's unless the program says
 * that it looks itself, now or later (SECPKG_ATTR_CERT_CHECK_RESULT), a server's if it says that
 * Schannel shall. */
static inline bool judges_peers(const struct schannel_credentials *credentials)
{
    const DWORD wanted = credentials->role == TLS_SERVER ? SCH_CRED_AUTO_CRED_VALIDATION : 0;

    return (credentials->flags & wanted) == wanted &&
           !(credentials->flags &
             (SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_DEFERRED_CRED_VALIDATION));
}

/* Where a client's sessions are kept, of TLS or of DTLS. */
static inline struct session_cache *sessions_of(struct schannel_credentials *credentials,
                                                bool datagram)
{
    return datagram ? &credentials->datagram_cache : &credentials->cache;
}

/* AcquireCredentialsHandle; the errors are those of credentials/settings.h and keys/key.h. */
SECURITY_STATUS schannel_acquire(const struct package *package, const struct acquire_args *args,
                                 struct credentials **credentials, TimeStamp *expiry);

/* Credentials with the settings of others and this certificate; the caller's reference. */
SECURITY_STATUS schannel_credentials_with(const struct schannel_credentials *like,
                                          const CERT_CONTEXT *certificate,
                                          struct schannel_credentials **result);

#endif
