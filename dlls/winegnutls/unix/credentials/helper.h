/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Stopping GnuTLS until the caller has used its key. */
#ifndef UNIX_CREDENTIALS_HELPER_H
#define UNIX_CREDENTIALS_HELPER_H

#include "unix/base/engine.h"

struct session;

/* A call of GnuTLS's that may need a key, such as gnutls_handshake. */
typedef int helper_step(gnutls_session_t tls);

/* What helper_run returns when a key is wanted; no GnuTLS error. */
#define HELPER_SUSPENDED 1

struct key_use {
    uint32_t key_index;
    uint32_t operation; /* enum tls_key_operation */
    uint32_t hash;
    uint32_t size;
    const uint8_t *data;
};

/* Runs the step, or goes on with the one that is suspended, until it returns or wants a key. */
int helper_run(struct session *session, helper_step *step);
/* Lets a suspended step end without its key; the session's transport has to be set. */
void helper_abandon(struct session *session);
/* In a step: has the caller use its key. 0 with the answer, to be freed with gnutls_free. */
int helper_use_key(const struct key_use *use, gnutls_datum_t *answer);
/* In a step: what the session is to fail with; SEC_E_OK takes it back. */
void helper_key_failed(int32_t failure);

#endif
