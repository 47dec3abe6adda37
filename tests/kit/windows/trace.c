/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Debug channels that nobody looks at.
 */
#include "core/trace.h"

unsigned char trace_ask(struct trace_channel *channel)
{
    __atomic_store_n(&channel->wanted, 0, __ATOMIC_RELAXED);
    return 0;
}

void trace_write(struct trace_channel *channel, enum trace_class class, const char *function,
                 const char *format, ...)
{
    (void)channel;
    (void)class;
    (void)function;
    (void)format;
}

const char *trace_quote_wide(char *text, const WCHAR *string, int length)
{
    (void)string;
    (void)length;
    return text;
}

const char *trace_quote(char *text, const char *string, int length)
{
    (void)string;
    (void)length;
    return text;
}

const char *trace_status(char *text, SECURITY_STATUS status)
{
    (void)status;
    return text;
}
