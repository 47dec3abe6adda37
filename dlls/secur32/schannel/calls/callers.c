/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Callers inside Wine that rely on what Wine's own secur32 does and Windows does not.
 *
 * They cannot be told what they are, so they are known by what they ask for, as narrowly as that
 * goes: nobody else may meet what is made for them. All of it is here or asks context->caller.
 *
 * wininet, winhttp: SCHANNEL_CRED, USE_SESSION_KEY and no STREAM. They drop the token that comes
 * with SEC_E_OK, so nothing is resumed, and know no SEC_I_INCOMPLETE_CREDENTIALS. If it is also
 * their code that made the credential (credentials/winenet.c) they get TLS 1.3, within their rules
 * (legs/carried.c).
 *
 * wldap32: SCHANNEL_CRED of zeroes and exactly four flags. Behind SEC_E_INCOMPLETE_MESSAGE of
 * DecryptMessage it takes MISSING for the size of the whole record, and with what Windows puts
 * there it would read nothing and call again for ever. Behind a handshake that failed, that of
 * Wine 8.0 begins another one on the same connection, over the handle of the one before, until one
 * succeeds. The answer to that is SEC_E_OK and the handle as it is: of a context that is not
 * connected, over which nothing can be sent, so that the program's next step fails.
 */
#include "schannel/calls/callers.h"
#include "core/package.h"
#include "schannel/base/context.h"
#include "schannel/credentials/credentials.h"

#define WLDAP32_FLAGS                                                                              \
    (ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM | ISC_REQ_USE_SUPPLIED_CREDS |                       \
     ISC_REQ_ALLOCATE_MEMORY)

enum caller caller_find(const struct schannel_credentials *credentials, ULONG requirements)
{
    if (credentials->version != SCHANNEL_CRED_VERSION)
        return CALLER_ANY;
    if ((requirements & ISC_REQ_USE_SESSION_KEY) && !(requirements & ISC_REQ_STREAM))
        return CALLER_WININET;
    if (requirements == WLDAP32_FLAGS && !credentials->flags && !credentials->root_store &&
        !credentials->certificate_count)
        return CALLER_WLDAP32;
    return CALLER_ANY;
}

bool caller_tries_for_ever(const struct schannel_credentials *credentials,
                           const struct initialize_args *args)
{
    struct schannel_context *context = (struct schannel_context *)args->abandoned;
    bool connected;

    if (!credentials || caller_find(credentials, args->requirements) != CALLER_WLDAP32)
        return false;
    if (!context || context->base.object.package != credentials->base.object.package ||
        context->credentials != credentials)
        return false;
    context_lock(context);
    connected = context->connected;
    context_unlock(context);
    return !connected;
}
