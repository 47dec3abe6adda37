/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The engine's one internal header: its two objects and what its files offer each other.
 *
 * credentials: keys, priorities and the ticket keys; counted, and immutable after creation but for
 * the ticket keys (tickets.c) and whom requests name (issuers.c), so that any number of sessions
 * and threads use one without a lock.
 *
 * session: a GnuTLS session between two buffers of the caller. During the handshake GnuTLS owns the
 * connection. Afterwards, on AEAD suites, the two `struct direction` own it: they seal and open
 * records in the caller's buffers, and GnuTLS is brought up to date (keys.c) only when it has to
 * speak itself. Nothing that one direction touches is written by the other, which is what lets one
 * thread encrypt while another decrypts.
 */
#ifndef ASYNCSSPI_UNIX_ENGINE_H
#define ASYNCSSPI_UNIX_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "unixlib.h"
#include "unix/base/status.h"

#define EXPORT __attribute__((visibility("default")))

/* Turns a pointer member of a parameter struct into a pointer. */
static inline void *pointer(tls_u64 value)
{
    return (void *)(uintptr_t)value;
}

/* wire.c: TLS record headers */

#define RECORD_HEADER_SIZE     5
#define RECORD_MAX_DATA        16384
/* What protection may add to a record: RFC 5246 6.2.3, and less in RFC 8446 5.2. */
#define RECORD_MAX_EXPANSION   2048
#define RECORD_TLS13_EXPANSION 256

enum record_type {
    RECORD_CHANGE_CIPHER_SPEC = 20,
    RECORD_ALERT = 21,
    RECORD_HANDSHAKE = 22,
    RECORD_DATA = 23,
    RECORD_HEARTBEAT = 24,
};

enum record_state { RECORD_WHOLE, RECORD_PARTIAL, RECORD_BAD };

struct record_view {
    uint8_t type;
    size_t size;    /* RECORD_WHOLE: of the record with its header */
    size_t missing; /* RECORD_PARTIAL: at least so many bytes are needed to go on */
    uint32_t alert; /* RECORD_BAD: what to tell the peer */
};

/* Looks at the first record of `data`; `expansion` is what a record may hold beyond 16384 bytes. */
enum record_state record_look(const uint8_t *data, size_t size, size_t expansion,
                              struct record_view *view);

/* Whether `data` starts with a whole ClientHello, however many records it is spread over. */
enum record_state client_hello_look(const uint8_t *data, size_t size, struct record_view *view);

struct session;

/* hello.c */

/* Whether the ClientHello of these records offers one of `protocols`; true when that cannot be
 * told. */
bool client_hello_shares_version(const uint8_t *data, size_t size, uint32_t protocols);
/* Calls `found` for every extension of the ClientHello these records hold; false when there is no
 * whole and well-formed one, or no memory. */
typedef int (*extension_callback)(void *context, unsigned int type, const unsigned char *data,
                                  unsigned int size);
bool client_hello_extensions(const uint8_t *data, size_t size, extension_callback found,
                             void *context);
/* Notes what the peer's ClientHello, ServerHello or EncryptedExtensions says of record sizes. */
void hello_record_limit(struct session *session, unsigned int type, const gnutls_datum_t *message);
/* Notes which kinds of keys sign in the enabled suites of a ClientHello. */
void hello_suites(struct session *session, const gnutls_datum_t *message);
/* Notes the session id of a ServerHello, the peer's or ours. */
void hello_session_id(struct session *session, const gnutls_datum_t *message);

/* transport.c: the caller's buffers as GnuTLS's transport */

struct receiver {
    const uint8_t *data;
    size_t size; /* whole records only */
    size_t used;
    size_t boundary;         /* where the next record begins that GnuTLS has not begun */
    struct session *watcher; /* sees each record before GnuTLS (request.c), or NULL */
};

struct span {
    uint8_t *data;
    size_t size;
};

struct sender {
    struct span spans[3]; /* where output goes, in this order */
    unsigned int current; /* span being filled */
    size_t filled;        /* bytes in it */
    size_t written;       /* bytes in all of them */
    struct span before;   /* goes out in front of GnuTLS's next bytes */
    uint8_t *pending;     /* what did not fit */
    size_t pending_start;
    size_t pending_size;
    size_t pending_capacity;
    bool out_of_memory;
    struct datagram_queue
        *flight; /* DTLS: what GnuTLS writes goes there, but not while spans are filled */
    bool to_spans;
};

