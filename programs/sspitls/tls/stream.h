/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* TLS over a blocking socket: what the client and the demonstration use. */
#ifndef SSPITLS_STREAM_H
#define SSPITLS_STREAM_H

#include "base/completion.h"
#include "tls/tls.h"

/* What has happened on a connection besides data. */
enum stream_later {
    LATER_RENEGOTIATED,
    LATER_DENIED,   /* the peer does not renegotiate */
    LATER_ANSWERED, /* TLS 1.3: the peer got the certificate or the new keys that it asked for */
};

struct stream {
    SOCKET socket;
    struct tls tls;
    SRWLOCK send_lock;       /* one thread may send while another receives */
    CONDITION_VARIABLE turn; /* with send_lock: a renegotiation is over */
    /* Called by stream_receive; may be NULL. */
    void (*later)(struct stream *stream, enum stream_later what);
    struct buffer out;
    size_t answer;              /* bytes that the last leg sent */
    size_t record;              /* bytes of the record that the caller still reads */
    int network_error;          /* Winsock error; 0: the trouble was TLS's, see tls.status */
    bool not_tls;               /* what the peer sent first is no TLS record */
    bool truncated;             /* the peer closed the socket without closing TLS */
    double name_us, connect_us; /* how long stream_connect took for either */
    struct completion leg;
};

/*
 * Connects; `timeout_ms` also bounds every later wait for the peer (0: none). Returns 0 or a
 * Winsock error. Call stream_close in any case.
 */
int stream_connect(struct stream *stream, const char *host, const char *port, DWORD timeout_ms);
/* TLS_CONNECTED or TLS_FAILED. `target` is the name that the server has to prove. */
enum tls_event stream_handshake(struct stream *stream, const struct tls_credentials *credentials,
                                const char *target);
bool stream_send(struct stream *stream, const void *data, size_t size);
/*
 * Waits for data: TLS_DATA with *data valid until the next call, TLS_CLOSED (`truncated` tells
 * whether properly) or TLS_FAILED.
 */
enum tls_event stream_receive(struct stream *stream, unsigned char **data, size_t *size);
/* Asks the peer to renegotiate, or for new keys in TLS 1.3; see tls_renegotiate. */
SECURITY_STATUS stream_renegotiate(struct stream *stream);
/* Sends our close_notify and ends the sending half of the socket. */
bool stream_shutdown(struct stream *stream);
void stream_close(struct stream *stream);

/* What went wrong, on stderr. */
void stream_report(const struct stream *stream, const char *what);

#endif
