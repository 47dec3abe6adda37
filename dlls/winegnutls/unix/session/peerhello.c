/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a session notes of the hello messages that pass, because GnuTLS has no getter for it.
 *
 * The record limit: what the peer is willing to receive in a record (RFC 8449, RFC 6066 4) binds
 * the record path as well.
 *
 * The suites: GnuTLS asks for a server's key before it chooses one.
 */
#include <string.h>

#include "unix/credentials/priority.h"
#include "unix/session/peerhello.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"

#define MAX_FRAGMENT_LENGTH 1
#define RECORD_SIZE_LIMIT   28
#define SESSION_TICKET      35
#define RANDOM_END          34 /* of either hello: version, random */
#define DTLS_MAJOR          0xfe

struct record_limit {
    uint32_t limit; /* RFC 8449; counts the content type in TLS 1.3 */
    uint32_t fragment;
    bool ticket;
    bool whole_ticket; /* not only the wish for one */
};

static int on_limit_extension(void *context, unsigned int type, const unsigned char *data,
                              unsigned int size)
{
    struct record_limit *found = context;

    if (type == SESSION_TICKET) {
        found->ticket = true;
        found->whole_ticket = size > 0;
    }
    if (type == RECORD_SIZE_LIMIT && size == 2)
        found->limit = (uint32_t)data[0] << 8 | data[1];
    else if (type == MAX_FRAGMENT_LENGTH && size == 1 && data[0] >= 1 && data[0] <= 4)
        found->fragment = 256u << data[0];
    return 0;
}

/* The extensions of a ServerHello: behind session id, suite and compression. */
static bool server_hello_extensions(gnutls_datum_t *message)
{
    size_t skip = RANDOM_END + 1;

    if (message->size <= RANDOM_END)
        return false;
    skip += message->data[RANDOM_END] + 3u;
    if (message->size <= skip)
        return false;
    message->data += skip;
    message->size -= (unsigned int)skip;
    return true;
}

/* GnuTLS's own idea of the id is another on either side of a session resumed by ticket. */
void hello_session_id(struct session *session, const gnutls_datum_t *message)
{
    const uint8_t size = message->size > RANDOM_END ? message->data[RANDOM_END] : 0;

    if (size > sizeof(session->session_id) || message->size < RANDOM_END + 1u + size)
        return;
    memcpy(session->session_id, message->data + RANDOM_END + 1, size);
    session->session_id_size = size;
}

void hello_record_limit(struct session *session, unsigned int type, const gnutls_datum_t *message)
{
    struct record_limit found = {0, 0, false, false};
    gnutls_datum_t extensions = *message;
    unsigned int flags = 0;

    if (type == GNUTLS_HANDSHAKE_SERVER_HELLO)
        session->ticket_announced = false;
    if (type == GNUTLS_HANDSHAKE_CLIENT_HELLO)
        flags = session->datagram ? GNUTLS_EXT_RAW_FLAG_DTLS_CLIENT_HELLO
                                  : GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO;
    else if (type == GNUTLS_HANDSHAKE_SERVER_HELLO && !server_hello_extensions(&extensions))
        return;
    if (gnutls_ext_raw_parse(&found, on_limit_extension, &extensions, flags) < 0)
        return;
    if (type == GNUTLS_HANDSHAKE_SERVER_HELLO)
        session->ticket_announced = found.ticket;
    if (type == GNUTLS_HANDSHAKE_CLIENT_HELLO) {
        session->ticket_known = found.ticket;
        session->ticket_offered = found.whole_ticket;
    }
    /* RFC 8449 5: the newer extension wins. */
    if (found.limit)
        session->record_limit = found.limit;
    else if (found.fragment)
        session->fragment_limit = found.fragment;
}

void hello_suites(struct session *session, const gnutls_datum_t *message)
{
    const uint8_t *data = message->data;
    size_t offset = RANDOM_END, size;

    session->common_suites = 0;
    if (session->credentials->key_count < 2 || message->size <= offset)
        return;
    offset += 1u + data[offset]; /* session id */
    if (data[0] == DTLS_MAJOR && offset < message->size)
        offset += 1u + data[offset]; /* cookie */
    if (message->size < offset + 2)
        return;
    size = (size_t)data[offset] << 8 | data[offset + 1];
    offset += 2;
    for (; size >= 2 && offset + 2 <= message->size; size -= 2, offset += 2)
        session->common_suites |= priority_suite(session->credentials->priority, data + offset);
}
