/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See tls/alpn.h. */
#include "tls/alpn.h"

#include <winsock2.h>
#include <windows.h>
#define SECURITY_WIN32
#include <sspi.h>
#include <string.h>

#define HEADER  10 /* size of all lists, kind and size of the one */
#define LONGEST 255

size_t alpn_build(const char *names, unsigned char *list, size_t room)
{
    const ULONG extension = SecApplicationProtocolNegotiationExt_ALPN;
    size_t used = HEADER, length;
    ULONG lists_size;
    USHORT list_size;

    while (*names) {
        length = strcspn(names, ",");
        if (!length || length > LONGEST || used + 1 + length > room)
            return 0;
        list[used++] = (unsigned char)length;
        memcpy(list + used, names, length);
        used += length;
        names += length;
        if (*names == ',')
            names++;
    }
    list_size = (USHORT)(used - HEADER);
    lists_size = (ULONG)(used - sizeof(lists_size));
    memcpy(list, &lists_size, sizeof(lists_size));
    memcpy(list + 4, &extension, sizeof(extension));
    memcpy(list + 8, &list_size, sizeof(list_size));
    return used;
}
