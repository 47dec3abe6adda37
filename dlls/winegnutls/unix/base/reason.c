/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A text of each thread's own: the thread that called is the one that asks. What runs below GnuTLS
 * may be in a helper's thread (credentials/helper.c) and says nothing; GnuTLS's error does,
 * afterwards.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <gnutls/gnutls.h>

#include "unix/base/calls.h"
#include "unix/base/reason.h"

static _Thread_local char text[sizeof(((struct tls_reason *)NULL)->text)];

void reason_say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
}

void reason_error(int error)
{
    reason_say("%s", gnutls_strerror(error));
}

void reason_alert(uint32_t alert)
{
    const char *name = gnutls_alert_get_name((gnutls_alert_description_t)alert);

    reason_say("the peer sent alert %u, %s", alert, name ? name : "which has no name");
}

void reason_forget(void)
{
    text[0] = 0;
}

void call_reason(struct tls_reason *params)
{
    memcpy(params->text, text, sizeof(text));
    text[0] = 0;
}
