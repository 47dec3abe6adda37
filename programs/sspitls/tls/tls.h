/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS over SSPI as the rest of this program uses it: bytes in, bytes out, no
 * sockets.
 *
 * A connection is driven in legs. The user appends received bytes to `input`,
 * then
 *
 *     if (tls_begin_leg(tls))         finished already (--sync, or an error)
 *         event = tls_end_leg(tls);
 *     else                            on the pool; `completed` will be called
 * there, and after
 *         ...                         that tls_end_leg() may be called from any
 * one thread
 *
 * After every leg the bytes in `token` go to the peer, whatever the event says.
 * Between begin and end the connection belongs to SSPI: neither `input` nor
 * `token` may be touched.
 *
 *   credentials.c  AcquireCredentialsHandle
 *   tls.c          legs: Initialize/AcceptSecurityContext, shutdown, deletion
 *   record.c       EncryptMessage, DecryptMessage
 *   stream.c       the same for blocking sockets
 */
#ifndef SSPITLS_TLS_H
#define SSPITLS_TLS_H

#include <stdbool.h>
#include <winsock2.h>
#include "asyncsspi.h"
#include <wincrypt.h>
#define SCHANNEL_USE_BLACKLISTS
#include <subauth.h>
#include <schannel.h>

#include "base/buffer.h"

enum tls_version {
    TLS_1_2 = 1,
    TLS_1_3 = 2,
    TLS_1_0 = 4,
    TLS_1_1 = 8,
};

struct tls_settings {
    bool server;
    bool sync;
    bool dtls;
    bool insecure;              /* accept any peer certificate */
    bool revocation;            /* check every certificate below the root */
    bool verify;                /* server: ask for a client certificate */
    bool no_reconnect;          /* full handshakes only */
    unsigned versions;          /* set of enum tls_version; 0: what the system's default is */
    const char *alpn;           /* "h2,http/1.1" or NULL */
    PCCERT_CONTEXT certificate; /* NULL: none */
    PCCERT_CONTEXT
    certificate2;     /* a second one with another kind of key, or NULL */
    HCERTSTORE roots; /* whom to trust, instead of the system; NULL: the system */
};

struct tls_credentials {
    CredHandle handle;
    bool acquired;
    bool server;
    bool sync;
    ULONG requirements;                  /* ISC_REQ_ or ASC_REQ_ */
    ULONG max_token;                     /* largest output of one leg */
    unsigned char alpn[4 + 6 + 2 + 256]; /* SEC_APPLICATION_PROTOCOLS */
    ULONG alpn_size;                     /* 0: none */
};

/* SEC_E_OK, or what AcquireCredentialsHandle said. Free with tls_credentials_free in any case. */
SECURITY_STATUS tls_credentials_acquire(struct tls_credentials *credentials,
                                        const struct tls_settings *settings);
void tls_credentials_free(struct tls_credentials *credentials);

enum tls_event {
    TLS_NEED_INPUT, /* read from the peer, then begin the next leg */
    TLS_LEG_AGAIN,  /* begin the next leg at once */
    TLS_CONNECTED,  /* the handshake is complete; also after post-handshake
                       messages */
    TLS_DATA,       /* tls_decrypt: plaintext is there */
    TLS_NEED_LEG,   /* tls_decrypt: a message for the handshake engine; begin a leg
                     */
    TLS_CLOSED,     /* the peer has closed the TLS connection properly */
    TLS_FAILED,     /* `status` says why; `token` holds the alert to send, if there is
                       one */
};

struct tls {
    const struct tls_credentials *credentials;
    CtxtHandle context;
    bool has_context;
    bool connected;
    bool renegotiable;  /* connected, with a version older than TLS 1.3 */
    bool renegotiating; /* connected, and in a handshake again: nothing can be encrypted */
    ULONG
    requirements;  /* ISC_REQ_ or ASC_REQ_ of the next leg; those of the credentials at first */
    WCHAR *target; /* client: the server's name */

    struct buffer input; /* bytes from the peer that were not yet consumed */
    struct buffer token; /* bytes for the peer after a leg */
    SECURITY_STATUS status;

    /* The leg under way; what the call's parameters point to. */
    SspiAsyncContext *call; /* NULL with --sync */
    CtxtHandle current;     /* the value of `context` when the call was made */
    SecBuffer in[3];
    SecBuffer out[1];
    SecBufferDesc in_description;
    SecBufferDesc out_description;
    ULONG attributes;
    TimeStamp expiry;

    /* Called on a pool thread when an asynchronous leg is complete. */
    void (*completed)(struct tls *tls, void *data);
    void *completed_data;

    SecPkgContext_StreamSizes sizes; /* valid when connected */
    double started_us;               /* first leg begun */
    double handshake_us;             /* until connected, on the wall clock */
    unsigned legs;
};

/* Prepares a connection; `target` is the server's name (UTF-8) for a client. */
SECURITY_STATUS tls_init(struct tls *tls, const struct tls_credentials *credentials,
                         const char *target);
bool tls_begin_leg(struct tls *tls);
enum tls_event tls_end_leg(struct tls *tls);
/* Makes the close_notify in `token`; synchronous, as it computes next to nothing. */
SECURITY_STATUS tls_shutdown(struct tls *tls);
/* Makes the alert for a client that asked to renegotiate in `token`; synchronous as well. */
SECURITY_STATUS tls_refuse_renegotiation(struct tls *tls);
/*
 * Makes in `token` what asks the peer to renegotiate, in TLS 1.3 for new keys; synchronous. A
 * server with ASC_REQ_MUTUAL_AUTH in `requirements` asks for a certificate thereby. SEC_E_OK:
 * asked. SEC_I_CONTINUE_NEEDED: likewise, and `renegotiating`. SEC_I_NO_RENEGOTIATION: the peer
 * cannot.
 */
SECURITY_STATUS tls_renegotiate(struct tls *tls);
/* Deletes the security context and releases everything; no leg may be under way. */
void tls_free(struct tls *tls);

/* Appends the records for `data` to `output`. */
SECURITY_STATUS tls_encrypt(struct tls *tls, const void *data, size_t size, struct buffer *output);
/*
 * Opens the next record of `input` in place. TLS_DATA: `*data` points into `input` and stays valid
 * until tls_consume(). TLS_NEED_INPUT, TLS_NEED_LEG, TLS_CLOSED, TLS_FAILED as above.
 */
enum tls_event tls_decrypt(struct tls *tls, unsigned char **data, size_t *size, size_t *record);
/* Drops a record that tls_decrypt has returned. */
void tls_consume(struct tls *tls, size_t record);

#endif
