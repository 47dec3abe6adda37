/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* sspitls server, also as a part that the demonstration runs in its own process. */
#ifndef SSPITLS_SERVER_H
#define SSPITLS_SERVER_H

#include "tls/describe.h"
#include "command/options.h"
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

struct server;

/* NULL after a line on stderr. The settings' pointers must stay valid until server_stop. */
struct server *server_start(const struct server_settings *settings);
/* "127.0.0.1:8443" */
const char *server_address(const struct server *server);
unsigned short server_port(const struct server *server);
enum server_wish {
    WISH_KEYS = 1,        /* to renegotiate, in TLS 1.3 for new keys */
    WISH_CERTIFICATE = 2, /* the same for TLS 1.2, but for a certificate in TLS 1.3 */
};
/* Asks the clients of all connections there are. */
void server_ask(struct server *server, enum server_wish wish);
/* Ends all connections and frees the server. */
void server_stop(struct server *server);

struct server_counters {
    volatile LONG accepted, active, handshakes, failed, resumed;
};
const struct server_counters *server_counters(const struct server *server);

int server_main(const struct options *options);

#endif