void receiver_begin(struct receiver *receiver, const uint8_t *data, size_t size);
/* Likewise, but only up to the first record of data. */
void receiver_begin_handshake(struct receiver *receiver, const uint8_t *data, size_t size);
void receiver_begin_one(struct receiver *receiver, const uint8_t *data, size_t size);
void receiver_end(struct receiver *receiver);

void sender_begin(struct sender *sender, uint8_t *output, size_t size);
void sender_begin_spans(struct sender *sender, const struct span spans[3]);
void sender_write(struct sender *sender, const void *data, size_t size);
void sender_end(struct sender *sender);
void sender_free(struct sender *sender);

ssize_t transport_pull(gnutls_transport_ptr_t receiver, void *data, size_t size);
int transport_wait(gnutls_transport_ptr_t receiver, unsigned int milliseconds);
ssize_t transport_push(gnutls_transport_ptr_t sender, const void *data, size_t size);

/* flight.c: DTLS output, a queue of datagrams */

struct datagram_queue {
    uint8_t *data; /* (u32 size, datagram)... */
    size_t start, end, capacity;
    size_t last;       /* where the last datagram's size stands, when there is one */
    uint32_t mtu;      /* largest datagram */
    bool muted;        /* messages of the handshake are dropped, see flight_write */
    uint8_t first[13]; /* tells the first record written since flight_begin, first[0] 0: none yet */
};

/* A leg begins: nothing waits any more. */
void flight_begin(struct datagram_queue *flight, bool muted);
/* New messages follow, which are sent whatever was sent before. */
void flight_renew(struct datagram_queue *flight);
/* Adds a record, to the last datagram if there is room. False: no memory. */
bool flight_write(struct datagram_queue *flight, const uint8_t *record, size_t size);
/* Takes the first datagram if it fits into `size` bytes; its size, or 0. */
uint32_t flight_take(struct datagram_queue *flight, uint8_t *output, size_t size);
uint32_t flight_next(const struct datagram_queue *flight);    /* size of the first datagram, or 0 */
uint32_t flight_pending(const struct datagram_queue *flight); /* bytes in all datagrams */
void flight_free(struct datagram_queue *flight);

/* priority.c */

struct priority;

/* Beside the TLS_DISABLE_ bits: peers without RFC 5746. */
#define PRIORITY_NO_UNSAFE_PEERS (1ull << 62)

/* A counted, shared gnutls_priority_t for these settings; NULL and *status on failure. */
struct priority *priority_get(uint32_t role, uint32_t protocols, uint64_t disabled,
                              int32_t *status);
void priority_release(struct priority *priority);
gnutls_priority_t priority_handle(const struct priority *priority);
/* A reference to the same, but sessions that get it neither take nor give out tickets any more. */
struct priority *priority_without_tickets(const struct priority *priority);

/* What kind of key signs in a suite before TLS 1.3. */
#define SUITE_WITH_RSA   1
#define SUITE_WITH_ECDSA 2 /* EdDSA too */

/* One of these if the suite is enabled, else 0. */
uint8_t priority_suite(const struct priority *priority, const uint8_t id[2]);

/* credentials.c */

#define MAX_CHAIN 16

struct external_key;

#define KEY_DIGEST_SIZE 32

/* A certificate with its key, the same for all credentials that were given it. */
struct credential_key {
    struct credential_key *next; /* keycache.c's list */
    unsigned int references;     /* under its lock */
    bool cached;
    uint8_t digest[KEY_DIGEST_SIZE];
    gnutls_pcert_st *chain;
    unsigned int chain_count;
    gnutls_x509_crt_t certificate; /* the leaf */
    gnutls_privkey_t key;
    gnutls_ocsp_data_st ocsp;            /* a server's; response.data NULL: none */
    const struct external_key *external; /* the key's, if it stays with the caller */
    gnutls_pk_algorithm_t algorithm;     /* of the leaf */
    unsigned int usage;                  /* of the leaf: GNUTLS_KEY_ */
    gnutls_datum_t issuers[MAX_CHAIN];
};

#define TICKET_KEY_SIZE  64 /* what GnuTLS wants */
#define TICKET_KEY_WORDS (TICKET_KEY_SIZE / sizeof(uint64_t))

