/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opening one record, wherever it is, and what the peer says in it. */
#ifndef UNIX_RECORDS_OPEN_H
#define UNIX_RECORDS_OPEN_H

#include "unix/state/session.h"

/*
 * Opens the TLS 1.3 record of `size` bytes in place and tells its inner type and content size.
 * Neither advances the sequence number. Returns SEC_E_OK or the failure with *alert.
 */
int32_t tls13_open(struct direction *direction, uint32_t tag_size, uint8_t *record, size_t size,
                   uint8_t *type, size_t *content, uint32_t *alert);
/* The same for TLS 1.2; the content begins at *start. */
int32_t tls12_open(struct direction *direction, uint32_t tag_size, enum record_format format,
                   uint8_t *record, size_t size, size_t *start, size_t *content);
/* Ends the session from the receiving side. The next leg tells the peer. */
void decrypt_fail(struct session *session, struct tls_decrypt *params, int32_t status,
                  uint32_t alert);

/* What an alert of the peer's means: SEC_E_OK for one to ignore, else how the session ended. */
int32_t alert_received(struct session *session, uint32_t level, uint32_t alert);

/* Whether the peer's next handshake message can only be a HelloRequest. */
bool renegotiation_may_be_asked(const struct session *session);
/* TLS_CALL_DECRYPT has taken a HelloRequest; the status that says so. */
int32_t hello_requested(struct session *session);
/* Whether it has; the caller answers it. */
bool hello_request_take(struct session *session);

#endif
