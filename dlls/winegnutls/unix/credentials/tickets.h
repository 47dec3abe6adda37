/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys of a server's session tickets. */
#ifndef UNIX_CREDENTIALS_TICKETS_H
#define UNIX_CREDENTIALS_TICKETS_H

#include "unix/state/credentials.h"

struct client_hello;
struct credentials;
struct session;

/* Of a session that is to be resumed with a ticket or by its id, in seconds. */
uint32_t session_lifetime(const struct credentials *credentials);
/* Whether a server's session asks for a certificate, and how that is judged. */
struct judgement {
    uint64_t policy;
    uint32_t flags;
};
struct judgement session_judgement(const struct session *session);
int ticket_keys_generate(struct ticket_keys *keys);
void ticket_keys_wipe(struct ticket_keys *keys);
/* Lets a server's new session give out and accept tickets; hello is the client's. */
int ticket_keys_enable(struct session *session, struct client_hello *hello);

#endif
