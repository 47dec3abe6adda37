/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Legs of DTLS (ISC_REQ_DATAGRAM, ASC_REQ_DATAGRAM).
 *
 * The input is one datagram, all of which is consumed. The output is one datagram per call: when a
 * flight takes several the status is SEC_I_MESSAGE_FRAGMENT, and the program calls again without
 * input until it is another one, that of the leg. A call without input and with nothing left to
 * send says that the program's timer has run out: the last flight is sent again.
 *
 * A server answers the first ClientHello with a cookie for the address in the EXTRA input buffer.
 * The context given out with that holds nothing of the client's; a program may keep it for the
 * answer or delete it and begin with a NULL context again, which is the same.
 *
 * Source of the facts: the reference pages of InitializeSecurityContext, AcceptSecurityContext and
 * SetContextAttributes (Schannel), and how programs that run on Windows call them.
 */
#include "schannel/legs/datagram.h"
#include "schannel/attributes/srtp.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "schannel/legs/outcome.h"
#include "winegnutls/unixlib.h"

static bool is_connecting(const struct schannel_context *context)
{
    return !context->connected && context->state == SCHANNEL_HANDSHAKE;
}

bool datagram_waits(const struct schannel_context *context)
{
    return context->flight.next &&
           (context->state == SCHANNEL_HANDSHAKE || context->state == SCHANNEL_CONNECTED);
}

/* A new session's MTU from its buffer, if there is one. */
static bool take_mtu(struct schannel_context *context, const SecBuffer *buffer)
{
    SEC_DTLS_MTU mtu;

    if (!buffer)
        return true;
    if (buffer->cbBuffer < sizeof(mtu) || !buffer->pvBuffer)
        return false;
    memcpy(&mtu, buffer->pvBuffer, sizeof(mtu));
    if (mtu.PathMTU < TLS_MINIMUM_MTU)
        return false;
    context->mtu = mtu.PathMTU;
    return true;
}

SECURITY_STATUS datagram_prepare(const struct leg *leg, struct tls_handshake *call)
{
    struct schannel_context *context = leg->context;
    const SecBuffer *address = leg->buffers.address;
    SECURITY_STATUS status;

    if (context->session && (call->input_size || is_connecting(context)))
        return SEC_E_OK;
    if (context->state == SCHANNEL_CLOSED) {
        output_give(leg, NULL, 0);
        return SEC_I_CONTEXT_EXPIRED;
    }
    if (context->session) {
        /* As with TLS a wish to renegotiate, which the engine does not grant here. */
        call->action = TLS_ACTION_RENEGOTIATE;
        return SEC_E_OK;
    }
    if (!take_mtu(context, leg->buffers.mtu))
        return SEC_E_INVALID_PARAMETER;
    status = srtp_prepare(leg, call);
    if (status)
        return status;
    call->flags |= TLS_SESSION_DATAGRAM;
    call->mtu = context->mtu;
    if (context->role == TLS_CLIENT)
        return SEC_E_OK;
    if (!address)
        return SEC_E_INVALID_PARAMETER;
    call->client_address = (ULONG_PTR)address->pvBuffer;
    call->client_address_size = address->cbBuffer;
    return SEC_E_OK;
}

SECURITY_STATUS datagram_refused(const struct leg *leg, const struct tls_handshake *call)
{
    bool room = call->status == SEC_E_BUFFER_TOO_SMALL;

    output_give(leg, NULL, room ? call->next_datagram : 0);
    /* What is no ClientHello is dropped, RFC 6347 4.1.2.7. */
    if (call->status == SEC_E_INCOMPLETE_MESSAGE && !leg->first)
        return SEC_I_CONTINUE_NEEDED;
    if (leg_failed(call->status) && !room)
        leg_fail(leg->context, call->status);
    return call->status;
}

/* A place for the next datagram, or NULL. */
static BYTE *find_room(const struct leg *leg, uint32_t size)
{
    const SecBuffer *output = leg->buffers.output;

    if (!output)
        return NULL;
    if (leg->allocate)
        return HeapAlloc(GetProcessHeap(), 0, size);
    return output->cbBuffer >= size ? output->pvBuffer : NULL;
}

static SECURITY_STATUS give_next(const struct leg *leg)
{
    struct schannel_context *context = leg->context;
    struct tls_take_output call = {.session = context->session,
                                   .output_size = context->flight.next};
    SECURITY_STATUS status = context->flight.status;
    BYTE *room = find_room(leg, call.output_size);

    if (!room) {
        if (leg->allocate && leg->buffers.output)
            status = SEC_E_INSUFFICIENT_MEMORY;
        else
            status = SEC_E_BUFFER_TOO_SMALL;
        context->flight.too_small = true;
        output_give(leg, NULL, leg->allocate ? 0 : context->flight.next);
        return status;
    }
    call.output = (ULONG_PTR)room;
    if (engine_call(TLS_CALL_TAKE_OUTPUT, &call) != SEC_E_OK)
        call.written = call.next_datagram = 0;
    context->flight.next = call.next_datagram;
    context->flight.too_small = false;
    output_give(leg, room, call.written);
    return context->flight.next ? SEC_I_MESSAGE_FRAGMENT : status;
}

SECURITY_STATUS datagram_deliver(const struct leg *leg, const struct tls_handshake *call)
{
    struct schannel_context *context = leg->context;
    const SecBuffer *output = leg->buffers.output;

    context->flight.status = call->status;
    context->flight.consumed = call->consumed;
    context->flight.next = call->next_datagram;
    if (leg_failed(call->status)) {
        /* As with TLS: an alert that is not wanted or does not fit is dropped. */
        if (!leg->extended_error || !output ||
            (!leg->allocate && (output->cbBuffer < call->next_datagram || !output->pvBuffer)))
            context->flight.next = 0;
    } else {
        buffers_set_extra(&leg->buffers, call->consumed);
    }
    if (context->flight.next)
        return give_next(leg);
    output_give(leg, NULL, 0);
    return call->status;
}

SECURITY_STATUS datagram_next(const struct leg *leg)
{
    struct schannel_context *context = leg->context;

    /* The input again that found no room for its answer, or one that has to wait for its turn. */
    buffers_set_extra(&leg->buffers, context->flight.too_small ? context->flight.consumed : 0);
    return give_next(leg);
}
