/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The handshakes of TLS over SSPI as the rest of this program uses them: bytes in, bytes out, no
 * sockets.
 *
 * A connection is driven in legs. The user appends received bytes to `input`, then
 *
 *     if (tls_begin_leg(tls))         finished already (--sync, or an error)
 *         event = tls_end_leg(tls);
 *     else                            on the pool; `completed` will be called there, and after
 *         ...                         that tls_end_leg() may be called from any one thread
 *
 * After every leg the bytes in `token` go to the peer, whatever the event says. Between begin and
 * end the connection belongs to SSPI: neither `input` nor `token` may be touched.
 */
#ifndef SSPITLS_TLS_H
#define SSPITLS_TLS_H

#include "base/buffer.h"
#include "tls/credentials.h"

enum tls_event {
    TLS_NEED_INPUT, /* read from the peer, then begin the next leg */
    TLS_LEG_AGAIN,  /* begin the next leg at once */
    TLS_CONNECTED,  /* the handshake is complete; also after post-handshake messages */
    TLS_DATA,       /* tls_decrypt: plaintext is there */
    TLS_NEED_LEG,   /* tls_decrypt: a message for the handshake engine; begin a leg */
    TLS_CLOSED,     /* the peer has closed the TLS connection properly */
    TLS_FAILED,     /* `status` says why; `token` holds the alert to send, if there is one */
};

struct tls {
    const struct tls_credentials *credentials;
    CtxtHandle context;
    bool has_context;
    bool connected;
    bool renegotiable;  /* connected, with a version older than TLS 1.3 */
    bool renegotiating; /* connected, and in a handshake again: nothing can be encrypted */
    /* ISC_REQ_ or ASC_REQ_ of the next leg; those of the credentials at first. */
    ULONG requirements;
    WCHAR *target; /* client: the server's name */

    struct buffer input; /* bytes from the peer that were not yet consumed */
    struct buffer token; /* bytes for the peer after a leg */
    size_t wanted;       /* after TLS_NEED_INPUT: as much `input` the next leg needs at least */
    SECURITY_STATUS status;
    unsigned cause; /* of a failure: see tls/cause.h */

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
/* Makes in `token` the alert that a failure of tls_decrypt leaves to be sent, if any; synchronous.
 */
void tls_alert(struct tls *tls);
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

#endif
