/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The whole contract between secur32's Schannel (PE) and the TLS engine on the unix side.
 *
 * One code per call, one parameter struct per call. Every struct has the same layout for 32-bit and
 * 64-bit code: only fixed-width integers, pointers as tls_u64, 8-byte members aligned to 8 bytes.
 * The unix side never keeps a pointer it is given beyond the call.
 *
 * `status` fields are SECURITY_STATUS values (winerror.h numbers), so that the one table from TLS
 * errors and alerts to SEC_E_ codes lives on the unix side; TLS_VERIFY_PEER and TLS_KEY_WANTED are
 * the only additions.
 *
 * Threads: a credentials object may be used by any number of calls at once. For one session at most
 * one TLS_CALL_ENCRYPT and one TLS_CALL_DECRYPT run at the same time, and every other call on it
 * runs alone; secur32's context takes care of that. A session keeps its own reference to its
 * credentials.
 */
#ifndef ASYNCSSPI_UNIXLIB_H
#define ASYNCSSPI_UNIXLIB_H

#include <stdint.h>

typedef uint64_t tls_u64 __attribute__((aligned(8)));

/* Changed with every incompatible change of this file; both sides refuse a different one. */
#define TLS_CONTRACT_VERSION 19

enum tls_call {
    TLS_CALL_STARTUP,            /* struct tls_startup */
    TLS_CALL_CREDENTIALS_CREATE, /* struct tls_credentials_create */
    TLS_CALL_CREDENTIALS_FREE,   /* struct tls_free */
    TLS_CALL_HANDSHAKE,          /* struct tls_handshake */
    TLS_CALL_TAKE_OUTPUT,        /* struct tls_take_output */
    TLS_CALL_SESSION_FREE,       /* struct tls_free */
    TLS_CALL_ENCRYPT,            /* struct tls_encrypt */
    TLS_CALL_DECRYPT,            /* struct tls_decrypt */
    TLS_CALL_INFO,               /* struct tls_info */
    TLS_CALL_PEER_CHAIN,         /* struct tls_get_blob */
    TLS_CALL_CHANNEL_BINDING,    /* struct tls_get_blob */
    TLS_CALL_RESUMPTION_DATA,    /* struct tls_get_blob */
    TLS_CALL_KEYING_MATERIAL,    /* struct tls_keying_material */
    TLS_CALL_VERIFY_SIGNATURE,   /* struct tls_verify_signature */
    TLS_CALL_SIGNATURES,         /* struct tls_get_blob */
    TLS_CALL_EAP_KEYS,           /* struct tls_eap_keys */
    TLS_CALL_KEY_REQUEST,        /* struct tls_key_request */
    TLS_CALL_KEY_ANSWER,         /* struct tls_key_answer */
    TLS_CALL_SET_TICKET_KEYS,    /* struct tls_set_ticket_keys */
    TLS_CALL_SET_ISSUERS,        /* struct tls_set_issuers */
    TLS_CALL_STAPLED_RESPONSE,   /* struct tls_get_blob */
    TLS_CALL_REVOCATION_SOURCES, /* struct tls_revocation_sources */
    TLS_CALL_REVOCATION_CHECK,   /* struct tls_revocation_check */
    TLS_CALL_SET_MTU,            /* struct tls_set_mtu */
    TLS_CALL_ISSUERS,            /* struct tls_get_blob */
    TLS_CALL_SRTP,               /* struct tls_srtp */
    TLS_CALL_NAMES,              /* struct tls_names */
    TLS_CALL_NAME_CONSTRAINTS,   /* struct tls_name_constraints */
    TLS_CALL_REASON,             /* struct tls_reason */
    TLS_CALL_KEYLOG,             /* struct tls_keylog */
    TLS_CALL_HOST_ROOTS,         /* struct tls_host_roots */
    TLS_CALL_COUNT
};

/* Not an SSPI code: the peer's chain awaits a verdict; call again with TLS_ACTION_VERDICT. */
#define TLS_VERIFY_PEER 1
/* Not one either: a key of the caller's is to be used; see struct tls_key_request. */
#define TLS_KEY_WANTED  2

struct tls_startup {
    uint32_t contract_version; /* in: TLS_CONTRACT_VERSION of the caller */
    int32_t status;            /* SEC_E_OK, or SEC_E_SECPKG_NOT_FOUND for another contract */
    char gnutls_version[32];   /* out, NUL-terminated */
    char library[512]; /* out: the engine's own file, NUL-terminated; not for another contract */
};

struct tls_blob {
    tls_u64 data;
    uint32_t size;
    uint32_t reserved;
};

enum tls_role { TLS_CLIENT, TLS_SERVER };

/* Protocol versions as a set. */
enum tls_protocol {
    TLS_PROTOCOL_TLS1_0 = 0x01,
    TLS_PROTOCOL_TLS1_1 = 0x02,
    TLS_PROTOCOL_TLS1_2 = 0x04,
    TLS_PROTOCOL_TLS1_3 = 0x08,
    TLS_PROTOCOL_DTLS1_0 = 0x10,
    TLS_PROTOCOL_DTLS1_2 = 0x20,
    TLS_PROTOCOL_ANY_TLS = 0x0f,
    TLS_PROTOCOL_ANY_DTLS = 0x30,
};

