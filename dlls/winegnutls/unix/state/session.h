/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * session: a GnuTLS session between two buffers of the caller. During the handshake GnuTLS owns the
 * connection. Afterwards, on AEAD suites, the two `struct direction` own it: they seal and open
 * records in the caller's buffers, and GnuTLS is brought up to date (records/keys.c) only when it
 * has to speak itself. Nothing that one direction touches is written by the other, which is what
 * lets one thread encrypt while another decrypts.
 */
#ifndef UNIX_STATE_SESSION_H
#define UNIX_STATE_SESSION_H

#include "unix/base/engine.h"
#include "unix/state/direction.h"
#include "unix/transport/flight.h"
#include "unix/transport/transport.h"

struct credentials;
struct former;
struct helper;
struct priority;

/* A handshake on a connection that is up, in TLS 1.2 and older. */
enum exchange {
    EXCHANGE_NONE,
    EXCHANGE_ASKED,   /* our hello has left, the peer's has not come: it may still send data */
    EXCHANGE_RUNNING, /* GnuTLS owns the connection until it is over */
};

/* request.c: what a server asks a client for */
struct request {
    gnutls_datum_t body; /* the last CertificateRequest, without its header; data NULL: none */
    bool watch;          /* this leg stops before it is answered */
    bool unanswered;     /* it did */
    uint8_t header[4];   /* of the handshake message being looked at */
    uint32_t have;       /* bytes of it, header included */
    uint8_t *message;    /* a CertificateRequest as far as it has come */
};

enum verdict { VERDICT_NONE, VERDICT_WAITING, VERDICT_ACCEPTED, VERDICT_REJECTED };

struct session {
    gnutls_session_t tls;
    struct credentials *credentials;
    struct priority *later_priority; /* server: since a renegotiation, or NULL */
    char *server_name;               /* client: what was sent, NUL-terminated; in this memory */
    uint32_t flags;
    uint32_t verdict_alert;
    uint32_t record_limit;   /* RFC 8449, 0 for none */
    uint32_t fragment_limit; /* RFC 6066, 0 for none */
    uint8_t common_suites;   /* server with several keys: SUITE_WITH_ of what the client offers */
    uint8_t session_id[32];  /* the ServerHello's */
    uint8_t session_id_size;
    int32_t resumed_key; /* client: key that the session to be resumed was made with, or -1 */
    enum verdict verdict;
    uint32_t unfinished_input; /* bytes taken since the last whole handshake message */
    bool message_came;
    bool handshake_done;
    enum exchange exchange;
    bool hello_requested; /* TLS_CALL_DECRYPT took a HelloRequest, which awaits its answer */
    struct request request;
    struct former *former; /* credentials that were replaced */
    /* While a renegotiation runs, and behind one that came to nothing: what holds until one ends.
     */
    struct tls_info *info;
    bool reauthenticating;   /* TLS 1.3 server: a certificate was asked for after the handshake */
    bool reauth_running;     /* its answer has begun */
    bool discard_hello;      /* the ClientHello that GnuTLS keeps is not wanted */
    bool shut_down;          /* our close_notify has left */
    bool answer_key_update;  /* the peer asked for a KeyUpdate of ours */
    bool peer_closed;        /* close_notify came; read by the decrypting side only */
    atomic_bool key_worn;    /* set by the encrypting side, for the decrypting one */
    _Atomic int32_t failure; /* status of the fatal error that ended the session, or SEC_E_OK */

    enum record_format format;
    gnutls_cipher_algorithm_t cipher;
    uint32_t tag_size;
    uint32_t header_size;
    uint32_t trailer_size;
    uint32_t max_data;
    bool aux_record; /* legacy.c: data goes out as two records */
    struct direction encrypt;
    struct direction decrypt;

    struct receiver receiver;
    struct sender sender;

    struct helper *helper; /* suspended in the middle of a step */
    int32_t key_failure;   /* why a key of the caller's was of no use, or SEC_E_OK */
    bool datagram;
    bool finished_sent;     /* our Finished has left */
    bool ticket_offered;    /* the client's hello has a ticket in it */
    bool ticket_announced;  /* the server says that it will send a ticket */
    bool last_flight_given; /* to GnuTLS, in any case */
    uint8_t *held;          /* records of the last flight, lastflight.c's */
    size_t held_size;
    struct datagram_queue flight;
};

#endif
