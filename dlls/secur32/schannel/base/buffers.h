/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel's own header for one leg of a handshake: the caller's SecBuffers in parsed form, and
 * what context.c, leg.c, output.c and control.c give each other.
 */
#ifndef ASYNCSSPI_BUFFERS_H
#define ASYNCSSPI_BUFFERS_H

#include "schannel/base/schannel.h"

/* The first buffer of that type, attribute bits aside; NULL: none, or no usable descriptor. */
SecBuffer *buffer_find(const SecBufferDesc *description, ULONG type);

/* The buffers of one call. All but the lists may be NULL. */
struct leg_buffers {
    const SecBuffer *input; /* TOKEN with the peer's bytes */
    SecBuffer *spare;       /* the first EMPTY input: becomes EXTRA or MISSING */
    const uint8_t *alpn;    /* ProtocolNameList body */
    uint32_t alpn_size;
    ULONGLONG flags;                  /* of a FLAGS buffer, 0 without one */
    SecBuffer *output;                /* TOKEN, or EMPTY that becomes TOKEN */
    SecBuffer *alert;                 /* ALERT */
    const SecBuffer *address;         /* EXTRA input: a DTLS client's address */
    const SecBuffer *mtu;             /* DTLS_MTU input */
    const SecBuffer *srtp_profiles;   /* SRTP_PROTECTION_PROFILES input */
    const SecBuffer *srtp_identifier; /* SRTP_MASTER_KEY_IDENTIFIER input */
};

/* SEC_E_INVALID_TOKEN: shapes that cannot be; SEC_E_INVALID_PARAMETER: malformed ALPN;
 * SEC_E_UNSUPPORTED_FUNCTION: a buffer that asks for what we cannot do. */
SECURITY_STATUS buffers_parse(const SecBufferDesc *input, const SecBufferDesc *output,
                              struct leg_buffers *buffers);

/* The input behind `consumed` bytes goes back to the caller. */
void buffers_set_extra(const struct leg_buffers *buffers, ULONG consumed);
/* So many bytes are needed before the input can be worked on. */
void buffers_set_missing(const struct leg_buffers *buffers, ULONG missing);
/* Fills the ALERT buffer with level and number; `present` false empties it. */
void buffers_set_alert(const struct leg_buffers *buffers, bool allocate, bool present, BYTE level,
                       BYTE number);

/* One call of InitializeSecurityContext or AcceptSecurityContext. */
struct leg {
    struct schannel_context *context;
    struct leg_buffers buffers;
    bool first;              /* creates the context */
    bool allocate;           /* *_REQ_ALLOCATE_MEMORY */
    bool extended_error;     /* *_REQ_EXTENDED_ERROR */
    const char *server_name; /* first leg of a client: A-label for SNI, or NULL */
    uint32_t server_name_size;
    struct cached_session *resume; /* first leg of a client: or NULL */
    /* Later legs: what the program calls with now, or NULL. */
    struct schannel_credentials *credentials;
};

/* drive.c: runs the engine until it needs the peer or the program. The counts in call become those
 * of the whole leg. */
void leg_drive(const struct leg *leg, struct tls_handshake *call);

/* held.c: before and after the engine has a leg's input. */
SECURITY_STATUS held_begin(struct schannel_context *context, struct tls_handshake *call);
void held_end(struct schannel_context *context, struct tls_handshake *call);
void held_free(struct schannel_context *context);

/* leg.c: runs it, fills the buffers, moves the context's state. */
SECURITY_STATUS leg_run(struct leg *leg);
/* The context has come to its end; later legs return that status. */
void leg_fail(struct schannel_context *context, SECURITY_STATUS status);
/* An alert of ours has been made, with this status: what becomes of the context. */
void leg_alert_sent(struct schannel_context *context, SECURITY_STATUS status);

static inline bool leg_failed(SECURITY_STATUS status)
{
    return status < 0 && status != SEC_E_INCOMPLETE_MESSAGE;
}

/*
 * output.c. Gives the caller what the leg wrote, of which the first call->written bytes are at
 * start; the leg's final status.
 */
SECURITY_STATUS output_deliver(const struct leg *leg, const struct tls_handshake *call,
                               const BYTE *start);
/* The caller came again after SEC_E_BUFFER_TOO_SMALL. */
SECURITY_STATUS output_replay(const struct leg *leg);
/* Describes the output buffer; memory counts with *_REQ_ALLOCATE_MEMORY only. */
void output_give(const struct leg *leg, void *memory, ULONG size);

/*
 * datagram.c. What is different in a leg of DTLS: before the engine is asked, whether it has to be
 * (SEC_E_OK) or what the answer is; behind it, the first datagram to send; later, the next one.
 */
SECURITY_STATUS datagram_prepare(const struct leg *leg, struct tls_handshake *call);
/* The engine has made no session and no output of the datagram: what to answer. */
SECURITY_STATUS datagram_refused(const struct leg *leg, const struct tls_handshake *call);
SECURITY_STATUS datagram_deliver(const struct leg *leg, const struct tls_handshake *call);
SECURITY_STATUS datagram_next(const struct leg *leg);
/* Whether datagrams of an earlier leg come first. */
bool datagram_waits(const struct schannel_context *context);

/* srtp.c: DTLS, before there is a session: what is offered to the peer, kept from the call that had
 * the buffers. SEC_E_INVALID_PARAMETER: malformed. */
SECURITY_STATUS srtp_prepare(const struct leg *leg, struct tls_handshake *call);

/* target.c: longest name that fits into SNI, and longest target that is looked at. */
#define SERVER_NAME_MAX 255
#define TARGET_MAX      1024

/* The host in a target: without service, port, brackets and trailing dot. Not NUL-terminated. */
struct target_host {
    const SEC_WCHAR *name;
    size_t size; /* 0: none */
};

struct target_host target_find_host(const SEC_WCHAR *target);

/* The A-label form of a target for SNI; its length, 0 when there is none to send. */
uint32_t server_name_from_target(const SEC_WCHAR *target, char name[SERVER_NAME_MAX + 1]);

#endif