/* Algorithms a credential can switch off (CRYPTO_SETTINGS, palgSupportedAlgs, strength bounds). */
#define TLS_DISABLE_AES_128_GCM               (1ull << 0)
#define TLS_DISABLE_AES_256_GCM               (1ull << 1)
#define TLS_DISABLE_CHACHA20_POLY1305         (1ull << 2)
#define TLS_DISABLE_AES_128_CBC               (1ull << 3)
#define TLS_DISABLE_AES_256_CBC               (1ull << 4)
#define TLS_DISABLE_AES_CCM                   (1ull << 5)
#define TLS_DISABLE_3DES_CBC                  (1ull << 6)
#define TLS_DISABLE_NULL                      (1ull << 7) /* the suites without encryption */
#define TLS_DISABLE_MAC_SHA1                  (1ull << 8)
#define TLS_DISABLE_MAC_SHA256                (1ull << 9)
#define TLS_DISABLE_MAC_SHA384                (1ull << 10)
#define TLS_DISABLE_KX_RSA                    (1ull << 16)
#define TLS_DISABLE_KX_DHE                    (1ull << 17)
#define TLS_DISABLE_KX_ECDHE                  (1ull << 18)
#define TLS_DISABLE_GROUP_X25519              (1ull << 24)
#define TLS_DISABLE_GROUP_SECP256R1           (1ull << 25)
#define TLS_DISABLE_GROUP_SECP384R1           (1ull << 26)
#define TLS_DISABLE_GROUP_SECP521R1           (1ull << 27)
#define TLS_DISABLE_GROUP_X448                (1ull << 28)
#define TLS_DISABLE_GROUP_FFDHE2048           (1ull << 29)
#define TLS_DISABLE_GROUP_FFDHE3072           (1ull << 30)
#define TLS_DISABLE_GROUP_FFDHE4096           (1ull << 31)
#define TLS_DISABLE_GROUP_FFDHE6144           (1ull << 36)
#define TLS_DISABLE_GROUP_FFDHE8192           (1ull << 37)
#define TLS_DISABLE_SIGN_PKCS1                (1ull << 32) /* RSA with the padding of RFC 8017 8.2 */
#define TLS_DISABLE_SIGN_PSS                  (1ull << 35) /* RSA with that of 8.1 */
#define TLS_DISABLE_SIGN_RSA                  (TLS_DISABLE_SIGN_PKCS1 | TLS_DISABLE_SIGN_PSS)
#define TLS_DISABLE_SIGN_ECDSA                (1ull << 33)
#define TLS_DISABLE_SIGN_EDDSA                (1ull << 34)
#define TLS_DISABLE_HASH_SHA1                 (1ull << 40)
#define TLS_DISABLE_HASH_SHA256               (1ull << 41)
#define TLS_DISABLE_HASH_SHA384               (1ull << 42)
#define TLS_DISABLE_HASH_SHA512               (1ull << 43)
/* Hybrids, where the library has them: a curve together with a key exchange that a quantum computer
 * does not break. */
#define TLS_DISABLE_GROUP_X25519_MLKEM768     (1ull << 44)
#define TLS_DISABLE_GROUP_SECP256R1_MLKEM768  (1ull << 45)
#define TLS_DISABLE_GROUP_SECP384R1_MLKEM1024 (1ull << 46)

/* What can be done with a key that stays with the caller: a scheme and its hashes. */
enum tls_key_abilities {
    TLS_KEY_CAN_PKCS1 = 0x1, /* RSA signatures, RFC 8017 8.2 */
    TLS_KEY_CAN_PSS = 0x2,   /* RSA signatures, RFC 8017 8.1; not with MD5_SHA1 or SHA1 */
    TLS_KEY_CAN_ECDSA = 0x4,
    TLS_KEY_CAN_DECRYPT = 0x8,    /* RSA, RFC 8017 7.2: key exchange without forward secrecy */
    TLS_KEY_CAN_MD5_SHA1 = 0x100, /* RSA in TLS 1.0 and 1.1: the 36 bytes of both */
    TLS_KEY_CAN_SHA1 = 0x200,
    TLS_KEY_CAN_SHA256 = 0x400,
    TLS_KEY_CAN_SHA384 = 0x800,
    TLS_KEY_CAN_SHA512 = 0x1000,
    /* None of these: the caller has no key (any more). The engine's copy is used, if it keeps one
     * that belongs to the leaf's public key. */
    TLS_KEY_KEPT = 0x10000,
};

