/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reading a ClientHello in records. What the session notes of hellos is session/peerhello.h's. */
#ifndef UNIX_WIRE_HELLO_H
#define UNIX_WIRE_HELLO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the ClientHello of these records offers one of `protocols`; true when that cannot be
 * told. */
bool client_hello_shares_version(const uint8_t *data, size_t size, uint32_t protocols);
/* Calls `found` for every extension of the ClientHello these records hold; false when there is no
 * whole and well-formed one, or no memory. */
typedef int (*extension_callback)(void *context, unsigned int type, const unsigned char *data,
                                  unsigned int size);
bool client_hello_extensions(const uint8_t *data, size_t size, extension_callback found,
                             void *context);

#endif
