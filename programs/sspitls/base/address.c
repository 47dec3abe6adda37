/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Network addresses as text, in both directions. */
#include "base/address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ws2tcpip.h>

#include "base/number.h"

bool is_port(const char *text)
{
    unsigned long long port;

    return read_number(text, &text, 65535, &port) && !*text;
}

bool split_address(const char *address, const char *usual_port, char **host, char **port)
{
    const char *colon = strrchr(address, ':'), *end = strrchr(address, ']');
    size_t length;

    *host = *port = NULL;
    if (usual_port && (!colon || (address[0] == '[' && end && end > colon && !end[1])))
        colon = NULL;
    else if (!colon)
        return false;
    length = colon ? (size_t)(colon - address) : strlen(address);
    if (!length)
        return false;
    if (address[0] == '[') {
        if (address[length - 1] != ']' || length < 3)
            return false;
        address++;
        length -= 2;
    } else if (memchr(address, ':', length)) {
        /* An IPv6 address without brackets: nobody knows where the port begins. */
        return false;
    }
    *host = malloc(length + 1);
    *port = strdup(colon ? colon + 1 : usual_port);
    if (!*host || !*port)
        return false;
    memcpy(*host, address, length);
    (*host)[length] = 0;
    return is_port(*port);
}

void format_address(const struct sockaddr *address, int address_size, char *text, size_t text_size)
{
    char host[64] = "?", port[8] = "?";

    getnameinfo(address, address_size, host, sizeof(host), port, sizeof(port),
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(text, text_size, strchr(host, ':') ? "[%s]:%s" : "%s:%s", host, port);
}