/* One certificate with its private key, or with what the caller can do with it. */
struct tls_key {
    tls_u64 chain;        /* struct tls_blob[chain_count]: DER certificates, the leaf first */
    uint32_t chain_count; /* 1..16 */
    uint32_t abilities;   /* without `key`: enum tls_key_abilities, not 0 */
    struct tls_blob key;  /* the leaf's private key, PKCS#8 DER, unencrypted; or data 0 */
    /* A server's OCSP response about the leaf, DER, or nothing: stapled for as long as it is valid.
     * One that does not parse or is about another certificate is left out. */
    struct tls_blob ocsp;
};

enum tls_credentials_flags {
    TLS_CREDENTIALS_NO_TICKETS = 0x1, /* server: give out no session tickets */
    TLS_CREDENTIALS_AUX_RECORD = 0x2, /* CBC in TLS 1.0: data goes out as two records, 1 and n-1 */
    TLS_CREDENTIALS_ALLOW_3DES = 0x4, /* without them these are disabled */
    TLS_CREDENTIALS_ALLOW_NULL = 0x8,
    TLS_CREDENTIALS_SAFE_RENEGOTIATION = 0x10, /* peers without RFC 5746 are refused */
};

#define TLS_MAX_SUITES 64
#define TLS_MAX_GROUPS 16

/*
 * Suites and groups by their IANA numbers, the preferred first, up to a 0; a list without any is
 * the usual one. What is not in a list is not used, with two exceptions. Groups of finite fields
 * stay, behind the others. The engine orders by key exchange, then by cipher, each as it comes
 * first in the list: a suite that is not in it is used nevertheless when its exchange and its
 * cipher are both in suites that are. Versions for which there is no suite are not used.
 */
struct tls_order {
    uint16_t suites[TLS_MAX_SUITES];
    uint16_t groups[TLS_MAX_GROUPS];
};

struct tls_credentials_create {
    tls_u64 credentials; /* out; 0 on failure */
    tls_u64 keys;        /* struct tls_key[key_count] */
    uint32_t key_count;  /* 0 for a client without certificate; a server needs at least 1 */
    uint32_t role;       /* enum tls_role */
    /* Set of enum tls_protocol, not empty after the engine's own limits. Out: without those that
     * no key can sign in. */
    uint32_t protocols;
    uint32_t flags;   /* enum tls_credentials_flags */
    tls_u64 disabled; /* set of TLS_DISABLE_ */
    struct tls_order order;
    tls_u64 issuers; /* server: struct tls_blob[issuer_count], as in tls_set_issuers */
    uint32_t issuer_count;
    uint32_t ticket_lifetime; /* server: seconds, 0: the engine's own */
    uint32_t min_rsa_bits;    /* client: bounds for a server's RSA key; 0: none */
    uint32_t max_rsa_bits;
    uint32_t min_dh_bits; /* client: for the prime a server picks by itself; 0: the engine's own */
    uint32_t session_limit; /* server: sessions kept for clients without tickets; 0: none */
    /* SEC_E_OK; SEC_E_UNKNOWN_CREDENTIALS: certificate and key do not parse or do not match;
     * SEC_E_NO_CREDENTIALS: a key of TLS_KEY_KEPT is not kept;
     * SEC_E_ALGORITHM_MISMATCH: nothing is left enabled; SEC_E_INSUFFICIENT_MEMORY */
    int32_t status;
    uint32_t failed_key; /* out: index into keys of what those two are about */
};

/*
 * Why the last TLS_CALL_CREDENTIALS_CREATE, _HANDSHAKE or _DECRYPT of this thread that failed has
 * done so: for people, and only as far as the status does not say it. Nothing of a secret.
 */
struct tls_reason {
    char text[160]; /* out: NUL-terminated; empty: there is no more to say */
};

/* From now on the secrets of new sessions go to the end of this file, which is made for its owner
 * alone: for who wants to read recordings. The first one is kept to the end of the process. */
struct tls_keylog {
    tls_u64 path;   /* NUL-terminated, of the unix side */
    int32_t status; /* SEC_E_OK; SEC_E_INVALID_PARAMETER: it cannot be written to */
    uint32_t reserved;
};

struct tls_free {
    tls_u64 object; /* credentials or session; the pending bytes and secrets are wiped */
};

/*
 * The keys of a server's tickets, for sessions made from now on: the first one makes tickets, the
 * others open those that came from it earlier. Servers with equal keys (and ticket_lifetime) resume
 * each other's sessions.
 */
#define TLS_MAX_TICKET_KEYS 16

struct tls_set_ticket_keys {
    tls_u64 credentials;
    tls_u64 keys;   /* struct tls_blob[count]: what each key is made of, at least 32 random bytes */
    uint32_t count; /* 1..TLS_MAX_TICKET_KEYS */
    /* SEC_E_OK; SEC_E_INVALID_PARAMETER; SEC_E_UNSUPPORTED_FUNCTION: gives out no tickets */
    int32_t status;
};

/*
 * Whom a server's certificate requests name, for sessions made from now on. At most once for a
 * credentials object, at its creation or later.
 */
