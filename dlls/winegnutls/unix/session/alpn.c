/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Application protocols (RFC 7301).
 *
 * GnuTLS takes 8 names of at most 31 bytes, and does not let the extension be replaced. A client is
 * bound to that. A server with a longer list makes the choice itself, from the ClientHello that it
 * has before it makes a session, and gives GnuTLS the one name that is the answer.
 */
#include <string.h>

#include "unix/session/alpn.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"
#include "unix/wire/hello.h"

#define MAX_NAMES      8
#define MAX_NAME_SIZE  31
#define ALPN_EXTENSION 16

/* Takes the next of (u8 length, bytes)... off *offset; false: the end, or malformed. */
static bool next_name(const uint8_t *list, uint32_t size, uint32_t *offset, gnutls_datum_t *name)
{
    if (*offset >= size || !list[*offset] || list[*offset] > size - *offset - 1)
        return false;
    name->size = list[*offset];
    name->data = (uint8_t *)list + *offset + 1;
    *offset += 1 + name->size;
    return true;
}

static bool has_name(const uint8_t *list, uint32_t size, const gnutls_datum_t *wanted)
{
    gnutls_datum_t name;
    uint32_t offset = 0;

    while (next_name(list, size, &offset, &name))
        if (name.size == wanted->size && !memcmp(name.data, wanted->data, name.size))
            return true;
    return false;
}

struct choice {
    const uint8_t *own;
    uint32_t own_size;
    bool offered;  /* the client names protocols */
    bool too_long; /* one in common is */
    gnutls_datum_t chosen;
};

static int on_alpn_extension(void *context, unsigned int type, const unsigned char *data,
                             unsigned int size)
{
    struct choice *choice = context;
    gnutls_datum_t name;
    uint32_t offset = 0;

    if (type != ALPN_EXTENSION || size < 2)
        return 0;
    choice->offered = true;
    while (!choice->chosen.data && next_name(choice->own, choice->own_size, &offset, &name)) {
        if (!has_name(data + 2, size - 2, &name))
            continue;
        if (name.size <= MAX_NAME_SIZE)
            choice->chosen = name;
        else
            choice->too_long = true;
    }
    return 0;
}

/* A server whose list is too long for GnuTLS. */
static int choose(struct session *session, const uint8_t *list, uint32_t size,
                  struct client_hello *hello)
{
    struct choice choice = {.own = list, .own_size = size};
    uint8_t nothing = 0;

    if (!client_hello_extensions(hello, on_alpn_extension, &choice))
        return GNUTLS_E_UNIMPLEMENTED_FEATURE;
    if (!choice.offered)
        return 0;
    if (!choice.chosen.data && choice.too_long)
        return GNUTLS_E_UNIMPLEMENTED_FEATURE;
    /* A name that nobody has makes GnuTLS say that there is none in common. */
    if (!choice.chosen.data)
        choice.chosen = (gnutls_datum_t){&nothing, 1};
    return gnutls_alpn_set_protocols(session->tls, &choice.chosen, 1, GNUTLS_ALPN_MANDATORY);
}

int alpn_set(struct session *session, const uint8_t *list, uint32_t size,
             struct client_hello *hello)
{
    bool server = session->credentials->role == TLS_SERVER, fits = true;
    gnutls_datum_t names[MAX_NAMES], name;
    unsigned int count = 0;
    uint32_t offset = 0;

    while (next_name(list, size, &offset, &name)) {
        fits = fits && count < MAX_NAMES && name.size <= MAX_NAME_SIZE;
        if (fits)
            names[count++] = name;
    }
    if (offset != size)
        return GNUTLS_E_INVALID_REQUEST;
    if (!fits)
        return server ? choose(session, list, size, hello) : GNUTLS_E_UNIMPLEMENTED_FEATURE;
    /* A server ends the handshake when the client names protocols and none is ours. */
    return gnutls_alpn_set_protocols(session->tls, names, count,
                                     server ? GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE
                                            : 0);
}
