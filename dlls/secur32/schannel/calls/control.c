/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ApplyControlToken: what the next InitializeSecurityContext or AcceptSecurityContext shall do.
 *
 *   SCHANNEL_SHUTDOWN     it writes our close_notify, another one each time. After a failure it is
 *                         accepted and does nothing, because programs shut down what they close.
 *   SCHANNEL_ALERT        it writes that alert, also behind our close_notify and after a failure. A
 *                         fatal one ends the context.
 *   SCHANNEL_SESSION      DISABLE_RECONNECTS: this session is not kept for resumption (client), or
 *                         offered again (ENABLE_RECONNECTS). A server hands out its tickets in the
 *                         handshake; there the token comes too late to change anything and is
 *                         accepted. A server without tickets is SCH_CRED_DISABLE_RECONNECTS.
 *   SCHANNEL_RENEGOTIATE  it asks for a new handshake, as a leg without input does.
 */
#include "schannel/calls/calls.h"
#include "core/package.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/credentials/cache.h"
#include "schannel/credentials/credentials.h"
#include "schannel/legs/outcome.h"
#include "winegnutls/unixlib.h"

static SECURITY_STATUS request_shutdown(struct schannel_context *context)
{
    if (context->state != SCHANNEL_FAILED)
        leg_request(context, SCHANNEL_SHUTDOWN_REQUESTED);
    return SEC_E_OK;
}

static SECURITY_STATUS request_alert(struct schannel_context *context, const SecBuffer *buffer)
{
    SCHANNEL_ALERT_TOKEN token;

    if (buffer->cbBuffer < sizeof(token))
        return SEC_E_INVALID_TOKEN;
    memcpy(&token, buffer->pvBuffer, sizeof(token));
    if ((token.dwAlertType != TLS1_ALERT_WARNING && token.dwAlertType != TLS1_ALERT_FATAL) ||
        token.dwAlertNumber > 255)
        return SEC_E_INVALID_TOKEN;
    context->alert.level = token.dwAlertType;
    context->alert.number = token.dwAlertNumber;
    leg_request(context, SCHANNEL_ALERT_REQUESTED);
    return SEC_E_OK;
}

static SECURITY_STATUS request_renegotiation(struct schannel_context *context)
{
    if (context->state == SCHANNEL_FAILED)
        return context->failure;
    if (!context->connected)
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (context->send.closed)
        return SEC_E_CONTEXT_EXPIRED;
    leg_request(context, SCHANNEL_RENEGOTIATE_REQUESTED);
    return SEC_E_OK;
}

static SECURITY_STATUS set_reconnects(struct schannel_context *context, const SecBuffer *buffer)
{
    bool checked = !context->manual_validation;
    SCHANNEL_SESSION_TOKEN token;

    if (buffer->cbBuffer < sizeof(token))
        return SEC_E_INVALID_TOKEN;
    memcpy(&token, buffer->pvBuffer, sizeof(token));
    switch (token.dwFlags) {
    case SSL_SESSION_ENABLE_RECONNECTS:
        context->no_reconnect = false;
        return SEC_E_OK;
    case SSL_SESSION_DISABLE_RECONNECTS:
        context->no_reconnect = true;
        if (context->role == TLS_CLIENT)
            session_cache_forget(sessions_of(context->credentials, context->datagram),
                                 context->target, checked);
        return SEC_E_OK;
    default:
        return SEC_E_INVALID_TOKEN;
    }
}

SECURITY_STATUS schannel_apply_control_token(struct context *base, SecBufferDesc *input)
{
    struct schannel_context *context = (struct schannel_context *)base;
    const SecBuffer *buffer = buffer_find(input, SECBUFFER_TOKEN);
    SECURITY_STATUS status;
    DWORD kind;

    if (!buffer || input->cBuffers != 1)
        return SEC_E_INVALID_TOKEN;
    /* What Windows answers to a token too short to say what it is. */
    if (!buffer->pvBuffer || buffer->cbBuffer < sizeof(kind))
        return SEC_E_UNSUPPORTED_FUNCTION;
    memcpy(&kind, buffer->pvBuffer, sizeof(kind));

    context_lock(context);
    switch (kind) {
    case SCHANNEL_SHUTDOWN:
        status = request_shutdown(context);
        break;
    case SCHANNEL_ALERT:
        status = request_alert(context, buffer);
        break;
    case SCHANNEL_RENEGOTIATE:
        status = request_renegotiation(context);
        break;
    case SCHANNEL_SESSION:
        status = set_reconnects(context, buffer);
        break;
    default:
        status = SEC_E_UNSUPPORTED_FUNCTION;
        break;
    }
    context_unlock(context);
    return status;
}