struct tls_set_issuers {
    tls_u64 credentials;
    tls_u64 issuers; /* struct tls_blob[count]: certificates, DER; those that do not parse are left
                      * out */
    uint32_t count;
    /* SEC_E_OK; SEC_E_UNSUPPORTED_FUNCTION: for the second time, or not a server;
     * SEC_E_INSUFFICIENT_MEMORY */
    int32_t status;
};

enum tls_action {
    TLS_ACTION_HANDSHAKE,   /* create or continue; afterwards: process post-handshake input */
    TLS_ACTION_VERDICT,     /* answer to TLS_VERIFY_PEER, then continue: alert 0 accepts the peer */
    TLS_ACTION_SHUTDOWN,    /* write close_notify */
    TLS_ACTION_ALERT,       /* write the alert given in alert_level/alert */
    TLS_ACTION_KEY_USED,    /* after TLS_KEY_WANTED and TLS_CALL_KEY_ANSWER: continue */
    TLS_ACTION_RENEGOTIATE, /* on a finished session: ask for what its version has of this */
    TLS_ACTION_COUNT
};

enum tls_session_flags {
    TLS_SESSION_VERIFY_PEER = 0x1,  /* stop with TLS_VERIFY_PEER before our last flight leaves */
    TLS_SESSION_REQUEST_CERT = 0x2, /* server: ask for a client certificate, go on without one */
    TLS_SESSION_NO_RESUME = 0x4,    /* neither offer nor accept resumption */
    TLS_SESSION_NO_RENEGOTIATION = 0x8, /* neither ask for one nor follow the peer's wish */
    TLS_SESSION_DATAGRAM = 0x10,        /* DTLS, never with a renegotiation */
    TLS_SESSION_ASK_CREDENTIALS = 0x20, /* client: stop when a certificate is missing, see below */
    TLS_SESSION_LATER_REQUEST = 0x40, /* client, TLS 1.3: the server may ask after the handshake */
    TLS_SESSION_HOLD_LAST = 0x80,  /* client: the caller sends nothing that comes with SEC_E_OK */
    TLS_SESSION_NO_TLS1_3 = 0x100, /* client: without it, whatever the credentials allow */
};

/* TLS_NO_ALERT in tls_handshake.alert: no alert was sent or received. */
#define TLS_NO_ALERT 0xffffffffu

/* How records look on a connection. */
struct tls_record_sizes {
    uint32_t header;   /* bytes before the data */
    uint32_t trailer;  /* largest number of bytes behind it */
    uint32_t max_data; /* most bytes of data in one record */
    uint32_t block;    /* of the cipher; 1 for one without blocks */
};

/*
 * One leg. The input is the transport: whole records are consumed from it, a partial record at its
 * end is left untouched. The output is the transport too: what does not fit is kept in the session
 * (`pending`) and is fetched with TLS_CALL_TAKE_OUTPUT before anything else is written.
 *
 * Creation: a server makes no session before the whole ClientHello is there
 * (SEC_E_INCOMPLETE_MESSAGE, nothing consumed, session 0). A client's first leg does not look at
 * input. A session that fails in its first leg is gone (session 0) with its alert in the output;
 * only when the alert did not fit does it stay, to be fetched with TLS_CALL_TAKE_OUTPUT and then
 * freed by the caller. Later failures leave the session, which answers every further leg with the
 * same status and still sends alerts.
 *
 * After the handshake a leg takes whole records for as long as they are not data; data stays,
 * unconsumed, for TLS_CALL_DECRYPT. A KeyUpdate that the peer asks for is in the output with
 * SEC_E_OK. Shutting down twice writes one close_notify.
 *
 * Renegotiation (TLS 1.2 and older, only with peers that have RFC 5746): a HelloRequest or
 * ClientHello of the peer's starts it, and legs go on as in the first handshake, verdict included,
 * until `renewed` comes with SEC_E_OK. TLS_ACTION_RENEGOTIATE writes our HelloRequest (SEC_E_OK) or
 * ClientHello (SEC_I_CONTINUE_NEEDED); data that was on its way is for TLS_CALL_DECRYPT: a leg
 * leaves it and says SEC_I_CONTINUE_NEEDED. In TLS 1.3 that action is a KeyUpdate of both ends. A
 * peer that does not want to, and one without RFC 5746: SEC_I_NO_RENEGOTIATION, and the connection
 * goes on as it was.
 *
 * Missing certificates: when the server asks for one, the client's credentials have no key and the
 * leg has TLS_SESSION_ASK_CREDENTIALS, it ends with SEC_I_INCOMPLETE_CREDENTIALS before the request
 * is answered, and TLS_CALL_ISSUERS tells what was asked for. The next leg goes on with the
 * credentials it brings, or without a certificate. Other credentials are also taken when a
 * renegotiation begins; `credentials_taken` says so.
 *
 * TLS 1.3, server: TLS_ACTION_RENEGOTIATE with TLS_SESSION_REQUEST_CERT asks a client that offered
 * it for a certificate (SEC_E_OK, or SEC_I_NO_RENEGOTIATION); its answer is taken by legs that say
 * SEC_I_CONTINUE_NEEDED until `renewed` comes with SEC_E_OK. Data is not held up.
 *
 * A client's `alpn` may have 8 names of at most 31 bytes each, which is GnuTLS's limit; a server's
 * may have any, of which those of more than 31 bytes are passed over: SEC_E_UNSUPPORTED_FUNCTION
 * when nothing but such are in common. A malformed list and a server_name with a NUL are
 * SEC_E_INVALID_PARAMETER.
 *
 * With TLS_SESSION_HOLD_LAST what a leg of TLS_ACTION_HANDSHAKE wrote stays in the session when it
 * ends with SEC_E_OK: in TLS 1.3 the last flight, later the answer to a KeyUpdate, of which no more
 * than one waits. It goes out in front of the next leg's output, or is fetched with
 * TLS_CALL_TAKE_OUTPUT, before the next record leaves.
 *
 * With TLS_SESSION_DATAGRAM the input is one datagram. Everything in it is consumed, also what is
 * no record, but for what stands behind the message that ends the handshake. The output is a queue
 * of datagrams in the session, none larger than the MTU, which TLS_CALL_TAKE_OUTPUT hands out one
 * by one; what is still there when the next leg begins is dropped. A leg without input before the
 * handshake is done sends the last flight again. A server answers a ClientHello without a valid
 * cookie with a HelloVerifyRequest in `output` and keeps no session: SEC_I_CONTINUE_NEEDED,
 * session 0. What is no ClientHello at all is SEC_E_INCOMPLETE_MESSAGE.
 */
