/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "schannel/base/reason.h"
#include "core/trace.h"
#include "schannel/base/engine.h"

WINE_DEFAULT_DEBUG_CHANNEL(gnutls);

const char *engine_reason(struct tls_reason *reason)
{
    reason->text[0] = 0;
    engine_call(TLS_CALL_REASON, reason);
    if (reason->text[0])
        WARN("%s\n", reason->text);
    return reason->text;
}
