/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a client tells of its connections, to people on standard error or to programs as JSON. */
#ifndef SSPITLS_TELL_H
#define SSPITLS_TELL_H

#include "client/httpget.h"
#include "command/options.h"
#include "tls/tls.h"

/* How long what comes before the handshake took, in microseconds; 0: there was none of it. */
struct phases {
    double name, connect, proxy, starttls;
};

struct tell {
    const struct options *options;
    const char *host, *port;
    FILE *json; /* NULL: text */
};

/* false after a line on stderr. */
bool tell_begin(struct tell *tell, const struct options *options, const char *host,
                const char *port);
void tell_connection(const struct tell *tell, struct tls *tls, const struct phases *phases);
/* After a line on stderr; `tls` may be NULL, there was no handshake then. */
void tell_failure(const struct tell *tell, struct tls *tls, const struct phases *phases,
                  int exit_status);
void tell_http(const struct tell *tell, const struct http_result *result);

#endif