struct tls_handshake {
    tls_u64 session;     /* in/out: 0 creates a session; 0 again when that fails, see above */
    tls_u64 credentials; /* in, on creation; later: others of the same role, or 0 */
    tls_u64 server_name; /* in, on creation: A-label host name for SNI, not NUL-terminated, or 0 */
    tls_u64 alpn;        /* in, on creation: ProtocolNameList body: (u8 length, bytes)..., or 0 */
    tls_u64 resume;      /* in, on creation: unchanged bytes from TLS_CALL_RESUMPTION_DATA, or 0 */
    uint32_t server_name_size;
    uint32_t alpn_size;
    uint32_t resume_size;
    uint32_t flags;  /* in: enum tls_session_flags; after creation _REQUEST_CERT and
                      * _ASK_CREDENTIALS count */
    uint32_t action; /* enum tls_action */
    tls_u64 input;
    uint32_t input_size;
    uint32_t consumed; /* out: whole records taken from the input */
    tls_u64 output;
    uint32_t output_size; /* capacity; may be 0 */
    uint32_t written;     /* out */
    uint32_t pending;     /* out: bytes that did not fit and wait in the session */
    uint32_t missing;     /* out, with SEC_E_INCOMPLETE_MESSAGE: at least so many more are needed */
    uint32_t alert_level; /* in with TLS_ACTION_ALERT; out: 1 warning, 2 fatal */
    uint32_t alert; /* in: TLS_ACTION_VERDICT (0 accepts), _ALERT; out: number or TLS_NO_ALERT */
    uint32_t alert_received;    /* out: 1 when the alert came from the peer, 0 when it is ours */
    uint32_t renewed;           /* out: 1: a handshake has ended, TLS_CALL_INFO has something new */
    uint32_t credentials_taken; /* out: 1 when the session has gone over to `credentials` */
    uint32_t next_datagram;     /* out: DTLS: size of the first datagram that waits, or 0 */
    /* in, on creation: server: how the caller judges client certificates. A session is resumed only
     * by one with the same number and the same TLS_SESSION_REQUEST_CERT and _VERIFY_PEER. */
    tls_u64 policy;
    tls_u64 client_address; /* in, on creation: DTLS server: what the cookie is bound to, or 0 */
    uint32_t client_address_size;
    uint32_t mtu; /* in, on creation: DTLS: bytes in a datagram, or 0 */
    /* in, on creation: DTLS: SRTP profiles as they stand in the use_srtp extension, in the order of
     * preference, or 0; the first four count. And the master key identifier. Such a session is
     * neither resumed nor to be resumed. */
    tls_u64 srtp_profiles;
    tls_u64 srtp_mki;
    uint32_t srtp_profiles_size;
    uint32_t srtp_mki_size; /* 0..255 */
    /* out, with `renewed`; everything else that was negotiated is TLS_CALL_INFO's */
    struct tls_record_sizes sizes;
    uint32_t peer_certificate; /* out, with `renewed`: 1: the peer has shown one */
    uint32_t new_session; /* out: client: 1: TLS_CALL_RESUMPTION_DATA has what it had not before */
    uint32_t held;        /* out: TLS_SESSION_HOLD_LAST: bytes that stay in the session */
    /* SEC_E_OK: finished. SEC_I_CONTINUE_NEEDED. TLS_VERIFY_PEER. TLS_KEY_WANTED.
     * SEC_E_INCOMPLETE_MESSAGE: no whole record in a non-empty input, nothing consumed or written;
     * never with a verdict or behind TLS_ACTION_KEY_USED.
     * SEC_I_CONTEXT_EXPIRED: close_notify came. SEC_I_NO_RENEGOTIATION: see above. SEC_E_...:
     * failed; the alert to send is in the output. */
    int32_t status;
};

