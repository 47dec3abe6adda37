/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whom a server's certificate requests name. */
#ifndef UNIX_CREDENTIALS_ISSUERS_H
#define UNIX_CREDENTIALS_ISSUERS_H

#include "unix/base/engine.h"

struct credentials;
struct session;

/* Once per credentials; then sessions made afterwards name them. */
int issuers_set(struct credentials *credentials, const struct tls_blob *issuers, uint32_t count);
void issuers_apply(struct session *session);

#endif
