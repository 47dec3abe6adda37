/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends back what comes. */
#include "server/echo.h"

static size_t echo_receive(void *state, struct connection *connection, const unsigned char *data,
                           size_t size)
{
    (void)state;
    return connection_write(connection, data, size) ? size : 0;
}

const struct application echo_application = {.receive = echo_receive};
