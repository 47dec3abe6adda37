/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Wine's debug channels: what WINEDEBUG=+schannel shows on stderr, and ASYNCSSPI_LOG=FILE keeps in
 * a file. The names are those of Wine's own wine/debug.h, which is used in Wine's source tree.
 *
 * A file names its channel once: WINE_DEFAULT_DEBUG_CHANNEL(secur32) for what every package has in
 * common, (schannel) for TLS; (gnutls) is what the engine gives as its reasons. Nothing is
 * formatted when nobody looks. No secret may go into a line; whatever the peer sent goes through
 * debugstr_, which leaves nothing that a terminal would obey.
 *
 *   ERR    only what the user has to do something about, once per cause: it is shown by default
 *   WARN   why something failed
 *   TRACE  one line for each credential, leg, close; none for a record
 */
#ifndef ASYNCSSPI_TRACE_H
#define ASYNCSSPI_TRACE_H

#include "core/sspitypes.h"

#ifdef __WINESRC__
#include <wine/debug.h>
#else

/* The numbers are Wine's. */
enum trace_class { TRACE_CLASS_ERR = 1, TRACE_CLASS_WARN, TRACE_CLASS_TRACE };

#define TRACE_NOT_ASKED 0xff /* nobody has looked yet which classes are wanted */

struct trace_channel {
    unsigned char wanted; /* set of 1 << class, or TRACE_NOT_ASKED */
    struct wine_channel { /* as Wine's functions take it */
        unsigned char flags;
        char name[15];
    } wine;
};

#define WINE_DECLARE_DEBUG_CHANNEL(channel)                                                        \
    static struct trace_channel trace_##channel = {TRACE_NOT_ASKED, {0xff, #channel}}
#define WINE_DEFAULT_DEBUG_CHANNEL(channel)                                                        \
    WINE_DECLARE_DEBUG_CHANNEL(channel);                                                           \
    static struct trace_channel *const trace_default = &trace_##channel

/* Which classes of the channel somebody looks at; asked for once. */
unsigned char trace_ask(struct trace_channel *channel);

/* The line has its end in format. */
void trace_write(struct trace_channel *channel, enum trace_class class, const char *function,
                 const char *format, ...) __attribute__((format(printf, 4, 5)));

static inline bool trace_wanted(struct trace_channel *channel, enum trace_class class)
{
    unsigned char wanted = __atomic_load_n(&channel->wanted, __ATOMIC_RELAXED);

    if (__builtin_expect(!(wanted & 1 << class), 1))
        return false;
    return wanted != TRACE_NOT_ASKED || trace_ask(channel) & 1 << class;
}

#define TRACE_LINE(channel, class, ...)                                                            \
    do {                                                                                           \
        if (trace_wanted(channel, class))                                                          \
            trace_write(channel, class, __func__, __VA_ARGS__);                                    \
    } while (0)

#define TRACE(...)                  TRACE_LINE(trace_default, TRACE_CLASS_TRACE, __VA_ARGS__)
#define WARN(...)                   TRACE_LINE(trace_default, TRACE_CLASS_WARN, __VA_ARGS__)
#define ERR(...)                    TRACE_LINE(trace_default, TRACE_CLASS_ERR, __VA_ARGS__)
#define TRACE_ON(channel)           trace_wanted(&trace_##channel, TRACE_CLASS_TRACE)
#define WARN_ON(channel)            trace_wanted(&trace_##channel, TRACE_CLASS_WARN)

/* Room for a text and its quotes; what does not fit is left out behind "...". */
#define TRACE_TEXT                  320

/* Into text, of TRACE_TEXT bytes; the result is text, or a constant for NULL. */
const char *trace_quote_wide(char *text, const WCHAR *string, int length);
const char *trace_quote(char *text, const char *string, int length);

/* In memory of the block that the line is in. Negative lengths: up to the end of the string. */
#define debugstr_wn(string, length) trace_quote_wide((char[TRACE_TEXT]){0}, string, length)
#define debugstr_an(string, length) trace_quote((char[TRACE_TEXT]){0}, string, length)
#define debugstr_w(string)          debugstr_wn(string, -1)
#define debugstr_a(string)          debugstr_an(string, -1)

#endif

/* When the DLL is unloaded. */
void trace_release(void);

/* "SEC_E_UNTRUSTED_ROOT", or the number, in text of 12 bytes. */
const char *trace_status(char *text, SECURITY_STATUS status);
#define debugstr_status(status) trace_status((char[12]){0}, status)

#endif