struct tls_take_output {
    tls_u64 session;
    tls_u64 output;
    uint32_t output_size;
    uint32_t written;       /* out */
    uint32_t pending;       /* out: still waiting */
    uint32_t next_datagram; /* out: DTLS: size of the first datagram that still waits, or 0 */
};

/*
 * Seals one record in place: header | data | trailer are filled, data keeps its length. It is
 * fastest when the trailer follows the data directly. A CBC suite makes no record of no data: the
 * used sizes are 0 then. With SEC_E_BUFFER_TOO_SMALL the sizes say what is needed.
 */
struct tls_encrypt {
    tls_u64 session;
    tls_u64 header;
    tls_u64 data;
    tls_u64 trailer;
    uint32_t header_size;  /* in: capacity; out: used */
    uint32_t data_size;    /* in: plaintext bytes, 0..tls_info.max_data */
    uint32_t trailer_size; /* in: capacity; out: used */
    /* SEC_E_OK, SEC_E_BUFFER_TOO_SMALL, SEC_E_CONTEXT_EXPIRED (shut down), SEC_E_OUT_OF_SEQUENCE
     * (renegotiating; TLS 1.3: the key is used up, a leg replaces it), SEC_E_INVALID_PARAMETER (too
     * much data), SEC_E_ENCRYPT_FAILURE */
    int32_t status;
};

/*
 * Opens the first record of `buffer` in place: [0,header_size) header, then data_size bytes of
 * plaintext, then trailer_size bytes; consumed is their sum.
 */
struct tls_decrypt {
    tls_u64 session;
    tls_u64 buffer;
    uint32_t buffer_size;
    uint32_t header_size;  /* out */
    uint32_t data_size;    /* out */
    uint32_t trailer_size; /* out */
    uint32_t consumed;     /* out: bytes of buffer that are done with */
    uint32_t missing;      /* out, with SEC_E_INCOMPLETE_MESSAGE */
    uint32_t alert;        /* out: the alert received or to be sent, or TLS_NO_ALERT */
    /* DTLS: records that are not to be looked at (old, repeated, damaged, of another epoch) are
     * passed over; SEC_E_OUT_OF_SEQUENCE or SEC_E_INVALID_TOKEN: the datagram had no others.
     * SEC_E_UNFINISHED_CONTEXT_DELETED: the peer repeats its last flight, TLS_ACTION_HANDSHAKE with
     * the same datagram answers with ours. SEC_E_INCOMPLETE_MESSAGE never. */
    /* SEC_E_OK; SEC_E_INCOMPLETE_MESSAGE: buffer untouched; SEC_I_RENEGOTIATE: the record (ticket,
     * KeyUpdate, ClientHello...) is untouched, consumed is 0, TLS_ACTION_HANDSHAKE takes it, or it
     * was a HelloRequest and is consumed, TLS_ACTION_HANDSHAKE or _RENEGOTIATE answers it;
     * SEC_I_CONTEXT_EXPIRED: close_notify, consumed; SEC_E_MESSAGE_ALTERED, SEC_E_DECRYPT_FAILURE,
     * SEC_E_...: fatal, the session is unusable */
    int32_t status;
};

enum tls_info_flags {
    TLS_INFO_RESUMED = 0x1,
    TLS_INFO_EXTENDED_MASTER_SECRET = 0x2,
    TLS_INFO_SAFE_RENEGOTIATION = 0x4,
    TLS_INFO_CERT_REQUESTED = 0x8, /* client: the server asked for a certificate */
    TLS_INFO_HANDSHAKE_DONE = 0x10,
    TLS_INFO_ENCRYPT_THEN_MAC = 0x20,
};

struct tls_info {
    tls_u64 session;
    uint32_t version;       /* on the wire: 0x0301..0x0304, 0xfeff, 0xfefd */
    uint32_t cipher_suite;  /* IANA number */
    uint32_t group;         /* IANA supported group of the key exchange, 0 for none (RSA) */
    uint32_t exchange_bits; /* size of the key exchange key: group or RSA modulus */
    uint32_t signature;     /* IANA SignatureScheme the server signed with, 0 if none */
    uint32_t flags;         /* enum tls_info_flags */
    int32_t key_index;      /* which of the credential's keys we presented, -1 for none */
    uint32_t header_size;   /* record bytes before the data */
    uint32_t trailer_size;  /* largest number of record bytes behind the data */
    uint32_t max_data;      /* most plaintext bytes in one record */
    uint32_t session_id_size;
    uint32_t alpn_size; /* of the application protocol, 0 when none was negotiated */
    int32_t status;
    uint8_t session_id[32];
};

