/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the result of a leg, of an alert or of a control token makes of the context. Nobody else
 * moves its state. A connection that has come to be is kept for the next one to the same target;
 * one that has not may be the fault of what it tried to resume, which is forgotten.
 */
#include "schannel/legs/outcome.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/credentials/cache.h"
#include "schannel/credentials/credentials.h"
#include "schannel/legs/report.h"
#include "winegnutls/unixlib.h"

/* EncryptMessage, which looks at its own direction only, learns here that nothing may follow, ever
 * again. */
static void move_to(struct schannel_context *context, enum schannel_state state)
{
    context->state = state;
    if (state == SCHANNEL_SHUTDOWN_REQUESTED || state == SCHANNEL_CLOSED)
        context->send.closed = true;
}

void leg_request(struct schannel_context *context, enum schannel_state requested)
{
    move_to(context, requested);
}

void leg_renegotiates(struct schannel_context *context)
{
    move_to(context, SCHANNEL_CONNECTED);
}

/* Keeps what a later connection to the same target can resume with. */
static void keep_session(struct schannel_context *context)
{
    BYTE small[4096], *data = small;
    struct tls_get_blob call = {
        .session = context->session, .buffer = (ULONG_PTR)data, .buffer_size = sizeof(small)};
    bool checked = !context->manual_validation;

    if (context->no_reconnect || !session_cache_serves(context->target) ||
        engine_call(TLS_CALL_RESUMPTION_DATA, &call) != SEC_E_OK)
        return;
    if (call.status == SEC_E_BUFFER_TOO_SMALL) {
        data = HeapAlloc(GetProcessHeap(), 0, call.size);
        if (!data)
            return;
        call.buffer = (ULONG_PTR)data;
        call.buffer_size = call.size;
        if (engine_call(TLS_CALL_RESUMPTION_DATA, &call) != SEC_E_OK)
            call.status = SEC_E_INTERNAL_ERROR;
    }
    if (call.status == SEC_E_OK) {
        session_cache_keep(sessions_of(context->credentials, context->datagram), context->target,
                           checked, data, call.size);
        RtlSecureZeroMemory(data, call.size);
    }
    if (data != small)
        HeapFree(GetProcessHeap(), 0, data);
}

static void become_connected(struct schannel_context *context, const struct tls_handshake *call)
{
    context->sizes = call->sizes;
    /* A server that asked for a certificate: did the client have one? */
    context->peer_authenticated = context->role == TLS_CLIENT || call->peer_certificate;
    context->connected = true;
    report_connected(context);
    move_to(context, context->send.closed ? SCHANNEL_CLOSED : SCHANNEL_CONNECTED);
}

void leg_fail(struct schannel_context *context, SECURITY_STATUS status)
{
    move_to(context, SCHANNEL_FAILED);
    context->failure = status;
    /* Perhaps it is the session we tried to resume that the server cannot cope with. */
    if (context->role == TLS_CLIENT && !context->connected)
        session_cache_forget(sessions_of(context->credentials, context->datagram), context->target,
                             !context->manual_validation);
}

void leg_driven(struct schannel_context *context, const struct tls_handshake *call)
{
    if (call->status == SEC_E_OK && call->renewed)
        become_connected(context, call);
    if (call->new_session)
        keep_session(context);
    if (leg_failed(call->status)) {
        report_failed(context, call);
        leg_fail(context, call->status);
    }
}

void leg_alert_sent(struct schannel_context *context, SECURITY_STATUS status)
{
    if (status != SEC_E_OK)
        leg_fail(context, status);
    else if (context->failure != SEC_E_OK)
        move_to(context, SCHANNEL_FAILED);
    else if (context->alert.level == TLS1_ALERT_FATAL)
        leg_fail(context, SEC_E_CONTEXT_EXPIRED);
    else if (context->alert.number == TLS1_ALERT_CLOSE_NOTIFY || context->send.closed)
        move_to(context, SCHANNEL_CLOSED);
    else
        move_to(context, context->connected ? SCHANNEL_CONNECTED : SCHANNEL_HANDSHAKE);
}

void leg_shutdown_sent(struct schannel_context *context, SECURITY_STATUS status)
{
    if (status == SEC_E_OK)
        move_to(context, SCHANNEL_CLOSED);
    else
        leg_fail(context, status);
}
