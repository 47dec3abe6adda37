/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's security context, the one object that the rooms of Schannel share.
 *
 * Its two directions are independent of each other: EncryptMessage takes the lock of `send`,
 * DecryptMessage that of `receive`; whatever changes the rest takes both, receive first. Calls
 * other than these two come one at a time anyway, in the context's lane (core/package.h).
 *
 * The members are grouped by who writes them.
 */
#ifndef ASYNCSSPI_CONTEXT_H
#define ASYNCSSPI_CONTEXT_H

#include "core/lock.h"
#include "core/package.h"
#include "schannel/base/schanneltypes.h"
#include "winegnutls/unixlib.h"

struct application_data;
struct keying_request;
struct schannel_credentials;
struct srtp_offer;

/* Whose ways of calling get answers of their own, schannel/calls/callers.c. */
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

/* The input of a leg that ended with SEC_I_INCOMPLETE_CREDENTIALS. */
struct held_input {
    BYTE *bytes; /* on the process heap */
    ULONG size;
    ULONG done; /* bytes of it that the engine has taken */
    /* During a leg: what the program gave, what of it was passed over, what the engine got. */
    const BYTE *given;
    ULONG given_size, skipped;
    BYTE *joined;
};

/* TLS 1.3 for callers that lose what comes with SEC_E_OK. */
struct carried {
    ULONG room; /* in front of each record, for `held`; 0: nothing is ever carried */
    ULONG held; /* bytes in the engine that go out with the next record or leg */
    /* Of the server's, behind the handshake: [done, size) is for DecryptMessage. What came before
     * stays until the next one, which may have given it out. */
    BYTE *bytes; /* on the process heap */
    ULONG done, size;
};

struct schannel_context {
    struct context base;

    /* calls/context.c, with the first call. Everybody reads them. */
    enum tls_role role;
    enum caller caller;     /* client: as its first call was made */
    bool datagram;          /* DTLS */
    bool manual_validation; /* the program checks the peer itself */
    SEC_WCHAR *target;      /* server name as the program gave it, or NULL */
    /* calls/context.c, then ApplyControlToken (calls/control.c): this session is neither kept nor
     * resumed. legs/leg.c tells the engine, legs/outcome.c keeps what may be kept. */
    bool no_reconnect;
    /* calls/spare.c, for itself: it takes the memory back. */
    bool kept;
    ULONG first_requirements; /* client: ISC_REQ_ of its first call, for calls/context.c */
    /* calls/context.c, with every call. */
    ULONG requirements; /* ISC_REQ_ or ASC_REQ_, for legs/leg.c */
    ULONG attributes;   /* ISC_RET_ or ASC_RET_, for SECPKG_ATTR_FLAGS */

    /* legs/drive.c, as the engine tells; the first credentials are those of the first call. */
    struct schannel_credentials *credentials; /* a reference */
    tls_u64 session;                          /* 0: none yet */
    /* The last leg ended so. legs/leg.c lets the next one be without input. */
    bool incomplete_credentials;

    /* legs/outcome.c alone. */
    bool connected;          /* a handshake has finished; for calls/record.c and the attributes */
    bool peer_authenticated; /* connected: the peer has shown a certificate; for calls/context.c */
    enum schannel_state state; /* changes under both locks */
    SECURITY_STATUS failure;   /* of a failed handshake, SEC_E_OK otherwise */
    /* legs/outcome.c when connected; max_data changes with SECPKG_ATTR_DTLS_MTU. */
    struct tls_record_sizes sizes;
    struct {
        struct lock lock; /* DecryptMessage against legs and other DecryptMessage */
        /* calls/record.c, for legs/leg.c: a record has ended the connection. If the peer is to be
         * told why, the engine tells it in the next leg. TLS only. */
        bool failed;
    } receive;
    struct {
        struct lock lock; /* EncryptMessage likewise; legs take it after the other one */
        /* legs/outcome.c: our close_notify is on its way or gone, so EncryptMessage has nothing to
         * add. Control tokens may, and we may still receive. */
        bool closed;
    } send;

    /* What was asked for with SCHANNEL_ALERT (calls/control.c) or EncryptMessage (calls/record.c),
     * for legs/leg.c and legs/outcome.c. */
    struct {
        DWORD level, number;
    } alert;
    /* legs/output.c: a leg whose output did not fit the caller's buffer, and what to answer when it
     * is asked again. */
    struct {
        bool waiting;
        SECURITY_STATUS status;
        ULONG consumed;
        void *output; /* on the process heap */
        ULONG output_size;
    } replay;
    /* legs/datagram.c: datagrams of a leg that wait in the engine to be asked for. */
    struct {
        uint32_t next;          /* size of the first of them; 0: none */
        bool too_small;         /* the caller had no room for it */
        ULONG consumed;         /* of the input of that leg */
        SECURITY_STATUS status; /* of that leg, for the call that gets the last one */
    } flight;
    struct held_input held; /* legs/held.c */
    struct carried carried; /* legs/carried.c, all under both locks but for `room` */

    /* DTLS: bytes in a datagram. A usual value, then what a buffer of the first call says
     * (legs/datagram.c) or SECPKG_ATTR_DTLS_MTU (attributes/attributes_datagram.c). */
    USHORT mtu;
    /* What buffers of the first call or SetContextAttributes left here; NULL: none. */
    struct srtp_offer *srtp;                   /* attributes/srtp.c */
    struct application_data *application_data; /* attributes/attributes_set.c */
    struct keying_request *keying;             /* attributes/attributes_secret.c */
    /* attributes/attributes_set.c, for attributes/attributes_secret.c. */
    enum tls_eap eap_kind;
};

/* Shuts out EncryptMessage and DecryptMessage. */
static inline void context_lock(struct schannel_context *context)
{
    lock_acquire(&context->receive.lock);
    lock_acquire(&context->send.lock);
}

static inline void context_unlock(struct schannel_context *context)
{
    lock_release(&context->send.lock);
    lock_release(&context->receive.lock);
}

#endif
