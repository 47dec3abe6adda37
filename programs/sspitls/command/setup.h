/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the command line to credentials: the own certificate, whom to trust, what is allowed. */
#ifndef SSPITLS_SETUP_H
#define SSPITLS_SETUP_H

#include "certificates/identity.h"
#include "command/options.h"
#include "tls/credentials.h"

struct setup {
    struct identity identities[MOST_CERTIFICATES];
    HCERTSTORE roots;
    struct tls_credentials credentials;
};

/* For a client or a server, as `options` say. false after a line on stderr. */
bool setup_make(struct setup *setup, const struct options *options);
/* In any case. */
void setup_free(struct setup *setup);

#endif
