/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What connections have in common: who we are, whom we trust, what is allowed. */
#ifndef SSPITLS_CREDENTIALS_H
#define SSPITLS_CREDENTIALS_H

#include <stdbool.h>
#include <winsock2.h>
#include "asyncsspi.h"
#include <wincrypt.h>

#include "tls/algorithms.h"

enum tls_version {
    TLS_1_2 = 1,
    TLS_1_3 = 2,
    TLS_1_0 = 4,
    TLS_1_1 = 8,
};

struct tls_settings {
    bool server;
    bool sync;
    bool dtls;
    bool legacy;                  /* also what is weak, for old peers */
    bool insecure;                /* accept any peer certificate */
    bool revocation;              /* check every certificate below the root */
    bool verify;                  /* server: ask for a client certificate */
    bool no_reconnect;            /* full handshakes only */
    unsigned versions;            /* set of enum tls_version; 0: what the system's default is */
    const char *alpn;             /* "h2,http/1.1" or NULL */
    PCCERT_CONTEXT *certificates; /* own ones; a server chooses by the name that is asked for */
    unsigned certificate_count;
    const struct algorithms *without; /* NULL: all are allowed that the system allows */
    HCERTSTORE roots;                 /* whom to trust, instead of the system; NULL: the system */
};

struct tls_credentials {
    CredHandle handle;
    bool acquired;
    bool server;
    bool sync;
    ULONG requirements;                  /* ISC_REQ_ or ASC_REQ_ */
    ULONG max_token;                     /* largest output of one leg */
    unsigned char alpn[4 + 6 + 2 + 256]; /* SEC_APPLICATION_PROTOCOLS */
    ULONG alpn_size;                     /* 0: none */
};

/* SEC_E_OK, or what AcquireCredentialsHandle said. Free with tls_credentials_free in any case. */
SECURITY_STATUS tls_credentials_acquire(struct tls_credentials *credentials,
                                        const struct tls_settings *settings);
void tls_credentials_free(struct tls_credentials *credentials);

#endif