/* What of TLS_CALL_INFO is long and seldom asked for. */
struct tls_names {
    tls_u64 session;
    uint32_t alpn_size;        /* 0 when nothing was negotiated */
    uint32_t server_name_size; /* server: the client's SNI; client: what was sent */
    int32_t status;
    uint8_t alpn[255];
    uint8_t reserved0;
    char server_name[256]; /* not NUL-terminated */
};

enum tls_binding {
    TLS_BINDING_UNIQUE,   /* RFC 5929 tls-unique; SEC_E_UNSUPPORTED_FUNCTION with TLS 1.3 */
    TLS_BINDING_ENDPOINT, /* RFC 5929 tls-server-end-point, on either side */
    TLS_BINDING_EXPORTER, /* RFC 9266 tls-exporter */
};

/*
 * TLS_CALL_PEER_CHAIN: (u32 length in host order, DER)... per certificate, leaf first; count is
 * their number (0: the peer sent none). TLS_CALL_CHANNEL_BINDING: the raw binding of `kind`.
 * TLS_CALL_RESUMPTION_DATA: client: what a later session can resume with. TLS_CALL_SIGNATURES:
 * uint16_t per IANA SignatureScheme that the peer says it takes (client: in a request for a
 * certificate), and if it has not said so those of our credentials; count is their number.
 * TLS_CALL_STAPLED_RESPONSE: client: the OCSP response that came with certificate number `kind` of
 * the server's chain, DER: nobody has looked into it. TLS_CALL_ISSUERS: client: (u32 length in host
 * order, DER name)... of whom the server's last request for a certificate names; count is their
 * number.
 */
struct tls_host_roots {
    tls_u64 chain;  /* (uint32_t length, DER)..., the peer's own first */
    tls_u64 moment; /* what the host trusts is read anew for another one than before */
    tls_u64 buffer; /* out: the roots, in the same format */
    uint32_t chain_size;
    uint32_t buffer_size;
    uint32_t size; /* out: bytes needed; written when status is SEC_E_OK */
    uint32_t count;
    /* SEC_E_OK; SEC_E_BUFFER_TOO_SMALL; SEC_E_UNTRUSTED_ROOT: GnuTLS does not accept that chain */
    int32_t status;
    uint32_t reserved;
};

struct tls_get_blob {
    tls_u64 session;
    tls_u64 buffer;
    uint32_t buffer_size;
    uint32_t size; /* out: bytes needed; written when status is SEC_E_OK */
    uint32_t count;
    uint32_t kind; /* enum tls_binding; TLS_CALL_STAPLED_RESPONSE: see above */
    /* SEC_E_OK; SEC_E_BUFFER_TOO_SMALL; SEC_E_UNSUPPORTED_FUNCTION: there is none (yet) */
    int32_t status;
    uint32_t reserved;
};

/* DTLS: the largest datagram from now on. */
#define TLS_MINIMUM_MTU 200
#define TLS_DEFAULT_MTU 1096
#define TLS_MAXIMUM_MTU 65535

struct tls_set_mtu {
    tls_u64 session;
    uint32_t mtu;
    uint32_t
        max_data;   /* out: most plaintext bytes in one record now, 0 before the handshake ends */
    int32_t status; /* SEC_E_OK; SEC_E_INVALID_PARAMETER; SEC_E_UNSUPPORTED_FUNCTION: no DTLS */
    uint32_t reserved;
};

/* RFC 5705 / RFC 8446 7.5 exporter. */
struct tls_keying_material {
    tls_u64 session;
    tls_u64 label; /* ASCII, not NUL-terminated */
    tls_u64 context;
    tls_u64 output;
    uint32_t label_size;
    uint32_t context_size;
    uint32_t has_context; /* 0: no context, which differs from an empty one in TLS 1.2 */
    uint32_t output_size;
    int32_t status;
    uint32_t reserved;
};

/* DTLS: what was agreed on by use_srtp (RFC 5764). */
struct tls_srtp {
    tls_u64 session;
    uint32_t profile;  /* out: IANA number */
    uint32_t mki_size; /* out: master key identifier */
    int32_t status;    /* SEC_E_OK; SEC_E_UNSUPPORTED_FUNCTION: nothing was */
    uint8_t mki[255];
    uint8_t reserved;
};

/* What an EAP method derives: RFC 5216; RFC 5281 8 and 11.1; RFC 4851 5.1. */
enum tls_eap {
    TLS_EAP_TLS,
    TLS_EAP_TTLS_KEYS,
    TLS_EAP_TTLS_CHALLENGE,
    TLS_EAP_FAST,
};

struct tls_eap_keys {
    tls_u64 session;
    uint32_t kind;       /* enum tls_eap */
    int32_t status;      /* SEC_E_OK; SEC_E_UNSUPPORTED_FUNCTION: TLS 1.3 */
    uint8_t keys[128];   /* out */
    uint8_t vectors[64]; /* out; EAP-TLS only, else zeroes */
};

