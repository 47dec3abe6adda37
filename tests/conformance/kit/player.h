/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Plays a program: one side of a connection in memory makes the calls of a known program, the other
 * is a plain side of kit/pair.h.
 *
 * What differs from program to program is a `manner`: flags, shapes of buffers, how much is read
 * before a call, what is done when the server asks for a certificate. A shape is a string, a letter
 * per buffer: T token, E EMPTY, A application protocols, L alert; NULL means no descriptor at all.
 *
 * The program's bytes arrive in the side's inbox; `available` says how many of them it has read.
 */
#ifndef PLAYER_H
#define PLAYER_H

#include "kit/pair.h"

enum reading {
    READ_ALL,     /* whatever is there, again and again */
    READ_MISSING, /* what the MISSING buffer asks for, one byte where there is none */
    READ_BYTES,   /* one byte at a time */
};

/* What a client does about SEC_I_INCOMPLETE_CREDENTIALS. */
enum asked {
    ASKED_FAILS,
    ASKED_SUPPLIED, /* the same input, with ISC_REQ_USE_SUPPLIED_CREDS from now on */
    ASKED_AGAIN,    /* the same input and flags */
    ASKED_EMPTY,    /* a token of length 0 and the same flags */
    ASKED_NEW,      /* a token of length 0, with other credentials: play's second ones */
};

struct manner {
    enum side_role role;
    DWORD first_flags, flags; /* of the first and of later calls; first_flags 0: the same */
    DWORD attributes;         /* must be back at the end; 0: those of flags */
    const char *first_input, *first_output, *input, *output;
    const char *closing_input, *closing_output;
    const char *alpn;
    BOOL ansi;          /* InitializeSecurityContextA */
    BOOL by_initialize; /* server: later calls are InitializeSecurityContext */
    BOOL closing_by_initialize;
    BOOL handle_again; /* phNewContext of later calls is the context; else NULL */
    BOOL closing_without_target;
    BOOL closing_handle_again; /* likewise of the closing call */
    BOOL closing_in_place;     /* its output has the control token's own buffer */
    BOOL no_later_target;      /* the target name of later calls is NULL */
    BOOL drops_last_token;     /* what comes with SEC_E_OK is not sent */
    enum reading reading;
    unsigned int missing_at; /* DecryptMessage: the buffer where MISSING is looked for */
    enum asked asked;
};

struct play {
    const struct manner *manner;
    struct pair pair;
    struct side *self, *peer;
    CredHandle second; /* ASKED_NEW */
    BOOL have_second;
    DWORD flags;     /* of the next call */
    DWORD available; /* bytes of the inbox that the program has read */
    DWORD wanted;    /* READ_MISSING: how many more it was told to read */
    BOOL closing;    /* the next call is the closing one */
    BOOL empty;      /* the next call gives a token of length 0 */
    unsigned int asked, renegotiated;
};

/* The program's credentials from auth_data, the peer's from its options (a server's certificate is
 * filled in). FALSE after a failed ok(); play_end works anyway. */
BOOL play_begin(struct play *play, const struct manner *manner, void *auth_data,
                const struct side_options *peer);
void play_end(struct play *play);

/* ASKED_NEW: the credentials it has at hand then. */
BOOL play_second(struct play *play, void *auth_data);
/* Another connection with the same credentials on both sides: its handshake comes next. */
void play_again(struct play *play);

/* One handshake call with what has been read. */
SECURITY_STATUS play_leg(struct play *play);
/* Calls of both sides until neither can go on. */
void play_on_both(struct play *play);
/* To the end on both sides, or a failed ok(): checks attributes, asks for STREAM_SIZES. */
BOOL play_handshake(struct play *play);
/* The peer sends size bytes, the program receives and compares them, reading in its manner. */
void play_receive(struct play *play, DWORD size);
/* Both directions, several sizes. */
void play_data(struct play *play);
/* The peer has begun a new handshake: DecryptMessage finds it, and both go on to its end. */
void play_renegotiate(struct play *play);
/* The program closes: control token, call, and the peer understands it. */
void play_shutdown(struct play *play);
/* The peer closes, which the program finds with DecryptMessage. */
void play_peer_shutdown(struct play *play);
/* All of the above, from play_begin to play_end. */
void play_whole(const struct manner *manner, void *auth_data, const struct side_options *peer);

/* QueryContextAttributes of the program's context. */
SECURITY_STATUS play_query(struct play *play, ULONG attribute, void *buffer);

#endif
