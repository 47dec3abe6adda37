/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One call of InitializeSecurityContext or AcceptSecurityContext with its SecBuffers in parsed
 * form, and the answers in them.
 */
#ifndef ASYNCSSPI_BUFFERS_H
#define ASYNCSSPI_BUFFERS_H

#include "schannel/base/schanneltypes.h"
#include <stdint.h>

struct cached_session;
struct schannel_context;
struct schannel_credentials;

/* Largest handshake output of one leg a program has to expect: cbMaxToken. */
#define SCHANNEL_MAX_TOKEN 24576

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

/* An output buffer with memory, but none of it. */
bool buffers_lack_memory(const struct leg_buffers *buffers);

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
    bool allocate;           /* the output: *_REQ_ALLOCATE_MEMORY, or there is no memory in it */
    bool allocate_alert;     /* *_REQ_ALLOCATE_MEMORY */
    bool extended_error;     /* *_REQ_EXTENDED_ERROR */
    const char *server_name; /* first leg of a client: A-label for SNI, or NULL */
    uint32_t server_name_size;
    struct cached_session *resume; /* first leg of a client: or NULL */
    /* Later legs: what the program calls with now, or NULL. */
    struct schannel_credentials *credentials;
};

/* Describes the output buffer; memory counts with *_REQ_ALLOCATE_MEMORY only. */
void output_give(const struct leg *leg, void *memory, ULONG size);

#endif
