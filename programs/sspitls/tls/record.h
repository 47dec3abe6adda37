/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Application data of a connection: EncryptMessage and DecryptMessage, in place. */
#ifndef SSPITLS_RECORD_H
#define SSPITLS_RECORD_H

#include "tls/tls.h"

/* Appends the records for `data` to `output`. */
SECURITY_STATUS tls_encrypt(struct tls *tls, const void *data, size_t size, struct buffer *output);
/*
 * Opens the next record of `input` in place. TLS_DATA: `*data` points into `input` and stays valid
 * until tls_consume(). TLS_NEED_INPUT, TLS_NEED_LEG, TLS_CLOSED, TLS_FAILED as above.
 */
enum tls_event tls_decrypt(struct tls *tls, unsigned char **data, size_t *size, size_t *record);
/* Drops a record that tls_decrypt has returned. */
void tls_consume(struct tls *tls, size_t record);

#endif