struct ticket_keys {
    atomic_uint sequence; /* odd: being written */
    atomic_uint count;
    _Atomic uint64_t words[TLS_MAX_TICKET_KEYS * TICKET_KEY_WORDS];
};

struct credentials {
    atomic_uint references;
    uint32_t role;
    uint32_t flags;
    uint32_t protocols;
    uint32_t key_count;
    bool external; /* some keys stay with the caller: GnuTLS runs in a helper */
    struct credential_key **keys;
    gnutls_certificate_credentials_t tls;
    struct priority *priority;
    uint32_t ticket_lifetime; /* seconds, 0: the usual */
    uint32_t min_rsa_bits, max_rsa_bits, min_dh_bits;
    pthread_mutex_t settings_lock; /* held by those that change what follows */
    struct ticket_keys ticket_keys;
    atomic_bool names_issuers; /* sessions made from now on name issuers.c's */
    gnutls_datum_t cookie_key; /* DTLS server */
};

void credentials_reference(struct credentials *credentials);
void credentials_release(struct credentials *credentials);

/* Which of the credentials' keys we presented, on a resumed session in its first handshake. */
int32_t session_key_index(const struct session *session);

/* keyload.c: 0 or a GnuTLS error; then, and in the end, the key is to be unloaded. */
int key_load(struct credential_key *key, uint32_t index, const struct tls_key *source);
void key_unload(struct credential_key *key);

/* keycache.c: 0 with a reference to the parsed key, or a GnuTLS error. */
int key_get(const struct tls_key *source, uint32_t index, struct credential_key **key);
void key_release(struct credential_key *key);

/* keyselect.c: GnuTLS's callbacks. */
gnutls_certificate_retrieve_function3 select_client_key;
gnutls_certificate_retrieve_function3 select_server_key;
/* Those in which a server may use the key for what its certificate says: GnuTLS refuses anything
 * else, but only in the middle of a handshake. Without the right to sign RSA key exchange is left.
 */
uint32_t key_usage_protocols(const struct credential_key *key, uint32_t protocols);

/* external.c: keys that stay with the caller */

/* Makes an empty `handle` such a key of the certificate `leaf`; 0 or a GnuTLS error. *key lives as
 * long as the handle. */
int external_import(gnutls_privkey_t handle, uint32_t index, uint32_t abilities,
                    gnutls_x509_crt_t leaf, struct external_key **key);
bool external_can_sign(const struct external_key *key, gnutls_sign_algorithm_t algorithm);
/* Whether nothing in TLS that needs decryption would fail for lack of it. */
bool external_can_decrypt(const struct external_key *key);
/* Those of `protocols` in which the key can sign. */
uint32_t external_protocols(const struct external_key *key, uint32_t protocols);

/* helper.c: stopping GnuTLS until the caller has used its key */

/* A call of GnuTLS's that may need a key, such as gnutls_handshake. */
typedef int helper_step(gnutls_session_t tls);

/* What helper_run returns when a key is wanted; no GnuTLS error. */
#define HELPER_SUSPENDED 1

struct key_use {
    uint32_t key_index;
    uint32_t operation; /* enum tls_key_operation */
    uint32_t hash;
    uint32_t size;
    const uint8_t *data;
};

/* Runs the step, or goes on with the one that is suspended, until it returns or wants a key. */
int helper_run(struct session *session, helper_step *step);
/* Lets a suspended step end without its key; the session's transport has to be set. */
void helper_abandon(struct session *session);
/* In a step: has the caller use its key. 0 with the answer, to be freed with gnutls_free. */
int helper_use_key(const struct key_use *use, gnutls_datum_t *answer);
/* In a step: what the session is to fail with; SEC_E_OK takes it back. */
void helper_key_failed(int32_t failure);

/* tickets.c */

int ticket_keys_generate(struct ticket_keys *keys);
void ticket_keys_wipe(struct ticket_keys *keys);
/* Lets a server's new session give out and accept tickets; hello is what the client begins with. */
int ticket_keys_enable(struct session *session, const uint8_t *hello, size_t size);

/* alpn.c: the ProtocolNameList body of a new session; hello is what a server's client begins with.
 * GNUTLS_E_UNIMPLEMENTED_FEATURE: a list, or a choice, that GnuTLS cannot do. */
int alpn_set(struct session *session, const uint8_t *list, uint32_t size, const uint8_t *hello,
             size_t hello_size);

