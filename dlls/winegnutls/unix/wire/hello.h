/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a ClientHello in records. What the session notes of hellos is session/peerhello.h's. */
#ifndef UNIX_WIRE_HELLO_H
#define UNIX_WIRE_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

/* The ClientHello that these records begin with; it is put together when it is first asked for
 * something, once for all. */
struct client_hello {
    const uint8_t *records;
    size_t size;
    /* wire/hello.c's */
    bool read;
    uint8_t *memory;
    gnutls_datum_t body; /* behind its header; no data: there is no whole one, or no memory */
};

void client_hello_free(struct client_hello *hello);

/* Whether it offers one of `protocols`; true when that cannot be told. */
bool client_hello_shares_version(struct client_hello *hello, uint32_t protocols);
/* Calls `found` for every extension; false when there is no whole and well-formed hello. */
typedef int (*extension_callback)(void *context, unsigned int type, const unsigned char *data,
                                  unsigned int size);
bool client_hello_extensions(struct client_hello *hello, extension_callback found, void *context);

#endif
