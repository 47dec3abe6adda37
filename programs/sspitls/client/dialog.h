/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is said in the clear before TLS, to a server or a proxy.
 *
 * Everything is read byte by byte: what the other side, or somebody on the way, sends behind its
 * consent is no TLS record, and the handshake refuses it.
 */
#ifndef SSPITLS_DIALOG_H
#define SSPITLS_DIALOG_H

#include <stdbool.h>
#include <winsock2.h>

/* More than any answer that is read has. */
#define DIALOG_MOST 8192

struct dialog {
    SOCKET socket;              /* connected; with a limit of time, if there is to be one */
    const char *what;           /* what it is about, in messages */
    const char *who;            /* "server" */
    const char *host;           /* whom the client wants to speak to */
    char text[DIALOG_MOST + 1]; /* what was heard last */
    size_t size;
};

/* All of these: false after a line on stderr. */
bool dialog_say(struct dialog *dialog, const char *text);
bool dialog_say_bytes(struct dialog *dialog, const void *bytes, size_t size);
bool dialog_hear_bytes(struct dialog *dialog, size_t size);
/* Up to an end, which stays in the text. */
bool dialog_hear_until(struct dialog *dialog, const char *end);
/* Tells the first line of the text, as the other side's reason; always false. */
bool dialog_refused(struct dialog *dialog);

/* Whether the text begins so. */
bool dialog_begins(const struct dialog *dialog, const char *text);

#endif
