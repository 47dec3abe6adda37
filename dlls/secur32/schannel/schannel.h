/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel inside secur32: what its files share.
 *
 *   package.c      names, the table of operations
 *   engine.c       reaches winegnutls.dll; one clear line when it is not there
 *   credentials.c  SCHANNEL_CRED / SCH_CREDENTIALS -> schannel_credentials
 *   key.c          a certificate context -> its chain and private key
 *   context.c      InitializeSecurityContext / AcceptSecurityContext legs
 *   buffers.c      SecBufferDesc shapes: find, check, fill
 *   record.c       EncryptMessage / DecryptMessage
 *   control.c      ApplyControlToken
 *   attributes.c   QueryContextAttributes
 *   validate.c     chain and name checks, the alert for each failure
 *   suites.c       cipher suite numbers -> what CONNECTION_INFO and CIPHER_INFO say
 *   cache.c        client sessions to resume, per credential and target
 */
#ifndef ASYNCSSPI_SCHANNEL_H
#define ASYNCSSPI_SCHANNEL_H

#include "../secur32.h"
#include <wincrypt.h>
#define SCHANNEL_USE_BLACKLISTS
#include <subauth.h>
#include <schannel.h>
#include "winegnutls/unixlib.h"

/* Largest handshake output of one leg a program has to expect: cbMaxToken. */
#define SCHANNEL_MAX_TOKEN 24576

/* One certificate of a credential as the program gave it. */
struct schannel_certificate {
    const CERT_CONTEXT *context; /* our own reference */
};

/* Client sessions that can be resumed, cache.c. */
struct session_cache {
    SRWLOCK lock;
    struct cached_session *first;
    unsigned int count;
};

struct schannel_credentials {
    struct credentials base;
    tls_u64 engine; /* TLS_CALL_CREDENTIALS_CREATE */
    enum tls_role role;
    DWORD version;       /* SCHANNEL_CRED_VERSION, SCH_CREDENTIALS_VERSION; 0: pAuthData NULL */
    DWORD flags;         /* SCH_ */
    DWORD protocols;     /* SP_PROT_ of our own side that are enabled */
    HCERTSTORE root_store; /* our own reference, or NULL */
    struct schannel_certificate *certificates;
    unsigned int certificate_count;
    struct session_cache cache;
};

enum schannel_state {
    SCHANNEL_HANDSHAKE,
    SCHANNEL_CONNECTED,
    SCHANNEL_SHUTDOWN_REQUESTED, /* ApplyControlToken asked for it; the next leg writes it */
    SCHANNEL_FAILED
};

struct schannel_context {
    struct context base;
    struct schannel_credentials *credentials; /* a reference */
    tls_u64 session;
    enum tls_role role;
    enum schannel_state state;
    ULONG requirements; /* ISC_REQ_ or ASC_REQ_ of the last call */
    ULONG attributes;   /* ISC_RET_ or ASC_RET_ */
    SEC_WCHAR *target;  /* server name as the program gave it, or NULL */
    /* A leg whose output did not fit the caller's buffer: what to answer when it is asked again. */
    struct {
        bool waiting;
        SECURITY_STATUS status;
        ULONG consumed;
    } replay;
    SRWLOCK send_lock; /* EncryptMessage against legs and other EncryptMessage */
    SRWLOCK receive_lock; /* DecryptMessage likewise; taken before send_lock */
    struct tls_info info; /* valid when connected; header_size... for the record path */
};

/* engine.c. The one way to the TLS engine; SEC_E_SECPKG_NOT_FOUND when it cannot be loaded. */
SECURITY_STATUS engine_load(void);
/* After engine_load. A fault on the other side becomes SEC_E_INTERNAL_ERROR. */
SECURITY_STATUS engine_call(enum tls_call code, void *params);

#endif
