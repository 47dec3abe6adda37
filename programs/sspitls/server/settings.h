/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server is told, and what it and its connections tell. */
#ifndef SSPITLS_SERVER_SETTINGS_H
#define SSPITLS_SERVER_SETTINGS_H

#include "tls/describe.h"
#include "tls/tls.h"

/* What became of one connection. */
struct connection_report {
    unsigned id;
    const char *peer; /* "127.0.0.1:51234" */
    bool connected;   /* the handshake was completed; then `negotiated` is filled */
    struct negotiated negotiated;
    double handshake_us;
    double seconds;                    /* from the end of the handshake to the last byte */
    unsigned long long received, sent; /* application data */
    SECURITY_STATUS status;            /* why it failed; SEC_E_OK: it did not */
    unsigned cause;                    /* the same, see tls/cause.h */
    const char *problem;               /* in words, or NULL */
};

struct server_settings {
    const struct tls_credentials *credentials;
    const char *host; /* numeric; NULL: 127.0.0.1 */
    const char *port; /* "0": any free one */
    const char *www;  /* NULL: echo; "": no files; else the directory with the files */
    unsigned threads;
    unsigned handshake_ms; /* how long a handshake may take */
    bool renegotiate;      /* clients may */
    /* Called on a loop's thread; any may be NULL. */
    void (*opened)(void *data, const struct connection_report *report);
    /* What came of a renegotiation, or of server_ask: SEC_E_OK, SEC_I_NO_RENEGOTIATION... */
    void (*renewed)(void *data, const struct connection_report *report, SECURITY_STATUS status);
    void (*closed)(void *data, const struct connection_report *report);
    void *data;
};

enum server_wish {
    WISH_KEYS = 1,        /* to renegotiate, in TLS 1.3 for new keys */
    WISH_CERTIFICATE = 2, /* the same for TLS 1.2, but for a certificate in TLS 1.3 */
};
struct server_counters {
    volatile LONG accepted, active, handshakes, failed, resumed;
};

#endif
