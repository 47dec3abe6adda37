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
#include "unix/wire/wire.h"

struct credentials;
struct former;
struct helper;
struct last_flight;
struct priority;

/*
 * Where a connection's handshakes stand: handshake/leg.c's table says what each action does in each
 * phase, docs/architecture.md draws it. Changed by the files of handshake/ alone, in legs; the
 * record path, which no leg runs beside, reads it.
 */
enum phase {
    PHASE_HANDSHAKE, /* the first one */
    PHASE_CONNECTED,
    /* TLS 1.2 and older: a second handshake inside the connection. */
    PHASE_REQUESTED,  /* a server's HelloRequest has left; both sides may still send data */
    PHASE_HELLO_SENT, /* a client's hello has left; the server may still send data */
    PHASE_RUNNING,    /* GnuTLS owns the connection until it is over */
    /* TLS 1.3, server: a certificate was asked for after the handshake; data go on. */
    PHASE_REAUTH_ASKED,
    PHASE_REAUTH_RUNNING, /* its answer has begun */
    PHASE_COUNT,
};

/* session/request.c's: what a server asks a client for */
struct request {
    gnutls_datum_t body; /* the last CertificateRequest, without its header; data NULL: none */
    bool watch;          /* this leg stops before it is answered */
    bool unanswered;     /* it did; read by handshake/ */
    struct message_stream stream; /* of the messages that are looked at */
    uint8_t *message;             /* a CertificateRequest's body as far as it has come */
};

enum verdict { VERDICT_NONE, VERDICT_WAITING, VERDICT_ACCEPTED, VERDICT_REJECTED };

struct session {
    /* Set when it is created, and in a leg that replaces the credentials (session/former.c). */
    gnutls_session_t tls;
    struct credentials *credentials;
    struct former *former; /* credentials that were replaced */
    char *server_name;     /* client: what was sent, NUL-terminated; in this memory */
    uint32_t flags;
    uint64_t policy; /* server: see struct tls_handshake */
    bool datagram;
    int32_t resumed_key; /* client: key that the session to be resumed was made with, or -1 */

    enum phase phase;
    _Atomic int32_t failure; /* status of the fatal error that ended the session, or SEC_E_OK */
    uint32_t alert_due; /* by records/open.c, for handshake/leg.c: what the peer has not been told
                         * of that; 0: nothing */
    enum verdict verdict;
    uint32_t verdict_alert;
    struct request request;
    struct helper *helper; /* suspended in the middle of a step */
    int32_t key_failure;   /* why a key of the caller's was of no use, or SEC_E_OK */
    /* While a renegotiation runs, and behind one that came to nothing: what holds until one ends.
     */
    struct tls_info *info;
    bool discard_hello; /* by handshake/renegotiate.c, for session/messages.c: the next hello is not
                           wanted */

    /* What session/messages.c and session/peerhello.c saw pass; others read it. */
    uint32_t record_limit;   /* RFC 8449, 0 for none; both are forgotten when a handshake begins */
    uint32_t fragment_limit; /* RFC 6066, 0 for none */
    uint8_t common_suites;   /* server with several keys: SUITE_WITH_ of what the client offers */
    uint8_t session_id[32];  /* the ServerHello's */
    uint8_t session_id_size;
    uint32_t messages;     /* of the handshake that have come */
    uint32_t key_updates;  /* that the peer has asked for */
    bool finished_sent;    /* our Finished has left; read by session/lastflight.c */
    bool ticket_known;     /* the client's hello speaks of tickets */
    bool ticket_offered;   /* ... it has one; both read by credentials/ and messages.c */
    bool ticket_announced; /* the server will send a ticket; read by session/lastflight.c */
    /* Where it is not the credentials': without TLS 1.3, since a renegotiation without tickets; or
     * NULL. session/session.c, session/former.c */
    struct priority *own_priority;

    uint32_t unfinished_input; /* session/ending.c: bytes taken since a message was whole */
    uint32_t messages_counted; /* ... `messages` then */
    struct message_stream later_messages; /* ... TLS 1.3; the record path lets no data in between */
    uint32_t key_updates_answered;        /* handshake/later.c: of `key_updates` */

    /* records/keys.c's, when a handshake has ended; the record path reads them. */
    enum record_format format;
    gnutls_cipher_algorithm_t cipher;
    uint32_t tag_size;
    uint32_t header_size;
    uint32_t trailer_size;
    uint32_t max_data;
    bool aux_record; /* records/legacy.c: data goes out as two records */
    /* The sending key is to be replaced: set by records/record.c, until records/keys.c has another
     * one; the receiving side reads it, so it stands apart from `encrypt`. */
    atomic_bool key_worn;
    struct direction encrypt;
    struct direction decrypt;

    struct receiver receiver;
    struct sender sender;

    /* DTLS */
    struct datagram_queue flight;
    bool last_flight_given;          /* session/lastflight.c: to GnuTLS, in any case */
    struct last_flight *last_flight; /* ... what is held of it */
};

/* Whether the first handshake has ended. */
static inline bool is_connected(const struct session *session)
{
    return session->phase != PHASE_HANDSHAKE;
}

#endif
