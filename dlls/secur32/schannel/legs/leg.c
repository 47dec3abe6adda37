/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * One leg of a handshake: the caller's input to the engine, and what its result means.
 *
 * The engine works between the caller's buffers. Without *_REQ_ALLOCATE_MEMORY it writes into the
 * caller's output at once; with it, or when the output has no memory, into a scratch area on the
 * stack, so that the memory given out has the right size (legs/output.c).
 *
 * What the engine wants to know on the way, it is told in legs/drive.c; what its result makes of
 * the context is in legs/outcome.c.
 */
#include "schannel/legs/leg.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/credentials/cache.h"
#include "schannel/credentials/credentials.h"
#include "schannel/credentials/judgement.h"
#include "schannel/legs/carried.h"
#include "schannel/legs/datagram.h"
#include "schannel/legs/drive.h"
#include "schannel/legs/held.h"
#include "schannel/legs/outcome.h"
#include "schannel/legs/output.h"
#include "winegnutls/unixlib.h"

/* Holds most flights; a longer one is collected in two steps. */
#define SCRATCH_SIZE       8192
#define RECORD_HEADER_SIZE 5

/* Client: there is a certificate, or the program may find one when it is asked. */
static bool may_have_certificate(const struct schannel_context *context)
{
    return context->credentials->certificate_count ||
           !(context->requirements & ISC_REQ_USE_SUPPLIED_CREDS);
}

static bool wants_to_be_asked(const struct schannel_context *context)
{
    return !(context->requirements & ISC_REQ_USE_SUPPLIED_CREDS) &&
           context->caller != CALLER_WININET;
}

static void prepare_first(const struct leg *leg, struct tls_handshake *call)
{
    const struct schannel_context *context = leg->context;

    call->credentials = context->credentials->engine;
    call->server_name = (ULONG_PTR)leg->server_name;
    call->server_name_size = leg->server_name_size;
    call->alpn = (ULONG_PTR)leg->buffers.alpn;
    call->alpn_size = leg->buffers.alpn_size;
    if (!context->manual_validation)
        call->flags |= TLS_SESSION_VERIFY_PEER;
    if (context->role == TLS_SERVER)
        call->policy = judgement_of(context->credentials);
    if (context->no_reconnect)
        call->flags |= TLS_SESSION_NO_RESUME;
    if (context->credentials->winenet)
        call->flags |=
            context->caller == CALLER_WININET ? TLS_SESSION_HOLD_LAST : TLS_SESSION_NO_TLS1_3;
    else if (may_have_certificate(context))
        call->flags |= TLS_SESSION_LATER_REQUEST;
    if (context->credentials->no_renegotiation)
        call->flags |= TLS_SESSION_NO_RENEGOTIATION;
    if (leg->resume) {
        call->resume = (ULONG_PTR)leg->resume->data;
        call->resume_size = leg->resume->size;
    }
}

/* Whether there is no input where TLS needs some. A datagram's leg without any repeats its flight,
 * and one that answers SEC_I_INCOMPLETE_CREDENTIALS may be an answer alone. */
static bool lacks_input(const struct leg *leg, const struct tls_handshake *call)
{
    const struct schannel_context *context = leg->context;

    return !call->input_size && !context->datagram && !context->incomplete_credentials &&
           (!leg->first || context->role == TLS_SERVER);
}

static void give_alert(const struct leg *leg, const struct tls_handshake *call)
{
    const bool present =
        leg_failed(call->status) && call->alert != TLS_NO_ALERT && !call->alert_received;

    buffers_set_alert(&leg->buffers, leg->allocate_alert, present, (BYTE)call->alert_level,
                      (BYTE)call->alert);
}

/* The alert that is due since DecryptMessage has failed is given out whatever this leg was for, and
 * whatever its flags are. */
static SECURITY_STATUS deliver(const struct leg *leg, const struct tls_handshake *call,
                               const BYTE *start)
{
    struct leg failed = *leg;

    if (!leg->context->receive.failed)
        return output_deliver(leg, call, start);
    failed.extended_error = true;
    give_alert(leg, call);
    return output_deliver(&failed, call, start);
}

