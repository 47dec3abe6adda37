/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of programs' calls share: credentials, ways to connect, attributes that are asked.
 */
#ifndef CONSUMERS_H
#define CONSUMERS_H

#include "kit/player.h"

#define CLIENT_STREAM_FLAGS                                                                        \
    (ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY |                   \
     ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_STREAM)

#define NOT_CHECKED                                                                                \
    (SCH_CRED_MANUAL_CRED_VALIDATION | SCH_CRED_IGNORE_NO_REVOCATION_CHECK |                       \
     SCH_CRED_IGNORE_REVOCATION_OFFLINE)

/* A server that asks for a certificate, and whom any will do. */
extern const struct side_options asking;

/* Credentials to be changed by the caller; each function has one, which its next call overwrites.
 */
SCH_CREDENTIALS *new_credentials(DWORD flags, DWORD disabled_protocols);
SCHANNEL_CRED *old_credentials(DWORD flags, DWORD enabled_protocols);

/* A client meets a server that asks for a certificate and takes none for an answer. */
void play_asked(const struct manner *manner, void *auth_data);
/* Meets a server that nobody vouches for, and ends the handshake. */
void play_refused(const struct manner *manner, void *auth_data);
/* Connects twice with the same credentials, as curl does to resume. */
void play_resumed(const struct manner *manner, void *auth_data);

/* Queries as the program makes them; what they give is checked. */
DWORD protocol_of(struct play *play);
BOOL was_resumed(struct play *play);
void check_alpn(struct play *play, const char *name); /* NULL: none was negotiated */
void check_certificate(struct play *play);            /* the peer's, alone in its store */
void check_cipher(struct play *play);

#endif
