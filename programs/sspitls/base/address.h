/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network addresses as text. */
#ifndef SSPITLS_ADDRESS_H
#define SSPITLS_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <winsock2.h>

/* A decimal number that can be a port. */
bool is_port(const char *text);
/* "HOST:PORT", "[IPv6]:PORT" -> two strings to free, and with a usual port also "HOST", "[IPv6]";
 * false when it is none of these. */
bool split_address(const char *address, const char *usual_port, char **host, char **port);
/* The other way round; "?" for what cannot be told. */
void format_address(const struct sockaddr *address, int address_size, char *text, size_t text_size);

#endif