static SECURITY_STATUS handshake(const struct leg *leg, struct tls_handshake *call,
                                 const BYTE *start)
{
    struct schannel_context *context = leg->context;
    const struct leg_buffers *buffers = &leg->buffers;
    SECURITY_STATUS status;

    call->action = TLS_ACTION_HANDSHAKE;
    if (context->role == TLS_SERVER && (context->requirements & ASC_REQ_MUTUAL_AUTH))
        call->flags |= TLS_SESSION_REQUEST_CERT;
    if (context->role == TLS_CLIENT && wants_to_be_asked(context))
        call->flags |= TLS_SESSION_ASK_CREDENTIALS;
    if (!context->session)
        prepare_first(leg, call);
    else if (leg->credentials)
        call->credentials = leg->credentials->engine;
    if (buffers->input && (!leg->first || context->role == TLS_SERVER)) {
        call->input = (ULONG_PTR)buffers->input->pvBuffer;
        call->input_size = buffers->input->cbBuffer;
    }
    status = context->datagram ? datagram_prepare(leg, call) : held_begin(context, call);
    if (status != SEC_E_OK)
        return status;
    if (lacks_input(leg, call)) {
        if (!context->connected) {
            buffers_set_missing(buffers, RECORD_HEADER_SIZE);
            return SEC_E_INCOMPLETE_MESSAGE;
        }
        if (context->state == SCHANNEL_CLOSED) {
            output_give(leg, NULL, 0);
            return SEC_I_CONTEXT_EXPIRED;
        }
        /* Without input a program asks for a new handshake on the old connection. */
        call->action = TLS_ACTION_RENEGOTIATE;
    }
    if (context->state == SCHANNEL_RENEGOTIATE_REQUESTED) {
        call->action = TLS_ACTION_RENEGOTIATE;
        call->input_size = 0;
        leg_renegotiates(context);
    }

    leg_drive(leg, call);
    if (context->datagram && !context->session && call->written == 0)
        return datagram_refused(leg, call);
    leg_driven(context, call);
    held_end(context, call);
    carried_begin(leg, call);
    if (call->status == SEC_E_INCOMPLETE_MESSAGE) {
        buffers_set_missing(buffers, call->missing ? call->missing : 1);
        return SEC_E_INCOMPLETE_MESSAGE;
    }
    give_alert(leg, call);
    return deliver(leg, call, start);
}

/* Sends what a control token asked for. A DTLS server that waits for a cookie knows no one to send
 * it to. */
static void drive_token(const struct leg *leg, struct tls_handshake *call)
{
    if (leg->context->session)
        leg_drive(leg, call);
    else
        call->status = SEC_E_OK;
}

static SECURITY_STATUS run(const struct leg *leg)
{
    struct schannel_context *context = leg->context;
    const SecBuffer *output = leg->buffers.output;
    BYTE scratch[SCRATCH_SIZE], *start = scratch;
    struct tls_handshake call = {.session = context->session, .output_size = sizeof(scratch)};

    if (!leg->allocate) {
        start = output ? output->pvBuffer : NULL;
        call.output_size = start ? output->cbBuffer : 0;
    }
    call.output = (ULONG_PTR)start;

    switch (context->state) {
    case SCHANNEL_FAILED:
        output_give(leg, NULL, 0);
        return context->failure;
    case SCHANNEL_SHUTDOWN_REQUESTED:
        call.action = TLS_ACTION_SHUTDOWN;
        drive_token(leg, &call);
        leg_shutdown_sent(context, call.status);
        return deliver(leg, &call, start);
    case SCHANNEL_ALERT_REQUESTED:
        call.action = TLS_ACTION_ALERT;
        call.alert_level = context->alert.level;
        call.alert = context->alert.number;
        drive_token(leg, &call);
        leg_alert_sent(context, call.status);
        return deliver(leg, &call, start);
    default:
        return handshake(leg, &call, start);
    }
}

SECURITY_STATUS leg_run(struct leg *leg)
{
    SECURITY_STATUS status;

    context_lock(leg->context);
    if (leg->context->replay.waiting)
        status = output_replay(leg);
    else if (datagram_waits(leg->context))
        status = datagram_next(leg);
    else
        status = run(leg);
    context_unlock(leg->context);
    return status;
}
