/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why a connection failed, beyond its status: what the peer has said, or what was not in common. */
#ifndef SSPITLS_CAUSE_H
#define SSPITLS_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <winsock2.h>
#include <windows.h>

/* 1 to 255 are alerts of the peer by their number. */
enum tls_cause {
    CAUSE_NONE = 0,     /* the status says it all */
    CAUSE_PEER = 256,   /* an alert of the peer that was encrypted */
    CAUSE_VERSION = 257 /* there is no version in common */
};

/*
 * The cause of a failed leg whose input these records were; `refusing`: we have an alert to send.
 * `header` is the length of a record's header.
 */
unsigned cause_of_leg(LONG status, bool refusing, const unsigned char *input, size_t size,
                      size_t header);
/* The cause of a record that could not be opened. */
unsigned cause_of_record(LONG status, unsigned char content_type);

/* "SEC_E_UNTRUSTED_ROOT (0x80090325), alert 48 (unknown_ca) of the peer" */
#define CAUSE_TEXT 160
const char *cause_text(LONG status, unsigned cause, char text[CAUSE_TEXT]);
/* "sspitls: WHAT: ..." and what can be done about it on a second line, on stderr. */
void cause_report(const char *what, LONG status, unsigned cause);

#endif