/* issuers.c: once per credentials; then sessions made afterwards name them. */
int issuers_set(struct credentials *credentials, const struct tls_blob *issuers, uint32_t count);
void issuers_apply(struct session *session);

/* session.c */

enum record_format {
    FORMAT_NONE,     /* no handshake yet */
    FORMAT_GNUTLS,   /* records go through GnuTLS: CBC suites */
    FORMAT_EXPLICIT, /* TLS 1.2 GCM and CCM: salt and an explicit nonce */
    FORMAT_IMPLICIT, /* TLS 1.2 ChaCha20-Poly1305: nonce from the sequence number */
    FORMAT_TLS13,
};

struct direction {
    gnutls_aead_cipher_hd_t aead; /* NULL until there is a record: direction_ready */
    uint64_t sequence;
    uint8_t iv[12];
    uint8_t key[32];
    uint32_t key_size;
    /* DTLS, receiving: the epoch, what was seen of the 64 numbers up to `newest` (RFC 6347 4.1.2.6)
     * with bit 0 for `newest` itself. Sending, `sequence` has the epoch in its upper 16 bits. */
    uint16_t epoch;
    uint64_t newest, seen;
};

/*
 * TLS 1.3 replaces its sending key in the first leg behind so many records (posthandshake.c). Where
 * none comes by itself DecryptMessage asks for one, and at the limit of RFC 8446 5.5 for AES-GCM,
 * 2^24.5, nothing more is sealed. ChaCha20-Poly1305 has no such limit.
 */
#define KEY_UPDATE_AFTER (1ull << 23)
#define KEY_WORN_AFTER   (1ull << 24)
#define KEY_LIMIT        23726566ull

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

/* Runs a call of GnuTLS's that may need a key: its result, or HELPER_SUSPENDED. */
static inline int session_step(struct session *session, helper_step *step)
{
    return session->credentials->external ? helper_run(session, step) : step(session->tls);
}

void session_free(struct session *session);
/* Creates a session as *params asks for; NULL and params->status on failure. */
struct session *session_create(struct tls_handshake *params);

/* keys.c: handing the connection to and fro between GnuTLS and the record path */

/* After a handshake or after GnuTLS spoke: takes keys and sequence numbers; 0 or a GnuTLS error. */
int keys_take(struct session *session);
/* Before GnuTLS speaks: gives it the sequence numbers. */
void keys_give(struct session *session);
/* The most plaintext in one record. */
uint32_t session_max_data(const struct session *session);
void keys_wipe(struct session *session);
int direction_make_cipher(const struct session *session, struct direction *direction);
/*
 * Before a direction's cipher is used: 0 or a GnuTLS error. It is set up with the first record, as
 * that takes a microsecond of the handshake and 750 bytes for as long as the connection is there.
 */
static inline int direction_ready(const struct session *session, struct direction *direction)
{
    return direction->aead ? 0 : direction_make_cipher(session, direction);
}
/* Whether the record path does records of this cipher. */
bool record_cipher_is_aead(gnutls_cipher_algorithm_t cipher);

/* record.c */

/*
 * Opens the TLS 1.3 record of `size` bytes in place and tells its inner type and content size.
 * Neither advances the sequence number. Returns SEC_E_OK or the failure with *alert.
 */
int32_t tls13_open(struct direction *direction, uint32_t tag_size, uint8_t *record, size_t size,
                   uint8_t *type, size_t *content, uint32_t *alert);
/* The same for TLS 1.2; the content begins at *start. */
int32_t tls12_open(struct direction *direction, uint32_t tag_size, enum record_format format,
                   uint8_t *record, size_t size, size_t *start, size_t *content);
/* What an alert of the peer's means: SEC_E_OK for one to ignore, else how the session ended. */
int32_t alert_received(struct session *session, uint32_t level, uint32_t alert);

/* datagram.c: handshakes over datagrams; wire.c: */

#define DTLS_HEADER_SIZE 13

struct dtls_view {
    uint8_t type;
    uint16_t epoch;
    uint64_t sequence; /* 48 bits */
    size_t size;       /* with the header */
};

/* Looks at the first record of a datagram; false when there is none. */
bool dtls_look(const uint8_t *data, size_t size, struct dtls_view *view);

