/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The list of application protocols, as SSPI wants it. */
#ifndef SSPITLS_ALPN_H
#define SSPITLS_ALPN_H

#include <stddef.h>

/*
 * "h2,http/1.1" as SEC_APPLICATION_PROTOCOLS, which is not aligned inside, in a buffer of `room`
 * bytes: the size, or 0 for a list with an empty or too long name, or one that is too long.
 */
size_t alpn_build(const char *names, unsigned char *list, size_t room);

#endif
