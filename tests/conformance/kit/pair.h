/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A Schannel client and a server in one process that talk through memory.
 *
 * Each side has an inbox: what the peer sent and the side has not consumed yet. A leg is one
 * InitializeSecurityContext or AcceptSecurityContext call: begin builds its buffers from the side's
 * options and inbox, call makes the call (a test may make it in another way), end keeps the
 * results, gives the output to the peer, takes what was consumed off the inbox, and frees.
 *
 *     struct pair pair;
 *     if (pair_create(&pair, &client_options, &server_options)) {
 *         ok(pair_handshake(&pair), ...);
 *         side_send(&pair.client, "x", 1); side_receive(&pair.server, ...);
 *     }
 *     pair_destroy(&pair);
 */
#ifndef PAIR_H
#define PAIR_H

#define SECURITY_WIN32
#include <windows.h>
#include <wincrypt.h>
#include <subauth.h>
#define SCHANNEL_USE_BLACKLISTS
#include <schannel.h>
#include <sspi.h>
#include "asyncsspi.h"

#define SIDE_CLIENT_FLAGS                                                                          \
    (ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM |  \
     ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY)
#define SIDE_SERVER_FLAGS                                                                          \
    (ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT | ASC_REQ_CONFIDENTIALITY | ASC_REQ_STREAM |  \
     ASC_REQ_EXTENDED_ERROR | ASC_REQ_ALLOCATE_MEMORY)

#define SIDE_TLS1_2      1u
#define SIDE_TLS1_3      2u
/* More than any flight, and any sequence of records the tests leave in an inbox. */
#define SIDE_INBOX_SIZE  (256 * 1024)
/* What a side without *_REQ_ALLOCATE_MEMORY offers for output. */
#define SIDE_OUTPUT_SIZE 32768
#define SIDE_MAX_BUFFERS 5

enum side_role { SIDE_CLIENT, SIDE_SERVER };

/* All members have usable zeroes: 1.2 and 1.3, any certificate accepted, no ALPN. */
struct side_options {
    DWORD version;    /* SCHANNEL_CRED_VERSION, SCH_CREDENTIALS_VERSION; 0: the latter */
    DWORD protocols;  /* SIDE_TLS1_; 0: both (SCHANNEL_CRED: 1.2) */
    DWORD cred_flags; /* SCH_; without SCH_CRED_AUTO_CRED_VALIDATION the client checks nothing */
    DWORD flags;      /* ISC_REQ_ or ASC_REQ_; 0: SIDE_CLIENT_FLAGS, SIDE_SERVER_FLAGS */
    const CERT_CONTEXT *certificates[2]; /* server: at least one; NULL ends them */
    HCERTSTORE root_store;
    const WCHAR *target; /* client; NULL: "localhost" */
    const char *alpn;    /* "h2 http/1.1" */
    BOOL alert;          /* every leg has an ALERT buffer behind the output token */
};

struct side {
    enum side_role role;
    struct side_options options;
    struct side *peer;
    CredHandle credentials;
    CtxtHandle context;
    BOOL have_credentials, have_context;
    SECURITY_STATUS status; /* of the last leg; SEC_I_CONTINUE_NEEDED before the first */
    DWORD attributes;       /* ISC_RET_, ASC_RET_ of the last leg */
    int alert;              /* number of the alert that the last leg gave out; -1: none */
    unsigned int legs;      /* made so far */
    SecPkgContext_StreamSizes sizes;
    BYTE *inbox;
    DWORD inbox_size;
    DWORD feed; /* at most so many bytes of the inbox go into the next leg; 0: all */
};

struct pair {
    struct side client, server;
};

/* One call's arguments. in[0] is the token, in[1] EMPTY, in[2] ALPN when there is one and it is
 * the first leg. out[0] is the token, out[1] the alert, when the side's options want one. */
