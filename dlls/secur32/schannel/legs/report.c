/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One line for a connection that has come to be, with what was negotiated, and one for a handshake
 * that has failed, with who gave it up and why. Numbers are those of IANA's lists.
 */
#include "schannel/legs/report.h"
#include "core/trace.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/base/reason.h"
#include "schannel/credentials/suites.h"
#include "winegnutls/unixlib.h"

WINE_DEFAULT_DEBUG_CHANNEL(schannel);

static const char *version_name(uint32_t version)
{
    switch (version) {
    case 0x0301:
        return "TLS 1.0";
    case 0x0302:
        return "TLS 1.1";
    case 0x0303:
        return "TLS 1.2";
    case 0x0304:
        return "TLS 1.3";
    case 0xfeff:
        return "DTLS 1.0";
    case 0xfefd:
        return "DTLS 1.2";
    default:
        return "unknown version";
    }
}

void report_connected(const struct schannel_context *context)
{
    struct tls_info info = {.session = context->session};
    struct tls_names names = {.session = context->session};
    struct suite suite;

    if (!TRACE_ON(schannel) || engine_call(TLS_CALL_INFO, &info) != SEC_E_OK ||
        info.status != SEC_E_OK || engine_call(TLS_CALL_NAMES, &names) != SEC_E_OK ||
        names.status != SEC_E_OK)
        return;
    suite_describe(info.cipher_suite, info.signature, &suite);
    TRACE("context %p, %s %s: %s, %s, group %u, signature %04x, ALPN %s%s\n", context,
          context->role == TLS_SERVER ? "server for" : "client of",
          debugstr_an(names.server_name, (int)names.server_name_size), version_name(info.version),
          debugstr_w(suite.name), info.group, info.signature,
          debugstr_an((const char *)names.alpn, (int)names.alpn_size),
          info.flags & TLS_INFO_RESUMED ? ", resumed" : "");
}

void report_failed(const struct schannel_context *context, const struct tls_handshake *call)
{
    struct tls_reason reason;
    const char *text;

    if (!WARN_ON(schannel))
        return;
    text = engine_reason(&reason);
    if (call->alert == TLS_NO_ALERT)
        WARN("context %p, %s: %s%s%s\n", context, debugstr_w(context->target),
             debugstr_status(call->status), *text ? ": " : "", text);
    else
        WARN("context %p, %s: %s, %s alert %u%s%s\n", context, debugstr_w(context->target),
             debugstr_status(call->status), call->alert_received ? "received" : "sent", call->alert,
             *text ? ": " : "", text);
}

void report_refused_record(const struct schannel_context *context, SECURITY_STATUS status)
{
    struct tls_reason reason;

    if (WARN_ON(schannel))
        WARN("context %p, %s: %s: %s\n", context, debugstr_w(context->target),
             debugstr_status(status), engine_reason(&reason));
}