/* A server's first datagram: true when a session is to be made for it. */
bool datagram_hello(struct tls_handshake *params, gnutls_dtls_prestate_st *prestate);
/* gnutls_record_recv of the record that the receiver holds. */
ssize_t datagram_recv(struct session *session, uint8_t *data, size_t size);
/* gnutls_handshake over the records of a datagram; its result. */
int datagram_drive(struct session *session, struct tls_handshake *params);
/* The GnuTLS session's transport and timers. */
void datagram_configure(struct session *session, const struct tls_handshake *params);
/* Before a leg with that input. */
void datagram_begin(struct session *session, const struct tls_handshake *params);
/* TLS_ACTION_HANDSHAKE once the handshake is done. */
void datagram_posthandshake(struct session *session, struct tls_handshake *params);
/* Whether our messages were the last of the handshake, so that they may have to be repeated. */
bool sent_last_flight(const struct session *session);

/* lastflight.c: receiving the last flight of a handshake */

typedef int datagram_taker(struct session *session, const uint8_t *record,
                           const struct dtls_view *view, struct tls_handshake *params);

/* Whether the record is kept until the flight is whole, rather than given to GnuTLS at once. */
bool last_flight_hold(struct session *session, const uint8_t *record, const struct dtls_view *view);
bool last_flight_whole(const struct session *session);
/* Gives all of it to GnuTLS, in the order of the flight; what `take` returned last. */
int last_flight_give(struct session *session, datagram_taker *take, struct tls_handshake *params);
void last_flight_free(struct session *session);

/* dtlsrecord.c: the record path of DTLS */

/*
 * What a record of the handshake asks for once there is none: SEC_E_UNFINISHED_CONTEXT_DELETED for
 * our last flight again, SEC_I_RENEGOTIATE, or the status of one to pass over.
 */
int32_t dtls_judge(struct session *session, const uint8_t *record, const struct dtls_view *view);

void dtls_encrypt(struct session *session, struct tls_encrypt *params);
void dtls_decrypt(struct session *session, struct tls_decrypt *params);

/* legacy.c: the record path of CBC suites */

#define AUX_RECORD_SIZE 128 /* of a record of one byte, at most */

void legacy_encrypt(struct session *session, struct tls_encrypt *params);
void legacy_decrypt(struct session *session, struct tls_decrypt *params,
                    const struct record_view *view);

/* handshake.c, posthandshake.c */

/* Lets GnuTLS go on with the handshake, and says in *params how far it got. */
void handshake_continue(struct session *session, struct tls_handshake *params);

/* Writes an alert through GnuTLS, which has to have the sequence numbers (keys_give), and takes
 * them back; before there are keys also when GnuTLS cannot any more. */
void alert_write(struct session *session, uint32_t level, uint32_t alert);
/* Counts input that completed no message; GNUTLS_E_HANDSHAKE_TOO_LARGE when it is too much. */
int account_input(struct session *session, size_t size);
/* Ends the session over a GnuTLS error: fills alert and status, writes the alert to send. */
void session_fail(struct session *session, int error, struct tls_handshake *params);
/* Ends it over something that GnuTLS has not seen or does not mind. */
void session_refuse(struct session *session, int32_t status, uint32_t alert,
                    struct tls_handshake *params);
/* What record_look has found. False when the record is not whole or cannot be one: the leg ends
 * with that status. */
bool record_is_whole(struct session *session, enum record_state state,
                     const struct record_view *view, struct tls_handshake *params);
/* The same for the first record of the input. */
bool input_begins_whole(struct session *session, struct tls_handshake *params,
                        struct record_view *view);
/* Lets GnuTLS process one record. False when the leg ends here. */
bool posthandshake_feed(struct session *session, const uint8_t *record, size_t size,
                        struct tls_handshake *params);
/* TLS_ACTION_HANDSHAKE once the handshake is done. */
void posthandshake(struct session *session, struct tls_handshake *params);

/* info.c */

/* At the end of a leg: what of TLS_CALL_INFO the caller needs at once. */
void info_of_leg(const struct session *session, struct tls_handshake *params);
/* Before a renegotiation: GnuTLS knows then only what is being negotiated. */
void info_keep(struct session *session);
/* A handshake has ended. */
void info_renew(struct session *session);

/* request.c */

/* What a leg's flags and credentials mean for a request, one that waits for an answer or to come.
 */