struct leg {
    BOOL first;
    SecBuffer in[SIDE_MAX_BUFFERS], out[SIDE_MAX_BUFFERS];
    SecBufferDesc input, output;
    SecBufferDesc *input_pointer; /* NULL on the client's first leg */
    DWORD fed;                    /* bytes of the inbox in in[0] */
    BYTE *copy;                   /* in[0] is a copy, so that reading beyond it is noticed */
    BYTE *token;                  /* caller's buffer, without ALLOCATE_MEMORY */
    BYTE alpn[256], alert[2];
    CtxtHandle new_context;
    ULONG attributes;
    TimeStamp expiry;
};

/* Acquires the credentials of both sides. FALSE after a failed ok(); destroy works anyway. */
BOOL pair_create(struct pair *pair, const struct side_options *client,
                 const struct side_options *server);
void pair_destroy(struct pair *pair);

/* Legs to and fro until both sides are done or one has failed. TRUE: both returned SEC_E_OK. */
BOOL pair_handshake(struct pair *pair);
/* The usual case in one call: TRUE when the handshake succeeded; otherwise a failed ok(). */
BOOL pair_connect(struct pair *pair, const struct side_options *client,
                  const struct side_options *server);

/* The status of AcquireCredentialsHandle for the side's options; sets have_credentials. */
SECURITY_STATUS side_acquire(struct side *side, enum side_role role,
                             const struct side_options *options);
void side_free(struct side *side);
/* Ends the context, if there is one: the next leg is the first of another. The credentials stay. */
void side_disconnect(struct side *side);

void leg_begin(struct side *side, struct leg *leg);
SECURITY_STATUS leg_call(struct side *side, struct leg *leg);
void leg_end(struct side *side, struct leg *leg, SECURITY_STATUS status);
/* begin, call, end. */
SECURITY_STATUS side_leg(struct side *side);

/* SEC_APPLICATION_PROTOCOLS from "h2 http/1.1"; returns its size. */
DWORD write_alpn(BYTE *buffer, const char *names);

/* Puts bytes into the side's inbox. */
void side_deliver(struct side *side, const void *bytes, DWORD size);
void side_consume(struct side *side, DWORD size);

/* One record to the peer's inbox: EncryptMessage's status. */
SECURITY_STATUS side_send(struct side *side, const void *bytes, DWORD size);
/*
 * Decrypts the inbox's first record into bytes. Post-handshake messages are dealt with on the way.
 * SEC_E_OK, or DecryptMessage's (or a leg's) status.
 */
SECURITY_STATUS side_receive(struct side *side, void *bytes, DWORD capacity, DWORD *size);
/* ApplyControlToken(SCHANNEL_SHUTDOWN) and the leg that makes the close_notify. */
SECURITY_STATUS side_shutdown(struct side *side);

/* Whether the peer has shown a certificate: REMOTE_CERT_CONTEXT. */
BOOL side_has_peer_certificate(struct side *side);

/* Sends size bytes in records from one side, receives and compares them; ok() for each step. */
void pair_exchange(struct side *from, struct side *to, DWORD size);

/* Connects twice with the pair's credentials, waiting (ms) in between: whether the second
 * connection is a resumed session. */
BOOL pair_resumes(struct pair *pair, DWORD wait);

/* Whether the DLL in use does that version (SIDE_TLS1_) on both sides; tests skip otherwise. */
BOOL pair_supports(DWORD protocol);

/* TLS 1.2 and 1.3, as SIDE_TLS1_. */
extern const DWORD versions[2];
const char *version_name(DWORD version);
/* Calls the tests with each version that is supported, in a context of its name. */
void for_each_version(void (*tests)(DWORD version));
/* Of one version; the server's certificate is the one that is quick to sign with. */
BOOL pair_create_quick(struct pair *pair, DWORD version);

/* "SEC_E_OK" and so on, for messages. */
const char *status_name(SECURITY_STATUS status);

#endif
