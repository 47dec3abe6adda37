/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Lines as NSS began to write them: a label, the client's random bytes, the secret. Each is one
 * write to the end of the file, which other processes may be writing to as well.
 *
 * GnuTLS does the same by itself for SSLKEYLOGFILE of the unix side's environment, but not for a
 * path of Windows, nor when a program sets the variable; and with whatever mode the process creates
 * files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <gnutls/crypto.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/session/keylog.h"

#define MAX_LABEL  64
#define MAX_SECRET 64 /* SHA-512's */
#define RANDOM     32

static atomic_int file = -1;

static char *write_hex(char *text, const gnutls_datum_t *bytes)
{
    for (unsigned int i = 0; i < bytes->size; i++)
        text += sprintf(text, "%02x", bytes->data[i]);
    return text;
}

static int write_line(gnutls_session_t tls, const char *label, const gnutls_datum_t *secret)
{
    char line[MAX_LABEL + 1 + 2 * RANDOM + 1 + 2 * MAX_SECRET + 2], *end;
    gnutls_datum_t client, server;

    if (secret->size > MAX_SECRET)
        return 0;
    gnutls_session_get_random(tls, &client, &server);
    end = line + snprintf(line, MAX_LABEL + 2, "%.*s ", MAX_LABEL, label);
    end = write_hex(end, &client);
    *end++ = ' ';
    end = write_hex(end, secret);
    *end++ = '\n';
    while (write(atomic_load(&file), line, (size_t)(end - line)) < 0 && errno == EINTR)
        continue;
    gnutls_memset(line, 0, sizeof(line));
    return 0;
}

void keylog_use(gnutls_session_t tls)
{
    if (atomic_load_explicit(&file, memory_order_relaxed) >= 0)
        gnutls_session_set_keylog_function(tls, write_line);
}

void call_keylog(struct tls_keylog *params)
{
    const char *path = pointer(params->path);
    int opened, none = -1;

    params->status = SEC_E_INVALID_PARAMETER;
    if (!path)
        return;
    opened = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (opened < 0)
        return;
    params->status = SEC_E_OK;
    /* For good: sessions may be writing to the first one. */
    if (!atomic_compare_exchange_strong(&file, &none, opened))
        close(opened);
}