void request_begin_leg(struct session *session, struct tls_handshake *params);
/* Whether GnuTLS may have the record: false when it must not answer the request in it yet. */
bool request_pass(struct session *session, const uint8_t *record, size_t size);
void request_keep(struct session *session, const uint8_t *body, size_t size);
void request_free(struct session *session);

/* session.c */

/* Goes over to the credentials that the leg brings, if it does and they are others. */
void session_take_credentials(struct session *session, struct tls_handshake *params);

/* reauth.c: authentication after the handshake, TLS 1.3 */

void reauth_ask(struct session *session, struct tls_handshake *params);
/* Lets GnuTLS go on with it: 0, GNUTLS_E_AGAIN, or params->status says how the leg ends. */
bool reauth_continue(struct session *session, struct tls_handshake *params);

/* renegotiate.c */

/* Whether the peer's next handshake message can only be a HelloRequest. */
bool renegotiation_may_be_asked(const struct session *session);
/* Answers a HelloRequest that TLS_CALL_DECRYPT took. */
void renegotiation_answer(struct session *session, struct tls_handshake *params);
/* TLS_ACTION_RENEGOTIATE. */
void renegotiation_ask(struct session *session, struct tls_handshake *params);
bool renegotiation_wanted(const struct session *session);
/* Tells the peer that its wish is refused (RFC 5246 7.2.2): 0 or a GnuTLS error. */
int renegotiation_refuse(struct session *session);
/*
 * Takes a ClientHello that will be refused: GNUTLS_E_REHANDSHAKE, GNUTLS_E_AGAIN or another error.
 * gnutls_record_recv would keep it for the handshake to follow, and take no data before; so that is
 * begun, and given up over the hello (session.c, on_message) in the way that leaves no trace.
 */
ssize_t renegotiation_discard(struct session *session);
/* For GnuTLS's callback: what came is a ClientHello. */
void renegotiation_hello(struct session *session);
/* Starts it, with the input behind params->consumed. */
void renegotiation_begin(struct session *session, struct tls_handshake *params);
/* Lets GnuTLS have that input, or go on where it was stopped. */
void renegotiation_go_on(struct session *session, struct tls_handshake *params);
/* Goes on with it, likewise. */
void renegotiation_continue(struct session *session, struct tls_handshake *params);

/* verify.c: sets *certificate to NULL, or to what gnutls_x509_crt_deinit frees. */
int certificate_import(gnutls_x509_crt_t *certificate, tls_u64 data, uint32_t size);
/* crl.c: what a CertificateList says, as TLS_CALL_REVOCATION_CHECK does. */
int32_t crl_check(const gnutls_datum_t *list, gnutls_x509_crt_t certificate,
                  gnutls_x509_crt_t issuer);

/* srtp.c: on creation. */
int srtp_offer(gnutls_session_t tls, const struct tls_handshake *params);

/* binding.c: takes what TLS_CALL_RESUMPTION_DATA gave, before the handshake. */
void resume_session(struct session *session, const uint8_t *data, size_t size);

/* The calls; each takes its parameter struct. */
void call_startup(struct tls_startup *params);
void call_credentials_create(struct tls_credentials_create *params);
void call_credentials_free(struct tls_free *params);
void call_handshake(struct tls_handshake *params);
void call_take_output(struct tls_take_output *params);
void call_session_free(struct tls_free *params);
void call_encrypt(struct tls_encrypt *params);
void call_decrypt(struct tls_decrypt *params);
void call_info(struct tls_info *params);
void call_names(struct tls_names *params);
void call_peer_chain(struct tls_get_blob *params);
void call_channel_binding(struct tls_get_blob *params);
void call_resumption_data(struct tls_get_blob *params);
void call_keying_material(struct tls_keying_material *params);
void call_verify_signature(struct tls_verify_signature *params);
void call_signatures(struct tls_get_blob *params);
void call_eap_keys(struct tls_eap_keys *params);
void call_srtp(struct tls_srtp *params);
void call_key_request(struct tls_key_request *params);
void call_key_answer(struct tls_key_answer *params);
void call_set_ticket_keys(struct tls_set_ticket_keys *params);
void call_set_issuers(struct tls_set_issuers *params);
void call_stapled_response(struct tls_get_blob *params);
void call_revocation_sources(struct tls_revocation_sources *params);
void call_revocation_check(struct tls_revocation_check *params);
void call_set_mtu(struct tls_set_mtu *params);
void call_issuers(struct tls_get_blob *params);

#endif