/*
 * Whether one certificate's key made the signature on another: that only, neither names nor dates.
 * For the algorithms that the system's own verification lacks.
 */
struct tls_verify_signature {
    tls_u64 certificate; /* DER */
    tls_u64 issuer;      /* DER */
    uint32_t certificate_size;
    uint32_t issuer_size;
    /* SEC_E_OK; SEC_E_CERT_UNKNOWN: no, or made with an algorithm that is broken (not SHA-1);
     * SEC_E_INSUFFICIENT_MEMORY */
    int32_t status;
    uint32_t reserved;
};

/*
 * Whether the names in a chain keep to what the authorities above them permit and exclude: DNS, IP
 * and mail addresses, directory names, hosts of URIs; a server's common name where it is its name.
 */
struct tls_name_constraints {
    tls_u64 chain; /* struct tls_blob[count]: DER, the leaf first, each with its issuer behind it */
    uint32_t count; /* at most 32 */
    /* SEC_E_OK; SEC_E_CERT_UNKNOWN: no, or a certificate does not parse; SEC_E_INVALID_PARAMETER;
     * SEC_E_INSUFFICIENT_MEMORY */
    int32_t status;
};

/* What a key of the caller's is wanted for. */
enum tls_key_operation {
    TLS_KEY_SIGN_PKCS1, /* `data` is the hash */
    TLS_KEY_SIGN_PSS,   /* likewise; the salt is as long as the hash */
    TLS_KEY_SIGN_ECDSA, /* likewise; answered with r and s, equally long, one behind the other */
    TLS_KEY_DECRYPT,    /* `data` is what to decrypt, as long as the modulus */
};

/* Largest RSA modulus of such a key, in bytes. */
#define TLS_MAX_KEY_DATA 2048

/*
 * A leg that needs a key of the caller's stops in the middle and returns TLS_KEY_WANTED. Then
 * TLS_CALL_KEY_REQUEST tells what for, TLS_CALL_KEY_ANSWER gives the result, and a leg with
 * TLS_ACTION_KEY_USED goes on; its input is what has not been consumed. A session that waits like
 * this can also be freed, but nothing else can be done with it. All numbers are big-endian.
 */
struct tls_key_request {
    tls_u64 session;
    uint32_t key_index; /* out: into tls_credentials_create.keys */
    uint32_t operation; /* out: enum tls_key_operation */
    uint32_t hash;      /* out: the one TLS_KEY_CAN_ bit of the hash; 0 with TLS_KEY_DECRYPT */
    uint32_t size;      /* out: bytes of data */
    int32_t status;     /* SEC_E_OK, or SEC_E_OUT_OF_SEQUENCE: none is wanted */
    uint32_t reserved;
    uint8_t data[TLS_MAX_KEY_DATA];
};

/* The engine checks a signature with the certificate's key; a wrong one ends the handshake. */
struct tls_key_answer {
    tls_u64 session;
    tls_u64 data;    /* the signature, or the plaintext */
    uint32_t size;   /* 0: the key could not be used */
    int32_t failure; /* with size 0: what the leg that goes on will fail with, a SEC_E_ code */
    int32_t status;  /* SEC_E_OK; SEC_E_OUT_OF_SEQUENCE; SEC_E_INVALID_PARAMETER: too long */
    uint32_t reserved;
};

/* What tells whether a certificate was revoked. */
enum tls_evidence {
    TLS_EVIDENCE_OCSP = 1, /* an OCSPResponse, RFC 6960 */
    TLS_EVIDENCE_CRL = 2,  /* a CertificateList, RFC 5280 */
};

/*
 * Where evidence about a certificate can be had by HTTP GET: (u8 enum tls_evidence, URL, NUL)... in
 * the order to try; an OCSP URL has the request in it. Other schemes than http are left out.
 */
struct tls_revocation_sources {
    tls_u64 certificate; /* DER */
    tls_u64 issuer;      /* DER */
    tls_u64 buffer;
    uint32_t certificate_size;
    uint32_t issuer_size;
    uint32_t buffer_size;
    uint32_t size;  /* out: bytes needed; written when status is SEC_E_OK */
    uint32_t count; /* out: sources that the certificate names, those left out among them */
    /* SEC_E_OK; SEC_E_BUFFER_TOO_SMALL; SEC_E_CERT_UNKNOWN: no certificates */
    int32_t status;
};

/* What one piece of evidence says about a certificate. */
struct tls_revocation_check {
    tls_u64 certificate; /* DER */
    tls_u64 issuer;      /* DER */
    tls_u64 evidence;
    uint32_t certificate_size;
    uint32_t issuer_size;
    uint32_t evidence_size;
    uint32_t kind; /* enum tls_evidence */
    /* SEC_E_OK: not revoked. CRYPT_E_REVOKED. CRYPT_E_REVOCATION_OFFLINE: nothing, because it is
     * malformed, too old, not signed by the issuer or about something else. */
    int32_t status;
    uint32_t reserved;
};

#endif
