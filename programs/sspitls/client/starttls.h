/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Protocols that begin in the clear and go over to TLS when they are asked. */
#ifndef SSPITLS_STARTTLS_H
#define SSPITLS_STARTTLS_H

#include <stdbool.h>
#include <winsock2.h>

struct starttls;

/* By its name, as "smtp"; NULL: there is none of that name. */
const struct starttls *starttls_find(const char *name);

/* All names, for messages. */
#define STARTTLS_NAMES "smtp, imap, pop3, ftp, ldap, xmpp, postgres, mysql"

/* Where such a server usually listens. */
const char *starttls_port(const struct starttls *protocol);

/*
 * Asks the server on the other side of a connected socket to begin TLS, and takes no byte that
 * comes behind its answer. False after a line on stderr. `host` is whom the client believes to
 * speak to.
 */
bool starttls_ask(const struct starttls *protocol, SOCKET socket, const char *host);

#endif
