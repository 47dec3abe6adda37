/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The keys of a server's session tickets. */
#ifndef UNIX_CREDENTIALS_TICKETS_H
#define UNIX_CREDENTIALS_TICKETS_H

#include "unix/base/engine.h"

struct session;

#define TICKET_KEY_SIZE  64 /* what GnuTLS wants */
#define TICKET_KEY_WORDS (TICKET_KEY_SIZE / sizeof(uint64_t))

struct ticket_keys {
    atomic_uint sequence; /* odd: being written */
    atomic_uint count;
    _Atomic uint64_t words[TLS_MAX_TICKET_KEYS * TICKET_KEY_WORDS];
};

int ticket_keys_generate(struct ticket_keys *keys);
void ticket_keys_wipe(struct ticket_keys *keys);
/* Lets a server's new session give out and accept tickets; hello is what the client begins with. */
int ticket_keys_enable(struct session *session, const uint8_t *hello, size_t size);

#endif
