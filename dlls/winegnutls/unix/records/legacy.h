/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The record path of the suites that stay with GnuTLS: CBC. */
#ifndef UNIX_RECORDS_LEGACY_H
#define UNIX_RECORDS_LEGACY_H

#include "unix/state/session.h"
#include "unix/wire/wire.h"

#define AUX_RECORD_SIZE 128 /* of a record of one byte, at most */

void legacy_encrypt(struct session *session, struct tls_encrypt *params);
void legacy_decrypt(struct session *session, struct tls_decrypt *params,
                    const struct record_view *view);

#endif
