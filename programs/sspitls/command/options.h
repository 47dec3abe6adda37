/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line. */
#ifndef SSPITLS_OPTIONS_H
#define SSPITLS_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

/* Exit statuses, documented in the manual page. */
enum exit_status {
    EXIT_OK = 0,
    EXIT_TLS = 1,     /* the handshake or the TLS connection failed */
    EXIT_USAGE = 2,   /* the command line, or a file it names, is wrong */
    EXIT_NETWORK = 3, /* no connection, or it was cut */
    EXIT_DATA = 4,    /* the peer answered, but not what was asked for */
};

enum command {
    COMMAND_CLIENT = 1,
    COMMAND_SERVER = 2,
    COMMAND_DEMO = 4,
    COMMAND_BENCH = 8,
};

/* A certificate of one's own, and what belongs to it. */
struct own {
    const char *cert;
    const char *key;    /* NULL: in the same file */
    const char *staple; /* NULL: none */
};

#define MOST_CERTIFICATES 8

struct options {
    enum command command;
    unsigned long long given; /* set of rows of the table of options */
    const char *starttls;
    const char *address; /* client: HOST[:PORT]; server: [ADDRESS:]PORT */
    unsigned versions;   /* set of enum tls_version */

    const char *tls;
    const char *alpn;
    const char *sni;
    struct own own[MOST_CERTIFICATES];
    unsigned own_count;
    const char *pass;
    const char *ca;
    const char *without;
    const char *proxy;
    const char *keylog;
    const char *trace;
    const char *http;
    const char *output;
    const char *www; /* "" when given without a directory */
    const char *threads;
    const char *peers;
    const char *only; /* "" when given without a list */
    const char *json; /* "" when given without a file */
    const char *svg;
    unsigned reconnect;
    unsigned clients; /* most of a DTLS server at once */
    unsigned timeout; /* seconds */
    unsigned seconds;
    unsigned rounds;
    unsigned megabytes;
    bool dtls;
    bool legacy;
    bool insecure;
    bool revocation;
    bool system_roots;
    bool showcerts;
    bool sync;
    bool verify;
    bool until_eof;
    bool commands;
    bool renegotiate;
    bool quiet;
    bool no_peers;
    bool quick;
};

/* false after a line on stderr (or the help text on stdout with *status EXIT_OK). */
bool options_parse(struct options *options, int argc, char **argv, int *status);

#endif
