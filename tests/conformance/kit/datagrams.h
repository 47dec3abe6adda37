/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A DTLS client and server in one process, and a network in memory between them.
 *
 * The network delivers every datagram in order, or, with a seed, loses, repeats, reorders and cuts
 * off some; it changes none, as most of a handshake is in the clear. Nothing waits: when no
 * datagram is on its way, the timers of the ends that are not done have run out.
 */
#ifndef DATAGRAMS_H
#define DATAGRAMS_H

#include "kit/pair.h"

#define DATAGRAM_CLIENT_FLAGS                                                                      \
    (ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |                   \
     ISC_REQ_DATAGRAM | ISC_REQ_EXTENDED_ERROR | ISC_REQ_ALLOCATE_MEMORY)
#define DATAGRAM_SERVER_FLAGS                                                                      \
    (ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT | ASC_REQ_CONFIDENTIALITY |                   \
     ASC_REQ_DATAGRAM | ASC_REQ_EXTENDED_ERROR | ASC_REQ_ALLOCATE_MEMORY)

#define MAX_DATAGRAMS 200

struct datagram {
    BYTE *data;
    DWORD size;
};

/* Datagrams on their way to one end. */
struct wire {
    struct datagram waiting[MAX_DATAGRAMS];
    unsigned int count;
    unsigned int sent; /* ever */
    DWORD largest;     /* ever */
};

/* All members have usable zeroes. */
struct datagram_options {
    DWORD version;    /* SCHANNEL_CRED_VERSION, SCH_CREDENTIALS_VERSION; 0: the former */
    DWORD protocols;  /* SP_PROT_ that are enabled; 0: DTLS 1.2 of the side */
    DWORD cred_flags; /* SCH_; without SCH_CRED_AUTO_CRED_VALIDATION nothing is checked */
    DWORD flags;      /* ISC_REQ_ or ASC_REQ_; 0: those above */
    const CERT_CONTEXT *certificate;
    HCERTSTORE root_store;
    const WCHAR *target;      /* client; NULL: "localhost" */
    const char *alpn;         /* one name */
    const ALG_ID *algorithms; /* SCHANNEL_CRED */
    DWORD algorithm_count;
    DWORD output_size; /* without *_REQ_ALLOCATE_MEMORY: bytes for a token; 0: plenty */
    USHORT mtu;        /* 0: the default */
    /* Of the first call: SRTP_PROTECTION_PROFILES, SRTP_MASTER_KEY_IDENTIFIER; type 0: none. */
    SecBuffer srtp[2];
};

struct end {
    enum side_role role;
    struct datagram_options options;
    CredHandle credentials;
    CtxtHandle context;
    BOOL have_credentials, have_context;
    SECURITY_STATUS status; /* of the last leg */
    DWORD attributes;       /* of the last call */
    DWORD extra;            /* bytes at the end of the last input that are EXTRA */
    BYTE alert[2];          /* of the last call, 0, 0: none */
    unsigned int fragments; /* times SEC_I_MESSAGE_FRAGMENT was seen */
    const char *address;    /* server: the client's */
    struct wire *in, *out;
    SecPkgContext_StreamSizes sizes;
};

struct connection {
    struct end client, server;
    struct wire to_client, to_server;
    unsigned int seed; /* 0: a perfect network */
    unsigned int timeouts;
};

/* FALSE after a failed ok(). connection_destroy works anyway. */
BOOL connection_create(struct connection *connection, const struct datagram_options *client,
                       const struct datagram_options *server);
/* Only the contexts and what is on its way. */
void connection_close(struct connection *connection);
void connection_destroy(struct connection *connection);
/* TRUE when both ends returned SEC_E_OK. */
BOOL connection_run(struct connection *connection);

SECURITY_STATUS end_acquire(struct end *end, enum side_role role,
                            const struct datagram_options *options);
/* One call of InitializeSecurityContext or AcceptSecurityContext; data NULL: without a TOKEN. */
SECURITY_STATUS end_call(struct end *end, const void *data, DWORD size);
/* The same until the whole flight is on its way. */
SECURITY_STATUS end_leg(struct end *end, const void *data, DWORD size);
/* EncryptMessage, the record to `record`. */
SECURITY_STATUS end_encrypt(struct end *end, const void *data, DWORD size, struct datagram *record);
/* DecryptMessage in place; what it says of the first four buffers. */
SECURITY_STATUS end_decrypt(struct end *end, struct datagram *record, SecBuffer buffers[4]);
/* One datagram from one end to the other and compared. TRUE when it came. */
BOOL end_transfer(struct end *from, struct end *to, DWORD size);

void wire_send(struct wire *wire, const void *data, DWORD size);
/* Takes the one at `which`; freed with datagram_free. */
struct datagram wire_take(struct wire *wire, unsigned int which);
void datagram_free(struct datagram *datagram);

#endif
